"""thesaurus.tsv: words that the model was not taught -> the nearest word that it knows.

Lines are `word<TAB>known<TAB>language`, in the order of preference; "en" lines are kinds and synonyms from WordNet, the others
CLDR's names of the drawings.  A word stands in one line only.  Words of up to three parts are looked up whole, longest first.
"""
import xml.etree.ElementTree as ElementTree

from ..files import atomic
from ..pictures.names import need
from ..sprites.subjects import all_subjects, of_waves
from .lexicon import lexicon, words_of

ANNOTATIONS = "/usr/share/unicode/cldr/common/annotations/{}.xml"
LANGUAGES = ("de", "es", "fr", "zh")
DEPTH = 5


def _foreign(language):
    """{character: name} as CLDR has it, lower case."""
    tree = ElementTree.parse(need(ANNOTATIONS.format(language), "unicode-cldr-core")).getroot()
    return {node.get("cp"): (node.text or "").lower() for node in tree.iter("annotation") if node.get("type") == "tts"}


def _lines(targets):
    """[(word, known, language)] where `targets` are the words to draw {a subject's key: its name} by."""
    subjects, out, taken = all_subjects(), [], set()
    for key in targets:
        taken.update(lexicon()[key].names)

    def add(word, key, language):
        if word and word not in taken and "\t" not in word:
            taken.add(word)
            out.append((word, targets[key], language))
    for word, (key, rank) in sorted(words_of(DEPTH).items(), key=lambda item: (item[1][1], item[0])):
        if key in targets and rank not in (0, 2):  # CLDR's keywords are too loose ("father" for santa claus)
            add(word, key, "en")
    for language in LANGUAGES:
        names = _foreign(language)
        for key in sorted(targets):
            for character in subjects[key].characters:
                add(names.get(character, ""), key, language)
    return out


def lines(wave):
    """[(word, known, language)] for a model that knows the subjects of waves 1 to `wave`."""
    return _lines({key: lexicon()[key].names[0] for key in of_waves(wave)})


def lines_of_vocabulary(words):
    """The same for a model that knows these words: of each subject the first name that they make, and
    its other names lead there."""
    targets, others = {}, []
    for key in all_subjects():
        names = lexicon()[key].names
        known = [name for name in names if all(part in words for part in name.split())]
        if known:
            targets[key] = known[0]
            others += [(name, known[0], "en") for name in names if name not in known]
    return others + _lines(targets)


def write(path, wave):
    """Writes the table; returns how many words it has."""
    made = lines(wave)
    with atomic(path, "w") as file:
        file.writelines("\t".join(line) + "\n" for line in made)
    return len(made)
