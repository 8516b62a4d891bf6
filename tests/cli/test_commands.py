"""Every command that `draw`, `txt2img` and `inspect` print draws the same file again."""
import unittest

from support import PROMPT, CliTest

SHORT = ("--steps", "2", "--seed", "5")
KINDS = {
    "plain": (),
    "a negative prompt": ("--negative", "-rain"),
    "a variation": ("--variation", "18446744073709551615:0.25"),
    "added noise": ("--sampler", "ddim", "--eta", "0.5"),
    "a sampler's noise left out": ("--sampler", "euler-a", "--eta", "0"),
    "a sampler's own noise": ("--sampler", "euler-a", "--eta", "1"),
    "size and guidance": ("-W", "96", "-H", "64", "--scale", "3.25"),
    "guided in part": ("--guidance-interval", "0.2:0.8"),
    "DeepCache": ("--fast", "cache:2"),
    "a grid": ("--grid", "2x1"),
    "enlarged": ("--upscale", "1.5"),
    "enlarged by one": ("--upscale", "1"),
    "enlarged plainly": ("--upscale", "2", "--upscaler", "lanczos"),
    "enlarged and resized": ("--upscale", "2", "--resize", "100x50"),
    "enlarged twice": ("--upscale", "2", "--upscale-again", "2:lanczos,0.5:upscaler"),
    "half precision": ("--precision", "fp16"),
    "the reference": ("--backend", "reference"),
}


class Commands(CliTest):
    def test_of_every_kind_of_picture(self):
        for kind, options in KINDS.items():
            with self.subTest(kind):
                drawn = self.done("draw", PROMPT, *SHORT, *options, "-o", "a.png", "--force")
                self.draws_the_same(drawn)

    def draws_the_same(self, drawn):
        printed = drawn.command()
        self.done(*printed[1:], "-o", "b.png", "--force")
        self.assertEqual(self.bytes_of("b.png"), self.bytes_of("a.png"), printed)
        inspected = self.done("inspect", "a.png").command()
        self.assertEqual(inspected[1:], printed[1:])

    def test_variations_count_the_other_seed(self):
        self.done("draw", PROMPT, *SHORT, "--variation", "7:0.5", "--count", "2", "-o", "all/")
        self.done("draw", PROMPT, *SHORT, "--variation", "8:0.5", "-o", "second.png")
        second = sorted((self.work / "all").iterdir())[1]
        self.assertEqual(second.read_bytes(), self.bytes_of("second.png"))
        self.done("draw", PROMPT, *SHORT, "--variation", "7:0", "-o", "none.png")
        self.done("draw", PROMPT, *SHORT, "-o", "plain.png")
        self.assertNotEqual(self.bytes_of("none.png"), self.bytes_of("second.png"))

    def test_a_variation_is_a_seed_and_a_strength(self):
        for wrong in ("7", "7:2", "7:-1", "x:0.5", "7:nan", "-1:0.5", ":0.5"):
            self.refused(2, "--variation wants SEED:STRENGTH", "draw", PROMPT, "--variation=" + wrong)
        for wrong in ("0x4", "4", "9000x4"):
            self.refused(2, "--resize wants WIDTHxHEIGHT", "draw", PROMPT, "--resize", wrong)


if __name__ == "__main__":
    unittest.main()
