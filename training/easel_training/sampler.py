"""Draws pictures with the PyTorch networks: DDIM and DPM-Solver++(2M), with classifier-free guidance.

The timesteps are latent-diffusion's: range(0, 1000, 1000 // steps) + 1, the last ones first.
"""
import numpy as np
import torch

from .schedule import TIMESTEPS, alphas_cumprod


def timesteps(steps):
    """Ascending timesteps of a run, as the original's `uniform` spacing gives them."""
    return np.minimum(np.arange(0, TIMESTEPS, TIMESTEPS // steps) + 1, TIMESTEPS - 1)


class Model:
    """The networks of one trained size, ready to draw."""

    def __init__(self, unet, text, autoencoder, tokenize, scale, latent_shape, device, precision="float32"):
        self.unet, self.text, self.autoencoder, self.tokenize = unet, text, autoencoder, tokenize
        self.scale, self.latent_shape, self.device, self.precision = scale, latent_shape, device, precision
        self.alphas = alphas_cumprod().to(device)

    def _autocast(self):
        enabled = self.precision != "float32"
        return torch.autocast(self.device.type, getattr(torch, self.precision) if enabled else torch.bfloat16, enabled=enabled)

    def noise(self, count, seed):
        return torch.randn((count, *self.latent_shape), generator=torch.Generator().manual_seed(seed)).to(self.device)

    def context(self, prompts):
        with self._autocast():
            return self.text(torch.tensor([self.tokenize(p) for p in prompts], device=self.device)).float()

    def clean_and_noise(self, x, t, context, empty, guidance):
        """Predicted clean latents and noise at timestep t, after guidance."""
        batch = torch.full((len(x),), int(t), device=self.device)
        with self._autocast():
            if guidance == 1:
                v = self.unet(x, batch, context).float()
            else:
                both = self.unet(torch.cat([x, x]), torch.cat([batch, batch]), torch.cat([empty, context])).float()
                unconditional, conditional = both.chunk(2)
                v = unconditional + guidance * (conditional - unconditional)
        a = float(self.alphas[t])
        return a ** 0.5 * x - (1 - a) ** 0.5 * v, a ** 0.5 * v + (1 - a) ** 0.5 * x

    @torch.no_grad()
    def latents(self, prompts, noise, steps=20, guidance=3.0, sampler="dpmpp-2m"):
        """Latents [N, z, h, w] for N prompts from N noises."""
        context, empty = self.context(prompts), self.context([""]).expand(len(prompts), -1, -1)
        times = timesteps(steps)[::-1]
        alphas = [float(self.alphas[t]) for t in times] + [float(self.alphas[0])]
        x, before, log_before = noise, None, None
        for i, t in enumerate(times):
            clean, eps = self.clean_and_noise(x, t, context, empty, guidance)
            a, b = alphas[i], alphas[i + 1]
            if sampler == "ddim":
                x = b ** 0.5 * clean + (1 - b) ** 0.5 * eps
                continue
            log_snr, log_next = 0.5 * np.log(a / (1 - a)), 0.5 * np.log(b / (1 - b))
            h = log_next - log_snr
            estimate = clean
            if before is not None and i + 1 < len(times):  # second order, but for the last step
                r = (log_snr - log_before) / h
                estimate = clean + (clean - before) / (2 * r)
            x = ((1 - b) / (1 - a)) ** 0.5 * x - b ** 0.5 * np.expm1(-h) * estimate
            before, log_before = clean, log_snr
        return x

    @torch.no_grad()
    def pictures(self, prompts, seed=1, batch=32, noise=None, **how):
        """uint8 [N, H, W, 3]."""
        noise, out = self.noise(len(prompts), seed) if noise is None else noise, []
        for i in range(0, len(prompts), batch):
            z = self.latents(prompts[i:i + batch], noise[i:i + batch], **how)
            with self._autocast():
                y = self.autoencoder.decode(z / self.scale).float()
            out.append((((y + 1) / 2).clamp(0, 1) * 255).byte().permute(0, 2, 3, 1).cpu().numpy())
        return np.concatenate(out)


def from_folder(folder, device=None, precision="float32"):
    """The model of an exported folder (config.yaml, vocab.txt, model.safetensors or shards)."""
    import os
    import yaml
    from . import safetensors
    from .networks.autoencoder import AutoencoderKL
    from .networks.text_encoder import TextEncoder
    from .networks.unet import UNet
    from .text import WordPiece, read_vocabulary
    device = device or torch.device("cpu")
    with open(os.path.join(folder, "config.yaml"), encoding="utf-8") as file:
        params = yaml.safe_load(file)["model"]["params"]
    u, a = params["unet_config"]["params"], params["first_stage_config"]["params"]["ddconfig"]
    t = params["cond_stage_config"]["params"]
    tensors = safetensors.read(folder)
    heads = tensors["cond_stage_model.transformer.attn_layers.layers.0.1.to_q.weight"].shape[0] // 64
    networks = {
        "model.diffusion_model.": UNet(u["in_channels"], u["model_channels"], u["channel_mult"], u["num_res_blocks"],
                                       u["attention_resolutions"], u["num_heads"], u["context_dim"]),
        "cond_stage_model.transformer.": TextEncoder(t["vocab_size"], t["max_seq_len"], t["n_embed"], t["n_layer"], heads),
        "first_stage_model.": AutoencoderKL(a["ch"], a["ch_mult"], a["num_res_blocks"], a["z_channels"]),
    }
    for prefix, network in networks.items():
        weights = {name: torch.from_numpy(tensors[prefix + name].astype(np.float32)) for name in network.state_dict()}
        network.load_state_dict(weights)
        network.to(device).eval().requires_grad_(False)
    unet, text, autoencoder = networks.values()
    shape = (params["channels"], params["image_size"], params["image_size"])
    tokenize = WordPiece(read_vocabulary(os.path.join(folder, "vocab.txt")), t["max_seq_len"])
    return Model(unet, text, autoencoder, tokenize, params["scale_factor"], shape, device, precision)
