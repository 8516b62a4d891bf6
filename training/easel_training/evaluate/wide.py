"""Measures of a model of the second generation that cannot flatter it: judged by a network that learnt from other hands.

Every share of recognised subjects stands beside its ceiling, the same judge's share on renders by the training hands.
"""
import dataclasses
import os

import cv2
import numpy as np
import torch

from ..painting.names import STYLES
from ..pictures import holdout
from ..scenery.names import COLOURS, INVERSE, RELATIONS
from ..scenery.spec import SceneSpec
from ..train.autoencoder import to_network
from ..words import captions
from ..words.lexicon import lexicon
from ..words.thesaurus import lines

SEED = 515151
FIXED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fixed_prompts.tsv")


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A prompt and what a picture of it must show."""

    text: str
    subject: str
    style: str
    kind: str = ""


def fixed_prompts():
    """The 48 prompts of the sheet, in order."""
    with open(FIXED, encoding="utf-8") as rows:
        fields = [row.rstrip("\n").split("\t") for row in rows if not row.startswith("#")]
    return [Wanted(text, subject, style, kind) for kind, text, subject, style in fields]


def recognition(subjects, styles, count, held_out):
    """Prompts of one subject in one of the styles but plain, in pairs that training has seen or never has."""
    rng, out, styles = np.random.default_rng([SEED, int(held_out)]), [], [key for key in styles if key != "plain"]
    while len(out) < count:
        subject, style = subjects[int(rng.integers(len(subjects)))], styles[int(rng.integers(len(styles)))]
        if holdout.style_held_out(subject, style) == held_out:
            out.append(Wanted(f"a {lexicon()[subject].names[0]}, {STYLES[style].phrases[0]}", subject, style))
    return out


def unseen_words(subjects, count, wave):
    """Prompts with a word that no caption ever showed, and the same after the thesaurus."""
    table = {word: known for word, known, _ in lines(wave)}
    words = [(word, key) for key in subjects for word in lexicon()[key].unseen if word in table]
    rng = np.random.default_rng([SEED, 2])
    chosen = [words[i] for i in rng.permutation(len(words))[:count]]
    return [Wanted(f"a {table[word]}", key, "plain", word) for word, key in chosen]


ALTERNATIVES = {  # what else a picture could show instead of what was asked
    "colour": lambda spec: [dataclasses.replace(spec, colour=c) for c in COLOURS],
    "count": lambda spec: [dataclasses.replace(spec, count=n) for n in (1, 2, 3, 4, 5)],
    "relation": lambda spec: [spec, dataclasses.replace(spec, relation=INVERSE[spec.relation])],
}


def obedience(kind, subjects, count):
    """[(prompt, spec)] in plain style that ask for a colour, a count, or where of two things one is."""
    rng, out = np.random.default_rng([SEED, 4, len(kind)]), []
    pick = lambda options: options[int(rng.integers(len(options)))]
    while len(out) < count:
        subject, other = pick(subjects), pick(subjects)
        spec = {"colour": lambda: SceneSpec(subject, colour=pick(tuple(COLOURS))), "count": lambda: SceneSpec(subject, count=pick((1, 2, 3, 4, 5))),
                "relation": lambda: SceneSpec(subject, other=other, relation=pick(RELATIONS))}[kind]()
        if subject != other:
            text, said = captions.content(spec, rng)
            while spec.relation and not said.relation:  # "and" asks for no relation
                text, said = captions.content(spec, rng)
            out.append((text, spec))
    return out


class JudgeOfOtherHands:
    """The judge's network with the names of its outputs; pictures are reduced to what it learnt at."""

    def __init__(self, network, subjects, styles, pixels):
        self.network, self.pixels = network, pixels
        self.subjects = {key: i for i, key in enumerate(subjects)}
        self.styles = {key: i for i, key in enumerate(styles)}

    def _reduced(self, pictures):
        small = [cv2.resize(p, (self.pixels, self.pixels), interpolation=cv2.INTER_AREA) for p in pictures]
        return to_network(np.stack(small), torch.device("cpu"))

    @torch.no_grad()
    def recognised(self, pictures, wanted):
        """Shares of subjects (first, first five) and styles found as asked."""
        logits = [self.network(self._reduced(pictures[i:i + 32])) for i in range(0, len(pictures), 32)]
        subject, style = (torch.cat([pair[k] for pair in logits]) for k in (0, 1))
        ask = torch.tensor([[self.subjects[w.subject], self.styles[w.style]] for w in wanted])
        best = subject.topk(5, 1).indices
        return {"subject": float((best[:, 0] == ask[:, 0]).float().mean()), "subject in five": float((best == ask[:, :1]).any(1).float().mean()),
                "style": float((style.argmax(1) == ask[:, 1]).float().mean())}

    @torch.no_grad()
    def places(self, pictures):
        """Features that know where things are: float64 [N, D]."""
        return self.network.pooled(self._reduced(pictures)).double().numpy()

    @torch.no_grad()
    def spread(self, pictures):
        """Mean distance between pictures in the judge's features: how different sixteen answers to one prompt are."""
        features = self.network.pooled(self._reduced(pictures)).double()
        distances = torch.cdist(features, features)
        return float(distances.sum() / (len(pictures) * (len(pictures) - 1)))


