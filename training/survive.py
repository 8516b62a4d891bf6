#!/usr/bin/python3
"""Does every style survive the autoencoder of a size?  PSNR and recognised styles, one line a style, and a sheet.

    training/survive.py SIZE [--run FOLDER] [--count N] [--sheet FILE.jpg]
"""
import argparse
import collections
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def parsed_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size")
    parser.add_argument("--run")
    parser.add_argument("--count", type=int, default=192, help="pictures that are measured; the others teach the probe")
    parser.add_argument("--sheet", help="originals above reconstructions, a picture a style")
    return parser.parse_args()


def rebuilt_by(network, pictures):
    """What the autoencoder makes of pictures [N, H, W, 3], and the PSNR of each."""
    import numpy as np
    import torch
    from easel_training.train.autoencoder import psnr, to_network

    rebuilt, ratios = [], []
    with torch.no_grad():
        for i in range(0, len(pictures), 8):
            x = to_network(pictures[i:i + 8], torch.device("cpu"))
            y = network.decode(network.moments(x)[0]).clamp(-1, 1)
            ratios += [psnr(a[None], b[None]) for a, b in zip(y, x)]
            rebuilt.append(((y + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy())
    return np.concatenate(rebuilt), ratios


def print_styles(labels, ratios, before, after):
    """A line a style, the worst rebuilt first."""
    import numpy as np

    rows = collections.defaultdict(list)
    for label, *facts in zip(labels, ratios, before, after):
        rows[label].append(facts)
    for style in sorted(rows, key=lambda s: np.mean([f[0] for f in rows[s]])):
        facts = np.array(rows[style], float)
        recognised = f"before {facts[:, 1].mean():4.0%}  after {facts[:, 2].mean():4.0%}"
        print(f"{style:14s} {len(facts):3d} pictures  {facts[:, 0].mean():5.2f} dB  {recognised}")


def write_sheet(path, pictures, rebuilt, firsts):
    """Those pictures above what became of them, eight a row, at half their size."""
    import cv2
    import numpy as np

    tiles = [np.vstack([pictures[i], rebuilt[i]]) for i in firsts]
    tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % 8)
    sheet = np.vstack([np.hstack(tiles[i:i + 8]) for i in range(0, len(tiles), 8)])
    small = cv2.resize(sheet, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    cv2.imwrite(path, small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 80])


def main():
    args = parsed_arguments()

    import numpy as np
    import torch
    from easel_training import config as configs
    from easel_training.data import Dataset
    from easel_training.evaluate.style_probe import StyleProbe
    from easel_training.train.latents import trained_autoencoder
    config = configs.load(args.size)
    folder = configs.run_folder(config, args.run)
    data, styles = Dataset(os.path.join(folder, "data")), list(config["pictures"]["styles"])
    labels = [label["style"] for label in data.labels]
    probe = StyleProbe(data.pictures(range(args.count, len(data))), labels[args.count:], styles)
    network, step = trained_autoencoder(config, folder, torch.device("cpu"))
    pictures, labels = data.pictures(range(args.count)), labels[:args.count]
    rebuilt, ratios = rebuilt_by(network, pictures)
    before, after = probe.right(pictures, labels), probe.right(rebuilt, labels)
    print(f"step {step}, {args.count} held-back pictures: PSNR {np.mean(ratios):.2f} dB, "
          f"style recognised {before.mean():.1%} before, {after.mean():.1%} after")
    print_styles(labels, ratios, before, after)
    if args.sheet:
        write_sheet(args.sheet, pictures, rebuilt, [labels.index(style) for style in styles if style in labels])


if __name__ == "__main__":
    main()
