"""The twelve styles of Easel's page, and the plain picture.  Each: (Scene, generator) -> RGB [S, S, 3] in 0..1."""
import cv2
import numpy as np

from .canvas import (blur, cell_borders, cell_means, cells, colour, disc, edges, flat, grid, luminance, noise, outline, over,
                     saturate, smear, to_palette, unit, warp)


def behind(scene, own, keep=.7):
    """The style's own backdrop, or the asked ground with some of the backdrop's colour in it."""
    return own if scene.ground is None else scene.ground * keep + own * (1 - keep)


def plain(scene, rng):
    """No style: the subject on its ground (a quiet colour where none was asked)."""
    quiet = flat(scene.size, .55 + .42 * rng.random(3))
    return over(quiet if scene.ground is None else scene.ground, scene.rgb, scene.mask)


def van_gogh(scene, rng):
    """Starry Night: swirling strokes, blue sky, yellow lights."""
    size = scene.size
    x, y = grid(size)
    sky = np.stack([.13 + .08 * noise(rng, size, 32), .3 + .1 * noise(rng, size, 28), .66 + .1 * noise(rng, size, 28)], 2)
    for _ in range(4):
        cx, cy, radius = rng.random() * 128, rng.random() * 128, 8 + rng.random() * 8
        sky = over(sky, colour(252, 216, 80), np.exp(-(np.hypot(x - cx, y - cy) / radius) ** 2))
    picture = over(behind(scene, sky, .55), saturate(scene.rgb, 1.3), scene.mask).astype(np.float32)
    phase = rng.random(2) * 6.3
    angle = 1.8 * np.sin(x / 24 + phase[0]) * np.cos(y / 20 + phase[1]) + noise(rng, size, 48, .5)
    picture = smear(picture, angle, 7)
    grain = rng.standard_normal((size, size, 1)).astype(np.float32).repeat(3, 2)
    strokes = smear(blur(grain, 1.4), angle, 14)
    strokes /= strokes.std() + 1e-6
    return np.clip(saturate(picture, 1.3) + .075 * strokes, 0, 1)


def dali(scene, rng):
    """A melting subject with a long shadow on an empty plain."""
    size = scene.size
    x, y = grid(size)
    horizon = 64 + 16 * rng.random()
    sky = np.stack([.42 + .5 * y / horizon, .58 + .24 * y / horizon, .86 - .3 * y / horizon], 2)
    sand = np.stack([.87 - .2 * (y - horizon) / 128, .68 - .2 * (y - horizon) / 128, .38 - .1 * (y - horizon) / 128], 2)
    plain_ground = np.clip(np.where((y < horizon)[..., None], sky, sand), 0, 1).astype(np.float32)
    ground = behind(scene, plain_ground, .5)
    shadow = warp(scene.mask, -(y - horizon) * .8, -(y - 96) * 1.2, cv2.BORDER_CONSTANT)
    ground = ground * (1 - .45 * blur(shadow, 2)[..., None] * (y > horizon)[..., None])
    drip = -np.maximum(0, y - 58) * .26 * (1 + np.sin(x / 9 + rng.random() * 6))
    sway = 4.5 * np.sin(y / 15 + rng.random() * 6)
    melted = warp(scene.rgb, sway, drip, cv2.BORDER_REPLICATE)
    mask = warp(scene.mask, sway, drip, cv2.BORDER_CONSTANT)
    return np.clip(over(ground, melted, mask) * np.array([1.05, .98, .86], np.float32), 0, 1)


def klimt(scene, rng):
    """Gold leaf with spirals and small ornaments."""
    size = scene.size
    x, y = grid(size)
    gold = colour(220, 172, 52)
    label, _ = cells(rng, size, 90)
    leaf = gold * (.82 + .36 * rng.random(label.max() + 1))[label][..., None]
    for _ in range(9):
        cx, cy, radius = rng.random() * 128, rng.random() * 128, 8 + rng.random() * 9
        dx, dy = x - cx, y - cy
        distance = np.hypot(dx, dy)
        spiral = (distance < radius) & (np.sin(distance * .95 - np.arctan2(dy, dx)) > 0)
        leaf[spiral] = colour(60, 34, 16) if rng.random() < .6 else colour(246, 232, 196)
    ground = behind(scene, leaf.astype(np.float32), .4)
    figure = saturate(scene.rgb, .95) * .82 + gold * .18
    picture = over(ground, figure, scene.mask)
    return np.clip(np.where(outline(scene.mask, 2)[..., None], colour(84, 50, 16), picture), 0, 1)


PROPAGANDA_INKS = np.stack([colour(*c) for c in ((30, 20, 20), (200, 30, 25), (250, 200, 70), (252, 240, 215), (110, 120, 110), (40, 80, 120))])


