"""What is made of lines, dots, stitches and bricks: periods of 4, 8 and 16 pixels at 256, always at the same places."""
import cv2
import numpy as np

from ..pictures.canvas import blur, colour, edges, flat, luminance, noise, outline, over, saturate, to_palette, unit, warp
from ..pictures.styles_page import CRAYONS, behind
from .grounds import texel, tinted_noise


def _pixels(size):
    """Pixel coordinates [S, S]; of small canvases, as they would be at 256."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) * (8 / texel(size))
    return x, y


def _composed(scene, ground):
    return over(ground, scene.rgb, scene.mask).astype(np.float32)


def _lines(picture, sigma, gain):
    """Edges as ink 0..1."""
    return np.clip(edges(picture, sigma) * gain / unit(picture.shape[0]) * 2, 0, 1)


def _dots(x, y, period):
    """A screen of round dots on two diagonals: 0 in the middle of a dot, 1 between them."""
    k = 2 * np.pi / period
    return .5 - .25 * (np.cos(x * k) + np.cos(y * k))


def pencil(scene, rng):
    """Tone as two to four layers of hatching, the contour drawn twice."""
    size = scene.size
    x, y = _pixels(size)
    paper = flat(size, (1, 1, 1)) if scene.ground is None else .35 + .65 * scene.ground
    picture = _composed(scene, paper)
    grey = luminance(picture)
    bend = noise(rng, size, 40, .5)
    ink = np.zeros((size, size), np.float32)
    for level, (ax, ay) in zip((.86, .66, .46, .28), ((1, 1), (1, -1), (1, 0), (0, 1))):
        stripe = .5 + .5 * np.cos(2 * np.pi * (ax * x + ay * y) / 8 + bend)
        ink = np.maximum(ink, np.clip((level - grey) * 3.2, 0, 1) * np.clip(stripe * 1.9 - .8, 0, 1) * .6)
    contour = np.clip(_lines(picture, .5, 2.0) * 1.5 - .35, 0, 1)
    again = warp(contour, 1.1 + noise(rng, size, 30, .5), .7 + noise(rng, size, 30, .5))
    ink = np.maximum(ink, np.maximum(contour, .6 * again) * .85)
    grain = 1 - .12 * np.abs(rng.standard_normal((size, size)).astype(np.float32))
    return np.clip(np.array([.975, .965, .93], np.float32) * (1 - ink * grain)[..., None] + .12 * ink[..., None], 0, 1).astype(np.float32)


def chalk(scene, rng):
    """Chalk on a blackboard: grainy fills, stronger contours, wiped dust."""
    size = scene.size
    board = flat(size, colour(36, 56, 48)) + (.03 * noise(rng, size, 30) + .015 * noise(rng, size, 8))[..., None]
    picture = _composed(scene, np.zeros_like(scene.rgb) if scene.ground is None else scene.ground * .55)
    x, y = _pixels(size)
    stroke = .62 + .38 * np.cos(2 * np.pi * (x + y) / 8)
    grain = np.clip(.85 + .4 * cv2.GaussianBlur(rng.standard_normal((size, size)).astype(np.float32), (0, 0), .6), 0, 1)
    lines, fill = _lines(picture, .7, 2.4), np.clip(.15 + luminance(picture), 0, 1) * (.3 + .5 * scene.mask) * stroke
    chalks = np.clip(saturate(picture, 1.1) * .55 + .42, 0, 1)
    return np.clip(over(board, chalks, np.clip(np.maximum(lines, fill) * grain, 0, .95)), 0, 1).astype(np.float32)


def comic(scene, rng):
    """Halftone dots, flat inks and thick black lines."""
    size = scene.size
    x, y = _pixels(size)
    top, bottom = (((250, 220, 70), (240, 90, 60)), ((120, 210, 250), (40, 110, 220)), ((180, 240, 150), (40, 160, 110)))[rng.integers(3)]
    sky = over(flat(size, colour(*top)), flat(size, colour(*bottom)), np.clip((y / y[-1, 0] - .4 * rng.random()), 0, 1))
    picture = saturate(_composed(scene, behind(scene, sky.astype(np.float32), .85)), 1.5)
    flatten = np.clip(np.round(cv2.bilateralFilter(picture, 7, .15, 5) * 3) / 3 * .9 + .1, 0, 1)
    shade = np.clip(1 - luminance(picture) - .15, 0, 1)
    inked = np.where((_dots(x, y, 8) < shade)[..., None], flatten * .6, flatten)
    lines = (_lines(picture, .7, .8) > .4) | outline(scene.mask, 2.4)
    return np.where(lines[..., None], colour(18, 16, 22), inked).astype(np.float32)


def risograph(scene, rng):
    """Two inks, each a screen of dots, printed slightly beside each other."""
    size = scene.size
    x, y = _pixels(size)
    warm, cold = (((255, 72, 92), (0, 100, 170)), ((255, 108, 47), (0, 120, 110)), ((255, 72, 176), (40, 70, 160)))[rng.integers(3)]
    picture = _composed(scene, behind(scene, flat(size, (.99, .98, .97)), .85))
    slip = rng.uniform(-1, 1, 2)
    one = np.clip(1.15 * (1 - .5 * picture[..., 1] - .5 * picture[..., 2]), 0, 1)
    two = np.clip(1.2 * (1 - .75 * picture[..., 0] - .25 * luminance(picture)), 0, 1)
    two = warp(two, *(slip + 1).astype(np.float32))
    cover = lambda tone, a, b: np.clip((tone - _dots(a, b, 8) * .9 - .04) * 5 + .5, 0, 1)
    sheet = np.array([.965, .95, .91], np.float32) * np.ones((size, size, 1), np.float32)
    sheet = sheet * (1 - cover(one, x + y, x - y)[..., None] * (1 - colour(*warm)) * .92)
    return np.clip(sheet * (1 - cover(two, x, y)[..., None] * (1 - colour(*cold)) * .92), 0, 1).astype(np.float32)


def woodcut(scene, rng):
    """Black ink cut along curved lines whose width is the tone, on cream paper."""
    size = scene.size
    x, y = _pixels(size)
    ground = flat(size, (.98, .98, .98)) if scene.ground is None else .3 + .7 * scene.ground
    grey = luminance(_composed(scene, ground)) * (1 - .15 * scene.mask)
    form = 5 * blur(scene.mask, 6)
    cut = .5 + .5 * np.cos(2 * np.pi * (y + form + 1.5 * np.sin(2 * np.pi * x / 64)) / 8)
    white = np.clip((np.clip(grey * 1.3 - .1, 0, 1.15) - cut) * 5 + .5, 0, 1)
    black = np.maximum(_lines(_composed(scene, ground), .7, .9) > .45, outline(scene.mask, 2))
    return over(flat(size, colour(26, 22, 20)), flat(size, colour(240, 230, 206)), np.where(black, 0, white)).astype(np.float32)


def embroidery(scene, rng):
    """Satin stitches in rows of 16 pixels, slanted by turns, on linen."""
    size = scene.size
    x, y = _pixels(size)
    cloth = colour(226, 214, 190) + .12 * (rng.random(3).astype(np.float32) - .5)
    linen = cloth * (1 + .06 * np.cos(2 * np.pi * x / 4) * np.cos(2 * np.pi * y / 4))[..., None]
    ground = linen if scene.ground is None else scene.ground
    picture = saturate(cv2.bilateralFilter(_composed(scene, ground), 7, .2, 5), 1.2)
    slant = np.where(np.floor(x / 16) % 2 == 0, 1, -1) * (x % 16) * .5
    stitch = .5 + .5 * np.cos(2 * np.pi * (y + slant) / 4)
    seam = np.clip(np.abs((x % 16) - 8) / 8, 0, 1) ** 6
    threads = picture * (.7 + .38 * stitch - .16 * seam)[..., None]
    cover = scene.mask if scene.ground is None else np.ones_like(scene.mask)
    return np.clip(over(linen.astype(np.float32), threads, cover), 0, 1).astype(np.float32)


def pointillism(scene, rng):
    """Dots of pure colours beside each other on a light ground (Seurat): offset rows of 8 pixels, twice."""
    size = scene.size
    haze = tinted_noise(rng, size, (.72, .76, .62), .08, .04)
    picture = saturate(_composed(scene, behind(scene, haze, .85)), 1.2)
    out = np.round(np.clip(blur(picture, 2) * .4 + .52, 0, 1) * 255).astype(np.uint8)
    step = max(2, texel(size) // 2)
    soft = blur(picture, .5)
    for k, (dx, dy) in enumerate(((0, 0), (step, step))):
        ys, xs = np.mgrid[dy:size:2 * step, dx:size:2 * step].reshape(2, -1)
        tone = soft[ys, xs] * 255
        jitter = rng.choice(np.array([[30, 0, -30], [-26, 8, 30], [18, 22, -26], [-8, -20, 20], [0, 0, 0]]), len(xs))
        tone = np.clip(tone + jitter * .9, 0, 255).tolist()
        for px, py, t in zip((xs + step // 2).tolist(), (ys + step // 2).tolist(), tone):
            cv2.circle(out, (px, py), step, t, -1, cv2.LINE_AA)
    return out.astype(np.float32) / 255


def neon(scene, rng):
    """Glowing tubes on a dark brick wall."""
    size = scene.size
    x, y = _pixels(size)
    row = np.floor(y / 16)
    brick = ((y % 16) < 2) | (((x + 16 * (row % 2)) % 32) < 2)
    stone = colour(34, 22, 40) + .05 * rng.random(3).astype(np.float32)
    wall = np.where(brick[..., None], colour(18, 12, 24), stone) * np.ones((size, size, 3), np.float32)
    wall = behind(scene, wall, .25)
    picture = _composed(scene, np.zeros_like(scene.rgb))
    lines = _lines(picture, .9, 1.3) * np.clip(blur(scene.mask, 2) * 2, 0, 1)
    tube = np.clip(saturate(blur(picture, 3), 3) + .25, 0, 1)
    tube = tube / np.maximum(tube.max(2, keepdims=True), .2)
    glow = blur(lines, 4) * 1.6
    return np.clip(wall + tube * (glow + lines)[..., None] + .55 * (lines ** 2)[..., None], 0, 1).astype(np.float32)


def blueprint(scene, rng):
    """White lines and a grid of 16 pixels on blue paper."""
    size = scene.size
    x, y = _pixels(size)
    paper = flat(size, colour(24, 72, 150)) * (1 + .05 * noise(rng, size, 30))[..., None]
    paper = np.where((((x % 16) < 1) | ((y % 16) < 1))[..., None], paper * 1.28, paper)
    picture = _composed(scene, flat(size, (.5, .5, .5)) if scene.ground is None else scene.ground)
    lines = np.maximum(_lines(picture, .6, 1.3), outline(scene.mask, 1.4) * .9)
    return np.clip(over(paper, flat(size, (.93, .96, 1)), lines), 0, 1).astype(np.float32)


def children(scene, rng):
    """Wobbly wax crayon on white paper, slanted strokes of 8 pixels, grass below."""
    size = scene.size
    x, y = _pixels(size)
    wobble = noise(rng, size, 14, 1.5), noise(rng, size, 14, 1.5)
    mask = warp(scene.mask, *wobble, cv2.BORDER_CONSTANT)
    figure = to_palette(saturate(blur(warp(scene.rgb, *wobble), .6), 1.5), CRAYONS)
    wax = np.clip(.62 + .5 * np.cos(2 * np.pi * (x + y) / 8 + noise(rng, size, 30, .7)), 0, 1)
    wax = wax * np.clip(1 - .25 * np.abs(rng.standard_normal((size, size)).astype(np.float32)), 0, 1)
    paper = flat(size, (.98, .98, .97))
    if scene.ground is None:
        paper = np.where((y > .87 * y[-1, 0])[..., None], over(paper, colour(110, 190, 80), wax), paper)
    else:
        paper = over(paper, to_palette(saturate(blur(scene.ground, .6), 1.5), CRAYONS), .25 + .55 * wax)
    picture = over(paper, figure, mask * np.clip(.2 + .8 * wax, 0, 1))
    lines = np.maximum(outline(mask, 2), _lines(warp(scene.rgb * scene.mask[..., None], *wobble), .8, .9) > .5)
    return np.clip(np.where(lines[..., None], colour(50, 46, 52), picture), 0, 1).astype(np.float32)
