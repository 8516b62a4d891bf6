"""BERT's WordPiece over a small vocabulary of our own."""
import collections
import re
import unicodedata

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PUNCTUATION = list("!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~")
LETTERS = list("abcdefghijklmnopqrstuvwxyz0123456789")


def words(text):
    """Lower case, accents off, split at spaces and around punctuation, as bert-base-uncased does."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
    return re.findall(r"[a-z0-9]+|[^\sa-z0-9]", plain)


def build_vocabulary(captions, at_least=12):
    """Special tokens, punctuation, letters, then words seen often enough (a misspelling must not become a word)."""
    count = collections.Counter(word for caption in captions for word in words(caption))
    base = SPECIAL + PUNCTUATION + LETTERS + ["##" + c for c in LETTERS]
    known = set(base)
    return base + sorted(word for word, n in count.items() if n >= at_least and word not in known)


class WordPiece:
    """Text -> token ids: [CLS] words [SEP] [PAD]..., always `length` of them."""

    def __init__(self, vocabulary, length):
        self.ids, self.length = {token: i for i, token in enumerate(vocabulary)}, length

    def _pieces(self, word):
        pieces, start = [], 0
        while start < len(word):
            end = len(word)
            while end > start and ("##" if start else "") + word[start:end] not in self.ids:
                end -= 1
            if end == start:
                return [self.ids["[UNK]"]]
            pieces.append(self.ids[("##" if start else "") + word[start:end]])
            start = end
        return pieces

    def __call__(self, text):
        out = [self.ids["[CLS]"]]
        for word in words(text):
            out += self._pieces(word)
        out = out[:self.length - 1] + [self.ids["[SEP]"]]
        return out + [self.ids["[PAD]"]] * (self.length - len(out))


def read_vocabulary(path):
    with open(path, encoding="utf-8") as file:
        return file.read().split("\n")[:-1]


def write_vocabulary(path, vocabulary):
    from .files import atomic
    with atomic(path, "w") as file:
        file.write("\n".join(vocabulary) + "\n")


def train_pieces(counts, size):
    """A WordPiece vocabulary of `size` tokens for words with counts: letters, the commonest words, then the pieces that shorten the rest most.

    Half of what the letters leave goes to whole words by count; the other half to beginnings and endings of the remaining words,
    each worth its count times the letters that it saves.
    """
    base = SPECIAL + PUNCTUATION + LETTERS + ["##" + c for c in LETTERS]
    known = set(base)
    ranked = [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if word not in known]
    room = size - len(base)
    whole = ranked[:room * 3 // 5]
    gain = collections.Counter()
    for word in ranked[len(whole):]:
        for at in range(2, len(word)):
            gain[word[:at]] += counts[word] * (at - 1)
            gain["##" + word[at:]] += counts[word] * (len(word) - at - 1)
    known.update(whole)
    pieces = [piece for piece, _ in sorted(gain.items(), key=lambda item: (-item[1], item[0])) if piece not in known][:room - len(whole)]
    return base + sorted(whole) + sorted(pieces)
