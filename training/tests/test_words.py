"""Words, specs and subjects of the second generation."""
import collections
import dataclasses
import unittest

import context  # noqa: F401
import numpy as np
from easel_training import text as texts
from easel_training.painting.names import STYLES
from easel_training.pictures import holdout
from easel_training.scenery.names import ACCESSORIES, COLOURS, PLACES, RELATION_WORDS
from easel_training.scenery.spec import PAGE_SCENES, Sampler, SceneSpec
from easel_training.sprites import hands
from easel_training.sprites.subjects import all_subjects, of_waves
from easel_training.train import text_encoder
from easel_training.words import captions, lexicon, thesaurus, wordnet


def every_hand(subject):
    return list(hands.HANDS)


class Subjects(unittest.TestCase):
    def test_there_are_two_waves_and_no_name_twice(self):
        self.assertEqual(len(of_waves(1)), 399)
        self.assertEqual(len(of_waves(2)), 1034)
        names = collections.Counter(name for subject in all_subjects().values() for name in subject.names[:1])
        self.assertEqual([name for name, count in names.items() if count > 1], [])

    def test_every_pictorial_emoji_is_drawn_for_one_subject_at_most(self):
        drawn = collections.Counter(c for subject in all_subjects().values() for c in subject.characters)
        self.assertEqual([c for c, count in drawn.items() if count > 1], [])

    def test_the_pages_subjects_are_in_the_first_wave(self):
        self.assertLessEqual({spec.subject for _, spec in PAGE_SCENES}, set(of_waves(1)))

    def test_every_sense_is_one_of_wordnets(self):
        for subject in all_subjects().values():
            if subject.sense:
                self.assertIn(wordnet.offset(subject.sense), wordnet.synsets(), subject.key)

    def test_the_judges_hands_are_never_among_those_for_training(self):
        self.assertFalse({hand.package for hand in hands.HANDS.values()} & {"openmoji", "emojione-v1"})
        self.assertAlmostEqual(sum(hand.share for hand in hands.HANDS.values()), 1.0)


class Specs(unittest.TestCase):
    def test_held_out_pairs_never_come(self):
        source, rng = Sampler(of_waves(1), dict.fromkeys(STYLES, 1), hands_of=every_hand), np.random.default_rng(1)
        for _ in range(2000):
            _, spec, style = source.sample(rng)
            self.assertEqual(holdout.held_out(spec, style), set())

    def test_a_mirror_changes_left_and_right_only(self):
        spec = SceneSpec("cat", other="dog", relation="left")
        self.assertEqual(spec.mirrored().relation, "right")
        self.assertEqual(spec.mirrored().mirrored(), spec)
        self.assertEqual(dataclasses.replace(spec, relation="above").mirrored().relation, "above")

    def test_told_from_the_other_it_is_the_same_scene(self):
        spec = SceneSpec("cat", other="dog", relation="left")
        self.assertEqual((spec.turned().subject, spec.turned().relation), ("dog", "right"))
        self.assertEqual(spec.turned().turned(), spec)


class Lexicon(unittest.TestCase):
    def test_a_word_stands_for_one_subject(self):
        owner = collections.defaultdict(set)
        for key, entry in lexicon.lexicon().items():
            self.assertTrue(entry.names, key)
            for word in (*entry.names, *entry.synonyms, *entry.keywords, *entry.kinds, *entry.unseen):
                owner[word].add(key)
        self.assertEqual([word for word, keys in owner.items() if len(keys) > 1], [])

    def test_kinds_are_those_that_people_mean(self):
        words = {word: key for key, entry in lexicon.lexicon().items() for word in (*entry.kinds, *entry.unseen)}
        for word, key in (("dalmatian", "dog"), ("tabby", "cat"), ("convertible", "car"), ("bungalow", "house")):
            self.assertEqual(words.get(word), key, word)
        self.assertEqual(lexicon.lexicon()["tiger"].kinds[:1] and words.get("bengal tiger", "tiger"), "tiger")

    def test_held_out_words_are_never_in_a_caption(self):
        unseen = {word for entry in lexicon.lexicon().values() for word in entry.unseen}
        self.assertGreater(len(unseen), 100)
        source, rng, seen = Sampler(of_waves(2), dict.fromkeys(STYLES, 1), hands_of=every_hand), np.random.default_rng(2), set()
        for _ in range(3000):
            words, spec, style = source.sample(rng)
            seen.update(texts.words(captions.caption(spec, STYLES[style], rng, words, 0.0)[0]))
        self.assertLess(len(seen & unseen), 6)  # parts of longer words ("birch tree") may be


