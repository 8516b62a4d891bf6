"""easel bench: which parts it measures, and of what. Times are nobody's to assert."""
import json
import unittest

import tiny_stable_diffusion as tiny
from support import CliTest


class Bench(CliTest):
    def parts(self, *arguments):
        result = self.done("bench", "-m", "default", "--rounds", 1, "--json", *arguments)
        report = json.loads(result.out)
        return report, [part["name"] for part in report["parts"]]

    def test_a_picture_and_a_start_of_the_default_model(self):
        report, names = self.parts("--parts", "picture,start", "-t", 1)
        self.assertEqual(names, ["picture of 64x64, 25 steps", "start: open the model, no text"])
        self.assertEqual(report["threads"], 1)
        picture, start = report["parts"]
        self.assertTrue({"conv", "linear", "attend"} <= {row["name"].split()[0] for row in picture["operations"]})
        self.assertEqual(start["operations"], [])

    def test_the_networks_of_stable_diffusion(self):
        model = tiny.write(self.work / "tiny.safetensors", tiny.stable_diffusion_1())
        result = self.done("bench", "-m", model, "--rounds", 1, "--json", "--parts", "text,unet")
        names = [part["name"] for part in json.loads(result.out)["parts"]]
        self.assertEqual(names[:3], ["text encoder, 1 prompt", "text encoder, 2 prompts",
                                     "guided step, 1 picture of 512x512"])

    def test_what_is_left_out_is_not_computed(self):
        exact, fast = (self.parts("--parts", "picture", *options)[0]["parts"][0]["flops"]
                       for options in ((), ("--fast", "cache:5")))
        self.assertLess(fast, 0.7 * exact)

    def test_parts_that_there_are_not_are_refused(self):
        self.refused(2, "--parts.*magic", "bench", "--parts", "magic")
        self.refused(2, "ldm-large is no file", "bench", "--parts", "start")

    def test_help_says_what_is_taken_otherwise(self):
        text = " ".join(self.done("bench", "--help").out.split())
        for words in ("[ldm-large]", "[text,unet,decoder,upscaler]", "[5]", "[the best there is]"):
            self.assertIn(words, text)


if __name__ == "__main__":
    unittest.main()
