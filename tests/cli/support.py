"""What the command-line tests share: the program under test, run in a folder of its own."""
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EASEL = pathlib.Path(os.environ.get("EASEL_BIN", ROOT / "build" / "easel")).resolve()
FIXTURES = ROOT / "tests/data/fixtures"
# The larger set: what may be copied nowhere lies only there.
LARGER_FIXTURES = pathlib.Path(os.environ.get("EASEL_FIXTURES") or ROOT.parent / "shared/fixtures")
PROMPT = "a cat wearing sunglasses"
TIMEOUT_S = 300


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def command(self):
        """The arguments of the last "again:" line."""
        lines = [line for line in self.out.splitlines() if "again: " in line]
        return shlex.split(lines[-1].split("again: ", 1)[1])


class CliTest(unittest.TestCase):
    """Runs easel in an empty folder, with nothing installed but what it ships."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="easel-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.work = self.folder / "work"
        self.work.mkdir()
        self.environment = {**os.environ, "XDG_DATA_HOME": str(self.folder / "data"),
                            "LC_ALL": "C.UTF-8", "TMPDIR": str(self.folder)}
        for name in ("TERM_PROGRAM", "KITTY_WINDOW_ID", "TMUX", "LC_TERMINAL"):
            self.environment.pop(name, None)

    def start(self, *arguments, program=EASEL, preexec_fn=None, **options):
        def prepare():
            # A shell starts background jobs with Ctrl-C ignored, and programs keep to that.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            if preexec_fn:
                preexec_fn()

        process = subprocess.Popen([program, *map(str, arguments)], cwd=self.work,
                                   env={**self.environment, **options.pop("environment", {})},
                                   stdin=options.pop("stdin", subprocess.DEVNULL), preexec_fn=prepare,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()

    def easel(self, *arguments, stdin=None, **options):
        if stdin is not None:
            options["stdin"] = subprocess.PIPE
        process = self.start(*arguments, **options)
        out, err = process.communicate(stdin, timeout=TIMEOUT_S)
        return Result(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))

    def done(self, *arguments, **options):
        """Runs a command that must succeed."""
        result = self.easel(*arguments, **options)
        self.assertEqual(result.code, 0, result.err)
        return result

    def refused(self, code, pattern, *arguments, **options):
        """Runs a command that must be refused in one line, leaving nothing behind."""
        before = self.tree()
        result = self.easel(*arguments, **options)
        self.assertEqual(result.code, code, result.out + result.err)
        # Notes ("easel: the averaged weights are used") may come before the error.
        self.assertRegex(result.err, pattern)
        self.assertEqual(len(result.err.strip().splitlines()), 1, result.err)
        self.assertTrue(result.err.startswith("easel: "), result.err)
        if "--json" in arguments:
            self.assertEqual(json.loads(result.out)["error"]["exit_code"], code)
        else:
            self.assertEqual(result.out, "")
        self.assertEqual(self.tree(), before)
        return result

    def tree(self):
        return sorted(str(p.relative_to(self.work)) for p in self.work.rglob("*"))

    def bytes_of(self, name):
        return (self.work / name).read_bytes()

    def fixture(self, name):
        return FIXTURES / name

    def larger_fixture(self, name):
        path = LARGER_FIXTURES / name
        if not path.exists():
            self.skipTest(f"../shared/fixtures/{name} is not here")
        return path

    def assertMatches(self, text, pattern):
        self.assertIsNotNone(re.search(pattern, text), f"{pattern!r} is not in {text!r}")
