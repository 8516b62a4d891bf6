"""Further styles, for the sizes that have room for them.  Each: (Scene, generator) -> RGB [S, S, 3] in 0..1."""
import cv2
import numpy as np

from .canvas import (blur, cell_borders, cell_means, cells, colour, edges, flat, grid, luminance, noise, outline, over, saturate, smear,
                     to_palette, unit, warp)
from .styles_page import behind


def _composed(scene, ground, figure=None):
    """The subjects on a ground, as float32."""
    return over(ground, scene.rgb if figure is None else figure, scene.mask).astype(np.float32)


def watercolour(scene, rng):
    """Wet edges and pigment that gathers on white paper."""
    size = scene.size
    paper = flat(size, (.97, .96, .93))
    ground = paper if scene.ground is None else scene.ground * .6 + paper * .4
    picture = _composed(scene, ground)
    run = noise(rng, size, 18, 2.2), noise(rng, size, 18, 2.2)
    wet = blur(warp(picture, *run), 1.6)
    rim = np.clip(edges(wet, 1.2) * (64 / size), 0, .4)
    pigment = 1 + .12 * noise(rng, size, 10)
    return np.clip(1 - (1 - wet) * (.82 * pigment + rim)[..., None], 0, 1)


def pixel_art(scene, rng):
    """24 big square pixels a side, few colours."""
    size, blocks = scene.size, 24
    ground = behind(scene, flat(size, .35 + .5 * rng.random(3).astype(np.float32)), .9)
    small = cv2.resize(_composed(scene, ground), (blocks, blocks), interpolation=cv2.INTER_AREA)
    small = np.round(saturate(small, 1.3) * 4) / 4
    return cv2.resize(small, (size, size), interpolation=cv2.INTER_NEAREST)


def stained_glass(scene, rng):
    """Bright panes in thick lead."""
    size = scene.size
    light = np.stack([.5 + .1 * noise(rng, size, 60), .62 + .1 * noise(rng, size, 60), .8 + .1 * noise(rng, size, 60)], 2)
    picture = saturate(_composed(scene, behind(scene, light.astype(np.float32), .6)), 1.7)
    label, _ = cells(rng, size, 90, 1.2)
    glass = cell_means(picture, label) * (.85 + .3 * rng.random(label.max() + 1))[label][..., None]
    glass = glass * (1.12 - .25 * blur((cell_borders(label)).astype(np.float32), 2))[..., None]
    lead = cell_borders(label, 1.4) | outline(scene.mask, 2.6)
    return np.clip(np.where(lead[..., None], colour(16, 16, 22), glass), 0, 1)


def neon(scene, rng):
    """Glowing tubes on a dark brick wall."""
    size = scene.size
    x, y = grid(size)
    y = y + 10 * rng.random()
    row = np.floor(y / 10)
    brick = ((y % 10) < 1.2) | (((x + 8 * (row % 2)) % 16) < 1.2)
    stone = colour(34, 22, 40) + .05 * rng.random(3).astype(np.float32)
    wall = np.where(brick[..., None], colour(20, 14, 26), stone) * np.ones((size, size, 3), np.float32)
    wall = behind(scene, wall, .18)
    picture = _composed(scene, np.zeros_like(scene.rgb))
    lines = np.clip(edges(picture, 1.0) * (64 / size) * 1.6, 0, 1) * np.clip(blur(scene.mask, 2) * 2, 0, 1)
    tube = np.clip(saturate(blur(picture, 3), 3) + .25, 0, 1)
    tube = tube / np.maximum(tube.max(2, keepdims=True), .2)
    glow = blur(lines, 4) * 1.5
    return np.clip(wall + tube * (glow + lines)[..., None] + .5 * (lines ** 2)[..., None], 0, 1)


def blueprint(scene, rng):
    """White lines and a grid on blue paper."""
    size = scene.size
    x, y = grid(size)
    paper = flat(size, colour(24, 72, 150)) * (1 + .05 * noise(rng, size, 30))[..., None]
    paper = np.where((((x % 16) < 1) | ((y % 16) < 1))[..., None], paper * 1.3, paper)
    picture = _composed(scene, flat(size, (.5, .5, .5)) if scene.ground is None else scene.ground)
    lines = np.clip(edges(picture, .8) * (64 / size) * 2, 0, 1)
    lines = np.maximum(lines, outline(scene.mask, 2) * .9)
    return np.clip(over(paper, flat(size, (.93, .96, 1)), lines), 0, 1)


