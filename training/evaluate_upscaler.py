#!/usr/bin/python3
"""Compares the exported upscaler with Lanczos on 50 held-back pictures, reduced by area averaging.

    training/evaluate_upscaler.py SIZE MODEL_FOLDER      writes before-after.jpg there and prints the table
"""
import argparse
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def load(folder):
    """The network of an exported folder, built from its shapes."""
    import torch
    from easel_training import safetensors
    from easel_training.networks.upscaler import SRVGGNetCompact
    tensors = safetensors.read(folder, "upscaler")
    last = max(int(name.split(".")[1]) for name in tensors)
    features, scale = tensors["body.0.weight"].shape[0], int((tensors[f"body.{last}.weight"].shape[0] / 3) ** 0.5)
    network = SRVGGNetCompact(features, (last - 2) // 2, scale)
    network.load_state_dict({name: torch.from_numpy(array.copy()).float() for name, array in tensors.items()})
    return network.eval(), scale


def sharpness(pictures):
    """Mean size of the differences between neighbours: blur lowers it."""
    return float((pictures[..., 1:] - pictures[..., :-1]).abs().mean() + (pictures[..., 1:, :] - pictures[..., :-1, :]).abs().mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size")
    parser.add_argument("model")
    parser.add_argument("--run", help="the size's folder of data and checkpoints")
    args = parser.parse_args()

    import cv2
    import numpy as np
    import torch
    from easel_training import config as configs
    from easel_training.train.upscaler import UpscalerStage, lanczos, psnr
    config = configs.load(args.size)
    network, scale = load(args.model)
    stage = UpscalerStage(config, configs.run_folder(config, args.run), torch.device("cpu"))
    small, sharp = stage.held_back()
    with torch.no_grad():
        ours = network(small).clamp(0, 1)
    other = lanczos(small, scale)
    ratio, reference = psnr(ours, sharp), psnr(other, sharp)
    print(json.dumps({
        "pictures": len(sharp), "upscaler psnr": round(float(ratio.mean()), 2), "lanczos psnr": round(float(reference.mean()), 2),
        "better on": int((ratio > reference).sum()), "sharpness of the originals": round(sharpness(sharp), 4),
        "sharpness, upscaler": round(sharpness(ours), 4), "sharpness, lanczos": round(sharpness(other), 4),
        "parameters": sum(p.numel() for p in network.parameters())}, indent=1))
    to_bytes = lambda x: (x.permute(0, 2, 3, 1).numpy() * 255).round().astype(np.uint8)
    rows = [np.hstack(row) for row in zip(to_bytes(other)[:8], to_bytes(ours)[:8], to_bytes(sharp)[:8])]
    sheet = np.hstack([np.vstack(rows[:4]), np.vstack(rows[4:])])
    cv2.imwrite(os.path.join(args.model, "before-after.jpg"), sheet[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    main()
