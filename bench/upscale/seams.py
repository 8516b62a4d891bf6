#!/usr/bin/env python3
"""How much the seams of a 23-block RRDBNet show, whose receptive field no overlap covers.

    bench/upscale/seams.py build/easel        # minutes; prints a Markdown table

Published weights cannot be bundled, so the weights are made up: as ESRGAN starts its training (Kaiming's normal times
0.1: every block adds little), at PyTorch's own start, and at Kaiming's whole, where every block adds much and far pixels
count. The last layer is scaled to a picture's contrast.
"""
import os
import subprocess
import sys
import tempfile

import cv2
import numpy as np
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../compare"))
from networks import RrdbNet  # noqa: E402

SIDE, TILE = 192, 64
OVERLAPS = (0, 8, 16, 32, 64)


def made_up(start, picture):
    """A network with random weights whose output has the picture's mean and contrast."""
    torch.manual_seed(1)
    network = RrdbNet().eval()
    if start != "PyTorch's":
        for layer in network.modules():
            if isinstance(layer, torch.nn.Conv2d):
                torch.nn.init.kaiming_normal_(layer.weight)
                layer.weight.data *= 0.1 if start == "ESRGAN's" else 1
                layer.bias.data.zero_()
    last = network.conv_last
    x = torch.from_numpy(picture[:48, :48, ::-1].astype(np.float32) / 255).permute(2, 0, 1)[None]
    with torch.no_grad():
        out = network(x)
        gain = 0.2 / out.std()
        last.weight.data *= gain
        last.bias.data = (last.bias.data - out.mean((0, 2, 3))) * gain + 0.5
    return network


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    picture = os.path.join(HERE, "../../docs/default-model/page-samples.jpg")
    large = cv2.imread(picture)
    source = cv2.resize(large[:SIDE, :SIDE], (SIDE, SIDE))
    with tempfile.TemporaryDirectory() as folder:
        at = lambda name: os.path.join(folder, name)  # noqa: E731
        cv2.imwrite(at("in.png"), source)
        print("| weights | overlap | largest difference of 255 | 99.9 % below | mean |\n|---|---|---|---|---|")
        for start in ("ESRGAN's", "PyTorch's", "Kaiming's"):
            torch.save({"params_ema": made_up(start, source).state_dict()}, at("net.pth"))

            def enlarge(tile, overlap):
                subprocess.run([sys.argv[1], "upscale", at("in.png"), "-o", at("out.png"), "-m", at("net.pth"), "--force", "--quiet",
                                "--tile", str(tile), "--overlap", str(overlap)], check=True)
                return cv2.imread(at("out.png")).astype(int)

            whole = enlarge(SIDE, 0)
            for overlap in OVERLAPS:
                difference = np.abs(enlarge(TILE, overlap) - whole)
                print(f"| {start} | {overlap} | {difference.max()} | {np.quantile(difference, 0.999):.0f} | {difference.mean():.4f} |", flush=True)


if __name__ == "__main__":
    main()
