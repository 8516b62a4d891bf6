"""A spec and a style said in many ways, made anew for every sample, with what was said.

What was said is what the text encoder's heads must find again: told from the second subject, "a cat to the left of a dog" is
"a dog to the right of a cat"; a relation that only says "and" is none; a hand may be left out.
"""
import dataclasses

from ..pictures.names import article, misspell, plural
from ..scenery.names import (ACCESSORIES, ADJECTIVES, BACKDROP_FORMS, BACKDROPS, LEADS, NUMBERS, PLACES, RELATION_WORDS, SIZES, TAILS)
from ..sprites.hands import HANDS
from .lexicon import lexicon

MISSPELT = .1  # the plan's 5 % left one typing mistake in four unread after the first hundred steps
UNSAID = ("noto", "twemoji", "own")  # the hands that a caption without a word about it may mean


@dataclasses.dataclass(frozen=True)
class Said:
    """What a caption says; empty where it says nothing."""

    subject: str
    other: str
    relation: str
    colour: str
    size: str
    count: int
    accessory: str
    ground: str
    hand: str
    style: str


def _pick(rng, options):
    return options[int(rng.random() * len(options))]


def name(key, rng):
    """A word for a subject: mostly its first name, else any other name, synonym, keyword or kind."""
    entry, choice = lexicon()[key], rng.random()
    if choice < .2 and entry.kinds:
        return _pick(rng, entry.kinds)
    if choice < .3 and entry.synonyms:
        return _pick(rng, entry.synonyms)
    if choice < .33 and entry.keywords:
        return _pick(rng, entry.keywords)
    return _pick(rng, entry.names) if choice < .55 else entry.names[0]


def _with_article(phrase, rng):
    choice = rng.random()
    if phrase.startswith("the ") or choice < .4:
        return phrase
    return article(phrase) if choice < .93 else "the " + phrase


def _noun_phrase(spec, rng):
    words = name(spec.subject, rng).removeprefix("the ") if spec.count > 1 or spec.colour or spec.size else name(spec.subject, rng)
    if spec.colour:
        words = f"{spec.colour} {words}"
    if spec.size:
        words = f"{_pick(rng, SIZES[spec.size])} {words}"
    elif rng.random() < .06:
        words = f"{_pick(rng, ADJECTIVES)} {words.removeprefix('the ')}"
    if spec.count > 1:
        return f"{_pick(rng, NUMBERS[spec.count])} {plural(words)}"
    return _with_article(words, rng)


def content(spec, rng):
    """(words for what is in the picture, the spec as they tell it)."""
    if spec.other and rng.random() < .5:
        spec = spec.turned()
    words = _noun_phrase(spec, rng)
    if spec.accessory:
        forms = ACCESSORIES[spec.accessory]
        words += " " + (forms[0] if rng.random() < .5 else _pick(rng, forms))
    if spec.other:
        other = _with_article(name(spec.other, rng), rng)
        if rng.random() < .75:
            words += f" {_pick(rng, RELATION_WORDS[spec.relation])} {other}"
        else:
            words += _pick(rng, (" and ", " and ", " with ", ", ")) + other
            spec = dataclasses.replace(spec, relation="")
    if spec.ground in PLACES:
        place = _pick(rng, PLACES[spec.ground])
        words = f"{place}, {words}" if rng.random() < .07 else f"{words} {place}"
    elif spec.ground in BACKDROPS:
        words += " " + _pick(rng, BACKDROP_FORMS).format(spec.ground)
    return words, spec


def with_style(words, style, rng):
    """Words and a style in one of the orders that people use."""
    phrase = style.phrases[0] if rng.random() < .35 else _pick(rng, style.phrases)
    if not phrase:
        return words
    form = rng.random()
    if form < .15:
        title = _pick(rng, style.titles)
        return f"{article(title) if rng.random() < .5 else title} of {words}"
    bare = phrase.startswith(("in ", "as ", "by ", "drawn ", "on "))
    if form < .25 and not bare:
        return f"{phrase}: {words}" if rng.random() < .5 else f"{phrase}, {words}"
    return f"{words} {phrase}" if bare and rng.random() < .5 else f"{words}, {phrase}"


def _hand(spec, style, rng):
    """How the hand is said, or nothing: always where it is not one of the usual two, unless a style hides it."""
    if spec.hand not in HANDS:
        return ""
    chance = .35 if spec.hand in UNSAID else 1.0
    if style.key != "plain":
        chance *= .4
    return _pick(rng, HANDS[spec.hand].words) if rng.random() < chance else ""


def caption(spec, style, rng, given=None, misspelt=MISSPELT, always=False):
    """(a caption, what it says).  `given` are exact words for the content, used most of the time, or always."""
    if given and (always or rng.random() < .6):
        words = given
    else:
        words, spec = content(spec, rng)
    said_hand = _hand(spec, style, rng)
    text = with_style(words, style, rng)
    if said_hand:
        text = f"{text}, {said_hand}" if rng.random() < .8 else f"{said_hand} {text.removeprefix('a ')}"
    if rng.random() < .08:
        text = f"{_pick(rng, LEADS)} {text}"
    if rng.random() < .08:
        text += _pick(rng, TAILS)
    if rng.random() < misspelt:
        text = misspell(text, rng)
    return text, Said(spec.subject, spec.other, spec.relation, spec.colour, spec.size, spec.count, spec.accessory, spec.ground,
                      spec.hand if said_hand else "", style.key)
