#!/usr/bin/python3
"""Measures an exported model of the second generation, by PyTorch.

    training/evaluate_wide.py wide MODEL_FOLDER --out docs/default-model [--count 200]

Needs the size's `sprites` and `judge` stages.  Writes wide.json and fixed-prompts.jpg.
"""
import argparse
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size")
    parser.add_argument("model")
    parser.add_argument("--out", required=True)
    parser.add_argument("--run", help="the size's folder of data and checkpoints")
    parser.add_argument("--count", type=int, default=200, help="prompts of each measure")
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--guidance", type=float, default=2.5)
    args = parser.parse_args()

    import torch
    from easel_training import config as configs
    from easel_training import sampler
    from easel_training.data import renderer
    from easel_training.evaluate import wide
    from easel_training.files import atomic
    from easel_training.train import judge
    from easel_training.train.classifier import trained
    config = configs.load(args.size)
    folder = configs.run_folder(config, args.run)
    names = judge.class_names(config)
    network = trained(config, folder, torch.device("cpu"), "judge", names)
    model = sampler.from_folder(args.model)
    draw = lambda texts, seed: model.pictures(texts, seed=seed, batch=8, steps=args.steps, guidance=args.guidance)
    report = wide.Report(wide.JudgeOfOtherHands(network, *names, config["judge"]["pixels"]), renderer(config["pictures"]), draw, names[0],
                         config["pictures"]["wave"])
    os.makedirs(args.out, exist_ok=True)
    report.sheet(os.path.join(args.out, "fixed-prompts.jpg"))
    found = {"steps": args.steps, "guidance": args.guidance, "prompts of each": args.count, **report.measured(args.count),
             **{kind: report.obeyed(kind, args.count // 5) for kind in wide.ALTERNATIVES},
             "diversity of sixteen": report.diversity(wide.fixed_prompts()[:6])}
    with atomic(os.path.join(args.out, "wide.json"), "w") as file:
        json.dump(found, file, indent=1)
        file.write("\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
