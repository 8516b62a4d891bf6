"""Places in three depths: a sky, something far, a near ground with props by the same hand.  RGB float32 [S, S, 3]."""
import dataclasses

import cv2
import numpy as np

from ..sprites.subjects import thing


@dataclasses.dataclass(frozen=True)
class Place:
    """How a place is drawn; colours RGB 0..255, heights in canvas sides."""

    sky: tuple  # (top, bottom)
    near: tuple  # (at the horizon, in front)
    horizon: tuple = (.52, .64)
    far: tuple = ()  # colours of hills, dunes or waves behind the horizon, the farthest first
    rough: float = .03  # how much their edges rise and fall
    far_props: str = ""  # characters that stand on the horizon, small
    near_props: str = ""  # at the lower corners, large
    sky_props: str = ""
    extras: tuple = ()
    stands: bool = True  # whether subjects stand on the ground


PLACES = {
    "beach": Place(((110, 195, 245), (205, 236, 250)), ((250, 230, 170), (232, 200, 130)), (.5, .6), ((52, 150, 200),), .004, "⛵", "🌴⛱🐚", "☁☀"),
    "night": Place(((8, 12, 40), (44, 50, 110)), ((30, 44, 60), (18, 28, 40)), (.66, .8), ((24, 32, 70),), .05, "🏠🌲", "🌲", "🌙", ("stars",)),
    "snow": Place(((165, 195, 222), (218, 230, 240)), ((238, 244, 250), (250, 252, 255)), (.55, .68), ((196, 212, 230),), .05, "🌲🏠", "🌲⛄", "☁", ("flakes",)),
    "forest": Place(((140, 196, 176), (196, 226, 190)), ((96, 150, 72), (60, 110, 50)), (.6, .7), ((70, 130, 90), (50, 104, 70)), .06, "🌲🌳🌲🌲", "🌲🌳🍄"),
    "sea": Place(((150, 208, 245), (222, 238, 250)), ((46, 128, 190), (24, 86, 150)), (.5, .62), (), .0, "⛵🏝", "", "☁☀", ("waves",)),
    "desert": Place(((150, 206, 236), (252, 234, 196)), ((232, 184, 104), (214, 156, 76)), (.5, .62), ((240, 202, 130),), .07, "🌵", "🌵", "☀"),
    "sunset": Place(((88, 56, 130), (254, 156, 76)), ((96, 58, 86), (58, 36, 64)), (.66, .76), ((150, 80, 100),), .05, "", "", "", ("low sun",)),
    "storm": Place(((40, 44, 62), (112, 118, 134)), ((44, 82, 112), (26, 54, 82)), (.56, .68), (), .0, "", "", "☁", ("lightning", "waves", "rain")),
    "city": Place(((176, 206, 234), (228, 236, 242)), ((122, 124, 130), (92, 94, 100)), (.7, .78), (), .0, "🏢🏠🏢🏫🏢", "🚦", "☁", ("towers",)),
    "room": Place(((240, 222, 198), (232, 210, 182)), ((176, 122, 78), (150, 98, 58)), (.7, .78), (), .0, "🛋🪑", "🪴", "", ("window",)),
    "meadow": Place(((130, 200, 245), (214, 238, 250)), ((140, 200, 90), (94, 160, 60)), (.54, .66), ((150, 196, 130),), .05, "🌳🏠🌳", "🌼🌷🌻", "☁☀"),
    "mountains": Place(((140, 190, 235), (220, 234, 244)), ((120, 160, 96), (84, 124, 70)), (.6, .7), ((150, 166, 190), (112, 134, 150)), .16, "🏔⛰", "🌲", "☁"),
    "underwater": Place(((60, 170, 210), (16, 80, 140)), ((200, 186, 130), (160, 146, 100)), (.8, .88), ((20, 100, 130),), .04, "", "🐚🪸", "🐠🐟", ("bubbles",), False),
    "space": Place(((8, 8, 24), (30, 20, 60)), ((30, 20, 60), (30, 20, 60)), (1.1, 1.2), (), .0, "", "", "🪐🌍🌕", ("stars",), False),
    "rain": Place(((120, 132, 148), (180, 188, 196)), ((104, 124, 104), (80, 100, 88)), (.6, .7), ((128, 142, 140),), .04, "🏠🌳", "", "☁🌧", ("rain",)),
}


def _ramp(top, bottom, count):
    """[count, 3] colours from top to bottom, 0..1."""
    t = np.linspace(0, 1, max(1, count), dtype=np.float32)[:, None]
    return (np.array(top, np.float32) * (1 - t) + np.array(bottom, np.float32) * t) / 255


def _edge(rng, size, height, rough):
    """Heights [S] of a rolling line."""
    x = np.linspace(0, 1, size, dtype=np.float32)
    waves = sum(np.sin(x * f + rng.random() * 6.3) / k for k, f in ((1, 5), (2, 11), (4, 23))) / 1.75
    return (height - rough * (.5 + .5 * waves)) * size


def _below(picture, edge, colours):
    """Paints everything under a line [S] with a column of colours."""
    size = picture.shape[0]
    cover = np.clip(np.arange(size, dtype=np.float32)[:, None] - edge[None], 0, 1)[..., None]
    return picture * (1 - cover) + colours[:, None] * cover


def _stars(rng, picture):
    size = picture.shape[0]
    for _ in range(34):
        at = (rng.random(2) * size).astype(int).tolist()
        cv2.circle(picture, at, int(rng.integers(1, 3)), (1, .96, .8), -1, cv2.LINE_AA)


def _flakes(rng, picture):
    size = picture.shape[0]
    for _ in range(42):
        cv2.circle(picture, (rng.random(2) * size).astype(int).tolist(), int(rng.integers(2, 5)), (1, 1, 1), -1, cv2.LINE_AA)


