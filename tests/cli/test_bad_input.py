import os
import resource
import shutil
import subprocess
import tempfile
import unittest

from support import EASEL, PROMPT, ROOT, CliTest


class Usage(CliTest):
    """Exit code 2, one line, nothing written."""

    def test_commands_and_options(self):
        for pattern, arguments in [
            (r"there is no command 'drow'; did you mean 'draw'\?", ["drow"]),
            (r"there is no command 'xyzzy'", ["xyzzy"]),
            (r'to draw a sentence: \S+ draw "a cat"', ["a cat"]),
            (r"'--stpes' was not expected \(did you mean '--steps'\?\)",
             ["draw", PROMPT, "--stpes", "3"]),
            (r"what should be drawn\?", ["draw"]),
            (r"--seed: .*1 required", ["draw", PROMPT, "--seed"]),
            (r"FILE is required", ["inspect"]),
            (r"NAME is required", ["fetch"]),
        ]:
            with self.subTest(arguments):
                self.refused(2, pattern, *arguments)

    def test_n_belongs_to_no_one(self):
        for arguments in (["-n", "4"], ["-n4"], ["-n"]):
            for command in (["draw", PROMPT], ["txt2img"]):
                with self.subTest((command, arguments)):
                    self.refused(2, r"-n means different things .*--count.*--negative", *command,
                                 *arguments)

    def test_numbers(self):
        for pattern, arguments in [
            (r"--steps: wanted a whole number, 1 or more, not '0'", ["--steps", "0"]),
            (r"--steps: .*not '-3'", ["--steps", "-3"]),
            (r"--steps: .*not '2.5'", ["--steps", "2.5"]),
            (r"--steps: .*not '99999999999999'", ["--steps", "99999999999999"]),
            (r"1001 steps are not possible: 1 to 1000", ["--steps", "1001"]),
            (r"--scale: wanted a number .*not 'nan'", ["--scale", "nan"]),
            (r"--scale: .*not 'inf'", ["--cfg-scale", "inf"]),
            (r"--scale: .*not '1e308'", ["--scale", "1e308"]),
            (r"--eta: .*not '1.5'", ["--eta", "1.5"]),
            (r"--eta: .*not 'nan'", ["--eta", "nan"]),
            (r"--seed: .*not '-1'", ["--seed", "-1"]),
            (r"--seed: .*not '18446744073709551616'", ["--seed", "18446744073709551616"]),
            (r"--count: .*not '0'", ["--count", "0"]),
            (r"--threads: .*not '0'", ["--threads", "0"]),
            (r"--grid wants COLUMNSxROWS", ["--grid", "4"]),
            (r"--grid wants COLUMNSxROWS", ["--grid", "0x4"]),
            (r"--grid 2x2 is 4 pictures, --count says 3", ["--grid", "2x2", "--count", "3"]),
        ]:
            with self.subTest(arguments):
                self.refused(2, pattern, "draw", PROMPT, *arguments)

    def test_sizes(self):
        for pattern, arguments in [
            (r"width is 65, wanted a multiple of 8 .*64 and 72", ["-W", "65"]),
            (r"height is 4, wanted a multiple of 8 .*8", ["-H", "4"]),
            (r"width is 65536, wanted 1 to 2048", ["-W", "65536"]),
            (r"--width: .*not '0'", ["-W", "0"]),
            (r"--height: .*not '-64'", ["-H", "-64"]),
        ]:
            with self.subTest(arguments):
                self.refused(2, pattern, "draw", PROMPT, *arguments)

    def test_names(self):
        for pattern, arguments in [
            (r'no sampler "eulr".*euler', ["--sampler", "eulr"]),
            (r"plms takes no eta", ["--sampler", "plms", "--eta", "0.5"]),
            (r"--rng: .*torch-cpu", ["--rng", "philox"]),
            (r"--precision: fp8 not in", ["--precision", "fp8"]),
            (r"a\.bmp .*\.png, \.jpg or \.webp", ["-o", "a.bmp"]),
            (r"not both", ["--from-file", "prompts.txt"]),
        ]:
            with self.subTest(arguments):
                self.refused(2, pattern, "draw", PROMPT, *arguments)

    def test_prompts(self):
        for prompt in ("", "   ", "\t"):
            with self.subTest(prompt):
                self.refused(2, r"the prompt is empty; --allow-empty", "draw", prompt)
        self.refused(2, r"not UTF-8", "draw", b"\xff\xfe".decode(errors="surrogateescape"))
        self.refused(2, r"at most 8192", "draw", "word " * 2000)

    def test_files_of_prompts(self):
        self.refused(1, r"there is no file|cannot be read", "draw", "--from-file", "nowhere.txt")
        (self.work / "empty.txt").write_text("")
        self.refused(2, r"holds no prompt", "draw", "--from-file", "empty.txt")
        self.refused(1, r"cannot be read", "draw", "--from-file", ".")


