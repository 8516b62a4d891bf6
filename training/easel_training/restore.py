"""Makes the checkpoints of a run from an exported model folder, where nothing else was kept.

What an export does not have, the optimizer's state and the order of the pictures, starts anew; weights and vocabulary go on.
"""
import os

import torch
import yaml

from . import config as configs
from . import safetensors
from .export import model_config
from .text import read_vocabulary, write_vocabulary
from .train import checkpoint

STEP = 10_000  # averages of that age forget slowly; the pictures' order is not the first run's
PREFIXES = {"unet": "model.diffusion_model.", "text": "cond_stage_model.transformer.", "autoencoder": "first_stage_model."}


def restore(config, folder, source):
    """Writes autoencoder.pt, latents.pt, diffusion.pt and vocab.txt to `folder`; returns the number of parameters.

    The diffusion stage goes on as if half of its time were spent, the autoencoder as finished.
    """
    for name in ("autoencoder.pt", "diffusion.pt"):
        if os.path.exists(os.path.join(folder, name)):
            raise SystemExit(f"{folder} has a run already ({name}): restore into another --run folder")
    try:
        vocabulary = read_vocabulary(os.path.join(source, "vocab.txt"))
        with open(os.path.join(source, "config.yaml"), encoding="utf-8") as file:
            given = yaml.safe_load(file)["model"]
        scale = given["params"]["scale_factor"]
        tensors = safetensors.read(source)
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise SystemExit(f"{source} is no model that training exported: {error}") from None
    if given != model_config(config, vocabulary, scale)["model"]:
        raise SystemExit(f"{source} has other networks than the size '{config['size']}' trains")
    parts = {part: {name[len(prefix):]: torch.from_numpy(array.astype("float32"))
                    for name, array in tensors.items() if name.startswith(prefix)} for part, prefix in PREFIXES.items()}

    def save(name, stage, settings, weights, plan, share, more):
        step = int(share * plan["steps"]) if "steps" in plan else STEP
        checkpoint.save(os.path.join(folder, name), stage, settings, {
            "networks": weights, "averages": weights, "optimizer": None, "more": more, "step": step,
            "spent": 60 * share * plan.get("minutes", 0), "decisions": None})
        return step

    a, section = config["autoencoder"], config["diffusion"]
    step = save("autoencoder.pt", "autoencoder", configs.fingerprint(config["pictures"]["pixels"], a["network"]),
                {"autoencoder": parts["autoencoder"]}, a, 1, {})
    # The exported autoencoder is centred already.
    checkpoint.save(os.path.join(folder, "latents.pt"), "latents", step,
                    {"mean": torch.zeros(a["network"]["z_channels"]), "scale": scale})
    save("diffusion.pt", "diffusion", configs.fingerprint(section["unet"], section["text"], vocabulary, round(scale, 6)),
         {"unet": parts["unet"], "text": parts["text"]}, section.get("diffusion", section), .5, {"scale": scale, "vocabulary": vocabulary})
    write_vocabulary(os.path.join(folder, "vocab.txt"), vocabulary)
    return sum(tensor.numel() for part in parts.values() for tensor in part.values())
