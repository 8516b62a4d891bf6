"""What people do on their first day with a program: links, pipes, logs, wrong flags, small terminals, odd systems."""
import json
import os
import pty
import resource
import shutil
import signal
import subprocess
import unittest

from PIL import Image

from support import EASEL, PROMPT, ROOT, CliTest


class Starting(CliTest):
    def test_the_script_may_be_called_by_a_link(self):
        clone = self.folder / "clone"
        (clone / "tools").mkdir(parents=True)
        (clone / "build").mkdir()
        shutil.copy(ROOT / "easel", clone / "easel")
        for name in ("install-packages.sh", "build.sh"):
            (clone / "tools" / name).write_text("#!/bin/sh\nexit 0\n")
            (clone / "tools" / name).chmod(0o755)
        (clone / "build/easel").write_text('#!/bin/sh\necho "it is me: $1"\n')
        (clone / "build/easel").chmod(0o755)
        (self.folder / "bin").mkdir()
        (self.folder / "bin/easel").symlink_to(clone / "easel")
        (self.folder / "bin/again").symlink_to("easel")
        for name in ("easel", "again"):
            done = subprocess.run([self.folder / "bin" / name, "x"], cwd="/", capture_output=True, text=True, timeout=60)
            self.assertEqual((done.returncode, done.stdout), (0, "it is me: x\n"), done.stderr)


class Help(CliTest):
    def test_unknown_options_name_the_help_to_read(self):
        for arguments, command in ((["--versoin"], ""), (["draw", "x", "--stesp", "3"], "draw "),
                                   (["gallery", "draw", "--conut", "3"], "gallery draw ")):
            result = self.easel(*arguments)
            self.assertEqual(result.code, 2)
            self.assertTrue(result.err.endswith(f"see '{EASEL} {command}--help'\n"), result.err)
            self.assertIn("did you mean", result.err)

    def test_each_command_has_examples_of_its_own(self):
        for words in (["serve"], ["models"], ["gallery", "draw"], ["gallery", "export"], ["upscale"], ["txt2img"], ["draw"]):
            text = self.done(*words, "--help").out
            examples = [line for line in text.splitlines() if line.startswith("  easel ")]
            self.assertTrue(examples, words)
            if words != ["models"]:
                self.assertTrue(all(line.startswith("  easel " + " ".join(words)) for line in examples), examples)
        self.assertIn('  easel draw "', self.done("--help").out)


class Pipes(CliTest):
    def test_prompts_come_from_a_pipe(self):
        result = self.easel("draw", "--steps", 1, "-o", "out/", stdin=b"a dog\n\na cat\n")
        self.assertEqual(result.code, 0, result.err)
        self.assertEqual(len(list((self.work / "out").iterdir())), 2)
        self.refused(2, r"what should be drawn\?", "draw", "--steps", 1, stdin=b"")
        self.refused(2, r"what should be drawn\?", "draw", "--steps", 1)

    def test_a_picture_goes_into_a_pipe(self):
        process = self.start("draw", PROMPT, "--steps", 1, "--seed", 1, "-o", "-")
        out, err = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0, err)
        (self.work / "piped.png").write_bytes(out)
        self.done("draw", PROMPT, "--steps", 1, "--seed", 1, "-o", "file.png")
        self.assertEqual(self.bytes_of("piped.png"), self.bytes_of("file.png"))
        self.assertIn(b"again: ", err)
        self.assertEqual(self.easel("draw", PROMPT, "-o", "-", "--json").code, 2)
        for more in (["--count", 2], ["--preview", "linear"]):
            self.refused(2, "-o -", "draw", PROMPT, "-o", "-", *more)


