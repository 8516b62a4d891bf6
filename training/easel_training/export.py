"""Writes a trained run as a latent-diffusion model folder."""
import json
import os

import numpy as np
import torch
import yaml

from . import safetensors, schedule
from .files import atomic
from .pictures.render import PAGE_SCENES
from .pictures.styles import PAGE_STYLES
from .text import write_vocabulary
from .train import checkpoint
from .train.latents import centre, trained_autoencoder

CATALOGUE_KEYS = ("cat", "panda", "submarine", "eiffel", "pug", "mountain", "ship", "city", "robot")


def model_config(config, vocabulary, scale):
    """The YAML that latent-diffusion's loader and Easel read."""
    a, u, t = config["autoencoder"]["network"], config["diffusion"]["unet"], config["diffusion"]["text"]
    z, pixels = a["z_channels"], config["pictures"]["pixels"]
    side = pixels // 2 ** (len(a["ch_mult"]) - 1)
    # What Easel draws with where a person says nothing; latent-diffusion passes over it.
    defaults = config.get("export", {}).get("defaults")
    easel = {"easel": {"defaults": defaults}} if defaults else {}
    return {**easel, "model": {"target": "ldm.models.diffusion.ddpm.LatentDiffusion", "params": {
        "linear_start": schedule.LINEAR_START, "linear_end": schedule.LINEAR_END, "timesteps": schedule.TIMESTEPS,
        "parameterization": "v", "first_stage_key": "image", "cond_stage_key": "caption", "image_size": side, "channels": z,
        "conditioning_key": "crossattn", "scale_factor": round(scale, 6), "use_ema": False,
        "unet_config": {"target": "ldm.modules.diffusionmodules.openaimodel.UNetModel", "params": {
            "image_size": side, "in_channels": z, "out_channels": z, "model_channels": u["model_channels"],
            "attention_resolutions": u["attention_resolutions"], "num_res_blocks": u["num_res_blocks"],
            "channel_mult": u["channel_mult"], "num_heads": u["num_heads"], "use_spatial_transformer": True,
            "transformer_depth": 1, "context_dim": t["dim"], "legacy": False}},
        "first_stage_config": {"target": "ldm.models.autoencoder.AutoencoderKL", "params": {
            "embed_dim": z, "ddconfig": {
                "double_z": True, "z_channels": z, "resolution": pixels, "in_channels": 3, "out_ch": 3, "ch": a["ch"],
                "ch_mult": a["ch_mult"], "num_res_blocks": a["num_res_blocks"], "attn_resolutions": [], "dropout": 0.0},
            "lossconfig": {"target": "torch.nn.Identity"}}},
        "cond_stage_config": {"target": "ldm.modules.encoders.modules.BERTEmbedder", "params": {
            "n_embed": t["dim"], "n_layer": t["depth"], "vocab_size": len(vocabulary), "max_seq_len": t["length"]}},
    }}}


def catalogue():
    """The page's menus, in the words that training used."""
    return {
        "prompt": "{subject}, {style}",
        "subjects": [{"key": key, "text": words} for key, (words, _) in zip(CATALOGUE_KEYS, PAGE_SCENES)],
        "styles": [{"key": key, "text": style.phrases[0]} for key, style in PAGE_STYLES.items()],
    }


def export(config, folder, out, shard_bytes):
    """Exports the averaged weights of a run's folder to `out`; returns the number of parameters."""
    path = os.path.join(folder, "diffusion.pt")
    state = torch.load(path, map_location="cpu") if os.path.exists(path) else None
    if state is None or state.get("easel_stage") != "diffusion":
        raise SystemExit(f"no trained diffusion model in {folder}: run the diffusion stage first")
    autoencoder, step = trained_autoencoder(config, folder, torch.device("cpu"))
    facts = checkpoint.load(os.path.join(folder, "latents.pt"), "latents", step)
    centre(autoencoder, facts["mean"])
    scale, vocabulary = state["more"]["scale"], state["more"]["vocabulary"]
    tensors = {}
    for prefix, weights in (("model.diffusion_model.", state["averages"]["unet"]),
                            ("cond_stage_model.transformer.", state["averages"]["text"]),
                            ("first_stage_model.", autoencoder.state_dict())):
        for name, tensor in weights.items():
            half = tensor.float().numpy().astype(np.float16)
            if not np.isfinite(half).all():
                raise SystemExit(f"{prefix}{name} does not fit float16")
            tensors[prefix + name] = half
    safetensors.write(out, tensors, limit=shard_bytes)
    write_vocabulary(os.path.join(out, "vocab.txt"), vocabulary)
    with atomic(os.path.join(out, "config.yaml"), "w") as file:
        yaml.safe_dump(model_config(config, vocabulary, scale), file, sort_keys=False, default_flow_style=None)
    if "text_stage" in config:  # words that the model was not taught lead to those that it was
        from .words import thesaurus
        thesaurus.write(os.path.join(out, "thesaurus.tsv"), config["pictures"]["wave"])
    with atomic(os.path.join(out, "catalogue.json"), "w") as file:
        json.dump(catalogue(), file, indent=2, ensure_ascii=False)
        file.write("\n")
    return sum(t.size for t in tensors.values())


def export_upscaler(config, folder, out, shard_bytes):
    """Exports the averaged upscaler as upscaler.safetensors (float32); returns the number of parameters."""
    path = os.path.join(folder, "upscaler.pt")
    state = torch.load(path, map_location="cpu") if os.path.exists(path) else None
    if state is None or state.get("easel_stage") != "upscaler":
        raise SystemExit(f"no trained upscaler in {folder}: run the upscaler stage first")
    tensors = {name: tensor.float().numpy() for name, tensor in state["averages"]["upscaler"].items()}
    safetensors.write(out, tensors, "upscaler", shard_bytes)
    return sum(t.size for t in tensors.values())
