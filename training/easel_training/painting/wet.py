"""Watercolour and ink: pigment on wet paper."""
import cv2
import numpy as np

from ..pictures.canvas import blur, edges, flat, luminance, noise, over, warp
from ..pictures.styles_page import behind


def _paper(rng, size, tone=(.975, .965, .94)):
    grain = cv2.GaussianBlur(rng.standard_normal((size, size)).astype(np.float32), (0, 0), 1.1)
    return np.clip(np.array(tone, np.float32) + .012 * grain[..., None] / (grain.std() + 1e-6), 0, 1)


def watercolour(scene, rng):
    """Wobbled washes, pigment that gathers in blots and at wet edges, a bleed around, white paper."""
    size = scene.size
    paper = _paper(rng, size)
    ground = paper if scene.ground is None else scene.ground * .75 + paper * .25
    picture = over(ground, scene.rgb, scene.mask).astype(np.float32)
    run = noise(rng, size, 10, 1.0) + noise(rng, size, 26, 1.4), noise(rng, size, 10, 1.0) + noise(rng, size, 26, 1.4)
    wet = warp(picture, *run)
    wet = cv2.bilateralFilter(wet, 7, .16, 5)
    flow = np.clip(1 + .22 * noise(rng, size, 22) + .1 * noise(rng, size, 7), .45, 1.5)
    rim = np.clip(edges(wet, .8) * .5, 0, .45)
    bleed = blur(wet, 3.5)
    density = (1 - np.minimum(wet, bleed * .25 + wet * .75)) * np.clip(flow * .86 + rim, 0, 1.35)[..., None]
    return np.clip(paper * (1 - density), 0, 1)


def ink_wash(scene, rng):
    """Grey washes in a few tones, a brush line that swells, much empty paper, a red seal."""
    size = scene.size
    paper = _paper(rng, size, (.95, .93, .87))
    grey = luminance(over(behind(scene, np.ones((size, size, 3), np.float32), .6), scene.rgb, scene.mask).astype(np.float32))
    run = noise(rng, size, 14, 1.4), noise(rng, size, 14, 1.4)
    grey, mask = warp(grey, *run), warp(scene.mask, *run, cv2.BORDER_CONSTANT)
    tone = blur(grey, 1.0)
    steps = .35 * blur((tone < .75).astype(np.float32), .6) + .3 * blur((tone < .5).astype(np.float32), .5) + .25 * blur((tone < .25).astype(np.float32), .4)
    wash = steps * np.clip(.8 + .35 * noise(rng, size, 18), .2, 1.2) * (.55 + .45 * blur(mask, 1.5))
    swell = np.clip(.7 + .5 * noise(rng, size, 20), .1, 1.3)
    line = np.clip(edges(over(np.ones((size, size, 3), np.float32), grey[..., None].repeat(3, 2), mask).astype(np.float32), .9) * 1.6 * swell, 0, .9)
    picture = paper * (1 - np.clip(np.maximum(wash, line), 0, .95))[..., None] + np.array([.08, .09, .12], np.float32) * np.clip(np.maximum(wash, line), 0, .95)[..., None]
    side = size // 12
    x, y = size - side - size // 16, size - side - size // 16
    picture[y:y + side, x:x + side] = np.array([.74, .16, .13], np.float32)
    return np.clip(picture, 0, 1)
