#!/usr/bin/python3
"""Trains Easel's own models, one command a stage.

    training/train.py STAGE SIZE [--minutes M] [--max-steps N] [--run FOLDER]

Stages of the drawing model, in order (those with * are for sizes whose pictures come from the hands, such as wide):
    sprites *     the drawing hands from npm, rendered once for all sizes
    text *        the text encoder alone, on captions
    latents *     draws and encodes what the denoiser learns from (after autoencoder)
    small *       the denoiser at half the size; diffusion goes on from it
    data          draws the pictures (may run while the next stages already train)
    perceptual    a classifier, needed where the size's YAML asks for a perceptual loss
    autoencoder   pictures <-> latents
    diffusion     the denoiser and its text encoder
    decoder       the autoencoder's decoder again, on frozen latents (optional; any time after autoencoder)
    judge         a second classifier, for the evaluation; * after judge-data, from hands that the model never sees
    export        writes --out (models/default if that is given): a latent-diffusion folder
    restore       the opposite, where only the export was kept: --from FOLDER becomes a run that diffusion goes on with
Stages of the upscaler:
    upscaler-data, upscaler, upscaler-export

SIZE names a file of training/configs (cpu, gpu, toy, toy-gpu) or is the path of one.  State goes to
$EASEL_TRAINING_STATE/SIZE, or ~/.cache/easel-training/SIZE.
Every stage can be stopped at any time (Ctrl-C saves first) and run again: it goes on where it was.
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from easel_training import config as configs  # noqa: E402
from easel_training import data  # noqa: E402
from easel_training.pictures.names import MissingResource  # noqa: E402

STAGES = ("sprites", "text", "latents", "small", "data", "perceptual", "autoencoder", "diffusion", "decoder", "judge-data", "judge", "export", "restore", "upscaler-data", "upscaler", "upscaler-export")


def log(line):
    print(line, flush=True)


def make_stage(name, config, folder, device):
    if name == "judge" and "judge" in config:
        from easel_training.train.judge import JudgeStage
        return JudgeStage(config, folder, device)
    if name in ("perceptual", "judge"):
        from easel_training.train.classifier import ClassifierStage
        return ClassifierStage(config, folder, device, name)
    if name == "autoencoder":
        from easel_training.train.autoencoder import AutoencoderStage
        return AutoencoderStage(config, folder, device)
    if name == "decoder":
        from easel_training.train.decoder import DecoderStage
        return DecoderStage(config, folder, device)
    if name == "text":
        from easel_training.train.text_encoder import TextStage
        return TextStage(config, folder, device, log)
    if name == "small" or name == "diffusion" and name in config["diffusion"]:
        from easel_training.train.denoiser import DenoiserStage
        return DenoiserStage(config, folder, device, name, log)
    if name == "diffusion":
        from easel_training.train.diffusion import DiffusionStage
        return DiffusionStage(config, folder, device, log)
    from easel_training.train.upscaler import UpscalerStage
    return UpscalerStage(config, folder, device)


def train(name, config, folder, minutes, max_steps):
    import torch
    from easel_training.train import loop
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    stage = make_stage(name, config, folder, device)
    loop.run(stage, folder, minutes, stage.section.get("minutes"), log, max_steps)


def run(args):
    config = configs.load(args.size)
    folder = configs.run_folder(config, args.run)
    if args.stage == "sprites":
        from easel_training.sprites import hands
        hands.install()
        for hand in (*hands.HANDS.values(), *hands.JUDGES_HANDS.values()):
            log(f"{hand.key}: {hands.make(hand, os.cpu_count(), log)} drawings")
    elif args.stage == "latents":
        import torch
        from easel_training.train import latent_store
        latent_store.make(config, folder, torch.device("cuda" if torch.cuda.is_available() else "cpu"), log)
    elif args.stage == "data":
        data.make(config["pictures"], os.path.join(folder, "data"), config["seed"], config["data"]["count"],
                  config["data"]["processes"], config["data"].get("shard", data.SHARD), log=log)
    elif args.stage == "judge-data":
        from easel_training.train import judge
        section = config["judge"]
        data.make(judge.pictures(config), os.path.join(folder, "judge-data"), config["seed"] + 11, section["count"], config["data"]["processes"],
                  section["shard"], log=log)
    elif args.stage == "upscaler-data":
        pictures = {**config["pictures"], "pixels": config["upscaler"]["pixels"], "draw_at": 1.0}
        data.make(pictures, os.path.join(folder, "upscaler-data"), config["seed"] + 7, config["upscaler"]["count"],
                  config["data"]["processes"], shard=128, log=log)
    elif args.stage == "restore":
        if not args.source:
            raise SystemExit("restore needs --from FOLDER")
        from easel_training.restore import restore
        log(f"{folder}: restored {restore(config, folder, args.source) / 1e6:.3f} M parameters; data is next, then diffusion")
    elif args.stage in ("export", "upscaler-export"):
        if not args.out:
            raise SystemExit("export needs --out FOLDER")
        from easel_training import export
        made = (export.export if args.stage == "export" else export.export_upscaler)(config, folder, args.out, args.shard_bytes)
        log(f"{args.out}: {made / 1e6:.3f} M parameters")
    else:
        train(args.stage, config, folder, args.minutes, args.max_steps)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("size")
    parser.add_argument("--minutes", type=float, help="train this much longer (default: to the end of the size's own time)")
    parser.add_argument("--max-steps", type=int, help="stop at this step")
    parser.add_argument("--run", help="folder for data, checkpoints and logs")
    parser.add_argument("--out", help="folder to export to")
    parser.add_argument("--from", dest="source", help="exported folder to restore from")
    parser.add_argument("--shard-bytes", type=int, default=15 << 20, help="largest file of an export (default 15 MiB)")
    try:
        run(parser.parse_args())
    except MissingResource as error:
        raise SystemExit(f"training: {error}") from None
    except ImportError as error:
        packages = {"torch": "python3-torch", "cv2": "python3-opencv", "yaml": "python3-yaml", "PIL": "python3-pil",
                    "matplotlib": "python3-matplotlib", "numpy": "python3-numpy", "fontTools": "python3-fonttools"}
        raise SystemExit(f"training: the {error.name} module is missing: install Debian's {packages.get(error.name, error.name)}") from None
    except Exception as error:
        from easel_training.train.checkpoint import CheckpointError
        if isinstance(error, CheckpointError):
            raise SystemExit(f"training: {error}") from None
        raise


if __name__ == "__main__":
    main()
