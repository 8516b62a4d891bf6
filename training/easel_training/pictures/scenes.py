"""What is in a picture (SceneSpec), and its drawing before any style (Scene)."""
import dataclasses

import cv2
import numpy as np

from . import grounds
from .canvas import luminance
from .subjects import all_subjects, sprite

COLOURS = {
    "red": (214, 40, 36), "orange": (244, 136, 32), "yellow": (248, 212, 48), "green": (64, 164, 72), "blue": (50, 104, 214),
    "purple": (134, 72, 190), "pink": (246, 134, 178), "brown": (130, 84, 48), "white": (244, 244, 246), "black": (48, 48, 54),
}
ACCESSORIES = {  # worn: (sprite, height of its centre and width, both relative to the head's width, how it is said)
    "sunglasses": ("sunglasses", -.06, .8, "wearing sunglasses"),
    "top hat": ("🎩", -.46, .56, "wearing a top hat"),
    "cowboy hat": ("cowboy hat", -.46, .98, "wearing a cowboy hat"),
    "crown": ("👑", -.46, .56, "wearing a crown"),
    "bike": ("🚲", 0, 0, "riding a bike"),
    "book": ("open book", 0, 0, "reading a book"),
}
RELATIONS = {  # (centre of the first, centre of the second), in canvas sides
    "left": ((.27, .54), (.73, .54)), "right": ((.73, .54), (.27, .54)), "above": ((.5, .27), (.5, .74)),
    "below": ((.5, .74), (.5, .27)), "behind": ((.6, .4), (.42, .62)),
}
SIZES = {"tiny": .34, "small": .5, "": .84, "big": .94, "huge": 1.04}
COUNTED = {2: ((.27, .5), (.73, .5)), 3: ((.5, .27), (.27, .73), (.73, .73)),
           4: ((.27, .27), (.73, .27), (.27, .73), (.73, .73))}


@dataclasses.dataclass(frozen=True)
class SceneSpec:
    """The content of a picture, in words that captions and labels use."""

    subject: str
    colour: str = ""
    size: str = ""
    count: int = 1
    accessory: str = ""
    other: str = ""  # a second subject
    relation: str = ""  # where the subject is, seen from the second one
    ground: str = ""  # "" leaves the background to the style


@dataclasses.dataclass
class Scene:
    """A drawn scene: straight colours, the subjects' coverage, and the ground if one was asked for."""

    rgb: np.ndarray  # [S, S, 3]
    mask: np.ndarray  # [S, S]
    ground: np.ndarray  # [S, S, 3], or None

    @property
    def size(self):
        return self.mask.shape[0]


class _Stage:
    """A transparent canvas on which sprites are placed."""

    def __init__(self, size):
        self.size = size
        self.rgba = np.zeros((size, size, 4), np.float32)

    def place(self, image, x, y, width, angle=0.0):
        """Puts a premultiplied sprite with its centre at (x, y), `width` wide (all in canvas sides)."""
        side = image.shape[0]
        scale = width * self.size / side
        if scale < .7:
            image = cv2.GaussianBlur(image, (0, 0), .4 / scale)
        matrix = cv2.getRotationMatrix2D((side / 2, side / 2), angle, scale)
        matrix[:, 2] += np.array([x, y]) * self.size - side / 2
        above = cv2.warpAffine(image, matrix, (self.size, self.size), flags=cv2.INTER_LINEAR)
        self.rgba = self.rgba * (1 - above[..., 3:]) + above

    def scene(self, ground):
        mask = np.clip(self.rgba[..., 3], 0, 1)
        rgb = np.clip(self.rgba[..., :3] / np.maximum(mask, 1e-3)[..., None], 0, 1)
        return Scene(np.ascontiguousarray(rgb, np.float32), mask, ground)


def tinted(image, name):
    """A sprite in one of COLOURS: its shading is kept, its hue replaced."""
    alpha = image[..., 3:]
    shade = luminance(image[..., :3] / np.maximum(alpha, 1e-3))[..., None]
    middle = float((shade * alpha).sum() / max(alpha.sum(), 1e-3))
    target = np.array(COLOURS[name], np.float32) / 255
    light = np.clip(shade / max(middle, .15), 0, 2.2)
    rgb = np.where(light <= 1, target * light, target + (1 - target) * (light - 1) * .7)
    return np.dstack([np.clip(rgb, 0, 1) * alpha, alpha]).astype(np.float32)


def draw(spec, rng, size, jitter=1.0):
    """Draws a spec on a canvas of `size` pixels.  `jitter` scales the small random moves of everything."""
    subjects = all_subjects()
    subject = subjects[spec.subject]
    ground = grounds.draw(spec.ground, rng, size) if spec.ground else None
    stage = _Stage(size)
    width = SIZES[spec.size] * (1 + .06 * jitter * rng.uniform(-1, 1))
    x, y = (.5 + .025 * jitter * rng.uniform(-1, 1, 2))
    angle = 5 * jitter * rng.uniform(-1, 1)
    image = subject.sprite(rng)
    if spec.colour:
        image = tinted(image, spec.colour)
    if spec.other:
        first, second = RELATIONS[spec.relation or "left"]
        stage.place(subjects[spec.other].sprite(rng), *second, .5 * width / .84, -angle)
        if spec.relation == "behind":  # the nearer one is painted last
            behind, stage = stage, _Stage(size)
            stage.place(image, *first, .62 * width / .84, angle)
            stage.rgba = stage.rgba * (1 - behind.rgba[..., 3:]) + behind.rgba
        else:
            stage.place(image, *first, .5 * width / .84, angle)
    elif spec.count > 1:
        for cx, cy in COUNTED[spec.count]:
            stage.place(image, cx, cy, .48 * width / .84, 5 * jitter * rng.uniform(-1, 1))
    elif spec.accessory == "bike":
        stage.place(sprite("🚲", rng), x, .7, .86 * width / .84)
        stage.place(image, x, .33, .52 * width / .84, angle)
    elif spec.accessory == "book":
        stage.place(image, x, y - .1, .76 * width / .84, angle)
        stage.place(sprite("open book", rng), x, .8, .6 * width / .84)
    elif spec.accessory:
        source, height, wide, _ = ACCESSORIES[spec.accessory]
        hat = height < -.2
        head = width * (.8 if hat else 1)
        y += .13 if hat else 0
        stage.place(image, x, y, head, angle)
        stage.place(sprite(source, rng), x, y + height * head, wide * head, angle)
    else:
        stage.place(image, x, y, width, angle)
    return stage.scene(ground)
