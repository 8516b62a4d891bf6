#!/usr/bin/env python3
"""What --fast and --guidance-interval save and cost: docs/performance/approximations.{json,svg} and a table.

Pictures of the embedded model are compared with those of the exact run (PSNR of 8-bit RGB); times are of
`easel bench`'s whole picture, in turn with the exact run, so that a busy machine slows both.

    bench/approximations/measure.py build/easel pictures            # any machine, any load
    bench/approximations/measure.py build/easel times -m default    # a quiet one
    bench/approximations/measure.py build/easel times -m ldm-large  # 12 GB of memory
    bench/approximations/measure.py build/easel report
"""
import argparse
import json
import math
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RESULTS = ROOT / "docs/performance/approximations.json"
CHART = ROOT / "docs/performance/approximations.svg"
PROMPTS = 24
STEPS, SCALE, SAMPLER = 25, 1.5, "dpmpp-2m"  # the embedded model's own
SETTINGS = {
    "cache:2": ["--fast", "cache:2"],
    "cache:3": ["--fast", "cache:3"],
    "cache:5": ["--fast", "cache:5"],
    "guidance 0:0.8": ["--guidance-interval", "0:0.8"],
    "guidance 0.1:0.8": ["--guidance-interval", "0.1:0.8"],
    "guidance 0.2:0.6": ["--guidance-interval", "0.2:0.6"],
    "cache:3, guidance 0:0.8": ["--fast", "cache:3", "--guidance-interval", "0:0.8"],
}
FEWER_STEPS = (20, 15, 10)  # what else could be done with less time


def load():
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {}


def save(key, value):
    results = load()
    results[key] = value
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


def prompts():
    """Every subject of the page's menu, each in the next styles."""
    catalogue = json.loads((ROOT / "models/default/catalogue.json").read_text())
    subjects, styles = ([entry["text"] for entry in catalogue[key]] for key in ("subjects", "styles"))
    return [f"{subjects[i % len(subjects)]}, {styles[(i + i // len(subjects)) % len(styles)]}" for i in range(PROMPTS)]


def draw(easel, folder, options, steps=STEPS):
    """Pictures of all prompts, in their order."""
    folder.mkdir()
    lines = folder / "prompts.txt"
    lines.write_text("\n".join(prompts()) + "\n")
    subprocess.run([easel, "draw", "--from-file", lines, "--seed", "1", "--steps", str(steps), "--scale", str(SCALE), "--sampler",
                    SAMPLER, "--quiet", "-o", f"{folder}/", *options], check=True)
    return [np.asarray(Image.open(path), dtype=np.float64) for path in sorted(folder.glob("*.png"))]


def psnr(a, b):
    error = np.mean((a - b) ** 2)
    return 99.0 if error == 0 else 10 * math.log10(255 ** 2 / error)


def compare_pictures(easel):
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        exact = draw(easel, pathlib.Path(folder) / "exact", [])
        runs = {name: (options, STEPS) for name, options in SETTINGS.items()}
        runs.update({f"{steps} steps": ([], steps) for steps in FEWER_STEPS})
        for number, (name, (options, steps)) in enumerate(runs.items()):
            pictures = draw(easel, pathlib.Path(folder) / str(number), options, steps)
            values = [psnr(a, b) for a, b in zip(exact, pictures, strict=True)]
            rows[name] = {"mean": statistics.mean(values), "least": min(values), "prompts": len(values)}
            print(f"{name:<26} {rows[name]['mean']:5.1f} dB, least {rows[name]['least']:5.1f} dB")
    save("psnr", rows)