class Logs(CliTest):
    def test_a_log_gets_a_line_a_prompt(self):
        (self.work / "p.txt").write_text("".join(f"a cat number {i}\n" for i in range(4)))
        result = self.done("draw", "--from-file", "p.txt", "--steps", 8, "-o", "out/")
        lines = [line for line in result.err.splitlines() if "step" in line]
        self.assertEqual(len(lines), 4, result.err)
        for number, line in enumerate(lines, 1):
            self.assertTrue(line.startswith(f"{number} of 4, step 8 of 8"), line)

    def test_notes_say_of_which_prompt_and_words(self):
        long = "a ship " + "and a red ship " * 60 + "at sea"
        (self.work / "p.txt").write_text(f"a cat\n{long}\n")
        result = self.done("draw", "--from-file", "p.txt", "--steps", 1, "-o", "out/")
        note = [line for line in result.err.splitlines() if "not used" in line]
        self.assertEqual(len(note), 1)
        self.assertRegex(note[0], r'^easel: prompt 2 of 2: the prompt is longer than the model reads: .* from "\w')
        pictures = json.loads(self.done("draw", long, "--steps", 1, "--quiet", "--json", "-o", "json/").out)["pictures"]
        self.assertIn("not used", pictures[0]["notes"][0])

    def test_signs_that_mean_nothing_here_are_told(self):
        result = self.done("draw", "a {red|blue} (big:1.3) __colour__ car <lora:x:0.5>", "--steps", 1)
        for sign in ("{red|blue}", "(big:1.3)", "__colour__", "<lora:x:0.5>"):
            self.assertIn(sign, result.err)
        for plain in ("a car (red)", "a_b __", "1 < 2 > 0", "{x}", "time 10:30 (late)"):
            self.assertNotIn("no meaning", self.done("draw", plain, "--steps", 1).err, plain)


class JsonErrors(CliTest):
    def test_trouble_is_json_where_json_was_asked_for(self):
        for code, arguments in ((1, ["draw", "x", "-m", "nope"]), (2, ["draw", ""]), (2, ["draw", "x", "--steps", "x"]),
                                (2, ["draw", "x", "--nope"]), (1, ["inspect", "nope.png"]),
                                (1, ["upscale", "nope.png", "-o", "x.png"])):
            result = self.easel(*arguments, "--json")
            self.assertEqual(result.code, code, result.err)
            error = json.loads(result.out)["error"]
            self.assertEqual(error["exit_code"], code)
            self.assertIn(error["message"], result.err)
            self.assertEqual(self.easel(*arguments).out, "")

    def test_a_command_that_fails_in_part_prints_one_document(self):
        (self.work / "p.txt").write_bytes(b"a cat\n" + b"x" * 9000 + b"\n")
        result = self.easel("draw", "--from-file", "p.txt", "--steps", 1, "--json", "-o", "out/")
        self.assertEqual(result.code, 1)
        document = json.loads(result.out)
        self.assertEqual((len(document["pictures"]), document["failed"][0]["line"]), (1, 2))


class Colours(CliTest):
    def shown(self, **environment):
        """What a terminal that says this of itself gets."""
        leader, follower = pty.openpty()
        env = {**self.environment, "TERM": "xterm", "LC_ALL": "C.UTF-8", **environment}
        for name in ("COLORTERM", "NO_COLOR"):
            if name not in environment:
                env.pop(name, None)
        process = subprocess.Popen([EASEL, "draw", PROMPT, "--steps", "1", "--seed", "1"], cwd=self.work, env=env,
                                   stdin=subprocess.DEVNULL, stdout=follower, stderr=subprocess.DEVNULL)
        os.close(follower)
        seen = b""
        try:
            while part := os.read(leader, 65536):
                seen += part
        except OSError:
            pass
        os.close(leader)
        self.assertEqual(process.wait(timeout=300), 0)
        return seen.decode()

    def test_only_colours_that_the_terminal_has(self):
        true, many, none = "\x1b[38;2;", "\x1b[38;5;", None
        for environment, kind in (({"TERM": "vt100"}, none), ({"TERM": "xterm-256color"}, many),
                                  ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, true),
                                  ({"COLORTERM": "24bit"}, true), ({"TERM": "xterm-direct"}, true),
                                  ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, none)):
            seen = self.shown(**environment)
            for code in (true, many):
                self.assertEqual(code in seen, code == kind, (environment, code))
            self.assertIn("again: ", seen)


