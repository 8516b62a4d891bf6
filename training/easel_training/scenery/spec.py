"""What is in a picture, in the words that captions, labels and the text encoder's heads use."""
import dataclasses

from ..page_subjects import PAGE_SUBJECTS
from ..pictures import holdout
from ..sprites import hands
from ..sprites.subjects import Subject, all_subjects
from .names import ACCESSORIES, BACKDROPS, COLOURS, INVERSE, PLACES, RELATIONS, SIZES

KINDS = {"alone": 34, "page": 6, "accessory": 8, "coloured": 8, "sized": 4, "counted": 9, "place": 13, "backdrop": 6, "pair": 12}


@dataclasses.dataclass(frozen=True)
class SceneSpec:
    """The content of a picture.  Empty fields were not asked for."""

    subject: str
    hand: str = "noto"
    colour: str = ""
    size: str = ""
    count: int = 1
    accessory: str = ""
    other: str = ""
    relation: str = ""  # where the subject is, seen from the other
    ground: str = ""  # a place or a plain colour

    def mirrored(self):
        """The spec of the picture seen in a mirror."""
        swap = {"left": "right", "right": "left"}
        return dataclasses.replace(self, relation=swap.get(self.relation, self.relation))

    def turned(self):
        """The same picture told from the other subject."""
        return dataclasses.replace(self, subject=self.other, other=self.subject, relation=INVERSE[self.relation])


PAGE_SCENES = tuple((words, SceneSpec(**drawn)) for words, drawn in PAGE_SUBJECTS)


class Sampler:
    """Random specs with styles; pairs that are held out from training (pictures/holdout.py) do not come."""

    def __init__(self, keys, styles, kinds=None, hands_of=Subject.hands):
        subjects = all_subjects()
        self.keys, self.heads = list(keys), [key for key in keys if subjects[key].head]
        self.styles, self.style_sums = list(styles), _sums(styles.values())
        kinds = kinds or KINDS
        self.kinds, self.kind_sums = list(kinds), _sums(kinds.values())
        self.hands = {key: _HandShares(hands_of(subjects[key])) for key in self.keys}

    def style(self, rng):
        return self.styles[_pick_by(self.style_sums, rng)]

    def alone(self, key):
        """A subject by the usual hand with nothing else."""
        return SceneSpec(key)

    def sample(self, rng):
        """(the page's words or None, SceneSpec, style)."""
        while True:
            words, spec = self._scene(rng)
            style = self.style(rng)
            if not holdout.held_out(spec, style):
                return words, spec, style

    def _scene(self, rng):
        def pick(options):
            return options[int(rng.random() * len(options))]
        kind = self.kinds[_pick_by(self.kind_sums, rng)]
        if kind == "page":
            words, spec = pick(PAGE_SCENES)
            return words, dataclasses.replace(spec, hand=self.hand(spec.subject, rng))
        subject = pick(self.heads if kind == "accessory" else self.keys)
        spec = SceneSpec(subject, self.hand(subject, rng))
        more = {}
        if kind == "accessory":
            more["accessory"] = pick(tuple(ACCESSORIES))
        elif kind == "coloured":
            more["colour"] = pick(tuple(COLOURS))
        elif kind == "sized":
            more["size"] = pick(tuple(SIZES))
        elif kind == "counted":
            more["count"] = int(pick((2, 2, 3, 3, 4, 5)))
        elif kind == "pair":
            more["other"] = pick(self.keys)
            if more["other"] == subject:
                return self._scene(rng)
            more["relation"] = pick(RELATIONS)
        if kind == "place" or kind in ("counted", "pair", "accessory", "coloured") and rng.random() < .25:
            more["ground"] = pick(tuple(PLACES))
        elif kind == "backdrop":
            more["ground"] = pick(tuple(BACKDROPS))
        return None, dataclasses.replace(spec, **more)

    def hand(self, subject, rng):
        """The hand that draws a subject this time."""
        return self.hands[subject].pick(rng) if subject in self.hands else "noto"


class _HandShares:
    """Which hand draws a subject: the hands' shares among those that have it."""

    def __init__(self, keys):
        self.keys = keys
        every = {**hands.HANDS, **hands.JUDGES_HANDS}
        self.sums = _sums(every[key].share if key in every else 1 for key in self.keys)

    def pick(self, rng):
        return self.keys[_pick_by(self.sums, rng)]


def _sums(weights):
    out, total = [], 0.0
    for weight in weights:
        total += weight
        out.append(total)
    return out


def _pick_by(sums, rng):
    at = rng.random() * sums[-1]
    return next(i for i, s in enumerate(sums) if at < s)
