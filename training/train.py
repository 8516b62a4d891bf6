#!/usr/bin/python3
"""Trains Easel's own models, one command a stage.

    training/train.py STAGE SIZE [--minutes M] [--run FOLDER]

Stages, in order: data, autoencoder, diffusion.  Every stage can be stopped at any time and run again.
SIZE names a file of training/configs.  State goes to .training/SIZE.
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from easel_training import config as configs  # noqa: E402
from easel_training import data  # noqa: E402


def log(line):
    print(line, flush=True)


def train(stage_class, section, config, folder, minutes, max_steps):
    import torch
    from easel_training.train import loop
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    total = config[section]["minutes"]
    loop.run(stage_class(config, folder, device), folder, total if minutes is None else minutes, total, log, max_steps)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", choices=["data", "autoencoder", "diffusion"])
    parser.add_argument("size")
    parser.add_argument("--minutes", type=float, help="stop after this time (default: the size's own)")
    parser.add_argument("--max-steps", type=int, help="stop at this step")
    parser.add_argument("--run", help="folder for data, checkpoints and logs")
    args = parser.parse_args()
    config = configs.load(args.size)
    folder = configs.run_folder(config, args.run)
    if args.stage == "data":
        data.make(config["pictures"], os.path.join(folder, "data"), config["seed"], config["data"]["count"],
                  config["data"]["processes"], log=log)
    elif args.stage == "autoencoder":
        from easel_training.train.autoencoder import AutoencoderStage
        train(AutoencoderStage, "autoencoder", config, folder, args.minutes, args.max_steps)
    else:
        from easel_training.train.diffusion import DiffusionStage
        train(DiffusionStage, "diffusion", config, folder, args.minutes, args.max_steps)


if __name__ == "__main__":
    main()
