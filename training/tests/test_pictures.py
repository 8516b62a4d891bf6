"""Properties of the picture library."""
import dataclasses
import unittest

import context  # noqa: F401
import numpy as np
from easel_training import config as configs
from easel_training.pictures import captions, holdout, names, scenes
from easel_training.pictures.render import PAGE_SCENES, Recipe, Renderer
from easel_training.pictures.scenes import SceneSpec
from easel_training.pictures.styles import ALL_STYLES, MORE_STYLES, PAGE_STYLES
from easel_training.pictures.subjects import all_subjects, short_list


def drawn(spec, size=64, seed=3):
    return scenes.draw(spec, np.random.default_rng(seed), size)


class Styles(unittest.TestCase):
    def test_there_are_the_pages_twelve_and_at_least_twelve_more(self):
        self.assertEqual(len(PAGE_STYLES), 12)
        self.assertGreaterEqual(len(MORE_STYLES), 12)

    def test_a_style_never_loses_the_subject(self):
        """Inside its mask the picture differs from the same style's picture without the subject."""
        scene = drawn(SceneSpec("panda"))
        empty = dataclasses.replace(scene, rgb=np.zeros_like(scene.rgb), mask=np.zeros_like(scene.mask))
        for key, style in ALL_STYLES.items():
            with self.subTest(style=key):
                there = style(scene, np.random.default_rng(5))
                gone = style(empty, np.random.default_rng(5))
                inside = np.abs(there - gone).mean(2)[scene.mask > 0.5].mean()
                self.assertGreater(inside, 0.08)

    def test_every_style_paints_every_size_in_range(self):
        for size in (64, 96, 256):
            scene = drawn(SceneSpec("cat", ground="beach"), size)
            for key, style in ALL_STYLES.items():
                with self.subTest(style=key, size=size):
                    picture = style(scene, np.random.default_rng(1))
                    self.assertEqual(picture.shape, (size, size, 3))
                    self.assertEqual(picture.dtype, np.float32)
                    self.assertTrue(np.isfinite(picture).all() and picture.min() >= 0 and picture.max() <= 1)

    def test_a_style_varies_with_its_seed(self):
        scene = drawn(SceneSpec("apple"))
        for key, style in ALL_STYLES.items():
            with self.subTest(style=key):
                one, other = style(scene, np.random.default_rng(1)), style(scene, np.random.default_rng(2))
                self.assertGreater(np.abs(one - other).mean(), 0.001)


