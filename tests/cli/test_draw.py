import json
import shlex
import shutil
import subprocess
import unittest

from PIL import Image

from support import EASEL, PROMPT, ROOT, CliTest

FAST = ("--steps", "3", "--seed", "1")


def parameters_of(path):
    """AUTOMATIC1111's text, read without any of Easel's code."""
    with Image.open(path) as picture:
        if picture.format == "PNG":
            return picture.text["parameters"]
        comment = picture.getexif().get_ifd(0x8769)[0x9286]
    kind, text = comment[:8], comment[8:]
    assert kind == b"UNICODE\0", kind
    return text.decode("utf-16-be" if text[:1] == b"\0" else "utf-16-le")


class Drawing(CliTest):
    def test_a_sentence_becomes_a_numbered_picture(self):
        result = self.done("draw", PROMPT, *FAST)
        self.assertEqual(self.tree(), ["outputs", "outputs/0001-a-cat-wearing-sunglasses.png"])
        with Image.open(self.work / "outputs/0001-a-cat-wearing-sunglasses.png") as picture:
            self.assertEqual((picture.format, picture.mode), ("PNG", "RGB"))
        self.assertMatches(result.out, r"^outputs/0001-a-cat-wearing-sunglasses\.png  seed 1, [\d.]+ s\n"
                                       r"  again: \S+ draw \"a cat wearing sunglasses\" ")

    def test_numbers_go_on_where_they_stopped(self):
        self.done("draw", PROMPT, *FAST)
        (self.work / "outputs/0041-something-else.png").write_bytes(b"")
        self.done("draw", "a rocket", *FAST)
        self.assertIn("outputs/0042-a-rocket.png", self.tree())

    def test_the_printed_command_draws_the_same_bytes(self):
        result = self.done("draw", PROMPT, "--negative", "it's \"blue\" $HOME", "--steps", "4",
                           "--sampler", "ddim", "--eta", "0.3", "--scale", "3.25", "-o", "a.png")
        again = result.command()
        self.assertEqual(again[0], str(EASEL))
        self.done(*again[1:], "-o", "b.png")
        self.assertEqual(self.bytes_of("a.png"), self.bytes_of("b.png"))

    def test_inspect_prints_a_command_that_draws_the_same_bytes(self):
        self.done("draw", "-- a prompt, like an option", "--negative=-x", *FAST, "-o", "a.png")
        result = self.done("inspect", "a.png")
        again = result.command()
        self.done(again[1], "-o", "b.png", *again[2:])  # before the "--" that protects the prompt
        self.assertEqual(self.bytes_of("a.png"), self.bytes_of("b.png"))

    def test_the_number_of_threads_changes_nothing(self):
        for threads in (1, 2, 3):
            self.done("draw", PROMPT, *FAST, "-t", threads, "-o", f"{threads}.png")
        self.assertEqual(self.bytes_of("1.png"), self.bytes_of("2.png"))
        self.assertEqual(self.bytes_of("1.png"), self.bytes_of("3.png"))

    def test_a_picture_of_several_equals_the_one_drawn_alone(self):
        self.done("draw", PROMPT, "--steps", 3, "--seed", 7, "--count", 3, "-o", "all.png")
        self.assertEqual(self.tree(), ["all-1.png", "all-2.png", "all-3.png"])
        self.done("draw", PROMPT, "--steps", 3, "--seed", 9, "-o", "alone.png")
        self.assertEqual(self.bytes_of("all-3.png"), self.bytes_of("alone.png"))

    def test_a_random_seed_is_printed_and_differs(self):
        seeds = set()
        for _ in range(2):
            result = self.done("draw", PROMPT, "--steps", 1, "--json")
            seeds.add(json.loads(result.out)["pictures"][0]["seed"])
        self.assertEqual(len(seeds), 2)

    def test_a_grid_holds_the_pictures_row_by_row(self):
        self.done("draw", PROMPT, *FAST, "--grid", "2x3", "-o", "grid.png")
        self.done("draw", PROMPT, *FAST, "--count", 6, "-o", "one.png")
        self.assertEqual(len(self.tree()), 7)
        grid = Image.open(self.work / "grid.png")
        one = Image.open(self.work / "one-4.png")
        side = one.width
        self.assertEqual(grid.size, (2 * (side + 2) + 2, 3 * (side + 2) + 2))
        left, top = 2 + (side + 2), 2 + (side + 2)  # the fourth: second row, second column
        self.assertEqual(grid.crop((left, top, left + side, top + side)).tobytes(), one.tobytes())

    def test_the_grids_command_draws_the_same_grid(self):
        result = self.done("draw", PROMPT, *FAST, "--grid", "2x1", "-o", "a.png")
        self.done(*result.command()[1:], "-o", "b.png")
        self.assertEqual(self.bytes_of("a.png"), self.bytes_of("b.png"))

    def test_half_precision_draws_nearly_the_same(self):
        self.done("draw", PROMPT, *FAST, "-o", "a.png")
        result = self.done("draw", PROMPT, *FAST, "--precision", "fp16", "-o", "b.png")
        self.assertIn("--precision", result.command())
        a = Image.open(self.work / "a.png").tobytes()
        b = Image.open(self.work / "b.png").tobytes()
        error = sum((x - y) ** 2 for x, y in zip(a, b)) / len(a)
        self.assertLess(error, 255 ** 2 / 10 ** 3.5)  # PSNR above 35 dB

    def test_onednn_draws_nearly_the_same_and_says_so(self):
        result = self.easel("draw", PROMPT, *FAST, "--backend", "onednn", "-o", "dnn.png")
        if result.code != 0:  # built where it is not installed
            self.assertMatches(result.err, r"\Aeasel: this easel was built without oneDNN[^\n]*\n\Z")
            self.skipTest("this easel was built without oneDNN")
        self.done("draw", PROMPT, *FAST, "-o", "own.png")
        own = Image.open(self.work / "own.png").tobytes()
        dnn = Image.open(self.work / "dnn.png").tobytes()
        error = sum((x - y) ** 2 for x, y in zip(own, dnn)) / len(own)
        self.assertLess(error, 255 ** 2 / 10 ** 4)  # PSNR above 40 dB
        # In float32 its sums are taken in another order, so that the last bits are its own too.
        self.assertIn("Backend: onednn", parameters_of(self.work / "dnn.png"))
        self.assertIn("--backend", result.command())
        self.done("draw", PROMPT, *FAST, "--backend", "onednn", "-t", "1", "-o", "one.png")
        self.assertEqual(self.bytes_of("dnn.png"), self.bytes_of("one.png"))

    def test_a_negative_prompt_matters(self):
        self.done("draw", PROMPT, *FAST, "-o", "a.png")
        self.done("draw", PROMPT, *FAST, "--negative", "a rocket", "-o", "b.png")
        self.assertNotEqual(Image.open(self.work / "a.png").tobytes(),
                            Image.open(self.work / "b.png").tobytes())

    def test_an_empty_prompt_is_drawn_when_meant(self):
        result = self.done("draw", "", "--allow-empty", *FAST, "-o", "a.png")
        self.done(*result.command()[1:], "-o", "b.png")
        self.assertEqual(self.bytes_of("a.png"), self.bytes_of("b.png"))

    def test_every_sampler_of_the_help_draws(self):
        text = self.done("draw", "--help").out
        listed = text.split("Samplers:\n")[1].split("\n\n")[0]
        names = [line.split()[0] for line in listed.splitlines()]
        self.assertIn("plms", names)
        for name in names:
            self.done("draw", PROMPT, "--steps", 2, "--seed", 1, "--sampler", name,
                      "-o", f"{name}.png")


