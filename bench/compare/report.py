"""The table and the chart of a comparison; as a program, draws those of kept results again:

  bench/compare/report.py docs/performance/compare.json
"""
import json
import os
import sys
from statistics import median

TITLES = {"text_encoder": "text encoder, one prompt", "unet": "guided step, 872 M UNet, 256x256",
          "decoder": "decode 256x256", "upscaler": "RRDBNet x4, 256x256 to 1024x1024"}
COLOURS = {"PyTorch": "#c2603a", "ONNX Runtime": "#3a7ac2"}


def ratios(result, peer):
    """How many times longer the peer took than Easel, pair by pair."""
    return sorted(p / e for p, e in zip(result["seconds"][peer], result["seconds"]["Easel"]))


def table(report):
    lines = [f"{report['machine']}, {report['threads']} threads, Easel's instruction set: {report['target']}.",
             "Programs ran in turn; ratios are pair by pair (minimum, median, maximum).", "",
             "| work | Easel, median | peer | peer, median | times slower than Easel | outputs agree to |",
             "|---|---|---|---|---|---|"]
    for result in report["results"]:
        easel = median(result["seconds"]["Easel"])
        for peer, seconds in result["seconds"].items():
            if peer == "Easel":
                continue
            r = ratios(result, peer)
            lines.append(f"| {TITLES[result['part']]} | {easel:.3f} s | {peer} {result['about'][peer]['version']} "
                         f"| {median(seconds):.3f} s | {r[0]:.1f} / **{median(r):.1f}** / {r[-1]:.1f} "
                         f"| {result['about'][peer]['error']:.1e} |")
    return "\n".join(lines) + "\n"


def chart(report):
    bars = [(TITLES[result["part"]], peer, ratios(result, peer)) for result in report["results"]
            for peer in result["seconds"] if peer != "Easel"]
    most = max(r[-1] for _, _, r in bars)
    left = 20 + 8 * max(len(f"{title}: {peer}") for title, peer, _ in bars)  # 8 a letter is ample at this size
    height, width = 34 * len(bars) + 60, 420
    rows = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 80}" height="{height}" '
            'font-family="sans-serif" font-size="13">',
            '<rect width="100%" height="100%" fill="white"/>',
            '<text x="10" y="22" font-size="15">Times slower than Easel (bar: median, line: minimum to maximum)</text>']
    for i, (title, peer, r) in enumerate(bars):
        y, scale = 40 + 34 * i, width / most
        rows += [f'<text x="10" y="{y + 16}">{title}: {peer}</text>',
                 f'<rect x="{left}" y="{y + 2}" width="{median(r) * scale:.1f}" height="20" fill="{COLOURS[peer]}"/>',
                 f'<line x1="{left + r[0] * scale:.1f}" x2="{left + r[-1] * scale:.1f}" y1="{y + 12}" y2="{y + 12}" '
                 'stroke="black"/>',
                 f'<text x="{left + r[-1] * scale + 8:.1f}" y="{y + 16}">{median(r):.1f}</text>']
    rows += [f'<line x1="{left + width / most:.1f}" x2="{left + width / most:.1f}" y1="34" y2="{height - 14}" '
             'stroke="#888" stroke-dasharray="3"/>',
             f'<text x="{left + width / most + 4:.1f}" y="{height - 6}" fill="#666" font-size="11">Easel</text>', "</svg>"]
    return "\n".join(rows) + "\n"


def write_report(folder, report):
    os.makedirs(folder, exist_ok=True)
    name = f"{folder}/compare" + ("" if report["target"] == "best" else "-" + report["target"].lower())
    for ending, text in (("json", json.dumps(report, indent=1) + "\n"), ("md", table(report)), ("svg", chart(report))):
        with open(f"{name}.{ending}", "w") as f:
            f.write(text)
    print(table(report))


if __name__ == "__main__":
    with open(sys.argv[1]) as kept:
        write_report(os.path.dirname(sys.argv[1]) or ".", json.load(kept))
