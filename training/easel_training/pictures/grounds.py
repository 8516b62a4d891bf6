"""What is behind the subjects: plain colours and small landscapes.  RGB float32 [S, S, 3]."""
import numpy as np

from .canvas import colour, disc, flat, grid, noise, over

PLAIN = {
    "white": (255, 255, 255), "black": (16, 16, 20), "red": (217, 51, 46), "blue": (64, 115, 217), "green": (90, 178, 90),
    "yellow": (250, 222, 90), "orange": (247, 153, 64), "purple": (140, 90, 191), "pink": (250, 178, 204), "gray": (153, 158, 166),
}


def plain(name, size):
    return flat(size, colour(*PLAIN[name]))


def _gradient(size, top, bottom, start=0.0, end=128.0):
    _, y = grid(size)
    t = np.clip((y - start) / (end - start), 0, 1)
    return over(flat(size, colour(*top)), flat(size, colour(*bottom)), t)


def _below(size, picture, horizon, rgb, shade=.12, rng=None):
    """Paints everything below a horizon (units) in one colour with soft streaks."""
    _, y = grid(size)
    land = flat(size, colour(*rgb)) * (1 + shade * np.sin(y / 4 + noise(rng, size, 40)))[..., None]
    return over(picture, np.clip(land, 0, 1), np.clip((y - horizon) * 2, 0, 1))


def beach(rng, size):
    """Blue sky, a strip of sea, sand."""
    picture = _gradient(size, (120, 200, 245), (200, 232, 250), 0, 70)
    picture = _below(size, picture, 64, (40, 140, 190), rng=rng)
    return _below(size, picture, 86, (240, 214, 150), .04, rng)


def night_sky(rng, size):
    """Dark blue with stars."""
    picture = _gradient(size, (10, 14, 44), (40, 44, 100))
    for _ in range(26):
        star = disc(size, rng.random() * 128, rng.random() * 128, 1.0 + 1.2 * rng.random())
        picture[star] = colour(255, 244, 200)
    return picture


def snow(rng, size):
    """Pale sky, white ground, flakes."""
    picture = _gradient(size, (176, 200, 222), (214, 226, 238))
    picture = _below(size, picture, 88, (246, 249, 253), .02, rng)
    for _ in range(30):
        picture[disc(size, rng.random() * 128, rng.random() * 128, 1.6)] = 1
    return picture


def forest(rng, size):
    """Rows of dark firs on a green ground."""
    picture = _gradient(size, (150, 200, 180), (190, 222, 190))
    x, y = grid(size)
    for row, (base, rgb) in enumerate(((84, (58, 120, 80)), (98, (36, 88, 56)))):
        for k in range(8):
            centre, top = k * 18 + row * 9 + rng.uniform(-4, 4), base - 52 + rng.uniform(-12, 12)
            tree = (y > top) & (y < base) & (abs(x - centre) < (y - top) * .24)
            picture[tree] = colour(*rgb)
    return _below(size, picture, 94, (84, 140, 66), .06, rng)


def sea(rng, size):
    """Sky over blue waves."""
    picture = _gradient(size, (170, 215, 245), (220, 236, 248), 0, 76)
    return _below(size, picture, 76, (36, 110, 176), .16, rng)


def desert(rng, size):
    """Yellow dunes under a pale sky."""
    picture = _gradient(size, (170, 214, 236), (250, 232, 190), 0, 80)
    x, y = grid(size)
    for k, rgb in enumerate(((236, 192, 110), (222, 168, 84))):
        dune = 78 + 20 * k + 8 * np.sin(x / (20 + 8 * k) + rng.random() * 6)
        picture = over(picture, flat(size, colour(*rgb)), np.clip((y - dune) * 2, 0, 1))
    return picture


def sunset(rng, size):
    """Purple to orange, with the sun on the horizon."""
    picture = _gradient(size, (92, 58, 130), (252, 150, 70), 0, 96)
    picture[disc(size, 64 + rng.uniform(-24, 24), 92, 20)] = colour(255, 226, 120)
    return _below(size, picture, 98, (84, 50, 84), .06, rng)


def storm(rng, size):
    """Dark clouds, lightning, and grey waves."""
    picture = _gradient(size, (52, 56, 74), (112, 118, 134), 0, 84)
    clouds = np.clip(.5 + .5 * noise(rng, size, 30), 0, 1)
    picture = over(picture, flat(size, colour(38, 40, 54)), .6 * clouds)
    x, y = grid(size)
    at, bend = rng.uniform(16, 112), rng.uniform(-.5, .5)
    path = at + bend * y + 7 * np.sign(np.sin(y / 6))
    picture[(abs(x - path) < 1.7) & (y < 70)] = colour(255, 246, 190)
    wave = 84 + 7 * np.sin(x / 9 + rng.random() * 6)
    sea_colour = flat(size, colour(38, 74, 104)) * (1 + .22 * np.sin(y / 3.5 + 2 * np.sin(x / 9)))[..., None]
    return over(picture, np.clip(sea_colour, 0, 1), np.clip((y - wave) * 2, 0, 1)).astype(np.float32)


def city(rng, size):
    """Grey-blue towers at the back, a street in front."""
    picture = _gradient(size, (188, 212, 234), (226, 234, 240))
    x, y = grid(size)
    for k in range(9):
        top, left = rng.uniform(24, 70), k * 15 - 4
        picture[(x > left) & (x < left + 14) & (y > top)] = colour(*((118, 132, 158) if k % 2 else (146, 158, 180)))
    return _below(size, picture, 100, (104, 106, 112), .02, rng)


def room(rng, size):
    """A wall, a window, a wooden floor."""
    picture = flat(size, colour(236, 218, 196))
    x, y = grid(size)
    at = rng.uniform(8, 76)
    window = (x > at) & (x < at + 40) & (y > 12) & (y < 56)
    picture[window] = colour(255, 255, 255)
    for dx in (2, 21):
        picture[(x > at + dx) & (x < at + dx + 17) & (y > 14) & (y < 54)] = colour(150, 206, 240)
    return _below(size, picture, 92, (164, 112, 70), .08, rng)


PLACES = {  # ground: (drawing, ways to say it)
    "beach": (beach, ("on a beach", "at the beach")), "night": (night_sky, ("under a starry night sky", "at night")),
    "snow": (snow, ("in the snow",)), "forest": (forest, ("in a forest", "in the woods")), "sea": (sea, ("at sea", "on the sea")),
    "desert": (desert, ("in the desert",)), "sunset": (sunset, ("at sunset",)), "storm": (storm, ("in a storm", "at sea in a storm")),
    "city": (city, ("in a city", "in a street")), "room": (room, ("in a room",)),
}


def draw(name, rng, size):
    """A ground by name: one of PLAIN's colours or of PLACES."""
    return plain(name, size) if name in PLAIN else PLACES[name][0](rng, size).astype(np.float32)
