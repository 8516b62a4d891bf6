"""The measures of the evaluation."""
import unittest

import context  # noqa: F401
import numpy as np
from easel_training import config as configs
from easel_training.evaluate import prompts
from easel_training.evaluate.judge import frechet, precision_recall
from easel_training.pictures import holdout
from easel_training.pictures.render import Recipe


class Prompts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.recipe = Recipe.from_config(configs.load("cpu")["pictures"])

    def test_held_out_prompts_are_held_out_and_seen_ones_are_not(self):
        for held_out in (False, True):
            for prompt in prompts.recognition(self.recipe, 60, held_out):
                self.assertEqual(holdout.style_held_out(prompt.spec.subject, prompt.style), held_out, prompt.text)

    def test_prompts_are_the_same_every_time(self):
        one, two = (prompts.recognition(self.recipe, 10, False) for _ in range(2))
        self.assertEqual(one, two)

    def test_the_page_has_nine_subjects_in_twelve_styles(self):
        page = prompts.page()
        self.assertEqual(len(page), 108)
        self.assertEqual(len({p.text for p in page}), 108)

    def test_what_was_asked_is_among_the_alternatives(self):
        for kind, alternatives in prompts.ALTERNATIVES.items():
            for prompt in prompts.obedience(self.recipe, kind, 12):
                self.assertIn(prompt.spec, alternatives(prompt.spec), kind)

    def test_obedience_asks_for_held_out_pairs(self):
        for prompt in prompts.obedience(self.recipe, "colour", 12):
            self.assertTrue(holdout.colour_held_out(prompt.spec.colour, prompt.spec.subject))


class Distances(unittest.TestCase):
    def test_frechet_of_a_shift_is_its_square(self):
        x = np.random.default_rng(0).standard_normal((500, 6))
        self.assertAlmostEqual(frechet(x, x), 0, places=6)
        self.assertAlmostEqual(frechet(x, x + 2), 4 * 6, places=6)

    def test_precision_and_recall_tell_quality_from_variety(self):
        rng = np.random.default_rng(0)
        real = rng.standard_normal((300, 3))
        narrow = 0.05 * rng.standard_normal((300, 3))
        precision, recall = precision_recall(real, narrow)
        self.assertGreater(precision, 0.95)
        self.assertLess(recall, 0.5)
        far = rng.standard_normal((300, 3)) + 50
        self.assertEqual(precision_recall(real, far), (0.0, 0.0))


if __name__ == "__main__":
    unittest.main()
