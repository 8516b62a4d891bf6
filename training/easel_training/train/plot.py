"""Loss curves as PNG."""
import os


def plot_losses(rows, path, title):
    """One panel for every logged number, over minutes of training."""
    os.environ.setdefault("MPLCONFIGDIR", os.path.dirname(os.path.abspath(path)))
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    names = list(dict.fromkeys(k for row in rows for k in row if k not in ("step", "minutes")))
    if not names:
        return
    columns = min(4, len(names))
    lines = -(-len(names) // columns)
    figure, axes = pyplot.subplots(lines, columns, figsize=(4 * columns, 2.8 * lines), squeeze=False)
    for axis in axes.flat[len(names):]:
        axis.axis("off")
    for axis, name in zip(axes.flat, names):
        points = [(row["minutes"], row[name]) for row in rows if name in row]
        axis.plot(*zip(*points))
        axis.set_title(f"{title}: {name}", fontsize=9)
        axis.set_xlabel("minutes", fontsize=8)
        axis.grid(alpha=.3)
    figure.tight_layout()
    temporary = path + ".tmp.png"
    figure.savefig(temporary, dpi=80)
    pyplot.close(figure)
    os.replace(temporary, path)
