"""Backdrops that several styles share."""
import numpy as np

from ..pictures.canvas import noise


def tinted_noise(rng, size, rgb, light, hue):
    """A cloudy colour, float32 [S, S, 3]: its light changes by `light`, each channel a little by `hue`."""
    clouds = light * noise(rng, size, 30)
    return np.clip(np.stack([c + clouds + hue * noise(rng, size, 26) for c in rgb], 2), 0, 1).astype(np.float32)
