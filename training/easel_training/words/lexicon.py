"""Every word that stands for a subject: names, CLDR keywords, WordNet's synonyms and kinds.

A word belongs to one subject: names come before synonyms, those before kinds, a nearer kind before a farther one.  Names of
subjects of a later wave never stand for another.  One single word in `HOLD_OUT` of the kinds is never shown in training, so
that what the thesaurus makes of it can be measured.
"""
import dataclasses
import functools
import hashlib
import re

from ..pictures.names import cldr
from ..scenery.names import ADJECTIVES, BACKDROPS, COLOURS, NUMBERS, PLACES, SIZES
from ..sprites.subjects import all_subjects
from . import wordnet

DEPTH = 2  # of kinds in captions; the thesaurus goes deeper
HOLD_OUT = 20
UNKIND = re.compile(r"slur|offensive|disparag|obscen|vulgar|derog|contempt|genital|sexual|prostitut|narcotic|nazi", re.IGNORECASE)

UNWORD = re.compile(r"negro|nigger|kaffir|redskin|pussy\b|jap\b|gypsy|squaw|jew's|queer")
TAKEN = {*COLOURS, *BACKDROPS, *ADJECTIVES, *PLACES, *(word for words in (*SIZES.values(), *NUMBERS.values()) for word in words)}


@dataclasses.dataclass(frozen=True)
class Entry:
    """The words of one subject; the first name is the usual one."""

    names: tuple
    synonyms: tuple
    keywords: tuple
    kinds: tuple  # shown in captions
    unseen: tuple  # kinds that are held out


def usable(word):
    """True for words that a person might type: no proper names, no formulas, none that says something else in a scene ("blue")."""
    return word not in TAKEN and bool(re.fullmatch(r"[a-z][a-z'-]*( [a-z'-]+){0,2}", word)) and 2 < len(word) < 25 and not UNWORD.search(word)


def held_out(word):
    return " " not in word and "-" not in word and int.from_bytes(hashlib.sha256(b"word|" + word.encode()).digest()[:8], "big") % HOLD_OUT == 0


def _kinds_of(subject, depth):
    """[(word, depth)] of a subject's kinds that may be said of it."""
    if not subject.sense:
        return []
    file = wordnet.synsets()[wordnet.offset(subject.sense)][0]
    if wordnet.THINGS.get(file) in ("person", "body"):  # a cowboy is not every kind of cowboy
        return []
    return [(word, deep) for word, deep in wordnet.kinds(subject.sense, depth, UNKIND) if usable(word)]


@functools.lru_cache(maxsize=4)
def words_of(depth):
    """{word: (subject's key, rank)} where rank says how the word stands for it: 0 name, 1 synonym, 2 keyword, 3... kinds."""
    owner = {}

    def claim(word, key, rank):
        if word not in owner or rank < owner[word][1]:
            owner[word] = (key, rank)
    subjects, annotations, shared = all_subjects(), cldr(), {}
    for subject in subjects.values():
        for name in subject.names:
            claim(name, subject.key, 0)
    for subject in subjects.values():
        if subject.sense:
            for word in wordnet.synonyms(subject.sense):
                if usable(word):
                    claim(word, subject.key, 1)
        for word in annotations.get(subject.characters[:1], ("", []))[1]:
            shared.setdefault(word.lower(), []).append(subject.key)
    for word, keys in shared.items():
        if len(keys) == 1 and usable(word):
            claim(word, keys[0], 2)
    for subject in subjects.values():
        for word, deep in _kinds_of(subject, depth):
            claim(word, subject.key, 2 + deep)
    return owner


@functools.lru_cache(maxsize=1)
def lexicon():
    """{subject's key: Entry}."""
    lists = {key: ([], [], [], [], []) for key in all_subjects()}
    for word, (key, rank) in words_of(DEPTH).items():
        at = rank if rank < 3 else 4 if held_out(word) else 3
        if at:
            lists[key][at].append(word)
    return {key: Entry(tuple(n for n in all_subjects()[key].names if words_of(DEPTH)[n][0] == key), *(tuple(words) for words in more[1:]))
            for key, more in lists.items()}
