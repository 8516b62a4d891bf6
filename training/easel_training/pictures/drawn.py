"""Sprites that the emoji font lacks, drawn here as vector shapes in unit coordinates.

Each function takes a random generator (some drawings vary) and returns a premultiplied RGBA sprite.
"""
import cv2
import numpy as np

from .glyphs import squared

SIDE = 192  # pixels of a finished sprite
OVERSAMPLING = 2


class Sketch:
    """A transparent square; points are (x, y) in 0..1, y downwards; colours are 0..255 RGB."""

    def __init__(self):
        self.side = SIDE * OVERSAMPLING
        self.rgba = np.zeros((self.side, self.side, 4), np.float32)

    def _fill(self, mask, colour):
        alpha = (mask > 0).astype(np.float32)[..., None]
        paint = np.append(np.asarray(colour, np.float32) / 255, 1).astype(np.float32)
        self.rgba = self.rgba * (1 - alpha) + paint * alpha

    def _mask(self):
        return np.zeros((self.side, self.side), np.uint8)

    def _px(self, points):
        return np.round(np.asarray(points, np.float64) * self.side).astype(np.int32)

    def polygon(self, points, colour):
        mask = self._mask()
        cv2.fillPoly(mask, [self._px(points)], 255)
        self._fill(mask, colour)

    def ellipse(self, x, y, rx, ry, colour, start=0, end=360, angle=0):
        mask = self._mask()
        cv2.ellipse(mask, tuple(self._px((x, y)).tolist()), tuple(self._px((rx, ry)).tolist()), angle, start, end, 255, -1)
        self._fill(mask, colour)

    def rectangle(self, x0, y0, x1, y1, colour):
        self.polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], colour)

    def line(self, points, colour, width):
        mask = self._mask()
        cv2.polylines(mask, [self._px(points).reshape(-1, 1, 2)], False, 255, max(1, round(width * self.side)))
        self._fill(mask, colour)

    def sprite(self):
        return squared(cv2.resize(self.rgba, (SIDE, SIDE), interpolation=cv2.INTER_AREA))


def eiffel_tower(rng):
    """An iron tower: four legs, two floors, a lattice, a spire."""
    s, iron, dark = Sketch(), (121, 96, 72), (84, 64, 46)
    s.line([(.5, .02), (.5, .2)], dark, .02)
    edge = [(.485, .12), (.46, .32), (.43, .5), (.37, .68), (.2, .97)]
    mirror = [(1 - x, y) for x, y in edge]
    s.polygon(edge + [(.36, .97), (.42, .84), (.5, .78), (.58, .84), (.64, .97)] + mirror[::-1], iron)
    for (x0, y0), (x1, y1) in zip(edge[1:-1], edge[2:]):
        for k in range(2):
            t0, t1 = k / 2, (k + 1) / 2
            xa, ya, xb, yb = x0 + (x1 - x0) * t0, y0 + (y1 - y0) * t0, x0 + (x1 - x0) * t1, y0 + (y1 - y0) * t1
            if yb < .8:
                s.line([(xa, ya), (1 - xb, yb)], dark, .012)
                s.line([(1 - xa, ya), (xb, yb)], dark, .012)
    s.rectangle(.4, .48, .6, .52, dark)
    s.rectangle(.32, .67, .68, .72, dark)
    return s.sprite()


def submarine(rng):
    """A yellow submarine with a tower, a periscope, portholes and a propeller."""
    s, hull, shade, dark = Sketch(), (246, 196, 40), (214, 150, 24), (54, 58, 66)
    s.line([(.5, .3), (.5, .12), (.6, .12)], dark, .03)
    s.polygon([(.38, .46), (.42, .28), (.64, .28), (.68, .46)], shade)
    s.polygon([(.1, .4), (.22, .56), (.1, .74)], (200, 60, 44))
    s.ellipse(.52, .57, .4, .19, hull)
    s.ellipse(.52, .57, .4, .19, shade, 0, 180)
    s.ellipse(.52, .57, .39, .1, hull, 0, 180)
    for x in (.36, .54, .72):
        s.ellipse(x, .56, .065, .065, dark)
        s.ellipse(x, .56, .043, .043, (150, 220, 240))
    return s.sprite()