class Prompts(CliTest):
    def names(self):
        return [name.removeprefix("outputs/") for name in self.tree()[1:]]

    def test_words_without_quotes_are_one_prompt(self):
        self.done("draw", "a", "red", "rocket", *FAST)
        self.assertEqual(self.names(), ["0001-a-red-rocket.png"])

    def test_quoted_prompts_are_drawn_one_after_another(self):
        self.done("draw", "a rocket", "a robot", *FAST)
        self.assertEqual(self.names(), ["0001-a-rocket.png", "0002-a-robot.png"])

    def test_brackets_are_part_of_the_prompt(self):
        self.done("draw", "[a cat, a dog]", *FAST)
        self.assertEqual(self.names(), ["0001-a-cat-a-dog.png"])

    def test_a_prompt_like_an_option_follows_two_dashes(self):
        result = self.done("draw", *FAST, "-o", "a.png", "--", "-n is a prompt")
        self.done(*result.command()[1:2], "-o", "b.png", *result.command()[2:])
        self.assertEqual(self.bytes_of("a.png"), self.bytes_of("b.png"))

    def test_letters_of_any_alphabet_stay_in_names(self):
        self.done("draw", "Ein Käse, 東京!", *FAST)
        self.assertEqual(self.names(), ["0001-ein-käse-東京.png"])

    def test_a_long_prompt_gets_a_short_name(self):
        self.done("draw", "word " * 100, *FAST)
        self.assertEqual(len(self.names()), 1)
        self.assertLess(len(self.names()[0]), 80)

    def test_each_line_of_a_file_is_drawn(self):
        (self.work / "prompts.txt").write_text("a rocket\na robot\r\n")
        self.done("draw", "--from-file", "prompts.txt", *FAST, "-o", "out/")
        self.assertEqual(self.tree(), ["out", "out/0001-a-rocket.png", "out/0002-a-robot.png",
                                       "prompts.txt"])

    def test_blank_lines_of_a_file_are_passed_over(self):
        (self.work / "prompts.txt").write_bytes(b"\xef\xbb\xbfa rocket\r\n\r\n   \na robot\n\n")
        result = self.done("draw", "--from-file", "prompts.txt", *FAST, "-o", "out/")
        self.assertNotIn("empty", result.err)
        self.assertEqual(self.tree(), ["out", "out/0001-a-rocket.png", "out/0002-a-robot.png",
                                       "prompts.txt"])

    def test_a_file_in_utf_16_is_named(self):
        for encoding in ("utf-16", "utf-16-le", "utf-16-be"):  # with its mark, and without
            (self.work / "prompts.txt").write_bytes("a rocket\n".encode(encoding))
            self.refused(2, r"UTF-16", "draw", "--from-file", "prompts.txt", *FAST)

    def test_lines_that_fail_are_reported_and_the_rest_is_drawn(self):
        (self.work / "prompts.txt").write_bytes(b"a rocket\n\n\xff\xfe\na robot\n")
        result = self.easel("draw", "--from-file", "prompts.txt", *FAST, "-o", "out/", "--json")
        self.assertEqual(result.code, 1)
        self.assertMatches(result.err, r"prompts\.txt, line 3: .*UTF-8")
        report = json.loads(result.out)
        self.assertEqual([p["prompt"] for p in report["pictures"]], ["a rocket", "a robot"])
        self.assertEqual([f["line"] for f in report["failed"]], [3])

    def test_prompts_come_from_standard_input(self):
        self.done("draw", "--from-file", "-", *FAST, stdin=b"a rocket\n")
        self.assertEqual(self.names(), ["0001-a-rocket.png"])


