"""Words of the second generation.

    wordnet.py    senses, synonyms, kinds
    lexicon.py    every word that stands for a subject, and which of them training never shows
    captions.py   a spec said in many ways, and what was said
    thesaurus.py  thesaurus.tsv: words of five languages -> words that the model knows
"""
