"""What a person sees on a terminal, and what Ctrl-C does."""
import json
import os
import pty
import re
import select
import shlex
import signal
import struct
import fcntl
import subprocess
import termios
import time
import unittest

from support import EASEL, PROMPT, CliTest

COLUMNS = 60


class Terminal(CliTest):
    def on_terminal(self, *arguments, out=True, err=True, **environment):
        """Runs easel with standard output and error on a pseudo-terminal; what it wrote there, and
        what it wrote to the stream that is not."""
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
        process = subprocess.Popen([EASEL, *map(str, arguments)], cwd=self.work,
                                   env={**self.environment, "TERM": "xterm-256color", **environment},
                                   stdin=subprocess.DEVNULL,
                                   stdout=follower if out else subprocess.PIPE,
                                   stderr=follower if err else subprocess.PIPE)
        os.close(follower)
        seen = b""
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:  # the other side is closed
                break
            if not piece:
                break
            seen += piece
        os.close(leader)
        piped_out, piped_err = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0, seen)
        return seen.decode(), ((piped_out or b"") + (piped_err or b"")).decode()

    def test_progress_is_one_line_that_is_wiped(self):
        seen, piped = self.on_terminal("draw", PROMPT, "--steps", 4, "--seed", 1, out=False)
        steps = re.findall(r"\rstep (\d) of 4, [\d.]+ s(?:, [\d.]+ s left)?\x1b\[K", seen)
        self.assertEqual(steps, ["1", "2", "3", "4"])
        self.assertNotIn("\n", seen)
        self.assertTrue(seen.endswith("\r\x1b[K"), seen[-40:])
        for line in re.split(r"\r", re.sub(r"\x1b\[K", "", seen)):
            self.assertLess(len(line), COLUMNS)
        self.assertNotIn("\x1b", piped)  # what is piped on has no picture in it
        self.assertIn("again: ", piped)

    def test_the_picture_is_shown_in_half_blocks(self):
        seen, _ = self.on_terminal("draw", PROMPT, "--steps", 1, "--seed", 1, err=False)
        self.assertIn("▀", seen)
        rows = [line for line in seen.splitlines() if "▀" in line]
        for row in rows:
            self.assertLessEqual(row.count("▀"), COLUMNS)
        self.assertGreater(len(rows), 10)

    def test_terminals_that_show_pictures_get_one(self):
        for sign, environment in [("\x1b_G", {"TERM": "xterm-kitty"}),
                                  ("\x1b_G", {"KITTY_WINDOW_ID": "1"}),
                                  ("\x1b]1337;File=", {"TERM_PROGRAM": "iTerm.app"}),
                                  ("\x1b]1337;File=", {"LC_TERMINAL": "iTerm2"})]:
            with self.subTest(environment):
                seen, _ = self.on_terminal("draw", PROMPT, "--steps", 1, **environment)
                self.assertIn(sign, seen)
                self.assertNotIn("▀", seen)

    def test_terminals_that_cannot_get_none(self):
        for environment in ({"TERM": "dumb"}, {"LC_ALL": "C"}):
            with self.subTest(environment):
                seen, _ = self.on_terminal("draw", PROMPT, "--steps", 1, **environment)
                self.assertNotIn("▀", seen)
                self.assertIn("again: ", seen)
        seen, _ = self.on_terminal("draw", PROMPT, "--steps", 1, "--no-show")
        self.assertNotIn("▀", seen)
        seen, _ = self.on_terminal("draw", PROMPT, "--steps", 1, "--json")
        self.assertNotIn("▀", seen)

    def test_quiet_is_quiet_on_a_terminal_too(self):
        seen, _ = self.on_terminal("draw", PROMPT, "--steps", 2, "--quiet")
        self.assertEqual(seen, "")

    def test_a_prompt_cannot_steer_the_terminal(self):
        seen, _ = self.on_terminal("draw", "a cat\x1b]0;owned\x07", "--steps", 1, "--no-show")
        self.assertNotIn("\x1b]0", seen)
        seen, _ = self.on_terminal("inspect", *[str(p) for p in (self.work / "outputs").iterdir()])
        self.assertNotIn("\x1b]0", seen)


