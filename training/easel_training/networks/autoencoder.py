"""latent-diffusion's KL autoencoder, under its tensor names."""
import torch.nn.functional as F
from torch import nn

from .layers import Norm32, attend


class VaeResBlock(nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.norm1, self.conv1 = Norm32(c_in, 1e-6), nn.Conv2d(c_in, c_out, 3, padding=1)
        self.norm2, self.conv2 = Norm32(c_out, 1e-6), nn.Conv2d(c_out, c_out, 3, padding=1)
        if c_in != c_out:
            self.nin_shortcut = nn.Conv2d(c_in, c_out, 1)
        nn.init.zeros_(self.conv2.weight)  # starts as the identity: much faster at the beginning
        nn.init.zeros_(self.conv2.bias)

    def forward(self, x):
        h = self.conv1(F.silu(self.norm1(x)))
        h = self.conv2(F.silu(self.norm2(h)))
        return h + (self.nin_shortcut(x) if hasattr(self, "nin_shortcut") else x)


class VaeAttention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.norm = Norm32(c, 1e-6)
        self.q, self.k, self.v, self.proj_out = (nn.Conv2d(c, c, 1) for _ in range(4))
        nn.init.zeros_(self.proj_out.weight)
        nn.init.zeros_(self.proj_out.bias)

    def forward(self, x):
        b, c, h, w = x.shape
        n = self.norm(x)
        q, k, v = (f(n).flatten(2).transpose(1, 2) for f in (self.q, self.k, self.v))
        return x + self.proj_out(attend(q, k, v, 1).transpose(1, 2).reshape(b, c, h, w))


class Mid(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.block_1, self.attn_1, self.block_2 = VaeResBlock(c, c), VaeAttention(c), VaeResBlock(c, c)

    def forward(self, x):
        return self.block_2(self.attn_1(self.block_1(x)))


class Resample(nn.Module):
    def __init__(self, c, up):
        super().__init__()
        self.up = up
        self.conv = nn.Conv2d(c, c, 3, padding=1) if up else nn.Conv2d(c, c, 3, stride=2)

    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=2, mode="nearest") if self.up else F.pad(x, (0, 1, 0, 1)))


class Level(nn.Module):
    def __init__(self, c_in, c_out, blocks, up=None):
        super().__init__()
        self.block = nn.ModuleList([VaeResBlock(c_in if i == 0 else c_out, c_out) for i in range(blocks)])
        if up is not None:
            setattr(self, "upsample" if up else "downsample", Resample(c_out, up))

    def forward(self, x):
        for block in self.block:
            x = block(x)
        for name in ("upsample", "downsample"):
            if hasattr(self, name):
                x = getattr(self, name)(x)
        return x


class Encoder(nn.Module):
    def __init__(self, ch, ch_mult, num_res_blocks, z_channels):
        super().__init__()
        self.conv_in = nn.Conv2d(3, ch, 3, padding=1)
        widths = [ch] + [ch * m for m in ch_mult]
        last = len(ch_mult) - 1
        self.down = nn.ModuleList([Level(widths[i], widths[i + 1], num_res_blocks, None if i == last else False)
                                   for i in range(len(ch_mult))])
        self.mid = Mid(widths[-1])
        self.norm_out, self.conv_out = Norm32(widths[-1], 1e-6), nn.Conv2d(widths[-1], 2 * z_channels, 3, padding=1)

    def forward(self, x):
        x = self.conv_in(x)
        for level in self.down:
            x = level(x)
        return self.conv_out(F.silu(self.norm_out(self.mid(x))))


class Decoder(nn.Module):
    def __init__(self, ch, ch_mult, num_res_blocks, z_channels):
        super().__init__()
        widths = [ch * m for m in ch_mult]
        self.conv_in = nn.Conv2d(z_channels, widths[-1], 3, padding=1)
        self.mid = Mid(widths[-1])
        self.up = nn.ModuleList([Level(widths[min(i + 1, len(widths) - 1)], widths[i], num_res_blocks + 1, True if i else None)
                                 for i in range(len(widths))])
        self.norm_out, self.conv_out = Norm32(widths[0], 1e-6), nn.Conv2d(widths[0], 3, 3, padding=1)

    def forward(self, z):
        z = self.mid(self.conv_in(z))
        for level in reversed(self.up):
            z = level(z)
        return self.conv_out(F.silu(self.norm_out(z)))


class AutoencoderKL(nn.Module):
    """Images [B, 3, H, W] in [-1, 1] <-> latents [B, z, H/f, W/f]."""

    def __init__(self, ch=128, ch_mult=(1, 2, 4, 4), num_res_blocks=2, z_channels=4):
        super().__init__()
        self.encoder = Encoder(ch, ch_mult, num_res_blocks, z_channels)
        self.decoder = Decoder(ch, ch_mult, num_res_blocks, z_channels)
        self.quant_conv = nn.Conv2d(2 * z_channels, 2 * z_channels, 1)
        self.post_quant_conv = nn.Conv2d(z_channels, z_channels, 1)

    def moments(self, x):
        return self.quant_conv(self.encoder(x)).chunk(2, 1)

    def decode(self, z):
        return self.decoder(self.post_quant_conv(z))
