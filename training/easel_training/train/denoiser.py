"""The denoiser on latents of the hands' pictures: first at half the size (8x8 latents), then at the whole (16x16).

The same network learns words and shapes at a quarter of the cost before it learns detail.  The text encoder comes from the text stage;
it rests for the first third and then learns at a tenth of the rate.
"""
import os

import numpy as np
import torch

from .. import config as configs
from .. import text as texts
from ..networks.text_encoder import TextEncoder
from ..networks.unet import UNet
from ..painting.names import STYLES
from ..scenery.spec import SceneSpec
from ..schedule import alphas_cumprod
from ..words import captions
from . import checkpoint
from .diffusion import DiffusionStage
from .latent_store import LatentSet
from .latents import trained_autoencoder
from .loop import Stage

TEXT_RESTS, TEXT_RATE = 1 / 3, .1


class DenoiserStage(DiffusionStage):
    """`small` (D1) or `diffusion` (D2, which goes on from D1 where that has run)."""

    def __init__(self, config, folder, device, name, log=print):
        self.name = name
        section = {**config["diffusion"], **config["diffusion"][name]}
        _, step = trained_autoencoder(config, folder, device)
        known = checkpoint.load(os.path.join(folder, "latents.pt"), "latents", step)
        if known is None or "deviation" not in known:
            raise SystemExit(f"no latents of this autoencoder in {folder}: run the latents stage first")
        self.scale, self.set = known["scale"], LatentSet(folder, section["latents"], known)
        self.held_back = section.get("held_back", 128)
        if len(self.set) <= self.held_back:
            raise SystemExit(f"{len(self.set)} latents in {folder} are too few: run the latents stage longer")
        self.vocabulary = texts.read_vocabulary(os.path.join(folder, "vocab.txt"))
        network = config["text_stage"]["network"]
        self.tokenize = texts.WordPiece(self.vocabulary, network["length"])
        self.empty = torch.tensor(self.tokenize(""))
        torch.manual_seed(config["seed"])
        networks = {"unet": UNet(channels=len(known["mean"]), context_dim=network["dim"], **section["unet"]),
                    "text": TextEncoder(len(self.vocabulary), **network)}
        self._begin(config, folder, networks)
        for p in networks["text"].parameters():
            p.rate = TEXT_RATE
        settings = configs.fingerprint(section["unet"], network, self.vocabulary, round(self.scale, 6))
        Stage.__init__(self, config, section, device, networks, settings)
        self.unet, self.text = self.compiled(self.networks["unet"]), self.compiled(self.networks["text"])
        self.alphas = alphas_cumprod().float().to(device)
        log(f"{name}: {len(self.set)} latents, {sum(p.numel() for p in self.parameters) / 1e6:.1f} M parameters, scale factor {self.scale:.4f}")

    def _begin(self, config, folder, networks):
        """Weights of the stages before, unless this one has weights of its own already."""
        if os.path.exists(os.path.join(folder, f"{self.name}.pt")):
            return
        network = config["text_stage"]["network"]
        from .text_encoder import CLASSES
        text = checkpoint.load(os.path.join(folder, "text.pt"), "text", configs.fingerprint(network, self.vocabulary, CLASSES))
        if text is None:
            raise SystemExit(f"no text encoder in {folder}: run the text stage first")
        networks["text"].load_state_dict(text["averages"]["text"])
        settings = configs.fingerprint(config["diffusion"]["unet"], network, self.vocabulary, round(self.scale, 6))
        small = checkpoint.load(os.path.join(folder, "small.pt"), "small", settings) if self.name != "small" else None
        if small:
            for key in networks:
                networks[key].load_state_dict(small["averages"][key])

    def decide(self, progress):
        self.set.refresh()
        return {**Stage.decide(self, progress), "shards": len(self.set.shards), "text": progress >= TEXT_RESTS}

    def adopt(self, decisions):
        Stage.adopt(self, decisions)
        self.set.refresh(decisions["shards"])
        self.visible = sum(len(shard) for shard in self.set.shards[:decisions["shards"]])
        for p in self.networks["text"].parameters():
            p.requires_grad_(decisions["text"])

    def gather(self, rows, numbers):
        """(latents, tokens of captions made for them)."""
        side, whole = self.section["side"], self.set.shards[0].shape[-1]
        mirrored, corners = numbers.random(len(rows)) < .5, numbers.integers(0, whole - side + 1, (len(rows), 2))
        tokens = []
        for row, mirror in zip(rows, mirrored):
            label = dict(self.set.labels[row])
            style, words = STYLES[label.pop("style")], label.pop("words")
            spec = SceneSpec(**label)
            tokens.append(self.tokenize(captions.caption(spec.mirrored() if mirror else spec, style, numbers, words)[0]))
        return torch.from_numpy(self.set.windows(rows, mirrored, corners, side)), torch.tensor(tokens)

    def step(self, step):
        numbers, generator = self.generators(step)
        rows = numbers.integers(self.held_back, self.visible, self.section["batch"])
        return self.loss(self.unet, self.text, rows, numbers, generator), {}

    @torch.no_grad()
    def measure(self):
        numbers, generator = np.random.default_rng(0), torch.Generator().manual_seed(0)
        unet, text = self.averages["unet"], self.averages["text"]
        losses = [float(self.loss(unet, text, np.arange(i, i + 32), numbers, generator)) for i in range(0, self.held_back, 32)]
        return {"held-back loss": sum(losses) / len(losses)}