class Report:
    """All measures of one model: `draw(texts, seed)` gives uint8 pictures, `renderer` draws what training drew."""

    def __init__(self, judge, renderer, draw, subjects, wave):
        self.judge, self.renderer, self.draw, self.subjects, self.wave = judge, renderer, draw, subjects, wave

    def renders(self, wanted):
        """Renders by the training hands, of shares as in training."""
        out = []
        for i, want in enumerate(wanted):
            rng = np.random.default_rng([SEED, 3, i])
            spec = SceneSpec(want.subject, self.renderer.sampler.hand(want.subject, rng))
            out.append(self.renderer.paint(spec, want.style, rng))
        return np.stack(out)

    def measured(self, count):
        """{measure: shares}, ceilings beside the model's."""
        seen, held = (recognition(self.subjects, list(self.judge.styles), count, held_out) for held_out in (False, True))
        words = unseen_words(self.subjects, count, self.wave)
        out = {}
        for name, wanted in (("seen", seen), ("held-out", held), ("unseen words", words)):
            out[f"ceiling, {name}"] = self.judge.recognised(self.renders(wanted), wanted)
            out[name] = self.judge.recognised(self.draw([w.text for w in wanted], 1), wanted)
            out[name]["share of the ceiling"] = out[name]["subject in five"] / max(out[f"ceiling, {name}"]["subject in five"], 1e-9)
        return out

    def obeyed(self, kind, count, renders=6):
        """Share of pictures that look most like renders of what was asked among renders of its alternatives; chance beside it."""
        asked = obedience(kind, self.subjects, count)
        features = self.judge.places(self.draw([text for text, _ in asked], 1))
        hits, chance = 0, 0.0
        for i, (_, spec) in enumerate(asked):
            specs = ALTERNATIVES[kind](spec)
            drawn = [np.stack([self.renderer.paint(s, "plain", np.random.default_rng([SEED, 5, i, k])) for k in range(renders)]) for s in specs]
            distances = [((self.judge.places(p).mean(0) - features[i]) ** 2).sum() for p in drawn]
            hits += specs[int(np.argmin(distances))] == spec
            chance += 1 / len(specs)
        return {"obeyed": hits / count, "by chance": chance / count}

    def diversity(self, texts_and_wanted, count=16):
        """Mean spread of `count` pictures of one prompt, as a share of the renders'."""
        drawn, rendered = 0.0, 0.0
        for want in texts_and_wanted:
            drawn += self.judge.spread(self.draw([want.text] * count, 7))
            rendered += self.judge.spread(self.renders([want] * count))
        return {"model": drawn, "renders": rendered, "share": drawn / rendered}

    def sheet(self, path):
        """The 48 fixed prompts at seed 1, eight a row, as they come."""
        pictures = self.draw([w.text for w in fixed_prompts()], 1)
        rows = [np.hstack(pictures[i:i + 8]) for i in range(0, len(pictures), 8)]
        cv2.imwrite(path, cv2.resize(np.vstack(rows), None, fx=.5, fy=.5, interpolation=cv2.INTER_AREA)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 82])
