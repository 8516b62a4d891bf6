"""WordNet's nouns (Debian: wordnet-base): senses, synonyms, and the kinds of a thing."""
import functools
import os

from ..pictures.names import need

FOLDER = "/usr/share/wordnet"
THINGS = {5: "animal", 6: "artifact", 8: "body", 13: "food", 17: "object", 18: "person", 19: "phenomenon", 20: "plant"}


def _file(name):
    return need(os.path.join(FOLDER, name), "wordnet-base")


@functools.lru_cache(maxsize=1)
def synsets():
    """{offset: (lexicographer's file, words, offsets of hyponyms, gloss)} of all nouns."""
    out = {}
    with open(_file("data.noun"), encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("  "):  # the licence
                continue
            fields, gloss = line.split(" | ", 1)
            fields = fields.split()
            count = int(fields[3], 16)
            words = [fields[4 + 2 * i].replace("_", " ") for i in range(count)]
            at = 4 + 2 * count
            pointers = fields[at + 1:at + 1 + 4 * int(fields[at])]
            below = [pointers[i + 1] for i in range(0, len(pointers), 4) if pointers[i] in ("~", "~i")]
            out[fields[0]] = (int(fields[1]), words, below, gloss.strip())
    return out


@functools.lru_cache(maxsize=1)
def index():
    """{noun: offsets of its senses, the commonest first}."""
    out = {}
    with open(_file("index.noun"), encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("  "):
                fields = line.split()
                out[fields[0].replace("_", " ")] = fields[-int(fields[2]):]
    return out


def first_sense(names):
    """The first sense of the first name that is a thing, as "word#number"; "" where there is none."""
    for name in names:
        for number, offset in enumerate(index().get(name.lower(), ()), 1):
            if synsets()[offset][0] in THINGS:
                return f"{name.lower()}#{number}"
    return ""


def offset(sense):
    """The synset of "word#number"."""
    word, _, number = sense.rpartition("#")
    return index()[word][int(number) - 1]


def synonyms(sense):
    return synsets()[offset(sense)][1]


def kinds(sense, depth, unwanted):
    """Words of the hyponyms down to `depth`: [(word, how deep)], no word twice; senses whose gloss matches `unwanted` are left out."""
    out, seen, level = [], set(), [offset(sense)]
    for deep in range(1, depth + 1):
        level = [below for o in level for below in synsets()[o][2] if below in synsets() and not unwanted.search(synsets()[below][3])]
        for o in level:
            for word in synsets()[o][1]:
                if word.lower() not in seen:
                    seen.add(word.lower())
                    out.append((word, deep))
    return out
