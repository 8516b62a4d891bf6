"""The scripts at the root: what is installed, what is built, and what is not done twice."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from support import ROOT

INSTALL = ROOT / "tools/install-packages.sh"


class Scripts(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="easel-scripts-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.programs = self.folder / "bin"
        self.programs.mkdir()

    def borrow(self, *names):
        """Lets a script find these of the system's programs, and no others."""
        for name in names:
            (self.programs / name).symlink_to(shutil.which(name))

    def invent(self, name, script):
        path = self.programs / name
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)

    def run_script(self, *command):
        return subprocess.run([*map(str, command)], env={"PATH": str(self.programs)},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


class Packages(Scripts):
    def setUp(self):
        super().setUp()
        self.borrow("sh", "awk", "tr", "sed", "dirname", "readlink", "mktemp", "rm", "tail", "env", "cat")
        self.log = self.folder / "apt.log"

    def debian(self, installed, user="0"):
        listing = "".join(f"installed {name} \\n" for name in installed)
        self.invent("dpkg-query", f'printf "{listing}"\n')
        self.invent("apt-get", f'echo "$@" >> {self.log}\n')
        self.invent("id", f"echo {user}\n")

    @staticmethod
    def group(*names):
        rows = [line.split() for line in (ROOT / "tools/packages.txt").read_text().splitlines()]
        return [row[1].split(":")[0] for row in rows if row and row[0] in names]

    def test_nothing_is_done_where_nothing_is_missing(self):
        self.debian(self.group("run", "test"))
        done = self.run_script(INSTALL, "run", "test")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertFalse(self.log.exists())

    def test_only_what_is_missing_is_installed(self):
        self.debian([name for name in self.group("run") if name not in ("cmake", "libpng-dev")])
        done = self.run_script(INSTALL, "run")
        self.assertEqual(done.returncode, 0, done.stderr)
        update, install = self.log.read_text().splitlines()
        self.assertIn("update", update)
        self.assertEqual(install.split("--no-install-recommends ")[1].split(), ["cmake", "libpng-dev"])

    def test_running_needs_no_test_packages(self):
        self.assertNotIn("libgtest-dev", self.group("run"))
        self.debian(self.group("run"))
        self.assertEqual(self.run_script(INSTALL, "run").stderr, "")

    def test_a_command_from_elsewhere_counts(self):
        self.debian([n for n in self.group("test") if n not in ("npm", "nodejs", "chromium")])
        for name in ("npm", "node", "chromium"):
            self.invent(name, "")
        done = self.run_script(INSTALL, "test")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_package_that_another_provides_counts(self):
        self.debian([n for n in self.group("run") if n != "pkg-config"])
        self.invent("dpkg-query", (self.programs / "dpkg-query").read_text() +
                    'printf "installed pkgconf pkg-config (= 1.8.1-1), other\\n"\n')
        self.assertEqual(self.run_script(INSTALL, "run").stderr, "")

    def test_without_root_and_sudo_it_says_what_to_type(self):
        self.debian([], user="1000")
        done = self.run_script(INSTALL, "run")
        self.assertEqual(done.returncode, 1)
        self.assertIn("as root, run:\n       apt-get install --no-install-recommends g++ cmake",
                      done.stderr)
        self.assertFalse(self.log.exists())

    def test_sudo_is_used_only_without_root(self):
        self.debian([], user="1000")
        self.invent("sudo", f'echo sudo "$@" >> {self.log}\n')
        self.assertEqual(self.run_script(INSTALL, "run").returncode, 0)
        self.assertTrue(all(line.startswith("sudo ") for line in self.log.read_text().splitlines()))

    def test_apts_trouble_is_passed_on(self):
        self.debian([])
        self.invent("apt-get", 'echo "E: no network"; exit 100\n')
        done = self.run_script(INSTALL, "run")
        self.assertEqual(done.returncode, 1)
        self.assertIn("E: no network", done.stderr)
        self.assertIn("install them by hand", done.stderr)

    def test_another_system_is_told_what_is_needed(self):
        done = self.run_script(INSTALL, "run")
        self.assertEqual(done.returncode, 0)
        self.assertIn("no apt-get", done.stderr)
        for name in ("g++", "libpng-dev"):
            self.assertIn(name, done.stderr)


class Start(Scripts):
    """./easel with a stand-in for the sources, CMake and Ninja."""

    def setUp(self):
        super().setUp()
        self.borrow("sh", "bash", "dirname", "readlink", "find", "mkdir", "touch", "mv", "cp", "sed", "rm", "tail",
                    "env", "cat", "awk", "tr", "flock", "chmod")
        self.clone = self.folder / "clone"
        (self.clone / "tools").mkdir(parents=True)
        for name in ("easel", "tools/build.sh", "tools/install-packages.sh", "tools/packages.txt"):
            shutil.copy(ROOT / name, self.clone / name)
        for name in ("src", "cmake", "web"):
            (self.clone / name).mkdir()
        (self.clone / "CMakeLists.txt").write_text("")
        (self.clone / "src/main.cpp").write_text("one")
        self.log = self.folder / "build.log"
        self.invent("cmake", f'echo configured >> {self.log}\ntouch "$4/build.ninja"\n')
        self.invent("ninja", f'echo built >> {self.log}\n'
                             'printf \'#!/bin/sh\\necho "$0:$*"\\n\' > "$2/easel"\nchmod +x "$2/easel"\n')
        self.invent("dpkg-query", 'awk \'$1 == "run" { print "installed " $2 " " }\' '
                                  f"{self.clone}/tools/packages.txt\n")
        self.invent("apt-get", "exit 1\n")

    def easel(self, *arguments):
        done = self.run_script(self.clone / "easel", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def built(self):
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return lines.count("built")

    def make_newer(self, path):
        os.utime(path, (2e9, 2e9))

    def test_the_first_start_builds_and_the_second_does_not(self):
        first = self.easel("draw", "a cat")
        self.assertIn("draw a cat", first.stdout)
        self.assertEqual(self.built(), 1)
        second = self.easel("--version")
        self.assertEqual((self.built(), second.stderr), (1, ""))

    def test_a_newer_source_is_built(self):
        self.easel()
        self.make_newer(self.clone / "src/main.cpp")
        self.easel()
        self.assertEqual(self.built(), 2)

    def test_a_failed_build_says_so_and_is_tried_again(self):
        self.invent("ninja", "echo 'main.cpp:1: error: no'; exit 1\n")
        for _ in range(2):
            done = self.run_script(self.clone / "easel")
            self.assertEqual(done.returncode, 1)
            self.assertIn("main.cpp:1: error: no", done.stderr)
            self.assertIn("the build failed", done.stderr)

    def test_a_moved_clone_is_configured_again(self):
        self.easel()
        (self.clone / "build/CMakeCache.txt").write_text("CMAKE_HOME_DIRECTORY:INTERNAL=/elsewhere\n")
        self.make_newer(self.clone / "src/main.cpp")
        self.easel()
        self.assertEqual(self.log.read_text().splitlines().count("configured"), 2)


class Includes(Scripts):
    def check(self, path, line):
        source = self.folder / "src"
        file = source / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(line + "\n")
        for header in ("core/error.h", "nn/linear.h", "backend/backend.h", "backend/cpu/gemm.h"):
            (source / header).parent.mkdir(parents=True, exist_ok=True)
            (source / header).touch()
        done = subprocess.run(["/usr/bin/python3", ROOT / "tools/check_includes.py", source],
                              stdout=subprocess.PIPE, text=True)
        file.unlink()
        return done.returncode, done.stdout

    def test_arrows_that_point_down_are_fine(self):
        self.assertEqual(self.check("nn/a.cpp", '#include "core/error.h"')[0], 0)
        self.assertEqual(self.check("nn/a.cpp", '#include "backend/backend.h"')[0], 0)
        self.assertEqual(self.check("backend/cpu/a.cpp", '#include "backend/follow.h"')[0], 0)
        self.assertEqual(self.check("cli/a.cpp", 'getenv("HOME");')[0], 0)

    def test_faults_are_found(self):
        for path, line in [("core/a.h", '#include "nn/linear.h"'),
                           ("nn/a.cpp", '#include "backend/cpu/gemm.h"'),
                           ("models/a.cpp", '#include "linear.h"'),
                           ("nn/a.cpp", "#ifdef __AVX2__"),
                           ("pipeline/a.cpp", '#include "backend/follow.h"'),
                           ("backend/profile.cpp", '#include "backend/follow.h"'),
                           ("nn/a.cpp", "const float* values = Follow::host(x.address);"),
                           ("pipeline/a.cpp", 'const char* home = std::getenv("HOME");'),
                           ("attic/a.cpp", "")]:
            with self.subTest(line):
                code, said = self.check(path, line)
                self.assertEqual(code, 1)
                self.assertIn(path.split("/")[0], said)
                shutil.rmtree(self.folder / "src")


if __name__ == "__main__":
    unittest.main()
