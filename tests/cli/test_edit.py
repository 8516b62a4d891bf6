"""Pictures that begin at another one: easel draw --init, and easel img2img."""
import hashlib
import re
import unittest

from PIL import Image

from support import CliTest
from test_draw import parameters_of

STEPS = ("--steps", 3, "--seed", 5)


class EditTest(CliTest):
    def failed(self, *arguments):
        result = self.easel(*arguments)
        self.assertNotEqual(result.code, 0, result.out)
        return result


class Edited(EditTest):
    def setUp(self):
        super().setUp()
        self.done("draw", "a red rocket", "--steps", 4, "--seed", 2, "-o", "init.png")
        with Image.open(self.work / "init.png") as picture:
            self.init = picture.convert("RGB")
        mask = Image.new("L", self.init.size, 0)
        mask.paste(255, (self.init.width // 2, 0, *self.init.size))
        mask.save(self.work / "mask.png")

    def draw(self, *arguments, name="out.png"):
        self.result = self.done("draw", "a blue whale", *STEPS, "--init", "init.png", "-o", name, "--force", *arguments)
        with Image.open(self.work / name) as picture:
            return picture.convert("RGB")

    def left_half(self, picture):
        return picture.crop((0, 0, picture.width // 2, picture.height)).tobytes()

    def test_the_printed_command_draws_the_same_bytes(self):
        self.draw("--strength", 0.5, "--mask", "mask.png", "--mask-blur", 2, "--mask-content", "fill",
                  "--only-masked", "--padding", 8)
        first = self.bytes_of("out.png")
        again = self.result.command()
        self.done(*again[1:], "-o", "again.png")
        self.assertEqual(self.bytes_of("again.png"), first)

    def test_what_is_black_in_the_mask_keeps_its_bytes(self):
        drawn = self.draw("--mask", "mask.png", "--mask-blur", 0, "--strength", 1)
        self.assertEqual(self.left_half(drawn), self.left_half(self.init))
        self.assertNotEqual(drawn.tobytes(), self.init.tobytes())
        other = self.draw("--mask", "mask.png", "--mask-blur", 0, "--strength", 1, "--mask-invert")
        self.assertNotEqual(self.left_half(other), self.left_half(self.init))

    def test_the_file_says_what_other_programs_read_and_which_picture_it_was(self):
        self.draw("--strength", 0.5, "--mask", "mask.png", "--only-masked")
        text = parameters_of(self.work / "out.png")
        self.assertIn("Denoising strength: 0.5", text)
        self.assertIn("Inpaint area: Only masked", text)
        for name, key in (("init.png", "Init image hash"), ("mask.png", "Mask hash")):
            self.assertIn(f"{key}: {hashlib.sha256(self.bytes_of(name)).hexdigest()}", text)

    def test_extending_keeps_the_picture(self):
        drawn = self.draw("--extend", "left=32,bottom=32", "--mask-blur", 0)
        width, height = self.init.size
        self.assertEqual(drawn.size, (width + 32, height + 32))
        self.assertEqual(drawn.crop((32, 0, 32 + width, height)).tobytes(), self.init.tobytes())

    def test_a_second_pass_is_larger(self):
        self.done("draw", "a blue whale", *STEPS, "--hires", 1.5, "--hires-strength", 0.5, "-o", "large.png")
        with Image.open(self.work / "large.png") as picture:
            self.assertEqual(picture.width, 3 * self.init.width // 2)
        self.assertIn("Hires upscale: 1.5", parameters_of(self.work / "large.png"))

    def test_seamless_edges_fit_each_other(self):
        def step_over_the_edge(picture):
            gray = picture.convert("L")
            return sum(abs(gray.getpixel((0, y)) - gray.getpixel((gray.width - 1, y)))
                       for y in range(gray.height)) / gray.height

        plain, tiled = [], []
        for seed in range(4):
            for name, more, steps in (("p.png", (), plain), ("t.png", ("--tile", "x"), tiled)):
                self.done("draw", "a forest", "--steps", 8, "--seed", seed, "-o", name, "--force", *more)
                with Image.open(self.work / name) as picture:
                    steps.append(step_over_the_edge(picture))
        self.assertLess(sum(tiled), sum(plain))

    def test_what_means_nothing_without_a_picture_is_refused(self):
        for option in (("--strength", 0.5), ("--mask", "mask.png"), ("--extend", "left=8"), ("--mask-invert",)):
            with self.subTest(option):
                error = self.failed("draw", "x", *option).err
                self.assertIn(f"{option[0]} means nothing without --init FILE", error)
        error = self.failed("draw", "x", "--init", "init.png", "--only-masked").err
        self.assertIn("there is no mask", error)
        error = self.failed("draw", "x", "--init", "init.png", "--extend", "up=8").err
        self.assertIn("--extend wants edges with pixels, as left=128,top=64, not 'up=8'", error)
        self.assertIn("missing.png", self.failed("draw", "x", "--init", "missing.png").err)


class Img2img(EditTest):
    def setUp(self):
        super().setUp()
        Image.effect_noise((77, 105), 80).convert("RGB").save(self.work / "init.png")

    def test_flags_and_defaults_are_the_scripts(self):
        text = self.done("img2img", "--help").out
        for flag, default in [("--prompt", "a painting of a virus monster playing guitar"),
                              ("--outdir", "outputs/img2img-samples"), ("--ddim_steps", "50"),
                              ("--ddim_eta", "0.0"), ("--n_iter", "1"), ("--n_samples", "2"), ("--scale", "5.0"),
                              ("--strength", "0.75"), ("--seed", "42")]:
            with self.subTest(flag):
                line = [row for row in text.splitlines() if re.match(rf"\s+{flag}\b", row)][0]
                self.assertIn(default, line)

    def test_files_and_last_words(self):
        result = self.done("img2img", "--prompt", "a castle", "--init-img", "init.png", "--outdir", "out",
                           "--ddim_steps", 4, "--n_iter", 2, "--n_samples", 1)
        self.assertEqual(self.tree(), ["init.png", "out", "out/grid-0000.png", "out/samples",
                                       "out/samples/00000.png", "out/samples/00001.png"])
        with Image.open(self.work / "out/samples/00000.png") as picture:
            self.assertEqual(picture.size, (64, 96))
        self.assertTrue(result.out.endswith(
            "Your samples are ready and waiting for you here: \nout \n \nEnjoy.\n"), result.out)
        again = result.command()
        self.done(*again[1:], "--outdir", "again")
        self.assertEqual(self.bytes_of("again/samples/00001.png"), self.bytes_of("out/samples/00001.png"))

    def test_what_both_scripts_can_be_told(self):
        text = ("--prompt", "x", "--init-img", "init.png", "--ddim_st", 2, "--n_samples", 1)
        self.done("img2img", *text, "--outdir", "a", "--precision", "full", "--fixed_code", "--skip_grid")
        self.done("img2img", *text, "--outdir", "b", "--n_samples", 1, "--skip_save")
        self.assertEqual(self.tree(), ["a", "a/samples", "a/samples/00000.png", "b", "b/grid-0000.png", "init.png"])
        self.assertIn("--C is 77", self.failed("img2img", *text, "--C", 77).err)

    def test_a_files_lines_are_pictures_of_one_run(self):
        text = ("--init-img", "init.png", "--ddim_steps", 4, "--n_samples", 2, "--n_iter", 2, "--ddim_eta", 0.5)
        self.done("img2img", "--prompt", "a castle", *text, "--outdir", "one")
        (self.work / "p.txt").write_text("a castle\na castle\n")
        self.done("img2img", "--from-file", "p.txt", *text, "--outdir", "file")
        for k in range(4):
            name = f"samples/0000{k}.png"
            self.assertEqual(self.bytes_of("file/" + name), self.bytes_of("one/" + name), name)
        (self.work / "p.txt").write_text("a castle\na ship\na dog\n")
        self.done("img2img", "--from-file", "p.txt", *text, "--outdir", "three")
        self.assertEqual(len([name for name in self.tree() if name.startswith("three/samples/")]), 6)

    def test_plms_is_refused_as_by_the_script(self):
        self.assertIn("--plms", self.failed("img2img", "--init-img", "init.png", "--plms").err)


if __name__ == "__main__":
    unittest.main()