UKIYO_INKS = np.stack([colour(*c) for c in ((236, 224, 196), (38, 70, 120), (98, 142, 172), (196, 84, 60), (214, 176, 108), (60, 56, 60),
                                            (122, 142, 98), (246, 240, 224))])


def ukiyo_e(scene, rng):
    """A Japanese woodblock print: muted inks, waves, thin dark lines, a red sun."""
    size = scene.size
    x, y = grid(size)
    sky = flat(size, UKIYO_INKS[0])
    sun = np.hypot(x - rng.uniform(24, 104), y - rng.uniform(20, 40)) < 13
    sky = np.where(sun[..., None], UKIYO_INKS[3], sky)
    phase = rng.random() * 6
    for k in range(4):
        crest = 92 + 10 * k + 5 * np.sin(x / 9 + phase + 2 * k)
        wave = np.where((abs(y - crest) < 1.2)[..., None], UKIYO_INKS[7], UKIYO_INKS[1 + k % 2])
        sky = np.where((y > crest - 1.2)[..., None], wave, sky)
    ground = sky if scene.ground is None else to_palette(scene.ground * .7 + sky * .3, UKIYO_INKS)
    picture = over(ground, to_palette(blur(scene.rgb, .8), UKIYO_INKS), scene.mask)
    return np.where(outline(scene.mask, 1.6)[..., None], UKIYO_INKS[5], picture)


def low_poly(scene, rng):
    """Flat triangles."""
    size = scene.size
    haze = np.stack([.55 + .15 * noise(rng, size, 60) for _ in range(3)], 2).astype(np.float32)
    picture = saturate(_composed(scene, behind(scene, haze, .8)), 1.15)
    points = np.concatenate([rng.random((130, 2)) * (size - 1), [[0, 0], [0, size - 1], [size - 1, 0], [size - 1, size - 1]]])
    mesh = cv2.Subdiv2D((0, 0, size, size))
    for px, py in points.tolist():
        mesh.insert((px, py))
    out = picture.copy()
    for triangle in mesh.getTriangleList().reshape(-1, 3, 2):
        cx, cy = np.clip(triangle.mean(0).round().astype(int), 0, size - 1)
        tone = picture[cy, cx] * (.9 + .2 * rng.random())
        cv2.fillConvexPoly(out, np.round(triangle).astype(np.int32), tone.tolist())
    return np.clip(out, 0, 1)


def origami(scene, rng):
    """Folded paper: flat facets, creases that catch light, a soft shadow."""
    size = scene.size
    x, y = grid(size)
    table = behind(scene, flat(size, .6 + .35 * rng.random(3).astype(np.float32)), .5)
    shadow = blur(warp(scene.mask, -4, -5, cv2.BORDER_CONSTANT), 3)
    label, _ = cells(rng, size, 34, 1.3)
    n = label.max() + 1
    angle = (rng.random(n) * 6.3)[label]
    fold = .78 + .4 * rng.random(n)[label] + .08 * (np.cos(angle) * (x % 22 - 11) + np.sin(angle) * (y % 22 - 11)) / 11
    paper = np.clip(cell_means(scene.rgb, label) * .6 + scene.rgb * .4, 0, 1) * fold[..., None]
    crease = cell_borders(label, .6) & (scene.mask > .5)
    paper = np.where(crease[..., None], paper * .5 + .5, paper)
    return np.clip(over(table * (1 - .4 * shadow)[..., None], paper, scene.mask), 0, 1)


