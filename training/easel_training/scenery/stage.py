"""Draws a spec: sprites on a transparent canvas, the ground behind them.  Only the box that a sprite covers is touched."""
import cv2
import numpy as np

from ..pictures.canvas import luminance
from ..pictures.scenes import Scene
from ..sprites.subjects import all_subjects, thing
from . import places
from .names import BACKDROPS, COLOURS

WORN = {  # (source, height of its centre, width; relative to the head's width)
    "sunglasses": ("sunglasses", -.06, .8), "top hat": ("🎩", -.46, .56), "cowboy hat": ("cowboy hat", -.46, .98), "crown": ("👑", -.46, .56),
}
USUAL = .8  # width of a lone subject, in canvas sides
SCALE = {"tiny": .36, "small": .58, "": 1.0, "big": 1.14, "huge": 1.3}
COUNTED = {  # [(width, ((x, y), ...)), ...]: the arrangements of so many
    2: ((.46, ((.27, .52), (.73, .52))), (.46, ((.3, .36), (.7, .66))), (.44, ((.3, .64), (.7, .38)))),
    3: ((.32, ((.18, .55), (.5, .55), (.82, .55))), (.42, ((.5, .28), (.27, .72), (.73, .72))), (.42, ((.27, .28), (.73, .28), (.5, .72)))),
    4: ((.42, ((.27, .28), (.73, .28), (.27, .73), (.73, .73))), (.36, ((.5, .2), (.2, .5), (.8, .5), (.5, .8)))),
    5: ((.32, ((.22, .24), (.78, .24), (.5, .5), (.22, .77), (.78, .77))), (.31, ((.18, .33), (.5, .28), (.82, .33), (.33, .7), (.67, .7)))),
}


class Canvas:
    """Premultiplied RGBA float32 on which sprites are placed; lengths in canvas sides."""

    def __init__(self, size):
        self.size, self.rgba = size, np.zeros((size, size, 4), np.float32)
        self.feet = []  # (x, bottom, width) of what stands on the ground

    def place(self, image, x, y, width, angle=0.0, flip=False):
        """Puts a sprite (uint8, premultiplied, square) with its centre at (x, y)."""
        side = max(2, round(width * self.size))
        small = cv2.resize(image[:, ::-1] if flip else image, (side, side), interpolation=cv2.INTER_AREA if side < image.shape[0] else cv2.INTER_LINEAR)
        if angle:
            edge = side // 8 + 2  # a turned square needs room
            small = cv2.copyMakeBorder(small, edge, edge, edge, edge, cv2.BORDER_CONSTANT)
            side = small.shape[0]
            small = cv2.warpAffine(small, cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), angle, 1), (side, side), flags=cv2.INTER_LINEAR)
        left, top = round(x * self.size - side / 2), round(y * self.size - side / 2)
        x0, y0, x1, y1 = max(0, left), max(0, top), min(self.size, left + side), min(self.size, top + side)
        if x0 < x1 and y0 < y1:
            above = small[y0 - top:y1 - top, x0 - left:x1 - left].astype(np.float32) / 255
            box = self.rgba[y0:y1, x0:x1]
            box *= 1 - above[..., 3:]
            box += above
        self.feet.append((x, y + width / 2, width))

    def over(self, ground):
        """The canvas on an opaque ground."""
        return ground * (1 - self.rgba[..., 3:]) + self.rgba[..., :3]


def tinted(image, name):
    """A sprite (uint8, premultiplied) in one of COLOURS: its shading is kept, its hue replaced."""
    rgba = image.astype(np.float32) / 255
    alpha = rgba[..., 3:]
    shade = luminance(rgba[..., :3] / np.maximum(alpha, 1e-3))[..., None]
    middle = float((shade * alpha).sum() / max(alpha.sum(), 1e-3))
    target = np.array(COLOURS[name], np.float32) / 255
    light = np.clip(shade / max(middle, .15), 0, 2.2)
    rgb = np.where(light <= 1, target * light, target + (1 - target) * (light - 1) * .7)
    return np.round(np.dstack([np.clip(rgb, 0, 1) * alpha, alpha]) * 255).astype(np.uint8)


