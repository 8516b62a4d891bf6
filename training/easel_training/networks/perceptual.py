"""A small classifier of subjects and styles: trained on our own pictures, it serves as perceptual distance and as judge.

No published network can be fetched; the distance below is the idea of LPIPS (Zhang et al. 2018) on features learnt here.
"""
import torch
import torch.nn.functional as F
from torch import nn

from .layers import Norm32


class _Block(nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.norm1, self.conv1 = Norm32(c_in), nn.Conv2d(c_in, c_out, 3, padding=1)
        self.norm2, self.conv2 = Norm32(c_out), nn.Conv2d(c_out, c_out, 3, padding=1)
        self.skip = nn.Conv2d(c_in, c_out, 1)

    def forward(self, x):
        h = self.conv1(F.relu(self.norm1(x)))
        return self.skip(x) + self.conv2(F.relu(self.norm2(h)))


class Classifier(nn.Module):
    """Pictures [N, 3, H, W] in [-1, 1] -> logits of subjects and of styles."""

    def __init__(self, subjects, styles, width=64):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 4, stride=2, padding=1)
        self.blocks = nn.ModuleList([_Block(width, width), _Block(width, 2 * width), _Block(2 * width, 4 * width)])
        self.norm = Norm32(4 * width)
        self.subject, self.style = nn.Linear(4 * width * 5, subjects), nn.Linear(4 * width, styles)

    def features(self, x):
        """Activations after every block, coarser and coarser."""
        x, out = self.stem(x), []
        for i, block in enumerate(self.blocks):
            x = block(F.avg_pool2d(x, 2) if i else x)
            out.append(x)
        return out

    def pooled(self, x):
        """One vector a picture: the last features' means over the whole and over its quarters (a mean alone forgets places)."""
        last = F.relu(self.norm(self.features(x)[-1]))
        quarters = F.adaptive_avg_pool2d(last, 2).flatten(1)
        return torch.cat([last.mean((2, 3)), quarters], 1)

    def forward(self, x):
        pooled = self.pooled(x)
        return self.subject(pooled), self.style(pooled[:, :self.style.in_features])

    def distance(self, x, y):
        """Mean squared difference of unit-length features: small for pictures that look alike."""
        unit = lambda f: F.normalize(f.float(), dim=1)
        pairs = zip(self.features(x), self.features(y))
        return sum(((unit(a) - unit(b)) ** 2).sum(1).mean() for a, b in pairs) / len(self.blocks)
