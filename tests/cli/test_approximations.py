"""What may be left out of a run for speed: it must be said, kept in the picture, and be repeatable."""
import json
import unittest

from support import PROMPT, CliTest

FAST = ("--steps", "6", "--seed", "1")


class Approximations(CliTest):
    def drawn(self, name, *options):
        return self.done("draw", PROMPT, *FAST, *options, "-o", name)

    def again_is_the_same(self, *options):
        result = self.drawn("a.png", *options)
        self.done(*result.command()[1:], "-o", "b.png")
        self.assertEqual(self.bytes_of("a.png"), self.bytes_of("b.png"))
        return result

    def test_a_guidance_interval_is_kept_and_drawn_again(self):
        result = self.again_is_the_same("--guidance-interval", "0.2:0.8")
        self.assertIn("--guidance-interval 0.2:0.8", result.out)
        self.drawn("exact.png")
        self.assertNotEqual(self.bytes_of("a.png"), self.bytes_of("exact.png"))
        inspected = json.loads(self.done("inspect", "--json", "a.png").out)[0]
        self.assertEqual(inspected["settings"]["extra"]["Guidance interval"], "0.2:0.8")
        self.assertIn("--guidance-interval 0.2:0.8", inspected["command"])

    def test_the_whole_interval_is_the_exact_picture(self):
        self.drawn("whole.png", "--guidance-interval", "0:1")
        self.drawn("exact.png")
        self.assertEqual(self.bytes_of("whole.png"), self.bytes_of("exact.png"))

    def test_what_means_nothing_is_refused_in_one_line(self):
        for interval in ("0.5", "1:0", "0.5:0.5", "-1:1", "0:2", "a:b", "0:1:2", "nan:1", "0.1-0.8"):
            self.refused(2, "--guidance-interval wants A:B", "draw", PROMPT, "--guidance-interval=" + interval)


if __name__ == "__main__":
    unittest.main()
