"""What may be left out of a run for speed: it must be said, kept in the picture, and be repeatable."""
import json
import re
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

    def test_fast_is_kept_and_drawn_again(self):
        result = self.again_is_the_same("--fast", "cache", "--guidance-interval", "0.2:0.8")
        self.assertIn("--guidance-interval 0.2:0.8 --fast cache:3", result.out)
        parameters = self.done("inspect", "a.png").out
        self.assertIn("DeepCache: 3", parameters)
        self.drawn("two.png", "--fast", "cache:2")
        self.assertNotEqual(self.bytes_of("a.png"), self.bytes_of("two.png"))

    def test_one_line_says_the_price(self):
        price = r"easel: (\d+) % of the denoiser's operations were run; .*docs/performance/approximations\.md"
        exact = self.drawn("exact.png")
        self.assertNotRegex(exact.err, price)
        shares = []
        for every in (2, 3, 6):
            result = self.drawn(f"{every}.png", "--fast", f"cache:{every}")
            self.assertRegex(result.err, price)
            shares.append(int(re.search(price, result.err)[1]))
        self.assertTrue(100 > shares[0] > shares[1] > shares[2] > 100 / 6, shares)
        quiet = self.done("draw", PROMPT, *FAST, "--fast", "cache", "--quiet", "-o", "quiet.png")
        self.assertEqual(quiet.err, "")

    def test_the_number_of_threads_and_of_pictures_changes_nothing(self):
        options = ("--fast", "cache:2", "--guidance-interval", "0.1:0.9")
        for threads in (1, 2):
            self.done("draw", PROMPT, *FAST, *options, "-t", threads, "-o", f"{threads}.png")
        self.assertEqual(self.bytes_of("1.png"), self.bytes_of("2.png"))
        self.done("draw", PROMPT, "--steps", 6, "--seed", 0, *options, "--count", 2, "-o", "all.png")
        self.assertEqual(self.bytes_of("all-2.png"), self.bytes_of("1.png"))

    def test_what_means_nothing_is_refused_in_one_line(self):
        for fast in ("cache:1", "cache:0", "cache:101", "cache:", "cache:x", "cache:3.5", "Cache", "caches", "speed"):
            self.refused(2, "--fast wants cache, or cache:N", "draw", PROMPT, "--fast", fast)
        for interval in ("0.5", "1:0", "0.5:0.5", "-1:1", "0:2", "a:b", "0:1:2", "nan:1", "0.1-0.8"):
            self.refused(2, "--guidance-interval wants A:B", "draw", PROMPT, "--guidance-interval=" + interval)


if __name__ == "__main__":
    unittest.main()
