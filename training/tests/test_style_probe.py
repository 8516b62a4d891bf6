"""The probe that asks whether a style survives the autoencoder."""
import unittest

import context  # noqa: F401
import numpy as np
from easel_training.evaluate import style_probe


def striped(rng, period, vertical):
    """Grey noise with stripes."""
    x = np.arange(64)
    wave = 60 * np.sign(np.sin(2 * np.pi * x / period + .3))
    grey = 128 + 10 * rng.standard_normal((64, 64)) + (wave[None] if vertical else wave[:, None])
    return np.clip(grey[..., None].repeat(3, 2), 0, 255).astype(np.uint8)


class Probe(unittest.TestCase):
    def test_cosines_are_orthonormal(self):
        np.testing.assert_allclose(style_probe.COSINES @ style_probe.COSINES.T, np.eye(8), atol=1e-6)

    def test_it_tells_textures_apart_and_notices_when_they_are_blurred_away(self):
        kinds, rng = {"fine": (4, True), "coarse": (16, True), "rows": (4, False)}, np.random.default_rng(0)
        labels = [key for key in kinds for _ in range(40)]
        pictures = [striped(rng, *kinds[label]) for label in labels]
        probe = style_probe.StyleProbe(pictures[::2], labels[::2], list(kinds))
        self.assertGreater(probe.right(pictures[1::2], labels[1::2]).mean(), .95)
        blurred = [style_probe.cv2.blur(p, (9, 9)) for p in pictures[1::2]]
        self.assertLess(probe.right(blurred, labels[1::2]).mean(), .7)


if __name__ == "__main__":
    unittest.main()
