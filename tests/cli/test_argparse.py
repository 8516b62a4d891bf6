"""`easel txt2img` takes what Python's argparse takes, and the options of Stable Diffusion's scripts."""
import hashlib
import unittest

from PIL import Image

from support import CliTest

SMALL = ("--H", 64, "--W", 64, "--ddim_steps", 2, "--seed", 3, "--ckpt", "default")


def pixels(path):
    """A digest: what failed assertions print of pictures themselves helps nobody."""
    with Image.open(path) as picture:
        return hashlib.sha256(picture.convert("RGB").tobytes()).hexdigest()


class Argparse(CliTest):
    def drawn(self, folder, *arguments):
        self.done("txt2img", "--outdir", folder, *SMALL, *arguments)
        return [pixels(path) for path in sorted((self.work / folder / "samples").iterdir())]

    def test_options_may_be_shortened(self):
        whole = self.drawn("a", "--prompt", "x", "--n_samples", 1, "--n_iter", 2, "--ddim_eta", "0.5")
        short = self.drawn("b", "--prom", "x", "--n_s=1", "--n_i", 2, "--ddim_e=0.5")
        self.assertEqual(whole, short)
        for beginning, meant in (("--n_", r"--n_iter, --n_samples, --n_rows"), ("--skip", r"--skip_grid, --skip_save"),
                                 ("--ddim", r"--ddim_steps, --ddim_eta")):
            self.refused(2, rf"'{beginning}' could be any of {meant}", "txt2img", beginning, "1")
        self.refused(2, r"'--promt' was not expected \(did you mean '--prompt'\?\)", "txt2img", "--promt", "x")

    def test_of_an_option_that_comes_twice_the_last_counts(self):
        once = self.drawn("a", "--prompt", "x", "--n_samples", 1, "--scale", 5)
        twice = self.drawn("b", "--prompt", "y", "--n_samples", 3, "--scale", 7, "--plms", "--plms", "--prompt", "x",
                           "--n_samples=1", "--scale", 5)
        self.assertEqual(len(twice), 1)
        plain = self.drawn("c", "--prompt", "y", "--scale", 7, "--n_samples", 3, "--prompt", "x", "--n_samples=1", "--scale", 5)
        self.assertEqual(once, plain)

    def test_the_scale_may_be_negative(self):
        away = self.drawn("a", "--prompt", "a cat", "--n_samples", 1, "--scale", "-2")
        self.assertEqual(away, self.drawn("b", "--prompt", "a cat", "--n_samples", 1, "--scale=-2"))
        self.assertNotEqual(away, self.drawn("c", "--prompt", "a cat", "--n_samples", 1, "--scale", "2"))
        result = self.done("inspect", "a/samples/0000.png")
        self.done(*result.command()[1:], "--outdir", "d", "--ckpt", "default")
        self.assertEqual(pixels(self.work / "d/samples/0000.png"), away[0])