class Output(CliTest):
    def test_a_trailing_slash_means_a_folder(self):
        self.done("draw", "a rocket", *FAST, "-o", "new/deep/")
        self.assertIn("new/deep/0001-a-rocket.png", self.tree())

    def test_an_existing_file_is_replaced_only_by_force(self):
        (self.work / "a.png").write_text("mine")
        self.refused(2, r"'a\.png' exists; --force replaces it", "draw", PROMPT, *FAST, "-o", "a.png")
        self.assertEqual(self.bytes_of("a.png"), b"mine")
        self.done("draw", PROMPT, *FAST, "-o", "a.png", "--force")
        self.assertEqual(self.bytes_of("a.png")[:4], b"\x89PNG")

    def test_each_format_carries_the_settings(self):
        for name in ("a.png", "a.jpg", "a.webp"):
            self.done("draw", PROMPT, "--negative", "rain", *FAST, "--sampler", "plms", "--scale", "6.5", "-o", name)
            text = parameters_of(self.work / name)
            lines = text.split("\n")
            self.assertEqual(lines[0], PROMPT, name)
            self.assertEqual(lines[1], "Negative prompt: rain", name)
            self.assertMatches(lines[2], r"^Steps: 3, Sampler: PLMS, CFG scale: 6\.5, Seed: 1, "
                                         r"Size: (\d+)x\1, Model: default")

    def test_a_prompt_beyond_latin_1_is_kept(self):
        self.done("draw", "東京 🚀 café", *FAST, "-o", "a.png")
        self.assertEqual(parameters_of(self.work / "a.png").split("\n")[0], "東京 🚀 café")

    def test_json_says_all_that_is_needed(self):
        result = self.done("draw", PROMPT, "--count", 2, *FAST, "--json")
        report = json.loads(result.out)
        self.assertEqual(report["model"], "default")
        self.assertEqual(report["failed"], [])
        self.assertEqual([p["seed"] for p in report["pictures"]], [1, 2])
        for picture in report["pictures"]:
            self.assertTrue((self.work / picture["path"]).exists())
            self.assertEqual(picture["prompt"], PROMPT)
            self.assertGreater(picture["seconds"], 0)
            self.done(*shlex.split(picture["command"])[1:], "-o", "again.png", "--force")
            self.assertEqual(self.bytes_of("again.png"), self.bytes_of(picture["path"]))

    def test_quiet_prints_nothing(self):
        result = self.done("draw", PROMPT, *FAST, "--quiet")
        self.assertEqual((result.out, result.err), ("", ""))

    def test_piped_progress_is_plain_lines(self):
        result = self.done("draw", PROMPT, "--steps", 5, "--seed", 1)
        self.assertNotIn("\x1b", result.err + result.out)
        self.assertNotIn("\r", result.err + result.out)
        lines = result.err.splitlines()
        self.assertMatches(lines[0], r"^step 1 of 5, [\d.]+ s")
        self.assertMatches(lines[-1], r"^step 5 of 5, [\d.]+ s, 0\.0 s left$")

    def test_a_reader_that_goes_away_is_no_trouble(self):
        process = self.start("draw", PROMPT, *FAST)
        process.stdout.close()
        _, err = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0, err)

    def test_a_full_standard_output_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([EASEL, "models"], stdout=full, stderr=subprocess.PIPE,
                                  env=self.environment, cwd=self.work)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"standard output", done.stderr)


