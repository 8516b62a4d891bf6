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


class DenseBlock(torch.nn.Module):
    """Five convolutions, each over all results so far (ESRGAN, Wang et al. 2018)."""

    def __init__(self, features, growth):
        super().__init__()
        for i in range(5):
            out = features if i == 4 else growth
            setattr(self, f"conv{i + 1}", torch.nn.Conv2d(features + i * growth, out, 3, padding=1))

    def forward(self, x):
        results = [x]
        for i in range(1, 5):
            results.append(leaky(getattr(self, f"conv{i}")(torch.cat(results, 1))))
        return x + 0.2 * self.conv5(torch.cat(results, 1))


class Rrdb(torch.nn.Module):
    def __init__(self, features, growth):
        super().__init__()
        self.rdb1, self.rdb2, self.rdb3 = (DenseBlock(features, growth) for _ in range(3))

    def forward(self, x):
        return x + 0.2 * self.rdb3(self.rdb2(self.rdb1(x)))


class RrdbNet(torch.nn.Module):
    """RealESRGAN_x4plus' generator."""

    def __init__(self, features=64, growth=32, blocks=23):
        super().__init__()
        conv = lambda c_in, c_out: torch.nn.Conv2d(c_in, c_out, 3, padding=1)  # noqa: E731
        self.conv_first = conv(3, features)
        self.body = torch.nn.Sequential(*(Rrdb(features, growth) for _ in range(blocks)))
        self.conv_body, self.conv_up1, self.conv_up2 = (conv(features, features) for _ in range(3))
        self.conv_hr, self.conv_last = conv(features, features), conv(features, 3)

    def forward(self, x):
        x = self.conv_first(x)
        x = x + self.conv_body(self.body(x))
        for up in (self.conv_up1, self.conv_up2):
            x = leaky(up(torch.nn.functional.interpolate(x, scale_factor=2, mode="nearest")))
        return self.conv_last(leaky(self.conv_hr(x)))


def leaky(x):
    return torch.nn.functional.leaky_relu(x, 0.2)


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
    if part == "upscaler":
        return load(RrdbNet(), state), (nchw(run["x"]),), nchw(run["out"])
    module = load(AutoencoderKL(), state)
    module.forward = module.decode
    return module, (nchw(run["z"]),), nchw(run["out"])


def load_part(folder, part):
    """(a function that runs the part, the output that Easel computed)."""
    module, inputs, expected = load_module(folder, part)
    return (lambda: module(*inputs)), expected
