"""What several styles share: backdrops, and the measure of textures."""
import numpy as np

from ..pictures.canvas import noise


def tinted_noise(rng, size, rgb, light, hue):
    """A cloudy colour, float32 [S, S, 3]: its light changes by `light`, each channel a little by `hue`."""
    clouds = light * noise(rng, size, 30)
    return np.clip(np.stack([c + clouds + hue * noise(rng, size, 26) for c in rgb], 2), 0, 1).astype(np.float32)


def texel(size):
    """Pixels of a texture's period of 8: whole pixels from 200 up, where latents of 16 pixels are made; in proportion below."""
    return 8 if size >= 200 else max(2, size // 32)
