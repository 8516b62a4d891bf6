"""Drawing hands: sets of emoji drawings from npm, rendered once by librsvg into one .npz a hand.

Six hands may be trained on; `openmoji` and `emojione-v1` are share-alike and only ever teach the judge.  Packages and exact
versions: training/sprites/package-lock.json; licences: NOTICE.  A cache holds RGBA uint8 [256, 256, 4] under the
character's code point, premultiplied, cut to its ink and centred.
"""
import dataclasses
import functools
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import unicodedata

import cv2
import numpy as np

from .. import config as configs
from ..files import atomic
from ..pictures.names import MissingResource, cldr
from ..pictures.subjects import pictorial_emoji

LOCK = os.path.join(configs.REPOSITORY, "training", "sprites")
SIDE = 256


@dataclasses.dataclass(frozen=True)
class Hand:
    """One set of drawings: its package, its share of the pictures, what a caption may call it."""

    key: str
    package: str
    share: float
    words: tuple = ()


HANDS = {hand.key: hand for hand in (
    Hand("noto", "noto", .35, ("shaded", "softly shaded")),
    Hand("twemoji", "twemoji", .25, ("flat", "flat colours", "in flat colors")),
    Hand("fluent", "fluent-emoji", .10, ("3-D", "3D, glossy", "glossy")),
    Hand("fluent-flat", "fluent-emoji-flat", .05, ("simple flat", "minimal flat")),
    Hand("emojione", "emojione", .10, ("bright clip art", "cartoon")),
    Hand("noto-v1", "noto-v1", .10, ("old clip art", "retro clip art")),
    Hand("fxemoji", "fxemoji", .05, ("soft clip art", "rounded clip art")),
)}
JUDGES_HANDS = {hand.key: hand for hand in (Hand("openmoji", "openmoji", .6), Hand("emojione-v1", "emojione-v1", .4))}
FALLBACK = {"fluent": "fluent-flat"}  # where librsvg cannot draw an icon of the first


def folder():
    return os.path.join(configs.state_folder(), "sprites")


def install():
    """Fetches the packages of the lock file with npm, where they are not there yet."""
    target = folder()
    os.makedirs(target, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(os.path.join(LOCK, name), target)
    if all(os.path.exists(_package(hand, "icons.json")) for hand in (*HANDS.values(), *JUDGES_HANDS.values())):
        return
    if not shutil.which("npm"):
        raise MissingResource("npm is missing: install Debian's npm")
    done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=target, capture_output=True, text=True)
    if done.returncode:
        raise MissingResource(f"npm ci failed in {target}: {done.stderr.strip().splitlines()[-1:]}")


def _package(hand, file):
    return os.path.join(folder(), "node_modules", "@iconify-json", hand.package, file)


def _read(hand, file):
    with open(_package(hand, file), encoding="utf-8") as source:
        return json.load(source)


def slug(name):
    """A name as icon packages spell it: "woman’s hat" -> "womans-hat"."""
    return re.sub(r"[^a-z0-9]+", "-", re.sub("[’'&]", "", name.lower())).strip("-")


def _spoken_names():
    """{character: slugs of all names that the packages with code points, CLDR and Unicode have for it}."""
    out, annotations = {c: {slug(unicodedata.name(c, ""))} for c in pictorial_emoji()}, cldr()
    codes = []
    for key in ("noto", "twemoji", "fluent-flat"):
        codes.append({code.replace("-fe0f", ""): name for code, name in _read(HANDS[key], "chars.json").items()})
    for character, names in out.items():
        if character in annotations:
            names.add(slug(annotations[character][0]))
        names.update(code[f"{ord(character):x}"] for code in codes if f"{ord(character):x}" in code)
    return out


def icons(hand):
    """{character: SVG text} of the pictorial emoji that a hand has drawn."""
    source, out = _read(hand, "icons.json"), {}
    bodies, aliases = source["icons"], source.get("aliases", {})
    plain = {name.replace("-", ""): name for name in bodies}  # fxemoji runs words together
    codes = {code.replace("-fe0f", ""): name for code, name in _read(hand, "chars.json").items()}
    for character, names in _spoken_names().items():
        found = codes.get(f"{ord(character):x}")
        for name in sorted(names):
            found = found or (name if name in bodies else aliases.get(name, {}).get("parent")) or plain.get(name.replace("-", ""))
        if found in bodies:
            icon = bodies[found]
            size = [icon.get(side, source.get(side, 16)) for side in ("width", "height")]
            out[character] = (f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
                              f'viewBox="0 0 {size[0]} {size[1]}" width="{size[0]}" height="{size[1]}">{icon["body"]}</svg>')
    return out


