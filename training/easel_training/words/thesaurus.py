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


def lines(wave):
    """[(word, known, language)] for a model that knows the subjects of waves 1 to `wave`."""
    known, subjects, out, taken = set(of_waves(wave)), all_subjects(), [], set()
    for key in known:
        taken.update(lexicon()[key].names)

    def add(word, key, language):
        if word and word not in taken and "\t" not in word:
            taken.add(word)
            out.append((word, lexicon()[key].names[0], language))
    for word, (key, rank) in sorted(words_of(DEPTH).items(), key=lambda item: (item[1][1], item[0])):
        if key in known and rank not in (0, 2):  # CLDR's keywords are too loose ("father" for santa claus)
            add(word, key, "en")
    for language in LANGUAGES:
        names = _foreign(language)
        for key in sorted(known):
            for character in subjects[key].characters:
                add(names.get(character, ""), key, language)
    return out


def write(path, wave):
    """Writes the table; returns how many words it has."""
    made = lines(wave)
    with atomic(path, "w") as file:
        file.writelines("\t".join(line) + "\n" for line in made)
    return len(made)
