"""Painting by strokes in layers (Hertzmann 1998): broad brushes first, finer ones where the canvas still differs.

Strokes follow a field: along the forms where there are edges, along smooth random curves elsewhere.
"""
import dataclasses

import cv2
import numpy as np

from ..pictures.canvas import blur, colour, grid, luminance, noise, over, saturate, smear
from ..pictures.styles_page import behind
from .grounds import tinted_noise as _tinted_noise

SHIFT = 3  # fraction bits of OpenCV's points


@dataclasses.dataclass(frozen=True)
class Brush:
    """How a painter works; lengths in 256ths of the side."""

    radii: tuple
    steps: int = 5
    threshold: float = .06  # difference that calls for a stroke
    jitter: float = .05  # of colours
    most: int = 2200  # strokes of one layer
    spacing: float = .95  # of sites, in radii


def field(picture, wild, rng, curl=1.2):
    """Directions [S, S]: along the edges of the picture, blended with `wild` where there are none."""
    size = picture.shape[0]
    grey = blur(luminance(picture), 1.2)
    gx, gy = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    smooth = lambda x: cv2.GaussianBlur(x, (0, 0), size / 40)
    xx, yy, xy = smooth(gx * gx), smooth(gy * gy), smooth(gx * gy)
    along = .5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    strength = np.sqrt((xx - yy) ** 2 + 4 * xy ** 2)
    weight = np.clip(strength / (np.percentile(strength, 85) + 1e-6), 0, 1)
    c, s = weight * np.cos(2 * along) + (1 - weight) * np.cos(2 * wild), weight * np.sin(2 * along) + (1 - weight) * np.sin(2 * wild)
    return (.5 * np.arctan2(s, c)).astype(np.float32)


def swirls(rng, size, scale=1.0):
    """A smooth field of eddies."""
    x, y = grid(size)
    phase = rng.random(2) * 6.3
    return 1.8 * np.sin(x / (24 * scale) + phase[0]) * np.cos(y / (20 * scale) + phase[1]) + noise(rng, size, 48, .5)


def paint(picture, angle, rng, brush):
    """(painted RGB, height of the paint [S, S] in 0..1)."""
    size = picture.shape[0]
    scale = size / 256
    first = np.dstack([cv2.GaussianBlur(picture, (0, 0), 12 * scale), np.full((size, size), .3, np.float32)])
    canvas = np.round(np.clip(first, 0, 1) * 255).astype(np.uint8)
    cosine, sine = np.cos(angle), np.sin(angle)
    for layer, radius in enumerate(brush.radii):
        r = radius * scale
        reference = cv2.GaussianBlur(picture, (0, 0), max(.5, .6 * r))
        sites = _sites(reference, canvas, r, rng, brush, always=layer == 0)
        if not len(sites):
            continue
        lines = _traced(sites, cosine, sine, r, brush.steps + (layer == 0), rng)
        tone = reference[sites[:, 1].astype(int), sites[:, 0].astype(int)] * 255
        tone = np.clip(tone * (1 + brush.jitter * rng.standard_normal((len(sites), 1))) + 255 * brush.jitter * .6 * rng.standard_normal(tone.shape), 0, 255)
        paints = np.column_stack([tone, 255 * rng.uniform(.15, 1, len(sites))]).tolist()
        points, width = np.round(lines * (1 << SHIFT)).astype(np.int32)[:, :, None], max(1, round(1.7 * r))
        for k in range(len(sites)):
            cv2.polylines(canvas, [points[k]], False, paints[k], width, cv2.LINE_AA, SHIFT)
    out = canvas.astype(np.float32) / 255
    return out[..., :3], out[..., 3]


