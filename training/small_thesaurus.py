#!/usr/bin/python3
"""Writes thesaurus.tsv for a model of few words: what it takes words for that it was not taught.

  training/small_thesaurus.py MODEL_FOLDER [TABLE.tsv]     reads MODEL_FOLDER/vocab.txt

Kinds and synonyms are WordNet's, names in German, Spanish, French and Chinese CLDR's, of the subjects of
sprites/subjects.tsv whose English name the vocabulary has whole. `TABLE.tsv` comes first: lines written by hand.
Debian packages: wordnet-base, unicode-cldr-core.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from easel_training.files import atomic  # noqa: E402
from easel_training.words.thesaurus import lines_of_vocabulary  # noqa: E402


def main():
    folder = sys.argv[1]
    with open(os.path.join(folder, "vocab.txt")) as file:
        words = {line.rstrip("\n") for line in file}
    by_hand = []
    if len(sys.argv) > 2:
        with open(sys.argv[2]) as file:
            by_hand = file.read().splitlines()
    taken = {line.split("\t")[0] for line in by_hand}
    made = ["\t".join(line) for line in lines_of_vocabulary(words) if line[0] not in taken]
    with atomic(os.path.join(folder, "thesaurus.tsv"), "w") as file:
        file.writelines(line + "\n" for line in by_hand + made)
    print(f"{len(by_hand)} lines by hand, {len(made)} made")


if __name__ == "__main__":
    main()
