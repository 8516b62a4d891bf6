"""What can be asked for: 1,029 subjects from 1,161 emoji, and five drawings of our own.

subjects.tsv is the table: key, wave (1: the 399 commonest, 2: the rest), characters that draw it, WordNet sense, names.  A subject
may have several drawings, which are its poses ("cat": a face, a whole cat).  The senses were chosen by rule and read by eye.
"""
import dataclasses
import functools
import os

import cv2
import numpy as np

from ..pictures.drawn import DRAWINGS, VARYING
from ..pictures.subjects import HEADS
from . import hands

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "subjects.tsv")
POSE = .7  # how often the first drawing of several is used


@dataclasses.dataclass(frozen=True)
class Subject:
    """One thing that can be drawn."""

    key: str
    wave: int
    characters: str  # of its drawings; none: a drawing of our own
    sense: str  # WordNet's, "cat#1", or none
    names: tuple

    @property
    def head(self):
        """True where its usual drawing is a face seen from the front: it can wear things."""
        return (self.characters[:1] or self.key) in HEADS

    def hands(self):
        """Keys of the hands for training that have its usual drawing."""
        return [key for key in hands.HANDS if self.characters and hands.has(key, self.characters[0])] or ["own"]

    def judges_hands(self):
        """Keys of the judge's hands that have its usual drawing; none for drawings of our own."""
        return [key for key in hands.JUDGES_HANDS if self.characters and hands.has(key, self.characters[0])]

    def sprite(self, hand, rng, usual=False):
        """A drawing, premultiplied RGBA uint8 [256, 256, 4]; a hand that lacks it hands over to noto."""
        if not self.characters:
            return _own(self.key, rng)
        at = 0 if usual or len(self.characters) == 1 or rng.random() < POSE else 1 + int(rng.integers(len(self.characters) - 1))
        character = self.characters[at]
        if not hands.has(hand, character):
            character = self.characters[0]
        return hands.sprite(hand if hands.has(hand, character) else "noto", character)


@functools.lru_cache(maxsize=None)
def _fixed(key):
    return _bytes(DRAWINGS[key](None))


def _bytes(sprite):
    side = hands.SIDE
    return np.round(np.clip(cv2.resize(sprite, (side, side), interpolation=cv2.INTER_LINEAR), 0, 1) * 255).astype(np.uint8)


def _own(key, rng):
    return _bytes(DRAWINGS[key](rng)) if key in VARYING else _fixed(key)


def thing(source, hand, rng):
    """A prop: a character by a hand, or one of our own drawings."""
    if source in DRAWINGS:
        return _own(source, rng)
    return hands.sprite(hand if hands.has(hand, source) else "noto", source)


@functools.lru_cache(maxsize=1)
def all_subjects():
    """Every subject by key, in the table's order."""
    out = {}
    with open(TABLE, encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                key, wave, characters, sense, names = line.rstrip("\n").split("\t")
                out[key] = Subject(key, int(wave), characters, sense, tuple(names.split("|")))
    return out


def of_waves(last):
    """Keys of the subjects of waves 1 to `last`."""
    return [key for key, subject in all_subjects().items() if subject.wave <= last]
