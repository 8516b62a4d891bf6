"""The diffusion stage: the denoiser and its text encoder, on encoded pictures.

v-prediction (Salimans & Ho 2022) on latent-diffusion's noise schedule, weighted by min-SNR (Hang et al. 2023);
one caption in ten is empty, for classifier-free guidance.
"""
import os

import numpy as np
import torch

from .. import config as configs
from .. import text as texts
from ..networks.text_encoder import TextEncoder
from ..networks.unet import UNet
from ..schedule import TIMESTEPS, alphas_cumprod
from .latents import prepare
from .loop import Stage

HELD_BACK = 256


class DiffusionStage(Stage):
    name = "diffusion"

    def __init__(self, config, folder, device, log=print):
        section = config["diffusion"]
        captions, self.latents, self.scale = prepare(config, folder, device, log)
        vocabulary_path = os.path.join(folder, "vocab.txt")
        if not os.path.exists(vocabulary_path):
            texts.write_vocabulary(vocabulary_path, texts.build_vocabulary(captions))
        self.vocabulary = texts.read_vocabulary(vocabulary_path)
        tokenize = texts.WordPiece(self.vocabulary, section["text"]["length"])
        self.tokens = torch.tensor([tokenize(caption) for caption in captions])
        self.empty = torch.tensor(tokenize(""))
        settings = configs.fingerprint(section["unet"], section["text"], self.vocabulary, round(self.scale, 6))
        torch.manual_seed(config["seed"])
        networks = {
            "unet": UNet(channels=self.latents.shape[1], context_dim=section["text"]["dim"], **section["unet"]),
            "text": TextEncoder(len(self.vocabulary), **section["text"]),
        }
        super().__init__(config, section, device, networks, settings)
        self.unet, self.text = self.compiled(self.networks["unet"]), self.compiled(self.networks["text"])
        self.alphas = alphas_cumprod().float().to(device)
        log(f"diffusion: {len(captions)} captions, {len(self.vocabulary)} words, "
            f"{sum(p.numel() for p in self.parameters) / 1e6:.1f} M parameters, scale factor {self.scale:.4f}")

    def gather(self, rows, numbers):
        """(latents, tokens) of some pictures."""
        rows = np.sort(rows)
        return torch.from_numpy(self.latents[rows].astype(np.float32)), self.tokens[torch.from_numpy(rows)].clone()

    def loss(self, unet, text, rows, numbers, generator):
        """The weighted loss on some pictures."""
        z, tokens = self.gather(rows, numbers)
        tokens[torch.from_numpy(numbers.random(len(rows)) < self.section["empty_captions"])] = self.empty
        noise = torch.randn(z.shape, generator=generator)
        uniform = numbers.random(len(rows))  # a power below 1 practises high noise more, where the text decides
        t = torch.from_numpy((TIMESTEPS * uniform ** self.section.get("timestep_power", 1.0)).astype(np.int64))
        z, tokens, noise, t = (x.to(self.device, non_blocking=True) for x in (z, tokens, noise, t))
        signal = self.alphas[t].view(-1, 1, 1, 1)
        noisy = signal.sqrt() * z + (1 - signal).sqrt() * noise
        target = signal.sqrt() * noise - (1 - signal).sqrt() * z
        with self.autocast():
            prediction = unet(noisy, t, text(tokens))
        error = ((prediction.float() - target) ** 2).mean((1, 2, 3))
        # v's own weighting of the clean latents' error is SNR + 1; clipped as min-SNR does.  At high noise, where the text decides
        # what the picture shows, the weight stays 1.
        natural = (1 / (1 - signal)).flatten()
        weight = natural.clamp(max=self.section["min_snr"]) / natural
        return (weight * error).sum() / weight.sum()

    def step(self, step):
        numbers, generator = self.generators(step)
        rows = numbers.integers(HELD_BACK, len(self.latents), self.section["batch"])
        return self.loss(self.unet, self.text, rows, numbers, generator), {}

    @torch.no_grad()
    def measure(self):
        numbers, generator = np.random.default_rng(0), torch.Generator().manual_seed(0)
        unet, text = self.averages["unet"], self.averages["text"]
        losses = [float(self.loss(unet, text, np.arange(i, i + 64), numbers, generator)) for i in range(0, HELD_BACK, 64)]
        return {"held-back loss": sum(losses) / len(losses)}

    def more_state(self):
        return {"scale": self.scale, "vocabulary": self.vocabulary}
