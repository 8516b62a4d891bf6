"""The text stage: the encoder alone, on captions made anew for every sample, with heads that name what was said.

Captions cost nothing, so the words are learnt before the first picture.  Three batches of four are cut to their longest caption
(rounded up), which is faster; the fourth is padded to the full length, as the engine pads.
"""
import collections
import os

import numpy as np
import torch

from .. import config as configs
from .. import text as texts
from ..networks.text_encoder import TextEncoder
from ..networks.text_heads import TextHeads
from ..painting.names import STYLES
from ..pictures.names import misspell
from ..scenery.names import ACCESSORIES, BACKDROPS, COLOURS, PLACES, RELATIONS, SIZES
from ..scenery.spec import Sampler
from ..sprites.hands import HANDS
from ..sprites.subjects import all_subjects, of_waves
from ..words import captions
from ..words.lexicon import lexicon
from .loop import Stage

VOCABULARY_CAPTIONS = 200_000
CLASSES = {
    "subject": list(all_subjects()), "other": ["", *all_subjects()], "relation": ["", *RELATIONS], "colour": ["", *COLOURS], "size": ["", *SIZES],
    "count": [1, 2, 3, 4, 5], "accessory": ["", *ACCESSORIES], "ground": ["", *PLACES, *BACKDROPS], "hand": ["", *HANDS], "style": list(STYLES),
}
INDEX = {field: {value: i for i, value in enumerate(values)} for field, values in CLASSES.items()}


def sampler(config):
    """Specs for captions: every hand may have drawn every subject."""
    every = lambda subject: list(HANDS)
    return Sampler(of_waves(config["text_stage"]["wave"]), config["pictures"]["styles"], hands_of=every)


def sample(source, numbers, correct=False):
    """(caption, Said)."""
    words, spec, style = source.sample(numbers)
    return captions.caption(spec, STYLES[style], numbers, words, 0.0 if correct else captions.MISSPELT)


def vocabulary(config, folder, log=print):
    """The run's vocab.txt, made from captions where it is not there."""
    path = os.path.join(folder, "vocab.txt")
    if not os.path.exists(path):
        counts, source, numbers = collections.Counter(), sampler(config), np.random.default_rng([config["seed"], 77])
        for _ in range(config["text_stage"].get("vocabulary_captions", VOCABULARY_CAPTIONS)):
            counts.update(texts.words(sample(source, numbers, correct=True)[0]))
        texts.write_vocabulary(path, texts.train_pieces(counts, config["text_stage"]["vocabulary"]))
        log(f"text: {len(counts)} different words seen")
    return texts.read_vocabulary(path)


class TextStage(Stage):
    name = "text"

    def __init__(self, config, folder, device, log=print):
        section = config["text_stage"]
        self.vocabulary = vocabulary(config, folder, log)
        self.tokenize = texts.WordPiece(self.vocabulary, section["network"]["length"])
        torch.manual_seed(config["seed"])
        networks = {"text": TextEncoder(len(self.vocabulary), **section["network"]),
                    "heads": TextHeads(section["network"]["dim"], {field: len(values) for field, values in CLASSES.items()})}
        super().__init__(config, section, device, networks, configs.fingerprint(section["network"], self.vocabulary, CLASSES))
        self.source = sampler(config)
        self.fresh = self._held_back()

    def _tensors(self, pairs, full):
        tokens = torch.tensor([self.tokenize(text) for text, _ in pairs])
        if not full:
            longest = int((tokens != 0).sum(1).max())
            tokens = tokens[:, :min(tokens.shape[1], -(-longest // 4) * 4)]
        targets = {field: torch.tensor([INDEX[field][getattr(said, field)] for _, said in pairs]) for field in CLASSES}
        return tokens.to(self.device), {field: t.to(self.device) for field, t in targets.items()}

    def step(self, step):
        numbers, _ = self.generators(step)
        pairs = [sample(self.source, numbers) for _ in range(self.section["batch"])]
        tokens, targets = self._tensors(pairs, full=step % 4 == 0)
        with self.autocast():
            loss, right = self.networks["heads"].loss(self.networks["text"](tokens).float(), targets)
        return loss, {field: right[field].float().mean() for field in ("subject", "style")}

    def _held_back(self):
        """Captions for measuring: fresh ones, with one typing mistake, and with a word that the thesaurus knows and training never shows."""
        numbers = np.random.default_rng([self.config["seed"], 99])
        fresh = [sample(self.source, numbers, correct=True) for _ in range(512)]
        typed = [(misspell(text, numbers), said) for text, said in fresh]
        unseen, keys = [], [key for key in self.source.keys if lexicon()[key].unseen]
        for key in (keys[int(numbers.integers(len(keys)))] for _ in range(256)):
            entry = lexicon()[key]
            word = entry.unseen[int(numbers.integers(len(entry.unseen)))]
            text, said = captions.caption(self.source.alone(key), STYLES["plain"], numbers, word, 0.0, always=True)
            unseen.append((text.replace(word, entry.names[0]), text, said))
        return {"fresh": fresh, "typing": typed, "thesaurus": [(known, said) for known, _, said in unseen],
                "unseen": [(text, said) for _, text, said in unseen]}

    @torch.no_grad()
    def measure(self):
        out = {}
        for name, pairs in self.fresh.items():
            tokens, targets = self._tensors(pairs, full=True)
            _, right = self.averages["heads"].loss(self.averages["text"](tokens), targets)
            out[f"{name}: subject"] = float((right["subject"] & right["other"]).float().mean())
            out[f"{name}: all"] = float(torch.stack(list(right.values())).all(0).float().mean())
        return out
