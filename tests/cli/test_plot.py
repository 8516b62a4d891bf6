"""Many pictures: prompts whose words the seed chooses (--wildcards), plots over settings (easel plot), drawing
without end, and what the files are called."""
import json
import shlex
import signal
import time
import unittest

from PIL import Image

from support import CliTest

STEPS = ("--steps", 1)


class Wildcards(CliTest):
    def setUp(self):
        super().setUp()
        lists = self.work / "lists"
        (lists / "old").mkdir(parents=True)
        (lists / "colour.txt").write_text("# of cars\nred\n\nlight {blue|green}\r\n")
        (lists / "old/things.txt").write_text("vase\nclock\n")
        self.lists = ("--wildcards-folder", "lists")

    def pictures(self, *arguments):
        return json.loads(self.done("draw", *arguments, *STEPS, "--json").out)["pictures"]

    def test_a_picture_of_several_is_the_one_drawn_alone(self):
        template = "a {cat|dog|fox|whale} and a __colour__ __old/things__"
        several = self.pictures(template, *self.lists, "--seed", 5, "--count", 4, "-o", "all/")
        self.assertGreater(len({picture["prompt"] for picture in several}), 1)
        for k, picture in enumerate(several):
            alone = self.pictures(template, *self.lists, "--seed", 5 + k, "-o", f"{k}.png")[0]
            self.assertEqual((alone["prompt"], alone["seed"]), (picture["prompt"], picture["seed"]))
            self.assertEqual(self.bytes_of(f"{k}.png"), self.bytes_of(picture["path"]))
            self.assertNotRegex(picture["prompt"], "[{}|]|__")

    def test_the_file_says_template_and_prompt(self):
        picture = self.pictures("a {cat|dog}, large", "--negative", "{rain|fog}", "--wildcards", "-o", "a.png")[0]
        with Image.open(self.work / "a.png") as image:
            text = image.text["parameters"]
        self.assertTrue(text.startswith(picture["prompt"]), text)
        self.assertIn('Template: "a {cat|dog}, large"', text)
        self.assertIn("Negative Template: {rain|fog}", text)
        self.assertEqual(picture["template"], "a {cat|dog}, large")

    def test_the_printed_command_draws_the_same_words(self):
        result = self.done("draw", "a {cat|dog|fox}", "--wildcards", *STEPS, "-o", "a.png", "--no-show")
        self.done(*result.command()[1:], "-o", "b.png")
        with Image.open(self.work / "a.png") as a, Image.open(self.work / "b.png") as b:
            self.assertEqual(a.tobytes(), b.tobytes())

    def test_variations_are_of_the_same_words(self):
        several = self.pictures("a {cat|dog|fox|whale}", "--wildcards", "--variation", "7:0.2", "--seed", 3,
                                "--count", 4, "-o", "all/")
        self.assertEqual(len({picture["prompt"] for picture in several}), 1)

    def test_bad_input_is_told_in_a_line(self):
        self.refused(2, "the brace of '{cat' is not closed", "draw", "a {cat", "--wildcards")
        self.refused(1, "no list for __color__ in 'lists'; did you mean __colour__", "draw", "__color__", *self.lists)
        self.refused(1, "'nowhere' is no folder", "draw", "a", "--wildcards-folder", "nowhere")
        self.refused(2, "--grid is one prompt's", "draw", "{a|b}", "--wildcards", "--grid", "2x1")
        (self.work / "lists/self.txt").write_text("__self__")
        self.refused(2, "32 deep", "draw", "__self__", *self.lists)
        (self.work / "long.txt").write_text("x" * 9000)
        self.refused(1, "line 1 of the list 'long.txt'", "draw", "__long__", "--wildcards-folder", ".")

    def test_a_bad_line_of_a_file_leaves_the_others(self):
        (self.work / "p.txt").write_text("b {c\na {cat|dog}\n")
        result = self.easel("draw", "--from-file", "p.txt", "--wildcards", *STEPS, "-o", "all/")
        self.assertEqual(result.code, 1)
        self.assertIn("p.txt, line 1: the brace", result.err)
        self.assertEqual(len(list((self.work / "all").iterdir())), 1)

    def test_unasked_the_signs_are_words_and_that_is_said(self):
        result = self.done("draw", "a {cat|dog}", *STEPS, "-o", "a.png")
        self.assertIn("with --wildcards the seed would choose for {cat|dog}", result.err)
        self.assertNotIn("--wildcards", self.done("draw", "a {cat|dog}", "--wildcards", *STEPS, "-o", "b.png").err)


