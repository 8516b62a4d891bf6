"""A patch discriminator (Isola et al. 2017), as latent-diffusion trains its autoencoders with."""
from torch import nn

from .layers import Norm32


class PatchDiscriminator(nn.Module):
    """Pictures [N, 3, H, W] -> one logit for every patch of about 34 pixels."""

    def __init__(self, width=64):
        super().__init__()
        layers, c = [nn.Conv2d(3, width, 4, 2, 1), nn.LeakyReLU(0.2)], width
        for stride in (2, 1):
            layers += [nn.Conv2d(c, 2 * c, 4, stride, 1, bias=False), Norm32(2 * c), nn.LeakyReLU(0.2)]
            c *= 2
        self.layers = nn.Sequential(*layers, nn.Conv2d(c, 1, 4, 1, 1))

    def forward(self, x):
        return self.layers(x)
