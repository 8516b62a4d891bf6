"""Pictures cut into pieces: facets, panes, triangles, stones, folds."""
import cv2
import numpy as np

from ..pictures.canvas import blur, cell_borders, cell_means, colour, edges, flat, grid, luminance, over, saturate, warp
from ..pictures.styles_page import behind
from .grounds import texel, tinted_noise


def _composed(scene, ground):
    return over(ground, scene.rgb, scene.mask).astype(np.float32)


def _nearest(points, size):
    """Labels [S, S] of the nearest of the points."""
    empty = np.full((size, size), 255, np.uint8)
    points = points.clip(0, size - 1).astype(int)
    empty[points[:, 1], points[:, 0]] = 0
    _, label = cv2.distanceTransformWithLabels(empty, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    return label - 1


def _dense_points(picture, rng, on_edges, elsewhere):
    """Random points [n, 2]: some where the picture has edges, some anywhere, on a jittered grid."""
    size = picture.shape[0]
    strength = (edges(picture, 1.0) + .004).ravel().astype(np.float64)
    sums = np.cumsum(strength)
    at = np.searchsorted(sums, rng.random(on_edges) * sums[-1])
    k = max(2, round(elsewhere ** .5))
    spread = (np.stack(np.meshgrid(np.arange(k), np.arange(k)), -1).reshape(-1, 2) + rng.random((k * k, 2))) * (size / k)
    return np.concatenate([np.stack([at % size, at // size], 1), spread]).clip(0, size - 1)


def _repeated(small, side, size):
    """Every pixel as a square, cut to the canvas."""
    return small.repeat(side, 0).repeat(side, 1)[:size, :size]


def cubism(scene, rng):
    """Straight cuts; each facet shifted, scaled and shaded as a plane of its own, in ochre light."""
    size = scene.size
    x, y = grid(size)
    ochre = tinted_noise(rng, size, (.64, .52, .36), .1, .03)
    picture = _composed(scene, behind(scene, ochre, .6))
    picture = saturate(picture, .9) * .85 + ochre * .15
    label = np.zeros((size, size), np.int32)
    for cut in range(10):
        angle, reach = rng.random() * np.pi, rng.uniform(-40, 40)
        side = (np.cos(angle) * (x - 64) + np.sin(angle) * (y - 64) > reach)
        if cut > 3:  # ends at other cuts: only some facets are divided
            side &= rng.random(label.max() + 1)[label] < .5
        label = np.unique(label * 2 + side, return_inverse=True)[1].reshape(size, size).astype(np.int32)
    n = label.max() + 1
    each = lambda amount: (amount * np.clip(rng.standard_normal(n), -1.5, 1.5)).astype(np.float32)[label]
    grow = each(.09)
    moved = warp(picture, each(6.5) + grow * (x - 64), each(6.5) + grow * (y - 64))
    angle, steep = (rng.random(n) * 6.3)[label], (.06 + .14 * rng.random(n))[label]
    shade = steep * (np.cos(angle) * (x - 64) + np.sin(angle) * (y - 64)) / 40 + .08 * (rng.random(n)[label] - .5)
    moved = np.clip(moved * (1 + np.clip(shade, -.3, .3))[..., None], 0, 1)
    border = cell_borders(label, .7)
    return np.where(border[..., None], moved * .35, moved).astype(np.float32)


def stained_glass(scene, rng):
    """Panes that follow the subject, thick lead between them and on its colour borders."""
    size = scene.size
    light = tinted_noise(rng, size, (.42, .6, .85), .12, .05)
    picture = saturate(_composed(scene, behind(scene, light, .75)), 1.7)
    label = _nearest(_dense_points(picture, rng, 30, 42), size)
    inside = (scene.mask > .5).astype(np.int32)
    tones = cv2.medianBlur((np.round(luminance(blur(picture, .8)) * 3) / 3 * 255).astype(np.uint8), 5)
    label = np.unique((label * 2 + inside) * 256 + tones, return_inverse=True)[1].reshape(size, size).astype(np.int32)
    glass = cell_means(picture, label) * (.9 + .25 * rng.random(label.max() + 1))[label][..., None]
    lead = cell_borders(label, 1.0)
    glass = glass * (1.15 - .3 * blur(lead.astype(np.float32), 2.5))[..., None]
    lead = cv2.dilate(lead.astype(np.uint8), np.ones((2, 2), np.uint8)) > 0
    return np.clip(np.where(lead[..., None], colour(18, 18, 24), glass), 0, 1).astype(np.float32)


def low_poly(scene, rng):
    """Flat triangles, smaller where the picture has edges."""
    size = scene.size
    haze = tinted_noise(rng, size, .4 + .4 * rng.random(3), .14, .04)
    picture = saturate(_composed(scene, behind(scene, haze, .85)), 1.15)
    corners = np.array([[0, 0], [0, size - 1], [size - 1, 0], [size - 1, size - 1]])
    border = np.stack([np.linspace(0, size - 1, 6)] * 2, 1)
    rim = np.concatenate([np.stack([border[:, 0], np.full(6, e)], 1) for e in (0, size - 1)] + [np.stack([np.full(6, e), border[:, 0]], 1) for e in (0, size - 1)])
    mesh = cv2.Subdiv2D((0, 0, size, size))
    for px, py in np.concatenate([_dense_points(picture, rng, 420, 100), corners, rim]).tolist():
        mesh.insert((px, py))
    soft, out = blur(picture, .8), picture.copy()
    for triangle in mesh.getTriangleList().reshape(-1, 3, 2):
        cx, cy = np.clip(triangle.mean(0).round().astype(int), 0, size - 1)
        cv2.fillConvexPoly(out, np.round(triangle).astype(np.int32), (soft[cy, cx] * (.94 + .12 * rng.random())).tolist())
    return np.clip(out, 0, 1)


def mosaic(scene, rng):
    """Rows of square stones of 8 pixels with dark joints, on a gold ground."""
    size = scene.size
    stone = max(4, texel(size))
    gold = tinted_noise(rng, size, (.84, .67, .24), .07, .02)
    picture = _composed(scene, behind(scene, gold, .8))
    small = cv2.resize(saturate(picture, 1.2), (-(-size // stone),) * 2, interpolation=cv2.INTER_AREA)
    small = np.clip(small * (.88 + .24 * rng.random(small.shape[:2]))[..., None] + .03 * rng.standard_normal(small.shape), 0, 1).astype(np.float32)
    stones = _repeated(small, stone, size)
    i = np.arange(size) % stone
    joint = (i == 0) | (i == stone - 1)
    bevel = np.where(i == 1, 1.12, np.where(i == stone - 2, .9, 1.0)).astype(np.float32)
    stones = stones * (bevel[:, None] * bevel[None])[..., None]
    return np.clip(np.where((joint[:, None] | joint[None])[..., None], stones * .42 + .04, stones), 0, 1)


def pixel_art(scene, rng):
    """Big square pixels, 32 a side of 256, few colours, a dark outline."""
    size = scene.size
    blocks = -(-size // texel(size))
    ground = behind(scene, flat(size, .35 + .5 * rng.random(3).astype(np.float32)), .9)
    small = cv2.resize(_composed(scene, ground), (blocks, blocks), interpolation=cv2.INTER_AREA)
    mask = cv2.resize(scene.mask, (blocks, blocks), interpolation=cv2.INTER_AREA) > .5
    small = np.round(saturate(small, 1.3) * 5) / 5
    rim = (cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~mask
    small[rim] *= .35
    return _repeated(small.astype(np.float32), texel(size), size)


def origami(scene, rng):
    """Folded paper: large flat facets that catch light, sharp creases, a soft shadow on the table."""
    size = scene.size
    x, y = grid(size)
    table = behind(scene, flat(size, .6 + .35 * rng.random(3).astype(np.float32)), .75)
    shadow = blur(warp(scene.mask, -4, -5, cv2.BORDER_CONSTANT), 2.5)
    label = _nearest(_dense_points(scene.rgb * scene.mask[..., None], rng, 26, 16), size)
    n = label.max() + 1
    angle = (rng.random(n) * 6.3)[label]
    fold = .8 + .36 * rng.random(n)[label] + .1 * np.clip(np.cos(angle) * (x - 64) + np.sin(angle) * (y - 64), -40, 40) / 40
    paper = np.clip(cv2.bilateralFilter(np.ascontiguousarray(scene.rgb), 9, .2, 6) * fold[..., None], 0, 1)
    crease = cell_borders(label, .5) & (scene.mask > .5)
    paper = np.where(crease[..., None], paper * .45 + .55, paper)
    return np.clip(over(table * (1 - .45 * shadow)[..., None], paper, scene.mask), 0, 1).astype(np.float32)