class Plots(CliTest):
    def plot(self, *arguments, name="sheet.png"):
        return json.loads(self.done("plot", *arguments, "--seed", 5, "-o", name, "--json").out)

    def test_every_cell_is_the_picture_that_its_command_draws(self):
        result = self.plot("a cat", "--x", "steps=1,2", "--y", "prompt:cat,dog", "--z", "scale=1,3")
        self.assertEqual([(cell["x"], cell["y"], cell["z"]) for cell in result["cells"]],
                         [(x, y, z) for z in "13" for y in ("cat", "dog") for x in "12"])
        with Image.open(self.work / "sheet.png") as image:
            self.assertEqual(image.size, (result["width"], result["height"]))
            sheet = image.convert("RGB")
        for cell in (result["cells"][0], result["cells"][-1]):
            self.done(*shlex.split(cell["command"])[1:], "-o", "one.png", "--force")
            with Image.open(self.work / "one.png") as one:
                self.assertTrue(self.holds(sheet, one.convert("RGB")), cell)

    @staticmethod
    def holds(sheet, picture):
        """Whether the picture stands in the sheet, pixel for pixel."""
        line = picture.crop((0, 0, picture.width, 1)).tobytes()
        whole, width = sheet.tobytes(), sheet.width
        at = whole.find(line)
        while at >= 0:
            x, y = at // 3 % width, at // 3 // width
            box = (x, y, x + picture.width, y + picture.height)
            if at % 3 == 0 and sheet.crop(box).tobytes() == picture.tobytes():
                return True
            at = whole.find(line, at + 1)
        return False

    def test_ranges_names_and_switches(self):
        cells = self.plot("a cat", "--x", "seed=1-3", *STEPS)["cells"]
        self.assertEqual([cell["seed"] for cell in cells], [1, 2, 3])
        self.assertEqual(len(self.plot("a cat", "--x", "cfg-scale=1,2", *STEPS, name="b.png")["cells"]), 2)
        commands = [cell["command"] for cell in
                    self.plot("--x", "prompt=a cat\\, large,a dog", *STEPS, name="c.png")["cells"]]
        self.assertIn('"a cat, large"', commands[0])
        self.assertIn('"a dog"', commands[1])

    def test_models_are_opened_once_each(self):
        cells = self.plot("a cat", "--x", "model=default,default", "--y", "steps=1,2")["cells"]
        self.assertEqual(len(cells), 4)

    def test_the_file_says_the_axes(self):
        self.plot("a cat", "--x", "steps=1,2")
        with Image.open(self.work / "sheet.png") as image:
            text = image.text["parameters"]
        self.assertIn("Script: X/Y/Z plot", text)
        self.assertIn("X Type: steps", text)
        self.assertIn('X Values: "1,2"', text)

    def test_bad_axes_are_told_in_a_line(self):
        self.refused(2, "--x", "plot", "a cat")
        self.refused(2, "--x wants SETTING=VALUE", "plot", "a cat", "--x", "steps")
        self.refused(2, "--x knows no setting 'stepz': there are .*steps", "plot", "a cat", "--x", "stepz=1")
        self.refused(2, "--y steps: .*'x'", "plot", "a cat", "--x", "seed=1", "--y", "steps=1,x")
        self.refused(2, "replaces 'bird', which the prompt 'a cat' does not hold", "plot", "a cat", "--x",
                     "prompt:bird,dog")
        self.refused(2, "at most 1000 are drawn", "plot", "a cat", "--x", "seed=1-100", "--y", "steps=1-100")
        self.refused(2, "one prompt", "plot", "a cat", "a dog in fog", "--x", "seed=1-2")
        self.refused(2, "an axis says the prompt: leave 'a cat' out", "plot", "a cat", "--x", "subject=cat,dog")
        self.refused(2, "the negative '' does not hold", "plot", "a cat", "--x", "negative:fog,rain")
        self.refused(2, "--upscale how much", "plot", "a cat", "--x", "upscaler=lanczos")
        self.refused(2, "more than 1000 values", "plot", "a cat", "--x", "seed=1-900,1-900")
        self.refused(1, "there is no LoRA 'none-such'", "plot", "a cat", "--x", "lora=none-such:1", "--y", "steps=1")

    def test_a_wrong_value_of_the_last_cell_is_refused_before_the_first_is_drawn(self):
        self.refused(2, "65", "plot", "a cat", "--x", "width=64,65", "-o", "sheet.png")
        self.assertEqual(self.tree(), [])

    def test_subjects_and_styles_are_those_of_the_menus(self):
        cells = self.plot("--x", "subject=cat,dog", "--y", "style=Van Gogh,in lilac", *STEPS)["cells"]
        self.assertEqual([cell["prompt"] for cell in cells],
                         ["cat, in the style of Van Gogh", "dog, in the style of Van Gogh", "cat, in lilac",
                          "dog, in lilac"])

    def test_upscalers_and_what_they_make(self):
        result = self.plot("a cat", "--x", "upscaler=lanczos,upscaler", "--upscale", 2, *STEPS)
        commands = [cell["command"] for cell in result["cells"]]
        self.assertIn("--upscaler lanczos", commands[0])
        with Image.open(self.work / "sheet.png") as image:
            sheet = image.convert("RGB")
        self.done(*shlex.split(commands[0])[1:], "-o", "one.png")
        with Image.open(self.work / "one.png") as one:
            self.assertEqual(one.size, (128, 128))
            self.assertTrue(self.holds(sheet, one.convert("RGB")))

    def test_each_picture_may_be_kept_too(self):
        self.plot("a cat", "--x", "steps=1,2", "--pictures", "each", "--names", "[steps]-[prompt]")
        self.assertEqual(self.tree(), ["each", "each/1-a-cat.png", "each/2-a-cat.png", "sheet.png"])

    def test_a_sheet_is_no_larger_than_its_file_can_be(self):
        result = self.plot("a cat", "--x", "seed=1-140", *STEPS, name="wide.webp")
        self.assertLess(result["width"], 16384)

    def test_interrupted_it_keeps_what_was_drawn(self):
        process = self.start("plot", "a cat", "--x", "seed=1-200", "-o", "part.png")
        until = time.monotonic() + 60
        while time.monotonic() < until and "2 of 200" not in process.stderr.readline().decode():
            pass
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertRegex(err.decode(), r"\d+ of 200 pictures are drawn")
        with Image.open(self.work / "part.png") as image:
            self.assertIn("X Type: seed", image.text["parameters"])