class Stopping(CliTest):
    def stopped_by(self, number, *arguments):
        """Sends a signal as soon as the first step is done."""
        process = self.start(*arguments)
        ready, _, _ = select.select([process.stderr], [], [], 120)
        self.assertTrue(ready, "no progress was seen")
        first = process.stderr.readline()
        self.assertIn(b"step 1 of", first)
        process.send_signal(number)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err.decode()

    def test_ctrl_c_keeps_what_is_there_and_exits_130(self):
        code, out, err = self.stopped_by(signal.SIGINT, "draw", PROMPT, "--steps", 1000, "-W", 256,
                                         "-H", 256, "--seed", 3, "-o", "a.png")
        self.assertEqual(code, 130)
        reached = re.fullmatch(r"a\.png  seed 3, .*, unfinished: (step (\d+) of 1000)\n"
                               r"  again, to the end: (.*)\n", out.decode())
        self.assertTrue(reached, out)
        # Within a step: of a thousand, hardly any more were done.
        self.assertLess(int(reached[2]), 900)
        self.assertEqual(err.splitlines()[-1], "easel: stopped at " + reached[1])
        self.assertEqual(self.tree(), ["a.png"])
        told = self.done("inspect", "a.png").out
        self.assertIn(f"Unfinished: {reached[1]}", told)
        self.assertIn("  again, to the end: ", told)
        self.assertNotIn("nfinished", reached[3])

    def test_the_command_of_an_unfinished_picture_draws_it_to_the_end(self):
        slow = ("--steps", 60, "--seed", 1, "-W", 128, "-H", 128)
        code, out, _ = self.stopped_by(signal.SIGINT, "draw", PROMPT, *slow, "--json", "-o", "a.png")
        self.assertEqual(code, 130)
        picture = json.loads(out)["pictures"][0]
        self.assertEqual(picture["unfinished"]["steps"], 60)
        self.assertIn(picture["unfinished"]["step"], range(1, 60))
        self.done("draw", PROMPT, *slow, "-o", "whole.png")
        self.done(*shlex.split(picture["command"])[1:], "-o", "again.png")
        self.assertEqual(self.bytes_of("again.png"), self.bytes_of("whole.png"))
        self.assertNotEqual(self.bytes_of("a.png"), self.bytes_of("whole.png"))

    def test_pictures_that_were_not_begun_are_not_there(self):
        # Of several prompts a log tells no steps; the preview shows that some were done.
        process = self.start("draw", PROMPT, "a ship", "--steps", 1000, "-W", 256, "-H", 256, "--preview", "linear",
                             "-o", "some/")
        until = time.monotonic() + 120
        while time.monotonic() < until and not list(self.work.glob("some/*.preview.png")):
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(out.decode().count("unfinished"), 1)
        self.assertEqual(len([name for name in self.tree() if name.endswith(".png")]), 1)

    def test_a_grid_is_kept_as_far_as_it_is(self):
        code, out, _ = self.stopped_by(signal.SIGINT, "draw", PROMPT, "--steps", 1000, "-W", 128, "-H", 128,
                                       "--grid", "2x1", "-o", "grid.png")
        self.assertEqual(code, 130)
        self.assertIn(b"unfinished: step", out)
        self.assertIn(b"--grid 2x1", out)
        self.assertEqual(self.tree(), ["grid.png"])

    def test_sigterm_stops_as_well(self):
        code, _, _ = self.stopped_by(signal.SIGTERM, "draw", PROMPT, "--steps", 1000, "-W", 256,
                                     "-H", 256)
        self.assertEqual(code, 143)
        self.assertEqual(self.tree(), [])

    def test_txt2img_stops_between_steps(self):
        code, _, _ = self.stopped_by(signal.SIGINT, "txt2img", "--prompt", PROMPT, "--ddim_steps",
                                     500, "--H", 256, "--W", 256, "--n_samples", 1, "--ckpt",
                                     "default")
        self.assertEqual(code, 130)
        self.assertEqual(self.tree(), [])

    def test_a_second_ctrl_c_ends_at_once(self):
        process = self.start("draw", PROMPT, "--steps", 1000, "-W", 512, "-H", 512)
        process.stderr.readline()
        while process.poll() is None:  # two that come together are one
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(self.tree(), [])

    def test_a_convert_that_is_stopped_leaves_no_file(self):
        source = self.fixture("ldm-mini/model.ckpt")
        process = self.start("convert", source, "out.safetensors")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
        self.assertIn(process.returncode, (0, 130, -signal.SIGINT))
        self.assertEqual([n for n in self.tree() if n != "out.safetensors"], [])
        if process.returncode != 0:
            self.assertEqual(self.tree(), [])


if __name__ == "__main__":
    unittest.main()