def rendered(svg):
    """Premultiplied RGBA uint8 [256, 256, 4] cut to its ink, or None where librsvg cannot draw it."""
    if not shutil.which("rsvg-convert"):
        raise MissingResource("rsvg-convert is missing: install Debian's librsvg2-bin")
    done = subprocess.run(["rsvg-convert", "-w", str(SIDE), "-h", str(SIDE), "-a"], input=svg.encode(), capture_output=True)
    if done.returncode or not done.stdout:
        return None
    bgra = cv2.imdecode(np.frombuffer(done.stdout, np.uint8), cv2.IMREAD_UNCHANGED)
    if bgra is None or bgra.ndim != 3 or bgra.shape[2] != 4 or (bgra[..., 3] > 12).mean() < .01:
        return None
    rgba = np.ascontiguousarray(bgra[..., [2, 1, 0, 3]]).astype(np.float32)
    rgba[..., :3] *= rgba[..., 3:] / 255
    return squared(rgba)


def squared(rgba):
    """Cut to what is visible, centred on a transparent square and scaled to 256 pixels."""
    ys, xs = np.nonzero(rgba[..., 3] > 12)
    cut = rgba[ys.min():ys.max() + 1, xs.min():xs.max() + 1]
    side = max(cut.shape[:2])
    out = np.zeros((side, side, 4), np.float32)
    y, x = (side - cut.shape[0]) // 2, (side - cut.shape[1]) // 2
    out[y:y + cut.shape[0], x:x + cut.shape[1]] = cut
    return np.clip(np.round(cv2.resize(out, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)), 0, 255).astype(np.uint8)


def square_ground(rgba):
    """True where the corners are painted: a drawing on a square ground of its own."""
    alpha = rgba[..., 3]
    return sum(bool(alpha[y:y + 8, x:x + 8].min() > 200) for y in (4, SIDE - 12) for x in (4, SIDE - 12)) >= 3


def cache_path(hand):
    return os.path.join(folder(), f"{hand.key}.npz")


def _draw(job):
    character, svg = job
    return character, rendered(svg)


def make(hand, processes=1, log=print):
    """Renders a hand's drawings into its cache, unless it is there.  Returns how many drawings it has."""
    if os.path.exists(cache_path(hand)):
        return len(Sprites(hand))
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        drawn = dict(pool.imap_unordered(_draw, icons(hand).items(), chunksize=8))
    failed = [c for c, picture in drawn.items() if picture is None]
    drawn = {c: picture for c, picture in drawn.items() if picture is not None}
    if hand.key != "noto" and os.path.exists(cache_path(HANDS["noto"])):
        main = Sprites(HANDS["noto"])
        for c in [c for c, picture in drawn.items() if square_ground(picture) and not (c in main and square_ground(main[c]))]:
            del drawn[c]
            failed.append(c)
    with atomic(cache_path(hand)) as file:
        np.savez_compressed(file, **{f"{ord(c):x}": picture for c, picture in drawn.items()})
    log(f"{hand.key}: {len(drawn)} drawings, left out {len(failed)}: {' '.join(failed)}")
    return len(drawn)


class Sprites:
    """The drawings of one hand; each is read when first asked for."""

    def __init__(self, hand):
        if not os.path.exists(cache_path(hand)):
            raise MissingResource(f"{cache_path(hand)} is missing: run `training/train.py sprites SIZE` first")
        self.file = np.load(cache_path(hand))
        self.codes = set(self.file.files)

    def __len__(self):
        return len(self.codes)

    def __contains__(self, character):
        return len(character) == 1 and f"{ord(character):x}" in self.codes

    def __getitem__(self, character):
        return self.file[f"{ord(character):x}"]


@functools.lru_cache(maxsize=None)
def sprites(key):
    """The cached drawings of a hand by key."""
    return Sprites({**HANDS, **JUDGES_HANDS}[key])


@functools.lru_cache(maxsize=768)
def sprite(key, character):
    """A drawing by a hand, or by its stand-in where it has none."""
    own = sprites(key)
    return own[character] if character in own else sprites(FALLBACK[key])[character]


def has(key, character):
    """Whether a hand, or its stand-in, has drawn a character; the hand "own" has none."""
    return (key in HANDS or key in JUDGES_HANDS) and (character in sprites(key) or (key in FALLBACK and character in sprites(FALLBACK[key])))
