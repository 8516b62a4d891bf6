"""Pictures of the hands drawn and encoded at once: what the denoiser learns from, without keeping the pictures.

A picture is encoded as it is and in the mirror, and again at half the size for the denoiser's first stage.  Where it is drawn larger
than the model draws, training takes windows of whole latent cells, which keep the textures' phase; wide does not: a window cuts off
a poster's frame and moves the middle of four prints.  Latents are int8 with a scale a channel; labels are specs, captions are made
when a row is used.
"""
import json
import os

import cv2
import numpy as np
import torch

from ..data import renderer
from ..files import atomic
from . import checkpoint
from .latents import centre, encode, trained_autoencoder

REACH = 4.5  # deviations of a channel that int8 covers
SAMPLE = 64  # pictures that mean and deviations are taken from
SIZES = ("large", "small")


def paths(folder, k):
    """(labels, {size: latents}) of shard k."""
    return os.path.join(folder, f"latents-{k:05d}.jsonl"), {size: os.path.join(folder, f"latents-{size}-{k:05d}.npy") for size in SIZES}


def _encode(autoencoder, pictures, device):
    """Latent means [n, 2, z, h, w] of pictures as they are and in the mirror."""
    both = [encode(autoencoder, np.ascontiguousarray(p), device).cpu() for p in (pictures, pictures[:, :, ::-1])]
    return torch.stack(both, 1)


def facts(config, folder, autoencoder, step, drawing, device, log=print):
    """{mean, deviation} a channel, and latent-diffusion's one scale factor; measured once for an autoencoder."""
    path = os.path.join(folder, "latents.pt")
    found = checkpoint.load(path, "latents", step)
    if found is None or "deviation" not in found:  # a restored run knows mean and scale only
        pictures = np.stack([drawing.example(config["seed"], i).picture for i in range(SAMPLE)])
        z = torch.cat([encode(autoencoder, pictures[i:i + 8], device).cpu() for i in range(0, SAMPLE, 8)])
        mean = found["mean"] if found else z.mean((0, 2, 3))
        centred = z - mean[None, :, None, None]
        found = {"mean": mean, "deviation": centred.std((0, 2, 3)), "scale": found["scale"] if found else float(1 / centred.std())}
        log(f"latents: scale factor {found['scale']:.4f}, deviations " + " ".join(f"{d:.2f}" for d in (found["deviation"] * found["scale"]).tolist()))
        checkpoint.save(path, "latents", step, found)
    return found


def make(config, folder, device, log=print):
    """Draws and encodes the shards that are not there yet."""
    section, store = config["latents"], os.path.join(folder, "latents")
    os.makedirs(store, exist_ok=True)
    autoencoder, step = trained_autoencoder(config, folder, device)
    drawing = renderer({**config["pictures"], "pixels": section["pixels"]})
    known = facts(config, folder, autoencoder, step, drawing, device, log)
    centre(autoencoder, known["mean"].to(device))
    reach = (REACH * known["deviation"] / 127)[None, None, :, None, None]
    for k in range(-(-section["count"] // section["shard"])):
        labels, latents = paths(store, k)
        if os.path.exists(labels):
            continue
        made, rows = {size: [] for size in SIZES}, []
        for i in range(0, section["shard"], 10):
            examples = [drawing.example(config["seed"] + 1, k * section["shard"] + j) for j in range(i, min(i + 10, section["shard"]))]
            pictures = np.stack([e.picture for e in examples])
            half = section["pixels"] // 2
            small = np.stack([cv2.resize(p, (half, half), interpolation=cv2.INTER_AREA) for p in pictures])
            for size, batch in (("large", pictures), ("small", small)):
                made[size].append((_encode(autoencoder, batch, device) / reach).round().clamp(-127, 127).to(torch.int8).numpy())
            rows += [e.labels() for e in examples]
        for size, path in latents.items():
            with atomic(path) as file:
                np.save(file, np.concatenate(made[size]))
        with atomic(labels, "w") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
        log(f"latents: {(k + 1) * section['shard']} pictures")


class LatentSet:
    """The complete shards of one size, in order."""

    def __init__(self, folder, size, known):
        self.folder, self.size, self.shards, self.labels = os.path.join(folder, "latents"), size, [], []
        self.step = (REACH * known["deviation"] / 127 * known["scale"]).numpy()[:, None, None]
        self.refresh()

    def refresh(self, limit=None):
        """Takes in further shards, up to `limit` in all."""
        while limit is None or len(self.shards) < limit:
            labels, latents = paths(self.folder, len(self.shards))
            if not os.path.exists(labels):
                return
            self.shards.append(np.load(latents[self.size], mmap_mode="r"))
            with open(labels, encoding="utf-8") as lines:
                self.labels += [json.loads(line) for line in lines]

    def __len__(self):
        return len(self.labels)

    def windows(self, rows, mirrored, corners, side):
        """float32 [n, z, side, side]: a window of each row at its corner, in the mirror where asked."""
        a_shard, out = len(self.shards[0]), []
        for row, mirror, (y, x) in zip(rows, mirrored, corners):
            out.append(self.shards[row // a_shard][row % a_shard, int(mirror), :, y:y + side, x:x + side] * self.step)
        return np.stack(out).astype(np.float32)
