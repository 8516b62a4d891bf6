"""Words for things: CLDR's emoji names and keywords, plurals, articles and misspellings."""
import functools
import os
import xml.etree.ElementTree as ElementTree

CLDR = "/usr/share/unicode/cldr/common/annotations/en.xml"
IRREGULAR = {
    "mouse": "mice", "sheep": "sheep", "fish": "fish", "cactus": "cacti", "child": "children", "man": "men",
    "woman": "women", "wolf": "wolves", "leaf": "leaves", "knife": "knives", "octopus": "octopuses",
    "house": "houses", "tooth": "teeth", "foot": "feet", "deer": "deer", "glasses": "glasses",
    "sunglasses": "sunglasses",
}
NUMBERS = {2: "two", 3: "three", 4: "four"}
NEIGHBOURS = {  # keys beside each key of a QWERTY keyboard, for misspellings
    "a": "sqz", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "w", "r": "et", "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}


class MissingResource(Exception):
    """A font or a data package is not installed; the message names its Debian package."""


def need(path, package):
    """Returns `path`, or says which Debian package brings it."""
    if not os.path.exists(path):
        raise MissingResource(f"{path} is missing: install Debian's {package}")
    return path


@functools.lru_cache(maxsize=1)
def cldr():
    """CLDR's English annotations: {character: (name, [keywords])}."""
    names, keywords = {}, {}
    for node in ElementTree.parse(need(CLDR, "unicode-cldr-core")).getroot().iter("annotation"):
        character, text = node.get("cp"), node.text or ""
        if node.get("type") == "tts":
            names[character] = text
        else:
            keywords[character] = [word.strip() for word in text.split("|")]
    return {c: (name, keywords.get(c, [])) for c, name in names.items()}


def article(phrase):
    """The phrase with "a" or "an" before it."""
    return ("an " if phrase[0] in "aeio" or phrase.startswith("umbrella") else "a ") + phrase


def plural(phrase):
    """The plural of a noun phrase: its last word before "of" changes ("cup of tea" -> "cups of tea")."""
    head, of, rest = phrase.partition(" of ")
    *before, noun = head.split(" ")
    if noun in IRREGULAR:
        noun = IRREGULAR[noun]
    elif noun.endswith(("s", "x", "ch", "sh")):
        noun += "es"
    elif noun.endswith("y") and noun[-2:-1] not in "aeiou":
        noun = noun[:-1] + "ies"
    else:
        noun += "s"
    return " ".join(before + [noun]) + of + rest


def misspell(phrase, rng):
    """The phrase with one typing mistake in one of its longer words."""
    words = phrase.split(" ")
    long_words = [i for i, word in enumerate(words) if len(word) > 3 and word.isalpha()]
    if not long_words:
        return phrase
    i = long_words[rng.integers(len(long_words))]
    word, at = words[i], 1 + int(rng.integers(len(words[i]) - 2))
    mistake = rng.integers(4)
    if mistake == 0:  # a letter is left out
        word = word[:at] + word[at + 1:]
    elif mistake == 1:  # a letter is typed twice
        word = word[:at] + word[at] + word[at:]
    elif mistake == 2:  # two letters change places
        word = word[:at] + word[at + 1] + word[at] + word[at + 2:]
    else:  # the key beside it
        near = NEIGHBOURS.get(word[at], word[at])
        word = word[:at] + near[rng.integers(len(near))] + word[at + 1:]
    words[i] = word
    return " ".join(words)
