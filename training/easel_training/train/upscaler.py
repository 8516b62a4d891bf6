"""The upscaler stage: a compact SRVGG network on the same pictures at four times the size, degraded as real files are."""
import os

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from .. import config as configs
from ..data import Dataset
from ..networks.upscaler import SRVGGNetCompact
from .loop import Stage

HELD_BACK = 50


def degrade(picture, scale, rng):
    """uint8 RGB [H, W, 3] -> [H/scale, W/scale, 3]: reduced, a few with blur, noise or JPEG."""
    side = picture.shape[0] // scale
    x = picture
    if rng.random() < 0.15:
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.3, 0.35 * scale))
    small = cv2.resize(x, (side, side), interpolation=(cv2.INTER_AREA, cv2.INTER_AREA, cv2.INTER_AREA, cv2.INTER_CUBIC)[rng.integers(4)])
    if rng.random() < 0.25:
        small = np.clip(small + rng.normal(0, rng.uniform(1, 5), small.shape), 0, 255).astype(np.uint8)
    if rng.random() < 0.25:
        _, data = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 96))])
        small = cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]
    return np.ascontiguousarray(small)


def as_tensor(pictures, device):
    """uint8 [N, H, W, 3] -> float [N, 3, H, W] in [0, 1]."""
    return torch.from_numpy(np.stack(pictures)).to(device).permute(0, 3, 1, 2).float() / 255


def psnr(a, b):
    """Peak signal to noise ratio of pictures in [0, 1], one value a picture."""
    return -10 * torch.log10(((a.clamp(0, 1) - b) ** 2).mean((1, 2, 3)))


class UpscalerStage(Stage):
    """L2 for faithfulness, L1 and L1 of differences for sharp edges, on crops."""

    name = "upscaler"

    def __init__(self, config, folder, device):
        section = config["upscaler"]
        network = SRVGGNetCompact(**section["network"])
        super().__init__(config, section, device, {"upscaler": network}, configs.fingerprint(section["network"]))
        self.network, self.scale = self.compiled(self.networks["upscaler"]), section["network"]["scale"]
        self.data = Dataset(os.path.join(folder, "upscaler-data"))
        if not self.data.shards:
            raise SystemExit(f"no data in {folder}/upscaler-data: run the upscaler-data stage first")

    def step(self, step):
        numbers, _ = self.generators(step)
        side, sharp, small = self.section["crop"], [], []
        for picture in self.data.pictures(numbers.integers(HELD_BACK, len(self.data), self.section["batch"])):
            y, x = numbers.integers(0, picture.shape[0] - side + 1, 2)
            sharp.append(np.ascontiguousarray(picture[y:y + side, x:x + side]))
            small.append(degrade(sharp[-1], self.scale, numbers))
        target = as_tensor(sharp, self.device)
        with self.autocast():
            out = self.network(as_tensor(small, self.device)).float()
        detail = sum((a - b).abs().mean() for a, b in (
            (out[..., 1:, :] - out[..., :-1, :], target[..., 1:, :] - target[..., :-1, :]),
            (out[..., :, 1:] - out[..., :, :-1], target[..., :, 1:] - target[..., :, :-1])))
        l1, l2 = F.l1_loss(out, target), F.mse_loss(out, target)
        return l1 + self.section["l2"] * l2 + self.section["detail"] * detail, {"l1": l1}

    def held_back(self):
        """(small, sharp) tensors of the held-back pictures, reduced by area averaging only."""
        pictures = list(self.data.pictures(range(HELD_BACK)))
        side = pictures[0].shape[0] // self.scale
        small = [cv2.resize(p, (side, side), interpolation=cv2.INTER_AREA) for p in pictures]
        return as_tensor(small, self.device), as_tensor(pictures, self.device)

    @torch.no_grad()
    def measure(self):
        small, sharp = self.held_back()
        return {"psnr": float(psnr(self.averages["upscaler"](small), sharp).mean())}


def lanczos(small, scale):
    """Lanczos enlargement of pictures [N, 3, h, w] in [0, 1], as Easel does without a network (PIL's filter)."""
    from PIL import Image
    out = []
    for picture in small:
        image = Image.fromarray((picture.permute(1, 2, 0).cpu().numpy() * 255).round().astype(np.uint8))
        out.append(np.asarray(image.resize((image.width * scale, image.height * scale), Image.LANCZOS)))
    return as_tensor(out, small.device)