def _rain(rng, picture):
    size = picture.shape[0]
    for _ in range(60):
        x, y = (rng.random(2) * size).astype(int).tolist()
        cv2.line(picture, (x, y), (x - 5, y + 16), (.82, .88, .95), 1, cv2.LINE_AA)


def _waves(rng, picture):
    size = picture.shape[0]
    for y in range(int(size * .62), size, 16):
        x = np.arange(0, size + 8, 8)
        line = np.stack([x, y + 3 * np.sin(x / 10 + rng.random() * 6)], 1).round().astype(np.int32)
        tone = np.clip(picture[min(size - 1, y), size // 2] * 1.25 + .05, 0, 1).tolist()
        cv2.polylines(picture, [line.reshape(-1, 1, 2)], False, tone, 3, cv2.LINE_AA)


def _lightning(rng, picture):
    size = picture.shape[0]
    y = np.linspace(0, .55, 7) * size
    x = (rng.uniform(.12, .88) + np.cumsum(rng.uniform(-.06, .06, 7))) * size
    cv2.polylines(picture, [np.stack([x, y], 1).astype(np.int32).reshape(-1, 1, 2)], False, (1, .97, .72), 4, cv2.LINE_AA)


def _low_sun(rng, picture):
    size = picture.shape[0]
    cv2.circle(picture, (int(size * rng.uniform(.2, .8)), int(size * rng.uniform(.5, .64))), int(size * .14), (1, .88, .46), -1, cv2.LINE_AA)


def _towers(rng, picture):
    size = picture.shape[0]
    for left in range(-8, size, 28):
        top, tone = int(size * rng.uniform(.24, .55)), .56 + .14 * rng.random()
        cv2.rectangle(picture, (left, top), (left + 26, size), (tone * .86, tone * .95, tone * 1.1), -1)
        for y in range(top + 8, int(size * .72), 16):
            for x in range(left + 5, left + 22, 8):
                cv2.rectangle(picture, (x, y), (x + 3, y + 6), (.97, .93, .7) if rng.random() < .4 else (.4, .46, .56), -1)


def _window(rng, picture):
    size = picture.shape[0]
    x, y, w = int(size * rng.uniform(.06, .58)), int(size * .1), int(size * .34)
    cv2.rectangle(picture, (x, y), (x + w, y + w), (1, 1, 1), -1)
    for dx in (5, w // 2 + 3):
        cv2.rectangle(picture, (x + dx, y + 5), (x + dx + w // 2 - 8, y + w - 5), (.6, .82, .96), -1)


def _bubbles(rng, picture):
    size = picture.shape[0]
    for _ in range(16):
        cv2.circle(picture, (rng.random(2) * size).astype(int).tolist(), int(rng.integers(3, 9)), (.75, .93, .98), 1, cv2.LINE_AA)


BEHIND = {"stars": _stars, "low sun": _low_sun, "towers": _towers, "window": _window, "lightning": _lightning}
BEFORE = {"waves": _waves, "flakes": _flakes, "rain": _rain, "bubbles": _bubbles}


def draw(name, hand, rng, size, canvas):
    """(the place, where the feet of what stands in it are); `canvas` is stage.Canvas."""
    place = PLACES[name]
    horizon = rng.uniform(*place.horizon)
    picture = np.repeat(_ramp(*place.sky, size)[:, None], size, 1)
    for extra in place.extras:
        if extra in BEHIND:
            BEHIND[extra](rng, picture)
    picture = _with_props(picture, canvas(size), hand, rng, place.sky_props, lambda: (rng.random(), rng.uniform(.08, .26), rng.uniform(.1, .22)), .7)
    for k, tone in enumerate(place.far):
        picture = _below(picture, _edge(rng, size, horizon - .02 + .03 * k, place.rough), _ramp(tone, np.array(tone) * .9, size))
    stand = lambda low, high: (lambda width: (rng.random(), horizon + .02 - width / 2, width))(rng.uniform(low, high))
    picture = _with_props(picture, canvas(size), hand, rng, place.far_props, lambda: stand(.1, .22), .8, fade=.3)
    picture = _below(picture, _edge(rng, size, horizon, .3 * place.rough), _ramp(*place.near, size))
    corner = lambda: (rng.choice((.06, .94)) + rng.uniform(-.05, .05), rng.uniform(.8, .9), rng.uniform(.16, .32))
    picture = np.ascontiguousarray(_with_props(picture, canvas(size), hand, rng, place.near_props, corner, .6))
    for extra in place.extras:
        if extra in BEFORE:
            BEFORE[extra](rng, picture)
    return picture.astype(np.float32), rng.uniform(.86, .94)


def _with_props(picture, layer, hand, rng, characters, where, chance, fade=0.0):
    """Some of the characters, each once; `fade` lets far ones take the air's colour."""
    for character in characters:
        if rng.random() < chance:
            layer.place(thing(character, hand, rng), *where())
    if not layer.feet:
        return picture
    layer.rgba *= 1 - fade
    return layer.over(picture)


def with_shadows(ground, feet):
    """Soft contact shadows under what stands: [(x, bottom, width)] in canvas sides."""
    size, dark = ground.shape[0], np.zeros(ground.shape[:2], np.float32)
    for x, bottom, width in feet:
        centre = (int(x * size), int((bottom - .015) * size))
        cv2.ellipse(dark, centre, (max(1, int(width * .4 * size)), max(1, int(width * .07 * size))), 0, 0, 360, .42, -1, cv2.LINE_AA)
    return ground * (1 - cv2.GaussianBlur(dark, (0, 0), size / 64))[..., None]