class Models(CliTest):
    """Exit code 1: what was asked for is sound, the file is not."""

    def test_a_missing_model(self):
        self.refused(1, r"no model 'nowhere\.ckpt'.*easel models", "draw", PROMPT, "-m", "nowhere.ckpt")
        self.refused(1, r"did you mean 'default'\?", "draw", PROMPT, "-m", "defualt")
        self.refused(1, r"easel fetch ldm-text2img-large", "draw", PROMPT, "-m", "ldm-text2img-large")

    def test_what_is_no_model(self):
        (self.work / "text.ckpt").write_text("hello, this is a text, not a model at all")
        (self.work / "empty.ckpt").write_bytes(b"")
        (self.work / "folder").mkdir()
        os.mkfifo(self.work / "fifo")
        for name in ("text.ckpt", "empty.ckpt", "folder", "fifo", "/dev/zero"):
            with self.subTest(name):
                self.refused(1, r".", "draw", PROMPT, "-m", name)

    def test_a_truncated_model(self):
        folder = self.work / "cut"
        shutil.copytree(ROOT / "models/default", folder)
        shard = sorted(folder.glob("*.safetensors"))[-1]
        with open(shard, "r+b") as file:
            file.truncate(shard.stat().st_size // 2)
        self.refused(1, shard.name, "draw", PROMPT, "-m", "cut")

    def test_a_model_of_another_kind(self):
        path = self.fixture("esrgan-mini/esrgan_x4.pth")
        self.refused(1, r"is an ESRGAN upscaler", "draw", PROMPT, "-m", path)

    def test_a_hostile_model_runs_nothing(self):
        for name in ("malicious-os-system.pt", "malicious-eval.pkl"):
            path = self.fixture(f"checkpoints/{name}")
            pwned = [os.path.join(folder, "easel-pwned")
                     for folder in (tempfile.gettempdir(), "/tmp", self.folder, self.work)]
            with self.subTest(name):
                self.refused(1, r".", "draw", PROMPT, "-m", path)
                self.easel("inspect", path)
                self.easel("convert", path, "out.safetensors")
                self.assertEqual([p for p in pwned if os.path.exists(p)], [])

    def test_a_vocabulary_that_is_nowhere(self):
        self.refused(1, r"easel fetch bert-base-uncased", "draw", PROMPT, "-m",
                     self.fixture("ldm-mini/model.ckpt"))

    def test_a_configuration_that_is_wrong(self):
        (self.work / "broken.yaml").write_text("model: [")
        (self.work / "other.yaml").write_text("model: {target: other.Thing}")
        for name in ("broken.yaml", "other.yaml", "nowhere.yaml"):
            with self.subTest(name):
                self.refused(1, name, "draw", PROMPT, "--config", name)


class Machine(CliTest):
    def test_too_little_memory_is_said_before_loading(self):
        limit = 400 << 20

        def confine():
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

        result = self.refused(1, r"[\d.]+ GB.*memory|memory.*[\d.]+ GB", "draw", PROMPT, "-W", "1024",
                              "-H", "1024", "-t", "1", preexec_fn=confine)
        self.assertNotIn("step", result.err)

    def test_a_folder_that_cannot_be_written(self):
        self.refused(1, r"cannot write into '/proc/easel'|cannot write into", "draw", PROMPT,
                     "-o", "/dev/null/x.png")
        (self.work / "file").write_text("")
        self.refused(1, r"cannot write into 'file'", "draw", PROMPT, "-o", "file/x.png")

    def test_a_folder_without_permission(self):
        if os.geteuid() == 0:
            nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            if shutil.which("setpriv") is None:
                self.skipTest("root may write everywhere, and setpriv is not installed")
        else:
            nobody = []
        locked = self.work / "locked"
        locked.mkdir(mode=0o555)
        os.chmod(self.folder, 0o755)
        done = subprocess.run([*nobody, EASEL, "draw", PROMPT, "--steps", "1", "-o", "locked/x.png"],
                              cwd=self.work, env=self.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        if done.returncode == 126 or b"failed to execute" in done.stderr:
            self.skipTest("another user cannot reach the program under test")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr.decode(), r"cannot write into 'locked': Permission denied")
        self.assertEqual(self.tree(), ["locked"])

    def test_a_full_disk(self):
        script = ('mount -t tmpfs -o size=16k tmpfs disk && '
                  '"$1" draw "a cat" --steps 1 -o disk/; code=$?; ls -A disk; exit $code')
        (self.work / "disk").mkdir()
        probe = subprocess.run(["unshare", "-Urm", "mount", "-t", "tmpfs", "tmpfs", "disk"],
                               cwd=self.work, stderr=subprocess.DEVNULL)
        if probe.returncode != 0:
            self.skipTest("this system lets no one mount a small disk")
        done = subprocess.run(["unshare", "-Urm", "sh", "-c", script, "sh", EASEL], cwd=self.work,
                              env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr.decode(), r"^easel: .*No space left on device|disk is full")
        self.assertEqual(done.stdout, b"")  # nothing on it, not even a temporary file


if __name__ == "__main__":
    unittest.main()
