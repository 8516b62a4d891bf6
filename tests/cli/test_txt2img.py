"""`easel txt2img` against latent-diffusion's scripts/txt2img.py: flags, files, numbers, last words."""
import re
import shlex
import unittest

from PIL import Image

from support import CliTest

SMALL = ("--H", 64, "--W", 64, "--ddim_steps", 2, "--seed", 3)


def pixels(path):
    with Image.open(path) as picture:
        return picture.convert("RGB").tobytes()


class Txt2img(CliTest):
    def samples(self):
        return sorted(p.name for p in (self.work / "out/samples").iterdir())

    def test_flags_and_defaults_are_the_originals(self):
        text = self.done("txt2img", "--help").out
        for flag, default in [("--prompt", "a painting of a virus monster playing guitar"),
                              ("--outdir", "outputs/txt2img-samples"), ("--ddim_steps", "200"),
                              ("--ddim_eta", "0.0"), ("--n_iter", "1"), ("--H", "256"),
                              ("--W", "256"), ("--n_samples", "4"), ("--scale", "5.0")]:
            with self.subTest(flag):
                line = [row for row in text.splitlines() if re.match(rf"\s+{flag}\b", row)][0]
                self.assertIn(default, line)
        self.assertIn("--plms", text)

    def test_files_grid_and_last_words(self):
        result = self.done("txt2img", "--prompt", "a red rocket", "--outdir", "out", *SMALL,
                           "--n_samples", 2, "--n_iter", 2)
        self.assertEqual(self.tree(), ["out", "out/a-red-rocket.png", "out/samples",
                                       *(f"out/samples/{n:04}.png" for n in range(4))])
        self.assertTrue(result.out.endswith(
            "Your samples are ready and waiting four you here: \nout \nEnjoy.\n"), result.out)
        with Image.open(self.work / "out/a-red-rocket.png") as grid:
            # torchvision's make_grid(nrow=2): two pixels of black around every picture
            self.assertEqual(grid.size, (2 * 66 + 2, 2 * 66 + 2))
            self.assertEqual(grid.getpixel((0, 0)), (0, 0, 0))
            cell = grid.crop((2 + 66, 2, 2 + 66 + 64, 2 + 64))
            self.assertEqual(cell.tobytes(), pixels(self.work / "out/samples/0001.png"))

    def test_one_picture_is_a_grid_without_padding(self):
        self.done("txt2img", "--prompt", "x", "--outdir", "out", *SMALL, "--n_samples", 1)
        self.assertEqual(pixels(self.work / "out/x.png"),
                         pixels(self.work / "out/samples/0000.png"))

    def test_numbers_go_on_and_nothing_is_overwritten(self):
        arguments = ("txt2img", "--prompt", "x", "--outdir", "out", *SMALL, "--n_samples", 1)
        self.done(*arguments)
        (self.work / "out/samples/0002.png").write_text("mine")  # two files: the next is 0002
        first = self.bytes_of("out/x.png")
        self.done(*arguments)
        self.assertEqual(self.samples(), ["0000.png", "0002.png", "0003.png"])
        self.assertEqual(self.bytes_of("out/samples/0002.png"), b"mine")
        self.assertEqual(self.bytes_of("out/x.png"), first)
        self.assertTrue((self.work / "out/x-2.png").exists())

    def test_one_generator_serves_the_whole_run(self):
        for name, arguments in [("a", ["--n_iter", 2, "--n_samples", 1]),
                                ("b", ["--n_iter", 1, "--n_samples", 2]),
                                ("c", ["--n_iter", 1, "--n_samples", 1])]:
            self.done("txt2img", "--prompt", "x", "--outdir", name, *SMALL, *arguments)
        second = {name: pixels(self.work / name / "samples/0001.png") for name in "ab"}
        self.assertEqual(pixels(self.work / "a/samples/0000.png"),
                         pixels(self.work / "c/samples/0000.png"))
        # The updates in between take numbers too, so the second iteration is not the second sample.
        self.assertNotEqual(second["a"], second["b"])

    def test_the_printed_command_gives_the_same_pictures(self):
        result = self.done("txt2img", "--prompt", "it's x", "--outdir", "a", "--H", 64, "--W", 64,
                           "--ddim_steps", 3, "--plms", "--n_samples", 2)
        line = [row for row in result.out.splitlines() if "again: " in row][0]
        self.assertMatches(line, r"^seed \d+; again: ")
        self.done(*self.arguments(line), "--outdir", "b")
        for name in ("0000.png", "0001.png"):
            self.assertEqual(self.bytes_of(f"a/samples/{name}"), self.bytes_of(f"b/samples/{name}"))

    @staticmethod
    def arguments(line):
        return shlex.split(line.split("again: ", 1)[1])[1:]

    def test_a_pictures_settings_lead_back_to_its_run(self):
        self.done("txt2img", "--prompt", "x", "--outdir", "a", *SMALL, "--n_samples", 2)
        result = self.done("inspect", "a/samples/0001.png")
        self.assertIn("txt2img", result.command())
        self.done(*result.command()[1:], "--outdir", "b")
        self.assertEqual(self.bytes_of("a/samples/0001.png"), self.bytes_of("b/samples/0001.png"))

    def test_step_counts_where_the_original_crashes_are_said_and_drawn(self):
        for steps in (3, 27):
            with self.subTest(steps):
                result = self.done("txt2img", "--prompt", "x", "--outdir", f"o{steps}", "--H", 64, "--W", 64,
                                   "--ddim_steps", steps, "--n_samples", 1)
                self.assertIn("999", result.err)

    def test_what_the_grid_cannot_be_named_after_is_refused_first(self):
        self.refused(2, r"cannot hold '/'.*easel draw", "txt2img", "--prompt", "cat/dog", *SMALL)
        self.refused(2, r"256 bytes, over the 255.*shorten", "txt2img", "--prompt", "x" * 252, *SMALL)
        self.refused(2, r"--prompt is empty", "txt2img", "--prompt", "", *SMALL)

    def test_bad_numbers_are_refused(self):
        for pattern, arguments in [(r"plms takes no eta", ["--plms", "--ddim_eta", "0.5"]),
                                   (r"1001 steps", ["--ddim_steps", "1001"]),
                                   (r"--ddim_steps: .*not '0'", ["--ddim_steps", "0"]),
                                   (r"height is 100", ["--H", "100"]),
                                   (r"--scale: .*not 'nan'", ["--scale", "nan"])]:
            with self.subTest(arguments):
                self.refused(2, pattern, "txt2img", "--ckpt", "default", *arguments)

    def test_the_checkpoint_is_found_where_the_original_has_it(self):
        folder = self.work / "models/ldm/text2img-large"
        folder.mkdir(parents=True)
        (folder / "model.ckpt").write_text("not a checkpoint")
        result = self.easel("txt2img", *SMALL)
        self.assertEqual(result.code, 1)
        self.assertIn("models/ldm/text2img-large/model.ckpt", result.err)

    def test_a_vocabulary_that_is_nowhere_is_named(self):
        checkpoint = self.fixture("ldm-mini/model.ckpt")
        self.refused(1, r"easel fetch bert-base-uncased", "txt2img", "--ckpt", checkpoint, *SMALL)

    def test_the_original_checkpoint_draws(self):
        checkpoint = self.fixture("ldm-mini/model.ckpt")
        vocabulary = self.fixture("tokenizer/bert-base-uncased-vocab.txt")
        self.done("txt2img", "--ckpt", checkpoint, "--config", self.fixture("ldm-mini/config.yaml"),
                  "--vocab", vocabulary, "--prompt", "x", "--outdir", "out", *SMALL, "--n_samples", 1)
        self.assertEqual(self.samples(), ["0000.png"])


if __name__ == "__main__":
    unittest.main()