def propaganda(scene, rng):
    """A poster of few inks: red and yellow rays, thick outlines, a red band below."""
    size = scene.size
    x, y = grid(size)
    angle = np.arctan2(y - 128 * (.6 + .3 * rng.random()), x - 64)
    rays = np.sin(angle * int(rng.choice((10, 12, 14))) + rng.random() * 6) > 0
    sky = np.where(rays[..., None], colour(209, 26, 20), colour(248, 199, 64))
    if scene.ground is not None:
        sky = to_palette(saturate(scene.ground, 1.4), PROPAGANDA_INKS) * .55 + sky * .45
    sky = np.where((y > 112)[..., None], colour(153, 13, 13), sky)
    figure = to_palette(np.clip((saturate(blur(scene.rgb, .8), 1.3) - .5) * 1.3 + .55, 0, 1), PROPAGANDA_INKS)
    picture = over(sky, figure, (scene.mask > .5).astype(np.float32))
    return np.where(outline(scene.mask, 2.4)[..., None], colour(31, 13, 13), picture).astype(np.float32)


BAUHAUS_INKS = np.stack([colour(*c) for c in ((226, 61, 40), (32, 86, 161), (246, 191, 38), (28, 28, 28), (238, 228, 208))])


def bauhaus(scene, rng):
    """Circles, bars and quarter discs in primary colours on cream."""
    size = scene.size
    x, y = grid(size)
    ground = flat(size, BAUHAUS_INKS[4])
    if scene.ground is not None:
        ground = to_palette(blur(saturate(scene.ground, 1.5), 2), BAUHAUS_INKS)
    for _ in range(6):
        ink, kind = BAUHAUS_INKS[rng.integers(4)], rng.integers(3)
        cx, cy, r = rng.random() * 128, rng.random() * 128, 14 + rng.random() * 30
        if kind == 0:
            shape = disc(size, cx, cy, r * .7)
        elif kind == 1:
            shape = (abs(x - cx) < r * .6) & (abs(y - cy) < r * .25)
        else:
            shape = disc(size, cx, cy, r) & (x > cx) & (y > cy)
        ground[shape] = ink
    figure = to_palette(blur(saturate(scene.rgb, 1.5), 1), BAUHAUS_INKS)
    picture = over(ground, figure, (scene.mask > .5).astype(np.float32))
    return np.where(outline(scene.mask, 1.5)[..., None], BAUHAUS_INKS[3], picture).astype(np.float32)


def pencil(scene, rng):
    """Grey lines and hatching on paper."""
    size = scene.size
    x, y = grid(size)
    paper = flat(size, (1, 1, 1)) if scene.ground is None else .55 + .45 * scene.ground
    picture = over(paper, scene.rgb, scene.mask).astype(np.float32)
    grey = luminance(picture)
    hatch = .5 + .5 * np.sin((x + y) * .75 + noise(rng, size, 24, .8))
    tone = 1 - (1 - grey) * (.45 + .4 * hatch)
    lines = np.clip(edges(picture, .9) * (64 / size) * 1.5, 0, .75)
    shaded = np.clip(tone - lines, 0, 1) + .012 * rng.standard_normal((size, size))
    return np.clip(shaded[..., None] * np.array([.98, .97, .94], np.float32), 0, 1).astype(np.float32)


def cubism(scene, rng):
    """Facets: every shard is a little shifted and shaded its own way, with dark borders."""
    size = scene.size
    x, y = grid(size)
    ochre = np.stack([.56 + .12 * noise(rng, size, 30), .47 + .1 * noise(rng, size, 30), .35 + .1 * noise(rng, size, 30)], 2)
    picture = over(behind(scene, ochre.astype(np.float32), .55), saturate(scene.rgb, .9), scene.mask).astype(np.float32)
    label, _ = cells(rng, size, 26, 1.5)
    n = label.max() + 1
    shift = np.clip(rng.standard_normal((2, n)), -1.6, 1.6).astype(np.float32) * 4
    picture = warp(picture, shift[0][label], shift[1][label])
    angle = (rng.random(n) * 6.3)[label]
    shade = (np.cos(angle) * (x % 26 - 13) + np.sin(angle) * (y % 26 - 13)) / 13 * .12
    picture = picture + shade[..., None].astype(np.float32)
    picture[cell_borders(label)] *= .4
    return np.clip(picture, 0, 1)


def monet(scene, rng):
    """Short soft dabs in light, broken colour."""
    size = scene.size
    haze = np.stack([.62 + .13 * noise(rng, size, 26), .7 + .1 * noise(rng, size, 26), .8 + .12 * noise(rng, size, 30)], 2)
    picture = np.clip(over(behind(scene, haze.astype(np.float32), .65), scene.rgb, scene.mask) * .82 + .15, 0, 1)
    out = np.ascontiguousarray(blur(picture.astype(np.float32), 1.5))
    scale = unit(size)
    for length, count in ((7, 150), (4.5, 420)):
        at = rng.integers(0, size, (count, 2))
        tilt = rng.uniform(-22, 22, count)
        tones = np.clip(picture[at[:, 1], at[:, 0]] + rng.standard_normal((count, 3)) * .04, 0, 1)
        axes = (max(1, round(length * scale)), max(1, round(length * scale * .4)))
        for (cx, cy), angle, tone in zip(at.tolist(), tilt.tolist(), tones.tolist()):
            cv2.ellipse(out, (cx, cy), axes, angle, 0, 360, tone, -1, cv2.LINE_AA)
    return np.clip(out, 0, 1)