class LaterScripts(CliTest):
    def run_script(self, folder, *arguments):
        return self.done("txt2img", "--outdir", folder, *SMALL, *arguments)

    def samples(self, folder):
        return [pixels(path) for path in sorted((self.work / folder / "samples").iterdir())]

    def files(self, folder):
        return [path for path in self.tree() if path.startswith(folder + "/")]

    def test_a_fixed_code_begins_every_batch(self):
        self.run_script("free", "--prompt", "x", "--n_samples", 2, "--n_iter", 2)
        self.run_script("fixed", "--prompt", "x", "--n_samples", 2, "--n_iter", 2, "--fixed_code")
        free, fixed = self.samples("free"), self.samples("fixed")
        self.assertEqual(fixed[:2], fixed[2:])  # eta is 0: nothing else differs
        self.assertEqual(free[:2], fixed[:2])   # both begin with the generator's first numbers
        self.assertNotEqual(free[:2], free[2:])
        again = self.done("inspect", "fixed/samples/0003.png").command()
        self.assertIn("--fixed_code", again)
        self.done(*again[1:], "--outdir", "again")
        self.assertEqual(self.samples("again"), fixed)

    def test_what_is_skipped_is_not_written(self):
        self.run_script("a", "--prompt", "x", "--n_samples", 2, "--skip_grid")
        self.assertEqual(self.files("a"), ["a/samples", "a/samples/0000.png", "a/samples/0001.png"])
        self.run_script("b", "--prompt", "x", "--n_samples", 2, "--skip_save")
        self.assertEqual(self.files("b"), ["b/x.png"])
        # A grid that is not written needs no name.
        self.run_script("c", "--prompt", "x/y", "--n_samples", 1, "--skip_grid")

    def test_rows_of_the_grid(self):
        for rows, size in ((0, (3 * 66 + 2, 66 + 2)), (1, (66 + 2, 3 * 66 + 2)), (2, (2 * 66 + 2, 2 * 66 + 2))):
            self.run_script(f"r{rows}", "--prompt", "x", "--n_samples", 3, "--n_rows", rows)
            with Image.open(self.work / f"r{rows}/x.png") as grid:
                self.assertEqual(grid.size, size)

    def test_dpm_solver_wins_over_plms_and_leads_back(self):
        self.run_script("a", "--prompt", "x", "--n_samples", 1, "--dpm_solver", "--plms", "--ddim_steps", 4)
        self.run_script("b", "--prompt", "x", "--n_samples", 1, "--ddim_steps", 4)
        self.assertNotEqual(self.samples("a"), self.samples("b"))
        again = self.done("inspect", "a/samples/0000.png").command()
        self.assertIn("--dpm_solver", again)
        self.done(*again[1:], "--outdir", "c")
        self.assertEqual(self.samples("a"), self.samples("c"))

    def test_what_the_model_has_otherwise_is_refused(self):
        self.refused(2, r"--C is 7, but the latents of this model have \d+ channels", "txt2img", *SMALL, "--C", 7)
        self.refused(2, r"--f is 3, but the latents of this model have \d+ pixels a side", "txt2img", *SMALL, "--f", 3)
        self.refused(2, r"--precision", "txt2img", *SMALL, "--precision", "half")
        for precision in ("full", "autocast"):
            self.run_script(precision, "--prompt", "x", "--n_samples", 1, "--precision", precision)
        self.assertEqual(self.samples("full"), self.samples("autocast"))

    def test_prompts_of_a_file_share_a_batchs_noise(self):
        (self.work / "p.txt").write_bytes(b"\xef\xbb\xbfa red rocket\r\n\r\na cat\r\na house\r\n")
        self.run_script("file", "--from-file", "p.txt", "--n_samples", 3, "--n_iter", 2)
        names = [p for p in self.files("file") if not p.endswith("samples")]
        self.assertEqual(names, ["file/grid-0000.png", *(f"file/samples/{n:04}.png" for n in range(6))])
        self.run_script("cat", "--prompt", "a cat", "--n_samples", 3, "--n_iter", 2)
        cats, mixed = self.samples("cat"), self.samples("file")
        # The second prompt's pictures are those that its words give in the second place of each batch.
        self.assertEqual([mixed[1], mixed[4]], [cats[1], cats[4]])
        result = self.done("inspect", "file/samples/0004.png")
        self.assertIn("a cat", result.command())
        # With two prompts a batch is two, however many were asked for at once.
        (self.work / "two.txt").write_text("a cat\na house\n")
        self.run_script("two", "--from-file", "two.txt")
        self.assertEqual(len(self.samples("two")), 2)

    def test_laion400m_is_the_original_model(self):
        folder = self.work / "models/ldm/text2img-large"
        folder.mkdir(parents=True)
        (folder / "model.ckpt").write_text("not a checkpoint")
        result = self.easel("txt2img", "--laion400m", "--ckpt", "default")
        self.assertEqual(result.code, 1)
        self.assertIn("models/ldm/text2img-large/model.ckpt", result.err)


class WithoutTheLargeModel(CliTest):
    def test_the_small_model_draws_at_its_own_size_and_guidance(self):
        result = self.done("txt2img", "--prompt", "a virus monster is playing guitar, oil on canvas", "--ddim_eta", "0.0",
                           "--n_samples", 2, "--n_iter", 1, "--scale", "5.0", "--ddim_steps", 2, "--outdir", "out")
        self.assertIn("fetch ldm-text2img-large", result.err)
        with Image.open(self.work / "out/samples/0000.png") as picture:
            self.assertEqual(picture.size, (64, 64))
            self.assertNotIn("CFG scale: 5,", picture.info["parameters"])
        # What does not come from the original's defaults is meant.
        self.done("txt2img", "--prompt", "x", "--n_samples", 1, "--scale", "3", "--W", 96, "--H", 64, "--ddim_steps", 1,
                  "--outdir", "own")
        with Image.open(self.work / "own/samples/0000.png") as picture:
            self.assertEqual(picture.size, (96, 64))
            self.assertIn("CFG scale: 3,", picture.info["parameters"])


if __name__ == "__main__":
    unittest.main()
