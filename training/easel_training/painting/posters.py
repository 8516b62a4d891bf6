"""Flat shapes and ornament: cut paper, Matisse, art deco, Klimt, Pollock."""
import cv2
import numpy as np

from ..pictures.canvas import blur, colour, flat, grid, luminance, noise, outline, over, saturate, to_palette, unit, warp
from ..pictures.styles_page import behind
from .grounds import texel


def _reduced(picture, count, rng):
    """The picture in its own `count` main colours, with smooth borders."""
    soft = cv2.bilateralFilter(np.ascontiguousarray(picture, np.float32), 9, .2, 7)
    pixels = soft[::4, ::4].reshape(-1, 3)
    cv2.setRNGSeed(int(rng.integers(1 << 30)))
    _, _, centres = cv2.kmeans(pixels, count, None, (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 8, .01), 1, cv2.KMEANS_PP_CENTERS)
    label = ((soft[:, :, None] - centres[None, None]) ** 2).sum(-1).argmin(-1).astype(np.uint8)
    return cv2.medianBlur(label, 5), centres


def paper_cut(scene, rng):
    """Layers of coloured paper, each with its shadow on the one below, the darkest lowest."""
    size = scene.size
    table = flat(size, .55 + .4 * rng.random(3).astype(np.float32))
    label, centres = _reduced(over(behind(scene, table, .95), scene.rgb, scene.mask), 6, rng)
    order = np.argsort(-np.bincount(label.ravel(), minlength=len(centres)))
    out = flat(size, centres[order[0]]).astype(np.float32)
    for k in order[1:]:
        sheet = blur((label == k).astype(np.float32), .5)
        sheet = np.clip((sheet - .5) * 4 + .5, 0, 1)
        shadow = blur(warp(sheet, -1.6, -2.2, cv2.BORDER_CONSTANT), 1.4)
        out = over(out * (1 - .38 * shadow * (1 - sheet))[..., None], centres[k], sheet)
    fibre = cv2.GaussianBlur(rng.standard_normal((size, size)).astype(np.float32), (0, 0), .8)
    return np.clip(out * (1 + .02 * fibre)[..., None], 0, 1).astype(np.float32)


MATISSE_INKS = np.stack([colour(*c) for c in ((28, 74, 160), (228, 60, 48), (248, 190, 46), (40, 130, 84), (240, 122, 150), (24, 24, 30), (247, 240, 224), (122, 62, 140))])


def matisse(scene, rng):
    """Cut-outs: the subject in few loud papers on blocks of colour, with leaves around."""
    size = scene.size
    x, y = grid(size)
    picks = rng.permutation(5)
    ground = flat(size, MATISSE_INKS[picks[0]])
    ground[(x > 64) ^ (y > 64)] = MATISSE_INKS[picks[1]]
    if scene.ground is not None:
        ground = to_palette(saturate(blur(scene.ground, 2), 1.6), MATISSE_INKS)
    for _ in range(7):
        cx, cy, turn, ink = rng.random() * 128, rng.random() * 128, rng.random() * 6.3, MATISSE_INKS[(picks[2], picks[3], 6)[rng.integers(3)]]
        dx, dy = x - cx, y - cy
        u, v = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
        ground[(abs(u) < 18) & (abs(v) < (4.2 + 3.4 * np.cos(u * .8)) * np.sqrt(np.clip(1 - (u / 18) ** 2, 0, 1)) + .4)] = ink
    wobble = noise(rng, size, 22, .9), noise(rng, size, 22, .9)
    mask = (warp(scene.mask, *wobble, cv2.BORDER_CONSTANT) > .5).astype(np.float32)
    figure = cv2.bilateralFilter(np.ascontiguousarray(saturate(warp(scene.rgb, *wobble), 1.5)), 9, .25, 8)
    figure = to_palette(figure, MATISSE_INKS)
    rim = outline(mask, 4.5)
    picture = np.where(rim[..., None], MATISSE_INKS[6], ground)
    return blur(over(picture, figure, mask).astype(np.float32), .25)