POLLOCK_INKS = [colour(*c).tolist() for c in ((13, 13, 13), (242, 242, 237), (191, 31, 26), (230, 178, 26), (31, 64, 128))]


def pollock(scene, rng):
    """Drips and threads of paint thrown over the canvas; the subject shows through."""
    size = scene.size
    canvas = behind(scene, flat(size, colour(224, 214, 191)), .5)
    picture = np.ascontiguousarray(over(canvas, scene.rgb, scene.mask * .92).astype(np.float32))
    scale, shift = unit(size), 4  # OpenCV takes sub-pixel points as integers with `shift` fraction bits
    for _ in range(20):
        path = np.cumsum(rng.standard_normal((12, 2)) * 10, 0) + rng.random(2) * 128
        points = np.round(path * scale * 2 ** shift).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(picture, [points], False, POLLOCK_INKS[rng.integers(5)], max(1, round(1.5 * scale)), cv2.LINE_AA, shift)
    for _ in range(46):
        centre = np.round(rng.random(2) * size * 2 ** shift).astype(int).tolist()
        radius = int((1.2 + rng.random() ** 3 * 4) * scale * 2 ** shift)
        cv2.circle(picture, centre, radius, POLLOCK_INKS[rng.integers(5)], -1, cv2.LINE_AA, shift)
    return np.clip(picture, 0, 1)


POP = np.stack([colour(*c) for c in ((250, 217, 26), (242, 51, 140), (26, 178, 217), (77, 204, 77), (250, 128, 26), (128, 64, 191))])


def warhol(scene, rng):
    """Four prints of one picture in loud colours."""
    size, half = scene.size, scene.size // 2
    other = size - half
    small = cv2.resize(scene.rgb, (other, other), interpolation=cv2.INTER_AREA)
    mask = cv2.resize(scene.mask, (other, other), interpolation=cv2.INTER_AREA)
    ground = None if scene.ground is None else luminance(cv2.resize(scene.ground, (other, other), interpolation=cv2.INTER_AREA))
    levels = np.digitize(luminance(small), [.3, .55, .8])
    order, out = rng.permutation(6), np.zeros((size, size, 3), np.float32)
    for k in range(4):
        back, ink = POP[order[k]], POP[order[(k + 2) % 6]]
        inks = np.stack([ink * .15, ink * .7, 1 - (1 - ink) * .5, colour(255, 250, 235)])
        field = flat(other, back) if ground is None else back * (.55 + .6 * np.digitize(ground, [.35, .65]) / 2)[..., None]
        tile = over(field, inks[levels], (mask > .5).astype(np.float32))
        y, x = (k // 2) * half, (k % 2) * half
        out[y:y + other, x:x + other] = np.clip(tile, 0, 1)
    return out


CRAYONS = np.stack([colour(*c) for c in ((230, 50, 40), (250, 150, 30), (252, 220, 60), (90, 180, 70), (60, 120, 210), (140, 80, 170),
                                         (120, 75, 45), (40, 40, 40), (250, 250, 245), (250, 190, 160))])


def children(scene, rng):
    """Wobbly wax crayon on white paper, grass below."""
    size = scene.size
    x, y = grid(size)
    wobble = noise(rng, size, 14, 1.6), noise(rng, size, 14, 1.6)
    mask = warp(scene.mask, *wobble, cv2.BORDER_CONSTANT)
    figure = to_palette(saturate(blur(warp(scene.rgb, *wobble), .8), 1.5), CRAYONS)
    wax = .5 + .5 * np.sin((x * .77 + y * .64) * .95 + noise(rng, size, 14, 1.2))
    cover = mask * np.clip(.5 + .6 * wax, 0, 1)
    paper = flat(size, (.98, .98, .97))
    if scene.ground is None:
        grass = over(paper, colour(110, 190, 80), np.clip(.45 + .55 * wax, 0, 1))
        paper = np.where((y > 110)[..., None], grass, paper)
    else:
        paper = over(paper, to_palette(saturate(scene.ground, 1.5), CRAYONS), .3 + .5 * wax)
    picture = over(paper, figure, cover)
    return np.clip(np.where(outline(mask, 2)[..., None], colour(50, 46, 52), picture), 0, 1).astype(np.float32)


def mosaic(scene, rng):
    """Square-ish stones with dark joints on a gold ground."""
    size = scene.size
    gold = np.stack([.82 + .08 * noise(rng, size, 12), .66 + .08 * noise(rng, size, 12), .22 + .05 * noise(rng, size, 12)], 2)
    picture = over(behind(scene, gold.astype(np.float32), .7), saturate(scene.rgb, 1.15), scene.mask)
    label, _ = cells(rng, size, 440, .45)
    stones = cell_means(picture, label) * (.9 + .2 * rng.random(label.max() + 1))[label][..., None].astype(np.float32)
    stones[cell_borders(label, .6)] *= .6
    return np.clip(stones, 0, 1)