def _sites(reference, canvas, r, rng, brush, always):
    """Where strokes begin: a jittered grid, where the canvas differs enough, in random order."""
    size = reference.shape[0]
    step = brush.spacing * r
    k = max(2, int(size / step))
    spots = ((np.stack(np.meshgrid(np.arange(k), np.arange(k)), -1).reshape(-1, 2) + rng.random((k * k, 2))) * (size / k)).clip(0, size - 1)
    if not always:
        difference = cv2.blur(np.abs(canvas[..., :3].astype(np.float32) / 255 - reference).mean(2), (max(1, int(r)),) * 2)
        spots = spots[difference[spots[:, 1].astype(int), spots[:, 0].astype(int)] > brush.threshold]
    return spots[rng.permutation(len(spots))[:brush.most]]


def _traced(sites, cosine, sine, r, steps, rng):
    """Polylines [n, steps, 2] that follow the field from the sites, each in one of its two senses."""
    size = cosine.shape[0]
    at, sign, path = sites.copy(), rng.choice((-1.0, 1.0), len(sites)), [sites]
    for _ in range(steps - 1):
        x, y = at[:, 0].clip(0, size - 1).astype(int), at[:, 1].clip(0, size - 1).astype(int)
        step = np.stack([cosine[y, x], sine[y, x]], 1)
        if len(path) > 1:  # a field of lines has no sense of its own: keep going forward
            sign = np.where((step * (path[-1] - path[-2])).sum(1) < 0, -1.0, 1.0)
        at = at + sign[:, None] * step * r
        path.append(at)
    return np.stack(path, 1)


def impasto(rgb, height, angle, rng, amount):
    """Light from the upper left on the slope of the paint and its bristles."""
    size = rgb.shape[0]
    grain = smear(cv2.GaussianBlur(rng.standard_normal((size, size)).astype(np.float32), (0, 0), .7), angle, 5)
    relief = cv2.GaussianBlur(height, (0, 0), .8) + .35 * grain / (grain.std() + 1e-6) * .3
    light = cv2.Sobel(relief, cv2.CV_32F, 1, 0) + cv2.Sobel(relief, cv2.CV_32F, 0, 1)
    return np.clip(rgb + amount * np.clip(light, -1.2, 1.2)[..., None], 0, 1)


def van_gogh(scene, rng):
    """Starry Night: short thick strokes in eddies, blue and yellow."""
    size = scene.size
    x, y = grid(size)
    sky = np.stack([.14 + .08 * noise(rng, size, 32), .32 + .1 * noise(rng, size, 28), .68 + .1 * noise(rng, size, 28)], 2)
    for _ in range(4):
        cx, cy, radius = rng.random() * 128, rng.random() * 128, 7 + rng.random() * 8
        sky = over(sky, colour(252, 216, 80), np.exp(-(np.hypot(x - cx, y - cy) / radius) ** 2))
    picture = saturate(over(behind(scene, sky, .7), scene.rgb, scene.mask).astype(np.float32), 1.2)
    angle = field(picture, swirls(rng, size), rng)
    painted, height = paint(picture, angle, rng, Brush((9, 5, 3, 2.2), 5, .045, .05, 1700))
    return impasto(painted, height, angle, rng, .15)


def monet(scene, rng):
    """Many small dabs of light, broken colour."""
    size = scene.size
    haze = _tinted_noise(rng, size, (.64, .72, .8), .1, .035)
    picture = np.clip(over(behind(scene, haze, .75), scene.rgb, scene.mask) * .84 + .14, 0, 1).astype(np.float32)
    angle = .35 * noise(rng, size, 30)
    painted, _ = paint(picture, angle, rng, Brush((8, 4.4, 2.8), 4, .03, .045, 2600))
    return painted


def oil(scene, rng):
    """Broad oil strokes that follow the forms, thick paint."""
    size = scene.size
    warm = _tinted_noise(rng, size, (.52, .42, .32), .1, .03)
    picture = saturate(over(behind(scene, warm, .85), scene.rgb, scene.mask).astype(np.float32), 1.1)
    angle = field(picture, noise(rng, size, 60, .9).astype(np.float32), rng)
    painted, height = paint(picture, angle, rng, Brush((16, 8, 4.2, 2.6), 6, .06, .03, 1500))
    return impasto(painted, height, angle, rng, .1)