class Runner:
    """A process that draws one picture whenever it is asked to."""

    def __init__(self, easel, model, options):
        command = [easel, "bench", "-m", model, "--parts", "picture", "--on-demand", "picture", *options]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()  # ready, and warm

    def seconds(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def compare_times(easel, model, pairs, names):
    rows = load().get(f"times {model}", {})
    exact = Runner(easel, model, [])
    for name in names or SETTINGS:
        fast = Runner(easel, model, SETTINGS[name])
        timed = [(exact.seconds(), fast.seconds()) for _ in range(pairs)]
        fast.stop()
        ratios = [a / b for a, b in timed]
        rows[name] = {"speed-up": statistics.median(ratios), "least": min(ratios), "most": max(ratios), "pairs": pairs,
                      "exact": statistics.median(a for a, _ in timed), "seconds": statistics.median(b for _, b in timed)}
        print(f"{name:<26} {rows[name]['exact']:8.3f} s to {rows[name]['seconds']:8.3f} s, x {rows[name]['speed-up']:.2f} "
              f"({rows[name]['least']:.2f} to {rows[name]['most']:.2f})", flush=True)
        save(f"times {model}", rows)
        time.sleep(0.2)
    exact.stop()


def free_place(x, y, width, taken):
    """Where a label of that width hides neither a dot nor another label: beside its dot, else above or below."""
    for dx, dy in ((9, 4), (9, -8), (9, 16), (-9 - width, 4), (9, -20), (9, 28)):
        box = (x + dx, y + dy - 11, x + dx + width, y + dy + 2)
        if all(box[0] > t[2] or box[2] < t[0] or box[1] > t[3] or box[3] < t[1] for t in taken):
            break
    taken.append(box)
    return x + dx, y + dy


def chart(results):
    """Speed-up against PSNR, a dot a setting, as SVG."""
    dots = [(name, results["times default"][name]["speed-up"], results["psnr"][name]["mean"]) for name in SETTINGS
            if name in results["times default"]]
    dots += [(f"{steps} steps", STEPS / steps, results["psnr"][f"{steps} steps"]["mean"]) for steps in FEWER_STEPS]
    right = max(2.0, math.ceil(2 * max(x for _, x, _ in dots)) / 2)
    top, low = 5 * math.ceil(max(y for *_, y in dots) / 5), 5 * math.floor(min(y for *_, y in dots) / 5)

    def place(x, y):
        return 60 + (x - 1) / (right - 1) * 420, 300 - (y - low) / max(top - low, 1) * 260

    svg = ['<svg xmlns="http://www.w3.org/2000/svg" width="680" height="350" font-family="sans-serif" font-size="12">',
           '<rect width="680" height="350" fill="#fff"/>',
           '<text x="60" y="22">PSNR against the exact 25 steps (dB, mean of 24 prompts), embedded model</text>']
    for y in range(low, top + 1, 5):
        at = place(1, y)[1]
        svg.append(f'<path d="M60 {at:.0f}H480" stroke="#ddd"/><text x="50" y="{at + 4:.0f}" text-anchor="end">{y}</text>')
    for half in range(2, int(right * 2) + 1):
        at = place(half / 2, low)[0]
        svg.append(f'<text x="{at:.0f}" y="318" text-anchor="middle">{half / 2:g}</text>')
    svg.append('<text x="270" y="340" text-anchor="middle">times faster, whole picture</text>')
    taken = [(cx - 7, cy - 7, cx + 7, cy + 7) for cx, cy in (place(x, y) for _, x, y in dots)]
    for name, x, y in dots:
        cx, cy = place(x, y)
        colour = "#888" if name.endswith("steps") else "#c2410c" if name.startswith("cache") else "#1d4ed8"
        tx, ty = free_place(cx, cy, 6.6 * len(name), taken)
        svg.append(f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="5" fill="{colour}"/><text x="{tx:.1f}" y="{ty:.1f}">{name}</text>')
    CHART.write_text("\n".join(svg + ["</svg>", ""]))


def report():
    results = load()
    large = results.get("times ldm-large", {})
    print("| setting | embedded model: faster | 1.45 billion parameters: faster | PSNR, mean | PSNR, least |\n|---|---|---|---|---|")
    for name in [*SETTINGS, *(f"{steps} steps" for steps in FEWER_STEPS)]:
        quality = results["psnr"][name]
        times = [f"x {rows[name]['speed-up']:.2f}" if name in rows else "–" for rows in (results["times default"], large)]
        print(f"| {name} | {times[0]} | {times[1]} | {quality['mean']:.1f} dB | {quality['least']:.1f} dB |")
    chart(results)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("easel", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("what", choices=("pictures", "times", "report"))
    parser.add_argument("-m", "--model", default="default")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--only", action="append", choices=list(SETTINGS), help="of the settings (default: all)")
    a = parser.parse_args()
    if a.what == "pictures":
        compare_pictures(a.easel)
    elif a.what == "times":
        compare_times(a.easel, a.model, a.pairs, a.only)
    else:
        report()


if __name__ == "__main__":
    main()
