#!/usr/bin/env python3
"""Holds the tests to what a clone has: part of ./test.

Only the files below may look for ../shared, whose place $EASEL_FIXTURES takes; every family of the clone's own
fixtures is at most 3 MB packed, all of them 30 MB.
"""
import pathlib
import re
import sys
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "tests/data/fixtures"
MAY_LOOK = {
    "tests/support/fixture_folder.h": "says where fixtures are",
    "tests/parity/ldm_runs.cpp": "BERT's whole vocabulary lies only there",
    "tests/cli/support.py": "BERT's whole vocabulary lies only there",
    "tests/cases/run.py": "tells cases where fixtures are",
    "tools/run_tests.py": "runs parity on both sets",
    "tests/large/run.py": "the full-size model is made by a script there",
    "tools/ldm_reference.py": "is held to it",
    "tools/make_esrgan_mini.py": "is held to it",
    "tools/cut_fixtures.py": "cuts the clone's fixtures from it",
    "tools/check_fixtures.py": "this",
}
LOOKS = re.compile(r"""["'/]shared["'/]""")
FAMILY = re.compile(r"^[a-z0-9]+")
LARGEST_FAMILY, LARGEST = 3_000_000, 30_000_000


def looks_outside():
    wrong = []
    for folder in ("tests", "tools", "bench", "training"):
        for path in sorted((ROOT / folder).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix not in (".py", ".cpp", ".h", ".sh", ".mjs") or name in MAY_LOOK or "node_modules" in name:
                continue
            for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                code = re.sub(r"(^|\s)(#|//).*", "", line)
                if LOOKS.search(code):
                    wrong.append(f"{name}:{number}: looks for ../shared: {line.strip()}")
    return wrong


def packed_sizes():
    """Bytes of each family as git packs them: every file deflated by itself."""
    sizes = {}
    for file in FIXTURES.rglob("*"):
        if file.is_file():
            family = FAMILY.match(file.relative_to(FIXTURES).parts[0].lower())[0]
            sizes[family] = sizes.get(family, 0) + len(zlib.compress(file.read_bytes(), 9))
    return sizes


def main():
    wrong = looks_outside()
    sizes = packed_sizes()
    wrong += [f"tests/data/fixtures: the family {family} is {size} bytes packed"
              for family, size in sizes.items() if size > LARGEST_FAMILY]
    if sum(sizes.values()) > LARGEST:
        wrong.append(f"tests/data/fixtures is {sum(sizes.values())} bytes packed")
    print("\n".join(wrong) or f"fixtures: {sum(sizes.values()) / 1e6:.1f} MB packed in {len(sizes)} families")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
