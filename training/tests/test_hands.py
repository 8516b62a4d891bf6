"""The drawing hands, scenes and styles at 256 pixels.  What needs the sprite cache is skipped where it has not been made."""
import dataclasses
import os
import unittest

import context  # noqa: F401
import numpy as np
from easel_training import config as configs
from easel_training import data
from easel_training.painting.names import STYLES
from easel_training.painting.table import PAINT, paint
from easel_training.pictures import scenes as first
from easel_training.scenery import stage
from easel_training.scenery.spec import PAGE_SCENES, SceneSpec
from easel_training.sprites import hands

CACHED = all(os.path.exists(hands.cache_path(hand)) for hand in hands.HANDS.values())
NO_CACHE = "the drawing hands are not rendered: training/train.py sprites wide"
RED = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect x="3" y="2" width="2" height="4" fill="#f00" fill-opacity=".5"/></svg>'


class Rendering(unittest.TestCase):
    def test_a_drawing_is_cut_to_its_ink_premultiplied_and_square(self):
        if not hands.shutil.which("rsvg-convert"):
            self.skipTest("rsvg-convert is missing (librsvg2-bin)")
        sprite = hands.rendered(RED)
        self.assertEqual(sprite.shape, (256, 256, 4))
        ys, xs = np.nonzero(sprite[..., 3] > 64)
        self.assertTrue(ys.min() <= 1 and ys.max() >= 254 and 62 <= xs.min() and xs.max() <= 193)
        middle = sprite[128, 128].astype(int)
        self.assertTrue(abs(middle[0] - 128) < 3 and middle[1] == middle[2] == 0 and abs(middle[3] - 128) < 3, middle)

    def test_what_cannot_be_drawn_is_none(self):
        if not hands.shutil.which("rsvg-convert"):
            self.skipTest("rsvg-convert is missing (librsvg2-bin)")
        self.assertIsNone(hands.rendered("<svg nonsense"))
        self.assertIsNone(hands.rendered('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"/>'))

    def test_a_square_ground_is_told_by_its_corners(self):
        full, round_one = np.full((256, 256, 4), 255, np.uint8), np.zeros((256, 256, 4), np.uint8)
        round_one[64:192, 64:192] = 255
        self.assertTrue(hands.square_ground(full))
        self.assertFalse(hands.square_ground(round_one))

    def test_the_lock_file_has_no_address_and_exact_versions(self):
        with open(os.path.join(hands.LOCK, "package-lock.json"), encoding="utf-8") as file:
            lock = file.read()
        self.assertNotIn("http", lock)
        for hand in (*hands.HANDS.values(), *hands.JUDGES_HANDS.values()):
            self.assertIn(f'"node_modules/@iconify-json/{hand.package}"', lock)

    def test_a_missing_cache_says_which_command_makes_it(self):
        with self.assertRaisesRegex(hands.MissingResource, "train.py sprites"):
            hands.Sprites(hands.Hand("nobody", "nobody", 0))


class Painting(unittest.TestCase):
    """On a scene of the first generation, which needs no cache."""

    @classmethod
    def setUpClass(cls):
        cls.scene = first.draw(first.SceneSpec("panda"), np.random.default_rng(3), 128)
        cls.beach = first.draw(first.SceneSpec("cat", ground="beach"), np.random.default_rng(3), 128)

    def test_every_named_style_can_be_painted(self):
        self.assertEqual(len(STYLES), 32)
        self.assertEqual(list(PAINT), list(STYLES))
        for key in PAINT:
            for scene in (self.scene, self.beach):
                with self.subTest(style=key):
                    picture = paint(key, scene, np.random.default_rng(1))
                    self.assertEqual((picture.shape, picture.dtype), ((128, 128, 3), np.uint8))

    def test_the_same_seed_gives_the_same_picture(self):
        for key in PAINT:
            with self.subTest(style=key):
                one, two = paint(key, self.scene, np.random.default_rng(4)), paint(key, self.scene, np.random.default_rng(4))
                np.testing.assert_array_equal(one, two)

    def test_a_style_never_loses_the_subject(self):
        empty = dataclasses.replace(self.scene, rgb=np.zeros_like(self.scene.rgb), mask=np.zeros_like(self.scene.mask))
        for key in PAINT:
            with self.subTest(style=key):
                there, gone = (paint(key, scene, np.random.default_rng(5)).astype(float) / 255 for scene in (self.scene, empty))
                self.assertGreater(np.abs(there - gone).mean(2)[self.scene.mask > .5].mean(), .08)

    def test_textures_begin_at_the_same_place_in_every_picture(self):
        """The joints of a mosaic, the bricks of neon, the lines of a blueprint."""
        scene = first.draw(first.SceneSpec("panda"), np.random.default_rng(3), 256)
        for key, period in (("mosaic", 8), ("neon", 16), ("blueprint", 16)):
            light = paint(key, scene, np.random.default_rng(6)).mean(2)
            rows = np.stack([light[:8, :16].mean(1), light[period * 2:period * 2 + 8, :16].mean(1)])
            self.assertLess(np.abs(rows[0] - rows[1]).max(), .5 * (rows.max() - rows.min()) + 4, key)


@unittest.skipUnless(CACHED, NO_CACHE)
class Scenes(unittest.TestCase):
    def drawn(self, spec, seed=3):
        return stage.draw(spec, np.random.default_rng(seed), 128)

    def test_left_is_left_above_is_above_and_before_covers(self):
        for relation, axis, sign in (("left", 1, -1), ("right", 1, 1), ("above", 0, -1), ("below", 0, 1)):
            scene = self.drawn(SceneSpec("apple", other="whale", relation=relation))
            red = (scene.rgb[..., 0] > .7) & (scene.rgb[..., 2] < .4) & (scene.mask > .5)
            place, middle = np.argwhere(red).mean(0)[axis], np.argwhere(scene.mask > .5).mean(0)[axis]
            self.assertGreater(sign * (place - middle), 8, relation)

    def test_the_pages_subjects_can_all_be_drawn(self):
        for words, spec in PAGE_SCENES:
            with self.subTest(words=words):
                self.assertGreater(self.drawn(spec).mask.mean(), .08)

    def test_a_colour_changes_the_hue_and_keeps_the_shape(self):
        plain, blue = self.drawn(SceneSpec("cat")), self.drawn(SceneSpec("cat", colour="blue"))
        np.testing.assert_allclose(plain.mask, blue.mask, atol=1e-5)
        mean = blue.rgb[blue.mask > .5].mean(0)
        self.assertGreater(mean[2], mean[0] + .15)

    def test_places_and_poses_vary(self):
        pictures = [stage.draw(SceneSpec("cat", ground="beach"), np.random.default_rng(i), 64) for i in range(6)]
        for a, b in zip(pictures, pictures[1:]):
            self.assertGreater(np.abs(a.ground - b.ground).mean(), .01)
            self.assertGreater(np.abs(a.mask - b.mask).mean(), .02)

    def test_an_example_is_a_function_of_its_seed(self):
        drawing, again = (data.renderer(configs.load("wide")["pictures"]) for _ in range(2))
        for i in range(4):
            one, two = drawing.example(1, i), again.example(1, i)
            np.testing.assert_array_equal(one.picture, two.picture)
            self.assertEqual(one.labels(), two.labels())


if __name__ == "__main__":
    unittest.main()
