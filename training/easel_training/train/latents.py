"""Encodes the data set once, and centres the autoencoder's latents.

Channel means are folded into the autoencoder itself (`quant_conv` and `post_quant_conv` are 1x1 convolutions), so that the
exported file needs nothing beyond latent-diffusion's single scale factor.
"""
import os

import numpy as np
import torch

from ..data import Dataset
from ..files import atomic
from ..networks.autoencoder import AutoencoderKL
from . import checkpoint
from .autoencoder import AutoencoderStage, to_network
from .precision import outside_training


def trained_autoencoder(config, folder, device, with_decoder=True):
    """(averaged autoencoder, its step); with the decoder of the decoder stage, where that has run for this autoencoder."""
    from .. import config as configs
    settings = configs.fingerprint(config["pictures"]["pixels"], config["autoencoder"]["network"])
    state = checkpoint.load(os.path.join(folder, "autoencoder.pt"), AutoencoderStage.name, settings)
    if state is None:
        raise SystemExit(f"no autoencoder in {folder}: run the autoencoder stage first")
    network = AutoencoderKL(**config["autoencoder"]["network"])
    network.load_state_dict(state["averages"]["autoencoder"])
    better = checkpoint.load(os.path.join(folder, "decoder.pt"), "decoder", state["step"]) if with_decoder else None
    if better:
        network.decoder.load_state_dict(better["averages"]["decoder"])
        network.post_quant_conv.load_state_dict(better["averages"]["post_quant_conv"])
    return network.to(device).eval().requires_grad_(False), state["step"]


def centre(autoencoder, mean):
    """Moves the latents' mean [z] to zero without changing any decoded picture."""
    z = mean.numel()
    shift = torch.einsum("oi,i->o", autoencoder.post_quant_conv.weight[:, :, 0, 0], mean)
    autoencoder.quant_conv.bias[:z] -= mean
    autoencoder.post_quant_conv.bias += shift


@torch.no_grad()
def encode(autoencoder, pictures, device, precision="float32"):
    """uint8 [N, H, W, 3] -> latent means float32 [N, z, h, w]."""
    x = to_network(pictures, device)
    if precision == "float32":
        return autoencoder.moments(x)[0].float()
    with torch.autocast(device.type, getattr(torch, precision)):
        return autoencoder.moments(x)[0].float()


def prepare(config, folder, device, log=print):
    """(captions of N pictures, latents [N, z, h, w] float16 on disk, scale factor); made once, then read.

    The YAML may train on the first `pictures` pictures only, and on some `subjects` only.
    """
    autoencoder, step = trained_autoencoder(config, folder, device)
    data = Dataset(os.path.join(folder, "data"))
    allowed = config["diffusion"].get("subjects")
    rows = [i for i, label in enumerate(data.labels)
            if not allowed or (label["subject"] in allowed and (not label["other"] or label["other"] in allowed))]
    rows = rows[:config["diffusion"].get("pictures") or len(rows)]
    n = len(rows)
    path, facts_path = os.path.join(folder, "latents.npy"), os.path.join(folder, "latents.pt")
    facts = checkpoint.load(facts_path, "latents", step)
    precision = outside_training(config["diffusion"])
    if facts is None:
        sample = torch.cat([encode(autoencoder, data.pictures(rows[i:i + 64]), device, precision) for i in range(0, min(n, 512), 64)])
        mean = sample.mean((0, 2, 3))
        scale = float(1 / (sample - mean[None, :, None, None]).std())
        log(f"latents: scale factor {scale:.4f}, channel deviations "
            + " ".join(f"{s:.2f}" for s in (sample.std((0, 2, 3)) * scale).tolist()))
        facts = {"mean": mean.cpu(), "scale": scale}
        if os.path.exists(path):  # another autoencoder's
            os.unlink(path)
        checkpoint.save(facts_path, "latents", step, facts)
    latents = np.load(path, mmap_mode="r") if os.path.exists(path) else None
    if latents is None or len(latents) < n:  # a YAML that asks for more pictures than last time keeps those that are there
        known = 0 if latents is None else len(latents)
        centre(autoencoder, facts["mean"].to(device))
        blocks = []
        for i in range(known, n, 256):
            block = encode(autoencoder, data.pictures(rows[i:min(i + 256, n)]), device, precision)
            blocks.append((block * facts["scale"]).cpu().numpy().astype(np.float16))
            if (i - known) % 1024 == 0:
                log(f"latents: {i} of {n}")
        with atomic(path) as file:
            np.save(file, np.concatenate(([] if latents is None else [latents]) + blocks))
        latents = np.load(path, mmap_mode="r")
    return [data.labels[i]["caption"] for i in rows], latents[:n], facts["scale"]