class Forever(CliTest):
    def endless(self, *arguments, pictures=3):
        """Draws until so many pictures are there, then Ctrl-C; returns what is in the folder."""
        process = self.start("draw", "a cat", *arguments, "--forever", *STEPS, "-o", "all/")
        until = time.monotonic() + 60
        while time.monotonic() < until and len(list(self.work.glob("all/*.png"))) < pictures:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, err)
        return sorted(self.work.glob("all/*.png")), out.decode()

    def test_seeds_go_on_until_it_is_stopped(self):
        files, _ = self.endless("--seed", 7, "--names", "[seed]")
        self.assertEqual({file.name for file in files}, {f"{7 + k}.png" for k in range(len(files))})
        self.done("draw", "a cat", "--seed", 8, *STEPS, "-o", "one.png")
        self.assertEqual(self.bytes_of("one.png"), self.bytes_of("all/8.png"))

    def test_wildcards_are_chosen_for_each(self):
        files, out = self.endless("--wildcards", "--json", pictures=4)
        lines = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(len(lines), len(files))
        self.assertEqual(len({line["seed"] for line in lines}), len(lines))

    def test_what_has_one_place_is_refused(self):
        self.refused(2, "--forever draws into a folder, and -o a.png is one file: -o a/", "draw", "a", "--forever",
                     "-o", "a.png")
        self.refused(2, "--save-latents", "draw", "a", "--forever", "--save-latents", "l.safetensors")

    def test_a_file_without_a_good_line_ends(self):
        (self.work / "p.txt").write_text("b {c\n")
        result = self.easel("draw", "--from-file", "p.txt", "--wildcards", "--forever", "-o", "all/")
        self.assertEqual(result.code, 1)
        self.assertIn("1 of 1 prompts could not be drawn", result.err)


class Names(CliTest):
    def test_a_pattern_names_files(self):
        self.done("draw", "a cat, large", "--count", 2, "--seed", 4, *STEPS, "-o", "all/", "--names",
                  "[seed]-[prompt]_[steps]x[cfg-scale]")
        self.assertEqual(self.tree()[1:], ["all/4-a-cat-large_1x1.5.png", "all/5-a-cat-large_1x1.5.png"])

    def test_a_name_that_is_taken_gets_a_number(self):
        for _ in range(3):
            self.done("draw", "a cat", "--seed", 4, *STEPS, "-o", "all/", "--names", "[seed]")
        self.assertEqual(self.tree()[1:], ["all/4-2.png", "all/4-3.png", "all/4.png"])
        self.done("draw", "a cat", "--seed", 4, *STEPS, "-o", "all/", "--names", "[prompt] [number]")
        self.assertIn("all/a-cat 0001.png", self.tree())

    def test_bad_patterns_are_told_in_a_line(self):
        self.refused(2, r"knows no \[sede\]", "draw", "a cat", "--names", "[sede]")
        self.refused(2, "not closed", "draw", "a cat", "--names", "[seed")
        self.refused(2, "cannot be files' names", "draw", "a cat", "--names", "../[seed]")


if __name__ == "__main__":
    unittest.main()
