"""The second generation's evaluation: fixed prompts, held-out words, the judge's arithmetic."""
import unittest

import context  # noqa: F401
import numpy as np
import torch
from easel_training.evaluate import wide
from easel_training.networks.perceptual import Classifier
from easel_training.painting.names import STYLES
from easel_training.pictures import holdout
from easel_training.scenery.names import INVERSE, RELATION_WORDS
from easel_training.sprites.subjects import of_waves


class FixedPrompts(unittest.TestCase):
    def test_there_are_48_and_their_kinds_are_true(self):
        prompts = wide.fixed_prompts()
        self.assertEqual([len([p for p in prompts if p.kind == k]) for k in ("seen", "held-out", "words", "relation", "count")], [12, 12, 12, 6, 6])
        for prompt in prompts:
            self.assertIn(prompt.subject, of_waves(1))
            self.assertIn(prompt.style, STYLES)
            if prompt.kind in ("seen", "held-out"):
                self.assertEqual(holdout.style_held_out(prompt.subject, prompt.style), prompt.kind == "held-out", prompt.text)


class Words(unittest.TestCase):
    def test_unseen_words_are_asked_by_what_the_thesaurus_makes_of_them(self):
        wanted = wide.unseen_words(of_waves(1), 20, 1)
        self.assertEqual(len(wanted), 20)
        for want in wanted:
            self.assertNotIn(want.kind, want.text.split())

    def test_pairs_are_seen_or_held_out_as_asked(self):
        for held_out in (False, True):
            for want in wide.recognition(of_waves(1), ["plain", "monet", "neon"], 40, held_out):
                self.assertIn(want.style, ("monet", "neon"))  # only what the model was taught
                self.assertEqual(holdout.style_held_out(want.subject, want.style), held_out)


class Obedience(unittest.TestCase):
    def test_every_prompt_says_what_is_measured(self):
        for text, spec in wide.obedience("relation", of_waves(1), 30):
            words = [*RELATION_WORDS[spec.relation], *RELATION_WORDS[INVERSE[spec.relation]]]
            self.assertTrue(any(form in text for form in words), text)
        for text, spec in wide.obedience("colour", of_waves(1), 10):
            self.assertIn(spec.colour, text)

    def test_a_picture_of_what_was_asked_obeys_and_its_mirror_does_not(self):
        """With a renderer that paints halves and features that are the pixels."""
        class Painter:
            def paint(self, spec, style, rng):
                picture = np.zeros((8, 8, 3), np.uint8)
                picture[:, 4 * (spec.relation in ("right", "below", "before")):][:, :4] = 255
                return picture

        class Pixels:
            def places(self, pictures):
                return np.asarray(pictures, float).reshape(len(pictures), -1)
        asked = wide.obedience("relation", of_waves(1), 8)
        for mirrored, share in ((False, 1.0), (True, 0.0)):
            pictures = [Painter().paint(spec, "plain", None)[:, ::-1 if mirrored else 1] for _, spec in asked]
            report = wide.Report(Pixels(), Painter(), lambda texts, seed, p=pictures: p, of_waves(1), 1)
            self.assertEqual(report.obeyed("relation", 8), {"obeyed": share, "by chance": .5})


class Judging(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        self.subjects, self.styles = of_waves(1)[:8], list(STYLES)
        self.judge = wide.JudgeOfOtherHands(Classifier(8, 32, 32).eval(), self.subjects, self.styles, 32)

    def test_shares_count_what_was_asked(self):
        pictures = np.random.default_rng(0).integers(0, 255, (6, 64, 64, 3)).astype(np.uint8)
        with torch.no_grad():
            subject, style = self.judge.network(self.judge._reduced(pictures))
        right = [wide.Wanted("", self.subjects[int(s)], self.styles[int(t)]) for s, t in zip(subject.argmax(1), style.argmax(1))]
        self.assertEqual(self.judge.recognised(pictures, right), {"subject": 1.0, "subject in five": 1.0, "style": 1.0})
        wrong = [wide.Wanted("", self.subjects[int(s)], self.styles[int(t)]) for s, t in zip(subject.argmin(1), style.argmin(1))]
        self.assertEqual(self.judge.recognised(pictures, wrong), {"subject": 0.0, "subject in five": 0.0, "style": 0.0})

    def test_copies_have_no_spread(self):
        one = np.random.default_rng(1).integers(0, 255, (1, 64, 64, 3)).astype(np.uint8)
        others = np.random.default_rng(2).integers(0, 255, (4, 64, 64, 3)).astype(np.uint8)
        self.assertLess(self.judge.spread(one.repeat(4, 0)), 1e-3)
        self.assertGreater(self.judge.spread(others), 1e-2)


if __name__ == "__main__":
    unittest.main()
