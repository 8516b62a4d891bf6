"""Seen and held-out prompts.  Both are fresh: their pictures were never drawn for training."""
import dataclasses

import numpy as np

from ..pictures import captions, holdout
from ..pictures.render import PAGE_SCENES, Renderer
from ..pictures.scenes import ACCESSORIES, COLOURS, SceneSpec
from ..pictures.styles import ALL_STYLES, PAGE_STYLES

SEED = 424242


@dataclasses.dataclass(frozen=True)
class Prompt:
    text: str
    spec: SceneSpec
    style: str


def recognition(recipe, count, held_out):
    """Prompts of one subject in one style: pairs that training has seen, or never has."""
    rng, out = np.random.default_rng([SEED, int(held_out)]), []
    styles = [style for style in recipe.styles if style != "plain"]
    while len(out) < count:
        spec = SceneSpec(recipe.subjects[int(rng.integers(len(recipe.subjects)))])
        style = styles[int(rng.integers(len(styles)))]
        if bool(holdout.held_out(spec, style)) == held_out:
            subject = _plain_words(spec)
            out.append(Prompt(captions.with_style(subject, ALL_STYLES[style], rng), spec, style))
    return out


def _plain_words(spec):
    """The subject's first name, with an article where it takes one."""
    from ..pictures.names import article
    from ..pictures.subjects import all_subjects
    name = all_subjects()[spec.subject].names[0]
    return name if name.startswith("the ") or spec.subject in ("eiffel tower", "mountain range") else article(name)


def page():
    """The page's nine subjects in its twelve styles, in its own words."""
    return [Prompt(f"{words}, {style.phrases[0]}", spec, key) for words, spec in PAGE_SCENES for key, style in PAGE_STYLES.items()]


ALTERNATIVES = {  # what else a picture could show instead of what was asked
    "colour": lambda spec: [dataclasses.replace(spec, colour=c) for c in COLOURS],
    "accessory": lambda spec: [dataclasses.replace(spec, accessory=a) for a in ("", *ACCESSORIES)],
    "count": lambda spec: [dataclasses.replace(spec, count=n) for n in (1, 2, 3, 4)],
    "relation": lambda spec: [dataclasses.replace(spec, subject=a, other=b, relation=r) for a, b in ((spec.subject, spec.other), (spec.other, spec.subject))
                              for r in ("left", "above")],
}


def obedience(recipe, kind, count):
    """Plain-style prompts that ask for a colour, an accessory, a count or a relation; held-out pairs where there are such pairs."""
    rng, out = np.random.default_rng([SEED, 2, len(kind)]), []
    renderer = Renderer(recipe)
    pick = lambda options: options[int(rng.integers(len(options)))]
    while len(out) < count:
        subject = pick(recipe.subjects)
        if kind == "colour":
            spec, ok = SceneSpec(subject, colour=pick(tuple(COLOURS))), True
            ok = holdout.colour_held_out(spec.colour, subject)
        elif kind == "accessory":
            spec = SceneSpec(pick(renderer.heads), accessory=pick(tuple(ACCESSORIES)))
            ok = holdout.accessory_held_out(spec.subject, spec.accessory)
        elif kind == "count":
            spec, ok = SceneSpec(subject, count=int(pick((1, 2, 3, 4)))), True
        else:
            spec = SceneSpec(subject, other=pick(recipe.subjects), relation=pick(("left", "above")))
            ok = spec.other != subject
        if ok:
            out.append(Prompt(captions.content(spec, np.random.default_rng(len(out))), spec, "plain"))
    return out
