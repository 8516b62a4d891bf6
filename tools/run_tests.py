#!/usr/bin/env python3
"""Runs the test suites and adds them up; ./test builds them first.

  tools/run_tests.py [SUITE...]      all of them, or those named (--list names them)

Parity with the original code is shown on the larger set of fixtures, ../shared/fixtures, where it lies beside the
clone, and on the clone's own; on $EASEL_FIXTURES alone where that is set.

Two suites run at a time (most of them wait for a while or use one core); $EASEL_TEST_JOBS says how many instead.
Every suite is one line when it passes. The last line is "N passed, N failed, N skipped".
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
SANITIZED = ROOT / "build-asan"
OWN_FIXTURES = ROOT / "tests/data/fixtures"
LARGER_FIXTURES = ROOT.parent / "shared/fixtures"
# Rooms that read what strangers write; tested a second time under ASan and UBSan.
PARSERS = ["weights", "tokenizers", "prompt", "image", "recipe"]
# Suites with a runner of their own, whose last line is "NAME: N passed, N failed, N skipped".
RUNNERS = {
    "training": "training/run_tests.sh",
    "server": "tests/server/run.sh",
    "browser": "tests/browser/run.sh",
    "cases": "tests/cases/run.py",
}
# Begun first, so that what ends last is short.
LONGEST = ["training", "command line", "server", "parity", "browser", "pipeline", "cases"]
TIMEOUT_S = 1200


class Tally:
    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def __add__(self, other):
        return Tally(self.passed + other.passed, self.failed + other.failed,
                     self.skipped + other.skipped)

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def run(command, environment=None):
    """The exit code (None: out of time) and all output of a command."""
    try:
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=TIMEOUT_S,
                              env={**os.environ, **(environment or {})})
        return done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        return None, (late.stdout or b"").decode(errors="replace") + f"\nnot done in {TIMEOUT_S} s"


def skip_reasons(output):
    return sorted(set(re.findall(r": Skipped\n(.+)", output)))


def google_test(program, environment=None):
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        code, output = run([program, f"--gtest_output=json:{report}"], environment)
        tally = Tally()
        if report.exists():
            for suite in json.loads(report.read_text())["testsuites"]:
                for test in suite["testsuite"]:
                    if test.get("failures"):
                        tally.failed += 1
                    elif test["result"] == "SKIPPED":
                        tally.skipped += 1
                    elif test["result"] == "COMPLETED":
                        tally.passed += 1
        # A program that ends in the middle has no report, or no failure in it.
        if code != 0 and tally.failed == 0:
            tally.failed += 1
    return tally, output, skip_reasons(output)


def python_tests(folder):
    code, output = run([sys.executable, "-m", "unittest", "discover", "-v", "-s", folder,
                        "-t", folder], {"PYTHONDONTWRITEBYTECODE": "1"})
    ran = re.search(r"^Ran (\d+) tests? in", output, re.M)
    counts = dict(re.findall(r"(failures|errors|skipped)=(\d+)", output.rsplit("Ran ", 1)[-1]))
    failed = int(counts.get("failures", 0)) + int(counts.get("errors", 0))
    skipped = int(counts.get("skipped", 0))
    total = int(ran.group(1)) if ran else 0
    if code != 0 and failed == 0:
        failed = 1
    reasons = sorted(set(re.findall(r"\.\.\. skipped ['\"](.+)['\"]", output)))
    return Tally(max(0, total - failed - skipped), failed, skipped), output, reasons


def one_check(command, skipped_code=77):
    code, output = run(command)
    if code == skipped_code:
        return Tally(skipped=1), output, [output.strip().splitlines()[-1]]
    return (Tally(passed=1) if code == 0 else Tally(failed=1)), output, []


def own_runner(name, script):
    code, output = run([ROOT / script, BUILD / "easel"])
    last = output.strip().splitlines()[-1] if output.strip() else ""
    counts = re.fullmatch(rf"{name}: (\d+) passed, (\d+) failed, (\d+) skipped", last)
    tally = Tally(*map(int, counts.groups())) if counts else Tally(failed=1)
    if code != 0 and tally.failed == 0:
        tally.failed = 1
    reasons = [line for line in output.splitlines() if "skipped" in line.lower()][:-1]
    return tally, output, reasons


def suites():
    found = {}
    found["includes"] = lambda: one_check([ROOT / "tools/check_includes.py"])
    found["database"] = lambda: one_check([ROOT / "tools/check_database.py"])
    found["settings"] = lambda: one_check([ROOT / "tools/count_settings.py"])
    found["families"] = lambda: one_check([ROOT / "tools/check_families.py"])
    found["sizes"] = lambda: one_check([ROOT / "tools/check_sizes.py"])
    found["names"] = lambda: one_check([ROOT / "tools/check_names.py"])
    found["tidy"] = lambda: one_check([ROOT / "tools/check_tidy.sh"])
    for language in ("cpp", "python", "javascript"):
        found[f"format ({language})"] = (
            lambda language=language: one_check([ROOT / "tools/check_format.sh", language]))
    found["fixtures"] = lambda: one_check([ROOT / "tools/check_fixtures.py"])
    for program in sorted((BUILD / "tests").glob("*_test")):
        name = program.name.removesuffix("_test")
        if name in RUNNERS:
            name += " (room)"
        found[name] = lambda program=program: google_test(program)
    if "parity" in found and LARGER_FIXTURES.exists() and not os.environ.get("EASEL_FIXTURES"):
        own = {"EASEL_FIXTURES": str(OWN_FIXTURES)}
        found["parity (as a clone alone)"] = lambda: google_test(BUILD / "tests/parity_test", own)
    strict = {"ASAN_OPTIONS": "detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1"}
    for room in PARSERS:
        program = SANITIZED / "tests" / f"{room}_test"
        found[f"{room} (ASan, UBSan)"] = lambda program=program: google_test(program, strict)
    found["command line"] = lambda: python_tests(ROOT / "tests/cli")
    for name, script in RUNNERS.items():
        if (ROOT / script).exists():
            found[name] = lambda name=name, script=script: own_runner(name, script)
    return found


def timed(name, suite):
    start = time.monotonic()
    tally, output, reasons = suite()
    return name, tally, output, reasons, time.monotonic() - start


def report(name, tally, output, reasons, seconds):
    if tally.failed:
        print(output.rstrip())
    print(f"{name}: {tally} ({seconds:.0f} s)")
    for reason in reasons:
        print(f"  skipped: {reason.strip()}")
    sys.stdout.flush()
    return tally


def main():
    wanted = sys.argv[1:]
    all_suites = suites()
    if wanted == ["--list"]:
        print("\n".join(all_suites))
        return 0
    unknown = [name for name in wanted
               if not any(s == name or s.startswith(name + " (") for s in all_suites)]
    if unknown:
        print(f"there is no suite '{unknown[0]}'; there are: {', '.join(all_suites)}",
              file=sys.stderr)
        return 2
    chosen = [name for name in all_suites
              if not wanted or name in wanted or name.split(" (")[0] in wanted]
    chosen.sort(key=lambda name: LONGEST.index(name) if name in LONGEST else len(LONGEST))
    total = Tally()
    jobs = int(os.environ.get("EASEL_TEST_JOBS", "2"))
    with concurrent.futures.ThreadPoolExecutor(max(1, jobs)) as pool:
        running = [pool.submit(timed, name, all_suites[name]) for name in chosen]
        for suite in concurrent.futures.as_completed(running):
            total += report(*suite.result())
    print(total)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