class Scenes(unittest.TestCase):
    def test_every_pictorial_emoji_is_a_subject(self):
        self.assertGreater(len(all_subjects()), 900)

    def test_other_names_are_known(self):
        spoken = {name: key for key, subject in all_subjects().items() for name in subject.names}
        self.assertEqual(spoken["kitty"], "cat")
        self.assertEqual(spoken["automobile"], "car")
        self.assertEqual(spoken["glad face"], "happy face")

    def test_left_is_left_and_above_is_above(self):
        for relation, axis, sign in (("left", 1, -1), ("right", 1, 1), ("above", 0, -1), ("below", 0, 1)):
            both = drawn(SceneSpec("apple", other="cat", relation=relation))
            alone = np.abs(both.rgb - np.array([0.83, 0.2, 0.1])).sum(2)  # the apple is the reddest thing
            red = (alone < 0.35) & (both.mask > 0.5)
            place, middle = np.argwhere(red).mean(0)[axis], np.argwhere(both.mask > 0.5).mean(0)[axis]
            self.assertGreater(sign * (place - middle), 4, relation)

    def test_more_of_them_cover_more_places(self):
        one, four = drawn(SceneSpec("apple")), drawn(SceneSpec("apple", count=4))
        self.assertGreater(one.mask[30:34, 30:34].mean(), four.mask[30:34, 30:34].mean())

    def test_a_colour_changes_the_hue_and_keeps_the_shape(self):
        plain, blue = drawn(SceneSpec("cat")), drawn(SceneSpec("cat", colour="blue"))
        np.testing.assert_allclose(plain.mask, blue.mask, atol=1e-5)
        mean = blue.rgb[blue.mask > 0.5].mean(0)
        self.assertGreater(mean[2], mean[0] + 0.15)

    def test_the_pages_subjects_can_all_be_drawn(self):
        for words, spec in PAGE_SCENES:
            with self.subTest(words=words):
                self.assertGreater(drawn(spec).mask.mean(), 0.08)

    def test_an_unknown_subject_is_named(self):
        with self.assertRaisesRegex(ValueError, "flying toaster"):
            short_list(["cat", "flying toaster"])

    def test_a_missing_file_names_its_debian_package(self):
        with self.assertRaisesRegex(names.MissingResource, "fonts-noto-color-emoji"):
            names.need("/nowhere/NotoColorEmoji.ttf", "fonts-noto-color-emoji")


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.renderer = Renderer(Recipe.from_config(configs.load("cpu")["pictures"]))

    def test_the_same_seed_gives_the_same_picture_and_caption(self):
        again = Renderer(self.renderer.recipe)
        for i in range(8):
            one, two = self.renderer.example(1, i), again.example(1, i)
            np.testing.assert_array_equal(one.picture, two.picture)
            self.assertEqual(one.caption, two.caption)
        self.assertNotEqual(self.renderer.example(2, 0).caption + str(self.renderer.example(2, 0).picture.sum()),
                            self.renderer.example(1, 0).caption + str(self.renderer.example(1, 0).picture.sum()))

    def test_held_out_pairs_never_appear_in_training(self):
        for i in range(300):
            words, spec = self.renderer.scene(np.random.default_rng(i))
            example = self.renderer.example(1, i)
            self.assertEqual(holdout.held_out(example.spec, example.style), set(), example.caption)

    def test_held_out_examples_are_all_held_out_pairs(self):
        for i in range(20):
            example = self.renderer.example(1, i, held_out=True)
            self.assertTrue(holdout.held_out(example.spec, example.style), example.caption)

    def test_the_page_is_never_held_out(self):
        for _, spec in PAGE_SCENES:
            for style in PAGE_STYLES:
                self.assertEqual(holdout.held_out(spec, style), set())

    def test_some_of_everything_is_held_out(self):
        pairs = [(s, style) for s in self.renderer.recipe.subjects for style in PAGE_STYLES]
        share = sum(holdout.style_held_out(*pair) for pair in pairs) / len(pairs)
        self.assertTrue(0.04 < share < 0.13, share)


class Words(unittest.TestCase):
    def test_plurals(self):
        for one, many in (("apple", "apples"), ("butterfly", "butterflies"), ("bus", "buses"), ("wolf", "wolves"),
                          ("slice of pizza", "slices of pizza"), ("fish", "fish")):
            self.assertEqual(names.plural(one), many)

    def test_articles(self):
        self.assertEqual(names.article("apple"), "an apple")
        self.assertEqual(names.article("unicorn"), "a unicorn")

    def test_a_misspelling_changes_one_word_by_little(self):
        for i in range(50):
            phrase = "a panda riding a bicycle in the style of Monet"
            wrong = names.misspell(phrase, np.random.default_rng(i))
            differing = [(a, b) for a, b in zip(phrase.split(), wrong.split()) if a != b]
            self.assertLessEqual(len(differing), 1)
            self.assertEqual(len(phrase.split()), len(wrong.split()))

    def test_a_caption_says_everything_that_was_asked(self):
        rng = np.random.default_rng(0)
        for _ in range(30):
            text = captions.content(SceneSpec("cat", colour="blue", accessory="sunglasses"), rng)
            self.assertIn("blue", text)
            self.assertIn("sunglasses", text)
        self.assertRegex(captions.content(SceneSpec("apple", count=3), np.random.default_rng(1)), "three|3")

    def test_the_pages_exact_phrases_are_among_the_captions(self):
        for words, spec in PAGE_SCENES:
            style = PAGE_STYLES["bauhaus"]
            said = {captions.caption(spec, style, np.random.default_rng(i), words) for i in range(200)}
            self.assertTrue({f"{words} {style.phrases[0]}", f"{words}, {style.phrases[0]}"} & said, words)


if __name__ == "__main__":
    unittest.main()
