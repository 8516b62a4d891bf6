"""Pictures with captions and labels as a function of a seed."""
import dataclasses

import cv2
import numpy as np

from ..page_subjects import PAGE_SUBJECTS
from . import captions, holdout, scenes
from .grounds import PLACES, PLAIN
from .scenes import SceneSpec
from .styles import ALL_STYLES
from .subjects import short_list

PAGE_SCENES = tuple((words, SceneSpec(**drawn)) for words, drawn in PAGE_SUBJECTS)


@dataclasses.dataclass(frozen=True)
class Recipe:
    """What a data set shows: subjects, styles, how often each kind of scene, and at which size it is drawn."""

    pixels: int
    subjects: tuple
    styles: dict  # style key: weight
    scenes: dict  # kind of scene: weight
    draw_at: float = 1.5  # pictures are drawn at this many times their size, then reduced
    jitter: float = 1.0  # how much placement varies

    @staticmethod
    def from_config(config):
        """From the `pictures` part of a size's YAML.  `subjects: all` and `styles: all` mean what they say."""
        subjects = config["subjects"]
        if subjects == "all":
            from .subjects import all_subjects
            subjects = tuple(all_subjects())
        styles = config["styles"]
        if styles == "all":
            styles = {key: 1.0 for key in ALL_STYLES}
        short_list(subjects)
        return Recipe(config["pixels"], tuple(subjects), dict(styles), dict(config["scenes"]), config.get("draw_at", 1.5),
                      config.get("jitter", 1.0))


@dataclasses.dataclass(frozen=True)
class Example:
    """One picture (uint8 RGB [pixels, pixels, 3]) with its caption and what is in it."""

    picture: np.ndarray
    caption: str
    spec: SceneSpec
    style: str

    def labels(self):
        return {"caption": self.caption, "style": self.style, **dataclasses.asdict(self.spec)}


class Renderer:
    """Draws the examples of a Recipe.  Example `i` of seed `s` is always the same picture."""

    def __init__(self, recipe):
        self.recipe = recipe
        self.heads = [key for key, subject in short_list(recipe.subjects).items() if subject.head]
        self.kinds = list(recipe.scenes)
        self.kind_weights = np.array([recipe.scenes[k] for k in self.kinds], float)
        self.kind_weights /= self.kind_weights.sum()
        self.styles = list(recipe.styles)
        self.style_weights = np.array([recipe.styles[k] for k in self.styles], float)
        self.style_weights /= self.style_weights.sum()

    def example(self, seed, index, held_out=False):
        """Example `index` of `seed`; with held_out, one that training never shows."""
        rng = np.random.default_rng([seed, index, int(held_out)])
        while True:
            words, spec = self.scene(rng)
            style = self.styles[rng.choice(len(self.styles), p=self.style_weights)]
            if bool(holdout.held_out(spec, style)) == held_out:
                break
        text = captions.caption(spec, ALL_STYLES[style], rng, words)
        return Example(self.paint(spec, style, rng), text, spec, style)

    def paint(self, spec, style, rng):
        """The picture of a spec in a style, uint8 [pixels, pixels, 3]."""
        pixels = self.recipe.pixels
        scene = scenes.draw(spec, rng, round(pixels * self.recipe.draw_at), self.recipe.jitter)
        picture = ALL_STYLES[style](scene, rng)
        return np.round(cv2.resize(picture, (pixels, pixels), interpolation=cv2.INTER_AREA) * 255).astype(np.uint8)

    def scene(self, rng):
        """A random scene: (the page's words or None, SceneSpec)."""
        kind = self.kinds[rng.choice(len(self.kinds), p=self.kind_weights)]
        pick = lambda options: options[int(rng.integers(len(options)))]
        subject = pick(self.recipe.subjects)
        if kind == "page":
            return pick(PAGE_SCENES)
        if kind == "accessory":
            return None, SceneSpec(pick(self.heads), accessory=pick(tuple(scenes.ACCESSORIES)))
        if kind == "pair":
            return None, SceneSpec(subject, other=pick(self.recipe.subjects), relation=pick(tuple(scenes.RELATIONS)))
        if kind == "coloured":
            return None, SceneSpec(subject, colour=pick(tuple(scenes.COLOURS)))
        if kind == "sized":
            return None, SceneSpec(subject, size=pick(("tiny", "small", "big", "huge")))
        if kind == "counted":
            return None, SceneSpec(subject, count=int(pick((2, 3, 4))))
        if kind == "place":
            return None, SceneSpec(subject, ground=pick(tuple(PLACES)))
        if kind == "background":
            return None, SceneSpec(subject, ground=pick(tuple(PLAIN)))
        if kind == "alone":
            return None, SceneSpec(subject)
        raise ValueError(f"unknown kind of scene: {kind}")