def pug(rng):
    """A pug's face: fawn, wide, with a black mask and folded black ears."""
    s, fawn, black, fold = Sketch(), (222, 184, 135), (48, 40, 38), (180, 138, 94)
    s.ellipse(.5, .53, .42, .38, fawn)
    s.polygon([(.1, .2), (.36, .17), (.2, .46), (.08, .44)], black)
    s.polygon([(.9, .2), (.64, .17), (.8, .46), (.92, .44)], black)
    s.ellipse(.5, .68, .26, .2, black)
    for y, w in ((.25, .1), (.31, .16)):
        s.line([(.5 - w, y + .03), (.5, y), (.5 + w, y + .03)], fold, .022)
    for x in (.29, .71):
        s.ellipse(x, .49, .1, .1, (255, 250, 240))
        s.ellipse(x, .49, .075, .08, (40, 26, 20))
        s.ellipse(x + .025, .465, .022, .022, (255, 255, 255))
    s.ellipse(.5, .585, .07, .045, (16, 14, 14))
    s.line([(.5, .62), (.5, .71), (.38, .75)], (16, 14, 14), .02)
    s.line([(.5, .71), (.62, .75)], (16, 14, 14), .02)
    s.ellipse(.5, .79, .07, .07, (236, 110, 120))
    return s.sprite()


def cowboy_hat(rng):
    """A brown hat with a curled brim and a dented crown."""
    s, leather, dark = Sketch(), (150, 95, 50), (96, 56, 26)
    s.polygon([(.26, .64), (.3, .3), (.4, .24), (.5, .32), (.6, .24), (.7, .3), (.74, .64)], leather)
    s.rectangle(.26, .55, .74, .63, dark)
    s.polygon([(.01, .5), (.1, .62), (.28, .62), (.5, .65), (.72, .62), (.9, .62), (.99, .5), (.95, .68), (.8, .77),
               (.5, .8), (.2, .77), (.05, .68)], leather)
    return s.sprite()


def mountain_range(rng):
    """Three to four blue-grey peaks with snow on top."""
    s = Sketch()
    peaks = sorted(((.24, .34, .2), (.8, .3, .22), (.5, .1, .3)), key=lambda p: -p[1])
    for x, y, half in peaks:
        x, y = x + rng.uniform(-.04, .04), y + rng.uniform(-.03, .05)
        slope = (.9 - y) / half * .62
        left, right = x - (.9 - y) / slope, x + (.9 - y) / slope
        s.polygon([(x, y), (max(0, left), .9), (min(1, right), .9)], (104, 116, 140))
        s.polygon([(x, y), (x + .02, .9), (min(1, right), .9)], (74, 84, 108))
        snow = .4 * (.9 - y)
        dx = snow / slope
        s.polygon([(x, y), (x - dx, y + snow), (x - dx * .45, y + snow * .72), (x, y + snow * 1.1),
                   (x + dx * .5, y + snow * .72), (x + dx, y + snow)], (250, 252, 255))
    return s.sprite()


def city_skyline(rng):
    """A row of dark towers with lit windows."""
    s, x = Sketch(), .0
    heights = [.5, .3, .62, .2, .42, .12, .36, .55]
    shift = int(rng.integers(8))
    for i in range(8):
        width, top = .125, heights[(i + shift) % 8] + rng.uniform(-.04, .04)
        shade = (44, 48, 72) if i % 2 else (62, 66, 96)
        s.rectangle(x, max(.04, top), x + width, .95, shade)
        if i % 3 == 1:
            s.line([(x + width / 2, max(.04, top)), (x + width / 2, max(.0, top - .1))], shade, .015)
        for row in np.arange(max(.04, top) + .05, .9, .1):
            for column in (.25, .62):
                if rng.random() < .75:
                    s.rectangle(x + width * column, row, x + width * (column + .2), row + .045, (255, 214, 110))
        x += width
    return s.sprite()


def open_book(rng):
    """An open book, seen from the front, with a red cover."""
    s = Sketch()
    s.polygon([(.02, .3), (.5, .38), (.98, .3), (.98, .82), (.5, .9), (.02, .82)], (176, 42, 40))
    s.polygon([(.06, .26), (.5, .36), (.5, .84), (.06, .76)], (250, 246, 232))
    s.polygon([(.94, .26), (.5, .36), (.5, .84), (.94, .76)], (236, 228, 206))
    for k in range(4):
        y = .38 + .09 * k
        s.line([(.13, y), (.43, y + .06)], (150, 140, 124), .018)
        s.line([(.57, y + .06), (.87, y)], (150, 140, 124), .018)
    return s.sprite()


def sunglasses(rng):
    """Dark sunglasses, seen from the front."""
    s, black = Sketch(), (18, 18, 22)
    s.rectangle(.02, .36, .98, .44, black)
    for x in (.27, .73):
        s.ellipse(x, .47, .22, .17, black)
        s.line([(x - .1, .5), (x + .0, .38)], (110, 120, 140), .03)
    return s.sprite()


DRAWINGS = {
    "eiffel tower": eiffel_tower, "submarine": submarine, "pug": pug, "cowboy hat": cowboy_hat,
    "mountain range": mountain_range, "city skyline": city_skyline, "open book": open_book, "sunglasses": sunglasses,
}
VARYING = {"mountain range", "city skyline"}  # drawings that use their generator
