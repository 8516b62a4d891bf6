"""Pictures with specs as a function of a seed: the data of the second generation.  Captions are made when a picture is used."""
import dataclasses

import numpy as np

from ..painting.table import paint
from ..sprites.subjects import Subject, all_subjects, of_waves
from . import stage
from .spec import Sampler, SceneSpec


HANDS_OF = {"training": Subject.hands, "judge": Subject.judges_hands}


def keys(config):
    """The subjects of a `pictures` part: those of its waves that one of its hands has drawn."""
    drawn_by = HANDS_OF[config.get("hands", "training")]
    return [key for key in of_waves(config["wave"]) if drawn_by(all_subjects()[key])]


@dataclasses.dataclass(frozen=True)
class Example:
    """One picture (uint8 RGB [pixels, pixels, 3]) and what is in it."""

    picture: np.ndarray
    spec: SceneSpec
    style: str
    words: str  # the page's exact words for the content, or none

    def labels(self):
        return {"style": self.style, "words": self.words, **dataclasses.asdict(self.spec)}


class Renderer:
    """Draws the examples of the `pictures` part of a size's YAML.  Example `i` of seed `s` is always the same picture."""

    def __init__(self, config):
        self.pixels = config["pixels"]
        self.sampler = Sampler(keys(config), config["styles"], config.get("kinds"), HANDS_OF[config.get("hands", "training")])

    def example(self, seed, index, held_out=False):
        if held_out:
            raise ValueError("held-out pictures are drawn from specs, by paint")
        rng = np.random.default_rng([seed, index])
        words, spec, style = self.sampler.sample(rng)
        return Example(self.paint(spec, style, rng), spec, style, words or "")

    def paint(self, spec, style, rng):
        """The picture of a spec in a style, uint8 [pixels, pixels, 3]."""
        return paint(style, stage.draw(spec, rng, self.pixels), rng)
