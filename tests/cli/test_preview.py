"""--preview: the picture while it is drawn, in a file or on the terminal, and nothing of it afterwards."""
import signal
import time
import unittest

from PIL import Image

from support import PROMPT, CliTest
from test_terminal import Terminal as OnTerminal

SLOW = ("--steps", "60", "--seed", "1", "-W", "128", "-H", "128")


class File(CliTest):
    def wait_for(self, process, name):
        """Until the file is there; the process must still run."""
        until = time.monotonic() + 120
        while time.monotonic() < until and process.poll() is None:
            if list(self.work.glob(name)):
                return True
            time.sleep(0.005)
        return False

    def test_it_is_whole_at_every_moment_and_gone_at_the_end(self):
        for kind in ("linear", "decoder"):
            process = self.start("draw", PROMPT, *SLOW, "--preview", kind, "-o", f"{kind}.png")
            self.assertTrue(self.wait_for(process, f"{kind}.preview.png"))
            sizes, contents = set(), set()
            while process.poll() is None:
                try:
                    contents.add((self.work / f"{kind}.preview.png").read_bytes())
                except FileNotFoundError:
                    continue
            self.assertEqual(process.wait(), 0)
            self.assertGreater(len(contents), 1)
            for number, content in enumerate(contents):
                path = self.folder / f"{number}.png"
                path.write_bytes(content)
                with Image.open(path) as picture:
                    picture.load()  # a torn file would not
                    sizes.add(picture.size)
            self.assertEqual(sizes, {(128, 128)})
        self.assertEqual(self.tree(), ["decoder.png", "linear.png"])
        self.done("draw", PROMPT, *SLOW, "-o", "plain.png")
        for kind in ("linear", "decoder"):
            self.assertEqual(self.bytes_of(f"{kind}.png"), self.bytes_of("plain.png"))

    def test_ctrl_c_takes_it_along(self):
        for options in (("-o", "a.png"), ("-o", "new/folder/"), ()):
            process = self.start("draw", PROMPT, "--steps", 1000, "-W", 128, "-H", 128, "--preview", "linear", *options)
            self.assertTrue(self.wait_for(process, "**/*.preview.png"))
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=120)
            self.assertEqual(process.returncode, 130)
            self.assertEqual([n for n in self.tree() if "." in n and n.endswith(".preview.png")], [])

    def test_numbered_pictures_keep_their_numbers(self):
        self.done("draw", PROMPT, "--steps", 2, "--count", 3, "--preview", "linear", "-W", 512, "-H", 512)
        self.assertEqual([n for n in self.tree() if n.endswith(".png")],
                         [f"outputs/000{k}-a-cat-wearing-sunglasses.png" for k in (1, 2, 3)])

    def test_a_file_of_that_name_is_not_touched(self):
        (self.work / "a.preview.png").write_bytes(b"mine")
        self.refused(2, "a.preview.png' exists", "draw", PROMPT, "--steps", 2, "--preview", "linear", "-o", "a.png")
        self.assertEqual(self.bytes_of("a.preview.png"), b"mine")

    def test_another_kind_is_refused(self):
        self.refused(2, "linear.*decoder", "draw", PROMPT, "--preview", "magic")


class InPlace(CliTest):
    on_terminal = OnTerminal.on_terminal

    def test_each_step_is_drawn_over_the_last(self):
        seen, _ = self.on_terminal("draw", PROMPT, "--steps", 5, "--seed", 1, "--preview", "linear", "-o", "a.png")
        self.assertEqual(seen.count("\x1b7"), 5)
        self.assertEqual(seen.count("\x1b8"), 5)
        frame = seen.split("\x1b7")[1].split("\x1b8")[0]
        rows = [line for line in frame.splitlines() if "▀" in line]
        self.assertTrue(5 < len(rows) <= 21, len(rows))  # 24 rows less the progress line and some room
        last = seen.rsplit("\x1b8", 1)[1]
        self.assertIn("\x1b[J", last)  # wiped before the finished picture
        self.assertIn("▀", last)
        self.assertEqual(self.tree(), ["a.png"])

    def test_kittys_old_pictures_are_taken_away(self):
        seen, _ = self.on_terminal("draw", PROMPT, "--steps", 3, "--preview", "decoder", TERM="xterm-kitty")
        self.assertGreaterEqual(seen.count("\x1b_Ga=d"), 3)
        self.assertGreaterEqual(seen.count("\x1b_Ga=T"), 4)

    def test_no_show_means_the_file(self):
        seen, _ = self.on_terminal("draw", PROMPT, "--steps", 2, "--preview", "linear", "--no-show", "-o", "a.png")
        self.assertNotIn("▀", seen)
        self.assertEqual(self.tree(), ["a.png"])


del OnTerminal  # its own tests run where it is defined

if __name__ == "__main__":
    unittest.main()