def art_deco(scene, rng):
    """A poster: sun rays in dark and gold, a framed border, the subject in smooth steps of few inks."""
    size = scene.size
    x, y = grid(size)
    dark, gold, cream = (colour(*c) for c in (((20, 36, 62), (214, 168, 88), (244, 230, 200)), ((34, 60, 52), (216, 172, 96), (242, 232, 206)),
                                              ((70, 24, 40), (222, 170, 96), (246, 230, 206)))[rng.integers(3)])
    angle = np.arctan2(y - 118, x - 64)
    rays = (np.floor(angle / np.pi * 18) % 2 == 0)
    ground = np.where(rays[..., None], dark, dark * .72 + gold * .28).astype(np.float32)
    if scene.ground is not None:
        tone = np.round(luminance(blur(scene.ground, 1)) * 3)[..., None] / 3
        ground = ground * .35 + (dark * (1 - tone) + cream * tone) * .65
    soft = cv2.bilateralFilter(np.ascontiguousarray(scene.rgb), 9, .25, 7)
    figure = np.round(soft * 4) / 4 * .8 + .2 * (dark * (1 - luminance(soft))[..., None] + cream * luminance(soft)[..., None])
    picture = over(np.where(outline(scene.mask, 2.6)[..., None], gold, ground), figure, scene.mask)
    edge = np.minimum(np.minimum(x, 128 - x), np.minimum(y, 128 - y))
    picture = np.where(((edge < 4) | ((edge > 6) & (edge < 7)))[..., None], gold, picture)
    return np.clip(np.where((edge < 2)[..., None], dark, picture), 0, 1).astype(np.float32)


def klimt(scene, rng):
    """Gold leaf: a ground of gold squares and spirals, the subject itself whole, with a gilded rim."""
    size = scene.size
    x, y = grid(size)
    tile = texel(size)
    leaf = (.78 + .34 * rng.random((-(-size // tile),) * 2)).astype(np.float32).repeat(tile, 0).repeat(tile, 1)[:size, :size]
    ground = colour(222, 174, 56) * leaf[..., None]
    if scene.ground is not None:
        ground = ground * .5 + np.clip(scene.ground * .9, 0, 1) * .5
    for _ in range(11):
        cx, cy, r = rng.random() * 128, rng.random() * 128, 6 + rng.random() * 9
        far, turn = np.hypot(x - cx, y - cy), np.arctan2(y - cy, x - cx)
        ink = (colour(52, 32, 14), colour(246, 236, 204), colour(150, 60, 30))[rng.integers(3)]
        spiral = (far < r) & (np.sin(far * 1.7 - turn) > .35)
        ground[spiral] = ink
    figure = saturate(scene.rgb, .95) * .82 + colour(222, 174, 56) * .18
    check = ((np.floor(x * 2 / 8) + np.floor(y * 2 / 8)) % 2 == 0) & (luminance(scene.rgb) > .55)
    figure = np.where(check[..., None], figure * 1.1, figure)
    picture = np.where(outline(scene.mask, 3.4)[..., None], colour(246, 208, 96), ground)
    return np.clip(over(picture, figure, scene.mask), 0, 1).astype(np.float32)


POLLOCK_INKS = [colour(*c).tolist() for c in ((13, 13, 13), (242, 242, 237), (191, 31, 26), (230, 178, 26), (31, 64, 128))]


def pollock(scene, rng):
    """Smooth drips and spatter thrown over the canvas; the subject shows through."""
    size = scene.size
    canvas = behind(scene, flat(size, colour(226, 216, 193)), .75)
    picture = np.ascontiguousarray(over(canvas, scene.rgb, scene.mask * .95).astype(np.float32))
    scale, shift = unit(size), 4
    for _ in range(15):
        knots = np.cumsum(rng.standard_normal((8, 2)) * 17, 0) + rng.random(2) * 128
        t = np.linspace(0, 7, 50)
        path = np.stack([np.convolve(np.pad(np.interp(t, np.arange(8), knots[:, k]), 4, "edge"), np.ones(9) / 9, "valid") for k in (0, 1)], 1)
        points = np.round(path * scale * 2 ** shift).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(picture, [points], False, POLLOCK_INKS[rng.integers(5)], max(1, round((.5 + rng.random()) * scale)), cv2.LINE_AA, shift)
    for _ in range(40):
        centre = np.round(rng.random(2) * size * 2 ** shift).astype(int).tolist()
        cv2.circle(picture, centre, int((.8 + rng.random() ** 3 * 3.2) * scale * 2 ** shift), POLLOCK_INKS[rng.integers(5)], -1, cv2.LINE_AA, shift)
    return np.clip(picture, 0, 1)
