"""What can be drawn: every pictorial emoji under its CLDR names, and our own drawings.

A subject's key is the name of its drawing or the first name of its emoji.  Names come from `NAMES` where people say something shorter or other than
CLDR does, then CLDR's own name; those CLDR keywords that no more than two subjects share are used more rarely.
"""
import collections
import dataclasses
import functools
import os

from .drawn import DRAWINGS, VARYING
from .glyphs import default_font
from .names import cldr, need

EMOJI_TEST = "/usr/share/unicode/emoji/emoji-test.txt"
PICTORIAL_GROUPS = {
    "Smileys & Emotion", "People & Body", "Animals & Nature", "Food & Drink", "Travel & Places", "Activities", "Objects",
}

NAMES = {  # character: names, the key first
    "🐱": ("cat", "kitty", "kitten", "pussycat"), "🐶": ("dog", "puppy", "doggy"), "🐭": ("mouse",),
    "🐹": ("hamster",), "🐰": ("rabbit", "bunny"), "🦊": ("fox",), "🐻": ("bear",), "🐼": ("panda", "panda bear"),
    "🐨": ("koala",), "🐯": ("tiger",), "🦁": ("lion",), "🐮": ("cow",), "🐷": ("pig", "piggy"), "🐸": ("frog",),
    "🐵": ("monkey",), "🐔": ("chicken", "hen"), "🐧": ("penguin",), "🦉": ("owl",), "🦄": ("unicorn",),
    "🐴": ("horse", "pony"), "🐺": ("wolf",), "🐲": ("dragon",), "🐳": ("whale",), "🐙": ("octopus", "squid"),
    "🦋": ("butterfly",), "🐝": ("bee", "honeybee", "bumblebee"), "🐞": ("ladybug", "ladybird"),
    "🐢": ("turtle", "tortoise"), "🦖": ("dinosaur", "t-rex"), "🐘": ("elephant",), "🦒": ("giraffe",), "🐫": ("camel",),
    "🐟": ("fish",), "🦜": ("parrot",), "🦩": ("flamingo",), "🍎": ("apple", "red apple"), "🍌": ("banana",), "🍓": ("strawberry",),
    "🍕": ("pizza", "slice of pizza"), "🍔": ("burger", "hamburger", "cheeseburger"), "🍩": ("donut", "doughnut"),
    "🎂": ("cake", "birthday cake"), "🍦": ("ice cream", "ice cream cone"), "🌵": ("cactus",), "🌳": ("tree", "oak"),
    "🌴": ("palm tree", "palm"), "🌻": ("sunflower",), "🌹": ("rose", "red rose"), "🍄": ("mushroom", "toadstool"),
    "🌞": ("sun", "smiling sun", "sunshine"), "🌙": ("moon", "crescent moon"), "⭐": ("star", "yellow star"), "🌈": ("rainbow",),
    "🌋": ("volcano",), "🏠": ("house", "home", "cottage"), "🏰": ("castle", "palace"), "🗽": ("statue of liberty",),
    "🚗": ("car", "automobile", "red car"), "🚌": ("bus",), "🚂": ("train", "steam train", "locomotive"),
    "🚲": ("bike", "bicycle"), "🚀": ("rocket", "spaceship", "space rocket"), "🛸": ("ufo", "flying saucer"),
    "⛵": ("sailboat", "sailing boat"), "🚢": ("ship", "ocean liner", "steamship"), "✈": ("airplane", "plane", "aeroplane"),
    "🎈": ("balloon", "red balloon"), "🎸": ("guitar", "electric guitar"), "🤖": ("robot", "android"), "👻": ("ghost", "spook"),
    "💀": ("skull",), "👽": ("alien", "extraterrestrial"), "🎃": ("pumpkin", "jack-o-lantern"), "⚽": ("soccer ball", "football"),
    "👑": ("crown",), "☂": ("umbrella",), "🔔": ("bell",), "🔑": ("key",), "💡": ("light bulb", "bulb"), "📖": ("book", "open book"),
    "😀": ("happy face", "glad face", "grinning face", "smiley"), "🎩": ("top hat",), "🏔": ("snowy mountain",),
    "🗼": ("tokyo tower", "radio tower"), "☕": ("cup of coffee", "coffee"), "📺": ("tv", "television"), "💻": ("laptop", "notebook computer"),
}
DRAWN_NAMES = {
    "pug": ("pug", "fat pug", "pug dog"), "submarine": ("submarine", "yellow submarine"),
    "eiffel tower": ("eiffel tower", "image of eiffel tower", "the eiffel tower"),
    "mountain range": ("snow capped mountain range", "snow capped mountains", "snowy mountain range"),
    "city skyline": ("city skyline", "skyline of a city", "city"),
}
HEADS = set("🐶🐱🐭🐹🐰🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐴🐺😀🤖👽💀🎃") | {"pug"}  # faces seen from the front: they can wear things


@dataclasses.dataclass(frozen=True)
class Subject:
    """One thing that can be drawn: its key, the source of its sprite, what it is called."""

    key: str
    source: str  # an emoji character, or a key of drawn.DRAWINGS
    names: tuple  # nouns that stand for it in a sentence
    keywords: tuple  # CLDR's looser words ("wise" for an owl)
    head: bool  # a face seen from the front

    def sprite(self, rng):
        """Its sprite, premultiplied RGBA; `rng` is used by drawings that vary."""
        return sprite(self.source, rng)


@functools.lru_cache(maxsize=None)
def _fixed_drawing(name):
    return DRAWINGS[name](None)


def sprite(source, rng):
    """The sprite of an emoji character or of a drawing."""
    if source in VARYING:
        return DRAWINGS[source](rng)
    if source in DRAWINGS:
        return _fixed_drawing(source)
    return default_font().sprite(source)


def pictorial_emoji():
    """Characters of the pictorial groups of Unicode's emoji list, in its order (Debian: unicode-data)."""
    out, group = [], None
    with open(need(EMOJI_TEST, "unicode-data"), encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("# group:"):
                group = line.split(":", 1)[1].strip()
            elif "; fully-qualified" in line and group in PICTORIAL_GROUPS:
                points = [p for p in line.split(";")[0].split() if p != "FE0F"]
                if len(points) == 1:
                    out.append(chr(int(points[0], 16)))
    return out


@functools.lru_cache(maxsize=1)
def all_subjects():
    """Every subject by key."""
    font, annotations = default_font(), cldr()
    characters = [c for c in pictorial_emoji() if c in font and c in annotations]
    shared = collections.Counter(word for c in characters for word in annotations[c][1])
    out = {key: Subject(key, key, names, (), key in HEADS) for key, names in DRAWN_NAMES.items()}
    for character in characters:
        name, keywords = annotations[character]
        names = list(NAMES.get(character, ())) + [name.lower().replace(":", "").replace("’", "'")]
        key = names[0]
        loose = (word.lower() for word in keywords if shared[word] <= 2)
        if key not in out:
            out[key] = Subject(key, character, tuple(dict.fromkeys(names)), tuple(w for w in loose if w not in names),
                               character in HEADS)
    return out


def short_list(keys):
    """The subjects of these keys, in their order; an unknown key is refused with its name."""
    known = all_subjects()
    unknown = [key for key in keys if key not in known]
    if unknown:
        raise ValueError(f"unknown subjects: {', '.join(unknown)}")
    return {key: known[key] for key in keys}