class _Drawing:
    """One spec on its way to a Scene."""

    def __init__(self, spec, rng, size):
        self.spec, self.rng, self.canvas = spec, rng, Canvas(size)
        self.standing = spec.ground in places.PLACES and places.PLACES[spec.ground].stands
        self.floor = .9  # where what stands has its feet

    def jitter(self, amount):
        return amount * float(self.rng.uniform(-1, 1))

    def image(self, key, usual=False):
        image = all_subjects()[key].sprite(self.spec.hand, self.rng, usual)
        return tinted(image, self.spec.colour) if self.spec.colour and key == self.spec.subject else image

    def put(self, image, x, y, width, flip=None):
        self.canvas.place(image, x, y, width, self.jitter(6), bool(self.rng.random() < .5) if flip is None else flip)

    def alone(self):
        width = min(1.02, USUAL * (.84 if self.standing else 1) * SCALE[self.spec.size] * (1 + self.jitter(.09)))
        x = .5 + self.jitter(.06 + .3 * max(0, .7 - width))
        y = min(.52 + self.jitter(.05), self.floor - width / 2 + .02) if not self.standing else self.floor - width / 2 + self.jitter(.02)
        self.put(self.image(self.spec.subject), x, y, width)

    def counted(self):
        arrangements = COUNTED[self.spec.count]
        width, spots = arrangements[int(self.rng.integers(len(arrangements)))]
        image = self.image(self.spec.subject)
        for x, y in spots:
            self.put(image, x + self.jitter(.025), y + self.jitter(.025), width * (1 + self.jitter(.08)))

    def pair(self):
        relation, first, second = self.spec.relation or "left", self.image(self.spec.subject), self.image(self.spec.other)
        if relation in ("right", "below", "behind"):  # drawn as the other one's "left", "above", "before"
            first, second = second, first
        if relation in ("left", "right"):
            wide, narrow = .46 * (1 + self.jitter(.08)), .44 * (1 + self.jitter(.1))
            floor = self.floor if self.standing else .74 + self.jitter(.05)
            self.put(first, .26 + self.jitter(.02), floor - wide / 2, wide)
            self.put(second, .74 + self.jitter(.02), floor - narrow / 2, narrow)
        elif relation in ("above", "below"):
            x = .5 + self.jitter(.06)
            self.put(second, x + self.jitter(.03), .73, .46 * (1 + self.jitter(.06)))
            self.put(first, x + self.jitter(.03), .27, .46 * (1 + self.jitter(.06)))
        else:
            side = 1 if self.rng.random() < .5 else -1
            self.put(second, .5 + .13 * side, .4 + self.jitter(.02), .6 * (1 + self.jitter(.05)))
            self.put(first, .5 - .14 * side, self.floor - .25 + self.jitter(.02), .5 * (1 + self.jitter(.05)))

    def with_accessory(self):
        spec, rng = self.spec, self.rng
        head, x, width = self.image(spec.subject, usual=True), .5 + self.jitter(.04), .8 * (1 + self.jitter(.08))
        if spec.accessory == "bike":
            self.canvas.place(thing("🚲", spec.hand, rng), x, .69, .84 * width / .8, self.jitter(3))
            self.canvas.place(head, x, .32, .5 * width / .8, self.jitter(5))
            return
        if spec.accessory == "book":
            self.canvas.place(head, x, .41, .72 * width / .8, self.jitter(5))
            self.canvas.place(thing("open book", spec.hand, rng), x, .79, .58 * width / .8, self.jitter(3))
            return
        source, height, wide = WORN[spec.accessory]
        hat = height < -.2
        width, y, angle = width * (.82 if hat else 1), .5 + (.12 if hat else 0) + self.jitter(.02), self.jitter(5)
        self.canvas.place(head, x, y, width, angle)
        self.canvas.place(thing(source, spec.hand, rng), x, y + height * width, wide * width, angle)

    def scene(self):
        spec = self.spec
        ground = None
        if spec.ground in BACKDROPS:
            ground = np.tile(np.array(BACKDROPS[spec.ground], np.float32) / 255, (self.canvas.size, self.canvas.size, 1))
        elif spec.ground:
            ground, self.floor = places.draw(spec.ground, spec.hand, self.rng, self.canvas.size, Canvas)
        if spec.other:
            self.pair()
        elif spec.count > 1:
            self.counted()
        elif spec.accessory:
            self.with_accessory()
        else:
            self.alone()
        if self.standing and spec.count == 1 and spec.relation not in ("above", "below"):
            ground = places.with_shadows(ground, self.canvas.feet[:2])
        mask = np.clip(self.canvas.rgba[..., 3], 0, 1)
        rgb = np.clip(self.canvas.rgba[..., :3] / np.maximum(mask, 1e-3)[..., None], 0, 1)
        return Scene(np.ascontiguousarray(rgb), mask, ground)


def draw(spec, rng, size):
    """The Scene of a spec on a canvas of `size` pixels."""
    return _Drawing(spec, rng, size).scene()
