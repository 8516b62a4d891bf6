"""Real-ESRGAN's SRVGGNetCompact under its tensor names (`body.N.weight`)."""
import torch.nn.functional as F
from torch import nn


class SRVGGNetCompact(nn.Module):
    """RGB in [0, 1], [N, 3, H, W] -> [N, 3, scale*H, scale*W]: convolutions at low resolution, then pixel shuffle."""

    def __init__(self, features=24, convolutions=6, scale=4):
        super().__init__()
        self.scale = scale
        body = [nn.Conv2d(3, features, 3, padding=1), nn.PReLU(features)]
        for _ in range(convolutions):
            body += [nn.Conv2d(features, features, 3, padding=1), nn.PReLU(features)]
        body.append(nn.Conv2d(features, 3 * scale ** 2, 3, padding=1))
        nn.init.zeros_(body[-1].weight)
        nn.init.zeros_(body[-1].bias)
        self.body = nn.ModuleList(body)

    def forward(self, x):
        y = x
        for layer in self.body:
            y = layer(y)
        return F.pixel_shuffle(y, self.scale) + F.interpolate(x, scale_factor=self.scale, mode="nearest")