class Captions(unittest.TestCase):
    def test_what_was_said_is_what_the_words_say(self):
        source, rng = Sampler(of_waves(1), dict.fromkeys(STYLES, 1), hands_of=every_hand), np.random.default_rng(3)
        for _ in range(1500):
            words, spec, style = source.sample(rng)
            text, said = captions.caption(spec, STYLES[style], rng, words, 0.0)
            if said.colour:
                self.assertIn(said.colour, text)
            if said.accessory:
                self.assertTrue(any(form in text for form in ACCESSORIES[said.accessory]), text)
            if said.ground in PLACES and not words:
                self.assertTrue(any(form in text for form in PLACES[said.ground]), text)
            if said.relation:
                self.assertTrue(any(form in text for form in RELATION_WORDS[said.relation]), text)
            if said.hand:
                self.assertTrue(any(form in text for form in hands.HANDS[said.hand].words), text)

    def test_a_relation_is_told_from_both_ends(self):
        spec, told = SceneSpec("cat", other="dog", relation="left"), set()
        for seed in range(60):
            _, said = captions.caption(spec, STYLES["plain"], np.random.default_rng(seed), None, 0.0)
            told.add((said.subject, said.relation))
        self.assertEqual(told, {("cat", "left"), ("dog", "right"), ("cat", ""), ("dog", "")})

    def test_every_caption_has_targets_in_the_heads(self):
        source, rng = Sampler(of_waves(2), dict.fromkeys(STYLES, 1), hands_of=every_hand), np.random.default_rng(4)
        for _ in range(300):
            words, spec, style = source.sample(rng)
            _, said = captions.caption(spec, STYLES[style], rng, words)
            for field, index in text_encoder.INDEX.items():
                self.assertIn(getattr(said, field), index, field)


class Pieces(unittest.TestCase):
    def test_the_vocabulary_has_its_size_and_spells_every_word(self):
        counts = {"cat": 50, "catfish": 3, "bluefish": 3, "zebrafish": 2, "dog": 40}
        base = len(texts.SPECIAL) + len(texts.PUNCTUATION) + 2 * len(texts.LETTERS)
        pieces = texts.train_pieces(counts, base + 6)
        self.assertEqual(len(pieces), len(set(pieces)))
        self.assertEqual(len(pieces), base + 6)
        self.assertIn("cat", pieces)
        self.assertIn("##fish", pieces)
        tokens = texts.WordPiece(pieces, 40)("a qwertz catfish")
        self.assertNotIn(pieces.index("[UNK]"), tokens)


class Thesaurus(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lines = thesaurus.lines(1)

    def test_unknown_words_lead_to_known_ones(self):
        table = {word: known for word, known, _ in self.lines}
        for word, known in (("dachshund", "dog"), ("hund", "dog"), ("katze", "cat"), ("bungalow", "house"), ("château", "castle"), ("猫", "cat")):
            self.assertEqual(table.get(word), known, word)

    def test_no_word_stands_twice_and_none_is_known_already(self):
        words = [word for word, _, _ in self.lines]
        self.assertEqual(len(words), len(set(words)))
        names = {name for key in of_waves(1) for name in lexicon.lexicon()[key].names}
        self.assertFalse(names & set(words))

    def test_every_line_leads_to_a_subject_of_the_wave(self):
        first = {lexicon.lexicon()[key].names[0] for key in of_waves(1)}
        self.assertLessEqual({known for _, known, _ in self.lines}, first)


if __name__ == "__main__":
    unittest.main()
