"""The parts that `easel bench --export` wrote, as plain PyTorch modules with their inputs."""
import os
import sys

import torch

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../training"))

from easel_training.networks.autoencoder import AutoencoderKL  # noqa: E402
from easel_training.networks.text_encoder import TextEncoder  # noqa: E402
from easel_training.networks.unet import UNet  # noqa: E402
from easel_training import safetensors  # noqa: E402


def tensors(folder, stem):
    return {name: torch.tensor(value) for name, value in safetensors.read(folder, stem).items()}


def nchw(picture):
    return picture.permute(0, 3, 1, 2).contiguous()


def load(module, state, prefix=""):
    """Fills a module and refuses anything missing; what the exported part does not have stays out."""
    shapes = {name: tensor.shape for name, tensor in module.state_dict().items()}
    state = {prefix + name: tensor for name, tensor in state.items()}
    # Easel writes a 1x1 convolution as the matrix that it is.
    state = {name: t.reshape(shapes.get(name, t.shape)) for name, t in state.items()}
    missing, unexpected = module.load_state_dict(state, strict=False)
    wanted = [n for n in missing if n.startswith(prefix) and not n.startswith(("encoder.", "quant_conv."))]
    if wanted or unexpected:
        sys.exit(f"the exported weights do not fit: missing {wanted[:3]}, unexpected {unexpected[:3]}")
    return module.eval()


class GuidedStep(torch.nn.Module):
    """Both halves of guidance in one batch, as the original runs them."""

    def __init__(self, unet):
        super().__init__()
        self.unet = unet

    def forward(self, x, context):
        return self.unet(torch.cat([x, x]), torch.full((2,), 500), context)


def load_module(folder, part):
    """(module, its inputs, the output that Easel computed), pictures as [B, C, H, W]."""
    run = tensors(folder, f"{part}-run")
    state = tensors(folder, f"{part}-weights")
    if part == "text_encoder":
        length = run["out"].shape[1]
        module = load(TextEncoder(), state)
        return module, (torch.ones(1, length, dtype=torch.long),), run["out"]
    if part == "unet":
        module = load(GuidedStep(UNet()), state, "unet.")
        return module, (nchw(run["x"]), run["context"]), nchw(run["out"])
    module = load(AutoencoderKL(), state)
    module.forward = module.decode
    return module, (nchw(run["z"]),), nchw(run["out"])


def load_part(folder, part):
    """(a function that runs the part, the output that Easel computed)."""
    module, inputs, expected = load_module(folder, part)
    return (lambda: module(*inputs)), expected
