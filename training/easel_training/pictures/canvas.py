"""Image operations that the styles share.  Pictures are float32 RGB in 0..1, [S, S, 3]; masks [S, S].

Lengths inside styles are given in units of a 128-pixel canvas and scaled by `unit(size)`, so that a style
looks the same from 64 to 256 pixels.
"""
import functools

import cv2
import numpy as np

cv2.setNumThreads(1)  # rendering runs one process a core


def unit(size):
    """Pixels of this canvas in one 128th of its side."""
    return size / 128


@functools.lru_cache(maxsize=8)
def grid(size):
    """Pixel coordinates (x, y), each [S, S], in units of a 128th of the side."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / np.float32(unit(size))
    return x, y


def colour(*rgb):
    """An RGB colour given in 0..255, as float32."""
    return np.array(rgb, np.float32) / 255


def flat(size, rgb):
    """A canvas of one colour (0..1)."""
    return np.tile(np.asarray(rgb, np.float32), (size, size, 1))


def noise(rng, size, period, amplitude=1.0):
    """Smooth noise [S, S] whose features are `period` units wide."""
    cells = max(2, round(128 / period))
    values = rng.standard_normal((cells, cells)).astype(np.float32)
    return amplitude * cv2.resize(values, (size, size), interpolation=cv2.INTER_CUBIC)


def blur(picture, sigma):
    """Gaussian blur; sigma in units."""
    return cv2.GaussianBlur(picture, (0, 0), max(.3, sigma * unit(picture.shape[0])))


def saturate(picture, factor):
    mean = picture.mean(2, keepdims=True)
    return np.clip(mean + (picture - mean) * factor, 0, 1)


def over(below, above, alpha):
    """`above` painted on `below` with coverage alpha [S, S]."""
    return below * (1 - alpha[..., None]) + above * alpha[..., None]


def luminance(picture):
    return picture @ np.array([.299, .587, .114], np.float32)


def warp(picture, dx, dy, border=cv2.BORDER_REFLECT):
    """The picture looked up at (x + dx, y + dy); displacements in units."""
    size = picture.shape[0]
    x, y = grid(size)
    scale = np.float32(unit(size))
    return cv2.remap(picture, (x + dx).astype(np.float32) * scale, (y + dy).astype(np.float32) * scale,
                     cv2.INTER_LINEAR, borderMode=border)


def smear(picture, angle, length):
    """Line integral convolution: the picture averaged along the directions `angle` [S, S], `length` units long."""
    size = picture.shape[0]
    x, y = grid(size)
    scale = np.float32(unit(size))
    steps = max(2, round(length * float(scale) / 2))
    cosine, sine = np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)
    total = picture.copy()
    for sign in (1, -1):
        px, py = x * scale, y * scale
        for _ in range(steps):
            step_x = cv2.remap(cosine, px, py, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            step_y = cv2.remap(sine, px, py, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            px, py = px + sign * step_x, py + sign * step_y
            total = total + cv2.remap(picture, px, py, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return total / (2 * steps + 1)


def cells(rng, size, count, jitter=1.0):
    """A Voronoi partition of about `count` cells: (label [S, S] int32, distance to the cell's centre in pixels)."""
    k = max(2, round(count ** .5))
    step = size / k
    offset = .5 + jitter * (rng.random((2, k, k)) - .5)
    x = ((np.arange(k)[None, :] + offset[0]) * step).ravel().clip(0, size - 1).astype(int)
    y = ((np.arange(k)[:, None] + offset[1]) * step).ravel().clip(0, size - 1).astype(int)
    empty = np.full((size, size), 255, np.uint8)
    empty[y, x] = 0
    distance, label = cv2.distanceTransformWithLabels(empty, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    return label - 1, distance


def cell_means(picture, label):
    """Every cell filled with its mean colour."""
    n = int(label.max()) + 1
    count = np.maximum(np.bincount(label.ravel(), minlength=n), 1)
    means = [np.bincount(label.ravel(), picture[..., c].ravel(), minlength=n) / count for c in range(3)]
    return np.stack(means, 1)[label].astype(np.float32)


def cell_borders(label, width=1.0):
    """True on the borders between cells; width in units."""
    k = max(2, round(width * unit(label.shape[0])) + 1)
    return cv2.morphologyEx(label.astype(np.float32), cv2.MORPH_GRADIENT, np.ones((k, k), np.uint8)) > 0


def edges(picture, sigma=1.0):
    """Gradient magnitude of the luminance after a blur of sigma units."""
    grey = blur(luminance(picture), sigma)
    return np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))


def to_palette(picture, palette):
    """Every pixel becomes the nearest of the palette's colours [n, 3] (0..1)."""
    distance = ((picture[:, :, None] - palette[None, None]) ** 2).sum(-1)
    return palette[distance.argmin(-1)]


def outline(mask, width=2.0):
    """True just outside the mask; width in units."""
    k = 2 * max(1, round(width * unit(mask.shape[0]) / 2 + .25)) + 1
    inside = (mask > .5).astype(np.uint8)
    return cv2.dilate(inside, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (k, k))) > inside


def disc(size, x, y, radius):
    """True inside a disc; units."""
    gx, gy = grid(size)
    return np.hypot(gx - x, gy - y) < radius