class Enlarged(CliTest):
    def test_a_file_says_that_it_was_enlarged_and_its_command_gives_it(self):
        self.done("draw", PROMPT, "--steps", 1, "--seed", 1, "-o", "a.png")
        self.done("upscale", "a.png", "-o", "b.png")
        self.assertIn("Upscale: 4", self.done("inspect", "b.png").out)
        again = self.done("inspect", "b.png").command()
        self.done(*again[1:], "-o", "c.png")
        with Image.open(self.work / "b.png") as b, Image.open(self.work / "c.png") as c:
            self.assertEqual((b.size, b.tobytes()), (c.size, c.tobytes()))
        self.done("upscale", "b.png", "-o", "d.png", "--scale", 2)
        again = self.done("inspect", "d.png").command()
        self.done(*again[1:], "-o", "e.png")
        with Image.open(self.work / "d.png") as d, Image.open(self.work / "e.png") as e:
            self.assertEqual((d.size, d.tobytes()), (e.size, e.tobytes()))

    def test_other_programs_settings_stay_and_the_enlarging_is_said_beside_them(self):
        from PIL.PngImagePlugin import PngInfo
        info = PngInfo()
        info.add_text("parameters", "a cat\nSteps: 20, Sampler: Euler a, Seed: 1, Size: 64x64")
        Image.new("RGB", (16, 16), "red").save(self.work / "a.png", pnginfo=info)
        self.done("upscale", "a.png", "-o", "b.png")
        with Image.open(self.work / "b.png") as picture:
            self.assertEqual(picture.info["parameters"], "a cat\nSteps: 20, Sampler: Euler a, Seed: 1, Size: 64x64")
            self.assertEqual(picture.info["postprocessing"], "Postprocess upscale by: 4, Postprocess upscaler: upscaler")

    def test_what_a_folder_holds_besides_is_told_and_what_is_there_passed_over(self):
        (self.work / "in/deep").mkdir(parents=True)
        for name in ("a.png", "b.png"):
            Image.new("RGB", (16, 16), "red").save(self.work / "in" / name)
        Image.new("RGB", (16, 16)).save(self.work / "in/c.bmp")
        Image.new("RGB", (16, 16)).save(self.work / "in/d.gif")
        result = self.done("upscale", "in", "-o", "out/")
        self.assertIn("passed over in 'in': 2 files of other kinds, 1 folder (--recursive", result.err)
        result = self.easel("upscale", "in", "-o", "out/")
        self.assertEqual(result.code, 2)
        self.assertIn("exists", result.err.splitlines()[-1])
        (self.work / "out/b.png").unlink()
        result = self.done("upscale", "in", "-o", "out/", "--skip-existing")
        self.assertIn("1 of 2 pictures are there already", result.err)
        self.assertEqual(len(list((self.work / "out").iterdir())), 2)
        self.done("upscale", "in", "-o", "out/", "--skip-existing")


class OddSystems(CliTest):
    def test_a_file_size_limit_is_one_line(self):
        def limited():
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

        result = self.easel("draw", PROMPT, "--steps", 1, "-o", "a.png", preexec_fn=limited)
        self.assertEqual(result.code, 1, (result.code, result.err))
        self.assertRegex(result.err.splitlines()[-1], r"^easel: .*a\.png.*too large")
        self.assertEqual([p for p in self.tree() if p.endswith(".png")], [])

    def test_no_home_is_no_trouble(self):
        self.environment.pop("HOME", None)
        self.environment.pop("XDG_DATA_HOME", None)
        self.done("draw", PROMPT, "--steps", 1, "-o", "a.png")
        for home in ("", "/nonexistent/home", "relative"):
            self.done("models", environment={"HOME": home})

    def test_decimal_commas_change_nothing(self):
        for locale in ("de_DE.UTF-8", "fr_FR.UTF-8", "tr_TR.UTF-8"):
            result = self.done("draw", PROMPT, "--steps", 1, "--seed", 1, "--scale", "2.5", "-o", f"{locale}.png",
                               environment={"LC_ALL": locale, "LANG": locale})
            self.assertIn("--scale 2.5", result.out)
        self.assertEqual(self.bytes_of("de_DE.UTF-8.png"), self.bytes_of("tr_TR.UTF-8.png"))


if __name__ == "__main__":
    unittest.main()
