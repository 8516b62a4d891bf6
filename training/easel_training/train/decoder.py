"""The decoder stage: the autoencoder's decoder alone, on frozen latents.

It can run after the diffusion stage, or beside it: the latents stay what the denoiser has learnt.  Noise on them
(`latent_noise`, in their deviations) and a perceptual distance teach it to paint a texture that the latents only hint at, as
those of a drawing do: a mosaic's mortar, a crayon's strokes.
"""
import torch
import torch.nn.functional as F

from .autoencoder import AutoencoderStage, differences, psnr, to_network
from .latents import trained_autoencoder
from .loop import Stage


class DecoderStage(AutoencoderStage):
    """The autoencoder's losses without KL, for the part of it behind the latents."""

    name = "decoder"

    def __init__(self, config, folder, device):
        autoencoder, step = trained_autoencoder(config, folder, device, with_decoder=False)
        self.frozen = autoencoder
        section = {**config["autoencoder"], **config["decoder"]}
        parts = {"decoder": autoencoder.decoder.requires_grad_(True), "post_quant_conv": autoencoder.post_quant_conv.requires_grad_(True)}
        Stage.__init__(self, config, section, device, parts, step)
        self.prepare_data(folder)
        self.adversary = None
        self.perceptual = self._perceptual_network(folder) if section["losses"].get("perceptual") else None

    def decide(self, progress):
        return {**Stage.decide(self, progress), "shards": len(self.data.shards), "crop": progress < self.section["crop"]["until"],
                "adversarial": False}

    def step(self, step):
        numbers, generator = self.generators(step)
        x = self.batch(numbers)
        with self.autocast():
            with torch.no_grad():
                mean, logvar = self.frozen.moments(x)
                noise = torch.randn(mean.shape, generator=generator).to(self.device)
                mean = mean.float()
                blur = self.section.get("latent_noise", 0.0) * mean.std()
                z = mean + (torch.exp(logvar.float().clamp(-20, 10)) + blur ** 2).sqrt() * noise
            y = self.networks["decoder"](self.networks["post_quant_conv"](z)).float()
        detail = sum((a - b).abs().mean() for a, b in zip(differences(y), differences(x)))
        l1, weights = (y - x).abs().mean(), self.section["losses"]
        loss, numbers_to_log = weights["l1"] * l1 + weights["l2"] * F.mse_loss(y, x) + weights["detail"] * detail, {"l1": l1}
        if self.perceptual is not None:
            with self.autocast():
                numbers_to_log["perceptual"] = self.perceptual.distance(x, y)
            loss = loss + weights["perceptual"] * numbers_to_log["perceptual"]
        return loss, numbers_to_log

    @torch.no_grad()
    def measure(self):
        out = []
        for i in range(0, self.held_back, 16):
            x = to_network(self.data.pictures(range(i, i + 16)), self.device)
            with self.autocast():
                y = self.averages["decoder"](self.averages["post_quant_conv"](self.frozen.moments(x)[0]))
            out.append(psnr(y.float(), x))
        return {"psnr": sum(out) / len(out)}

    def more_state(self):
        return {}
