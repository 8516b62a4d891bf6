"""Layers that the three networks share, and the numeric rule of this package.

Convolutions and matrix products may run in bfloat16 or float16 under `torch.autocast`; norms,
softmax and the loss run in float32.  `Norm32` and `LayerNorm` therefore cast their own input: PyTorch 1.13's
CPU autocast does not, and its bfloat16 group norm is eight times slower than the float32 one.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn


class Norm32(nn.GroupNorm):
    """GroupNorm with 32 groups, computed in float32."""

    def __init__(self, channels, eps=1e-5):
        super().__init__(32, channels, eps=eps)

    def forward(self, x):
        return super().forward(x.float())


class LayerNorm(nn.LayerNorm):
    """LayerNorm computed in float32."""

    def forward(self, x):
        return super().forward(x.float())


def attend(q, k, v, heads):
    """Scaled dot-product attention. q [B, N, H*D], k and v [B, M, H*D] -> [B, N, H*D]."""
    b, _, channels = q.shape
    q, k, v = (t.reshape(b, -1, heads, channels // heads).transpose(1, 2) for t in (q, k, v))
    if hasattr(F, "scaled_dot_product_attention"):  # PyTorch 2
        out = F.scaled_dot_product_attention(q, k, v)
    else:
        scores = torch.matmul(q * (channels // heads) ** -0.5, k.transpose(-1, -2))
        out = torch.matmul(torch.softmax(scores.float(), -1).to(v.dtype), v)
    return out.transpose(1, 2).reshape(b, -1, channels)


def timestep_embedding(t, dim):
    """Sinusoidal embedding of timesteps t [B] -> [B, dim]: cosines, then sines."""
    half = dim // 2
    freqs = torch.exp(-math.log(10000.0) * torch.arange(half, device=t.device, dtype=torch.float32) / half)
    angle = t.float()[:, None] * freqs
    return torch.cat([angle.cos(), angle.sin()], 1)
