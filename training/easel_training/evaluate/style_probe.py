"""Does a style survive the autoencoder?  A linear classifier of styles on texture statistics, asked before and after.

Features of a picture: mean size and spread of the 8x8 block cosine coefficients of light and colour, at full and at half size,
and a colour histogram.  They are fitted on pictures of the data set and know nothing of the autoencoder, nor of the subjects.
"""
import cv2
import numpy as np


def _cosines():
    k, x = np.mgrid[0:8, 0:8]
    basis = np.cos(np.pi * (2 * x + 1) * k / 16) * np.sqrt(np.where(k == 0, 1, 2) / 8)
    return basis.astype(np.float32)


COSINES = _cosines()


def _block_statistics(channel):
    """Mean absolute value and deviation of the 64 coefficients over all 8x8 blocks."""
    n = channel.shape[0] // 8
    blocks = channel[:n * 8, :n * 8].reshape(n, 8, n, 8).transpose(0, 2, 1, 3)
    coefficients = (COSINES @ blocks @ COSINES.T).reshape(-1, 64)
    return np.concatenate([np.log(1e-3 + np.abs(coefficients).mean(0)), np.log(1e-3 + coefficients.std(0))])


def features(picture):
    """uint8 RGB [S, S, 3] -> float32 vector."""
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32) / 255
    half = cv2.resize(lab, None, fx=.5, fy=.5, interpolation=cv2.INTER_AREA)
    statistics = [_block_statistics(image[..., c]) for image in (lab, half) for c in range(3)]
    counts, _ = np.histogramdd(picture.reshape(-1, 3), bins=4, range=[(0, 256)] * 3)
    return np.concatenate([*statistics, np.sqrt(counts.ravel() / counts.sum())]).astype(np.float32)


class StyleProbe:
    """Ridge regression of the styles on standardized features; the largest wins."""

    def __init__(self, pictures, labels, styles, ridge=.1):
        self.styles = {key: i for i, key in enumerate(styles)}
        x = np.stack([features(p) for p in pictures]).astype(np.float64)
        self.mean, self.deviation = x.mean(0), x.std(0) + 1e-3
        x, wanted = self._standard(x), np.eye(len(styles))[[self.styles[label] for label in labels]]
        self.prior = wanted.mean(0)
        self.weight = np.linalg.solve(x.T @ x + ridge * len(x) * np.eye(x.shape[1]), x.T @ (wanted - self.prior))

    def _standard(self, x):
        return np.clip((x - self.mean) / self.deviation, -4, 4)

    def right(self, pictures, labels):
        """One truth value a picture: is its style recognised?"""
        x = self._standard(np.stack([features(p) for p in pictures]))
        return (x @ self.weight + self.prior).argmax(1) == np.array([self.styles[label] for label in labels])