class Installed(CliTest):
    def test_the_installed_program_finds_its_model_from_anywhere(self):
        build = EASEL.parent
        if not (build / "cmake_install.cmake").exists():
            self.skipTest("the program under test is not in a build folder")
        prefix = self.folder / "prefix"
        subprocess.run(["cmake", "--install", build, "--prefix", prefix], check=True,
                       stdout=subprocess.DEVNULL)
        moved = self.folder / "moved"
        shutil.move(prefix, moved)  # so that no path compiled in can help
        result = self.done("draw", PROMPT, *FAST, "-o", "a.png", program=moved / "bin/easel")
        self.assertEqual(result.command()[0], str(moved / "bin/easel"))
        models = json.loads(self.done("models", "--json", program=moved / "bin/easel").out)
        default = [m for m in models["installed"] if m["name"] == "default"][0]
        self.assertEqual(default["path"], str(moved / "share/easel/models/default"))

    def test_an_installed_model_is_found_by_name(self):
        folder = self.folder / "data/easel/models/mine"
        shutil.copytree(ROOT / "models/default", folder)
        self.done("draw", PROMPT, *FAST, "-o", "a.png")
        result = self.done("draw", PROMPT, *FAST, "-m", "mine", "-o", "b.png")
        self.assertIn("mine", result.command())
        self.assertEqual(Image.open(self.work / "a.png").tobytes(),
                         Image.open(self.work / "b.png").tobytes())
        names = [m["name"] for m in json.loads(self.done("models", "--json").out)["installed"]]
        self.assertIn("mine", names)


if __name__ == "__main__":
    unittest.main()
