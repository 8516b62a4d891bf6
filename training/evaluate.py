#!/usr/bin/python3
"""Measures an exported model.

    training/evaluate.py SIZE MODEL_FOLDER --out docs/default-model [--engine build/easel] [--count 1000] ...

Needs the size's `data` and `judge` stages.  Without --engine, PyTorch draws the pictures.
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size")
    parser.add_argument("model")
    parser.add_argument("--out", required=True)
    parser.add_argument("--run", help="the size's folder of data and checkpoints")
    parser.add_argument("--engine", help="draw with this easel binary")
    parser.add_argument("--count", type=int, default=1000, help="seen prompts, and as many held-out ones")
    parser.add_argument("--obey", type=int, default=100, help="prompts of each kind of obedience")
    parser.add_argument("--sweep", type=int, default=64, help="prompts of the sweeps; 0 for none")
    parser.add_argument("--guidance", type=float, default=1.5, help="of all measures but the sweeps")
    parser.add_argument("--steps", type=int, nargs="*", default=[5, 10, 20, 50, 100, 250])
    parser.add_argument("--guidances", type=float, nargs="*", default=[1.0, 1.5, 2.0, 3.0, 5.0, 7.5])
    parser.add_argument("--samplers", nargs="*", default=["dpmpp-2m", "ddim"])
    args = parser.parse_args()

    import torch
    from easel_training import config as configs
    from easel_training import sampler
    from easel_training.evaluate.report import Evaluation
    from easel_training.train.classifier import trained
    from easel_training.train.precision import outside_training
    config = configs.load(args.size)
    folder = configs.run_folder(config, args.run)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = sampler.from_folder(args.model, device, outside_training(config["diffusion"]))
    judge = trained(config, folder, device, "judge")
    evaluation = Evaluation(config, folder, model, judge, args.out, args.engine, args.model, lambda line: print(line, flush=True))
    how = {"steps": 20, "guidance": args.guidance, "sampler": args.samplers[0]}
    evaluation.judge_itself(args.count)
    evaluation.autoencoder(min(256, args.count))
    evaluation.page(**how)
    if args.engine:
        evaluation.same_noise(min(64, args.count), args.engine, **{**how, "sampler": "ddim"})
    evaluation.recognition(args.count, **how)
    if args.obey:
        evaluation.obedience(args.obey, **how)
    if args.sweep:
        evaluation.sweeps(args.sweep, args.steps, args.guidances, args.samplers)


if __name__ == "__main__":
    main()