def chalk(scene, rng):
    """Chalk on a blackboard."""
    size = scene.size
    dust = noise(rng, size, 24, .02)
    board = flat(size, colour(38, 58, 50)) + dust[..., None]
    picture = _composed(scene, np.zeros_like(scene.rgb) if scene.ground is None else scene.ground * .45)
    grain = (rng.random((size, size)) > .2).astype(np.float32)
    grain = np.clip(blur(grain, .5), 0, 1)
    lines = np.clip(edges(picture, 1.1) * (64 / size) * 1.6, 0, 1)
    fill = scene.mask * .5
    chalks = np.clip(saturate(picture, .9) * .55 + .42, 0, 1)
    return np.clip(over(board, chalks, np.clip(lines + fill, 0, .95) * grain), 0, 1)


def embroidery(scene, rng):
    """Rows of slanted stitches on linen."""
    size = scene.size
    x, y = grid(size)
    cloth_colour = colour(226, 214, 190) + .12 * (rng.random(3).astype(np.float32) - .5)
    linen = flat(size, cloth_colour) * (1 + .05 * np.sin(x * 2) * np.sin(y * 2))[..., None]
    ground = linen if scene.ground is None else scene.ground * .75 + linen * .25
    picture = saturate(_composed(scene, ground), 1.15)
    slant = np.where(np.floor(x / 7) % 2 == 0, 1, -1) * (x % 7)
    stitch = .5 + .5 * np.sin((y + slant) * 1.9)
    threads = picture * (.62 + .45 * stitch)[..., None]
    cloth = np.clip(scene.mask if scene.ground is None else np.ones_like(scene.mask), 0, 1)
    return np.clip(over(linen, threads, cloth), 0, 1)


def comic(scene, rng):
    """Halftone dots, flat inks and thick black lines."""
    size = scene.size
    x, y = grid(size)
    top, bottom = (((250, 220, 70), (240, 90, 60)), ((120, 210, 250), (40, 110, 220)), ((180, 240, 150), (40, 160, 110)))[rng.integers(3)]
    sky = over(flat(size, colour(*top)), flat(size, colour(*bottom)), np.clip((y - 50 * rng.random()) / 128, 0, 1))
    picture = saturate(_composed(scene, behind(scene, sky.astype(np.float32), .8)), 1.5)
    flatten = np.clip(np.round(picture * 3) / 3 * .9 + .1, 0, 1)
    dots = .5 + .25 * (np.cos((x + y) * 1.11) + np.cos((x - y) * 1.11))
    shade = (1 - luminance(picture)) * .75
    inked = np.where((dots < shade)[..., None], flatten * .62, flatten)
    lines = (edges(picture, .9) * (64 / size) > .55) | outline(scene.mask, 3)
    return np.where(lines[..., None], colour(18, 16, 22), inked)


def woodcut(scene, rng):
    """Black ink cut with parallel lines, on cream paper."""
    size = scene.size
    x, y = grid(size)
    ground = flat(size, (.98, .98, .98)) if scene.ground is None else .4 + .6 * scene.ground
    grey = luminance(_composed(scene, ground)) * (1 - .25 * scene.mask)
    cut = .5 + .5 * np.sin(y * 1.25 + 2.2 * np.sin(x / 17 + rng.random() * 6) + noise(rng, size, 30, .8))
    white = np.clip((grey * 1.15 - cut) * 6 + .5, 0, 1)
    white = np.where(outline(scene.mask, 2.4), 0, white)
    return over(flat(size, colour(26, 22, 20)), flat(size, colour(240, 230, 206)), white)


def oil_sketch(scene, rng):
    """Broad oil strokes that follow the forms."""
    size = scene.size
    warm = np.stack([.5 + .1 * noise(rng, size, 40), .4 + .08 * noise(rng, size, 40), .3 + .08 * noise(rng, size, 40)], 2)
    picture = saturate(_composed(scene, behind(scene, warm.astype(np.float32), .8)), 1.15)
    grey = blur(luminance(picture), 4)
    angle = np.arctan2(cv2.Sobel(grey, cv2.CV_32F, 0, 1), cv2.Sobel(grey, cv2.CV_32F, 1, 0)) + np.pi / 2
    bristle = smear(blur(rng.standard_normal((size, size, 1)).astype(np.float32).repeat(3, 2), .8), angle, 10)
    return np.clip(smear(picture, angle, 7) + .06 * bristle / (bristle.std() + 1e-6), 0, 1)
