#!/usr/bin/env python3
"""Holds the rooms that are compiled eight files at a time (cmake/rooms.cmake says which stay apart) to
names of their own: what two files of such a room both define in an anonymous namespace would meet when
a new file moves them into one batch.

  tools/check_names.py            exit code 1 and a line for each fault; 77 without universal-ctags
"""
import collections
import json
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# An alias may be declared again as long as it means the same; the compiler sees to that.
KINDS = {"function", "variable", "struct", "class", "enum"}
# Constants of a file, among which ctags passes over some that begin with braces (`std::size_t{16} << 20`).
CONSTANT = re.compile(r"^constexpr [^=;(]*?\b(k[A-Z]\w*)\b(?:\[[^\]]*\])*\s*[={]", re.M)
# What GoogleTest's macros look like to ctags.
MACROS = re.compile(r"TEST(_F|_P)?|TYPED_TEST(_SUITE)?|INSTANTIATE_TEST_SUITE_P")


def listed(name):
    text = (ROOT / "cmake/rooms.cmake").read_text()
    return re.search(rf"set\({name} ([^)]*)\)", text).group(1).split()


def rooms():
    apart = listed("EASEL_ROOMS_APART")
    found = sorted(p for p in (ROOT / "src").iterdir() if p.is_dir() and p.name not in apart)
    return found + sorted(p for p in (ROOT / "tests").iterdir() if p.is_dir() and p.name != "parity")


def definitions(room):
    """(name, file) of what stands directly in an anonymous namespace."""
    apart = set(listed("EASEL_FOLDERS_APART"))
    files = sorted(str(p.relative_to(ROOT)) for p in room.rglob("*.cpp")
                   if not apart & set(p.parts))
    if not files:
        return
    for file in files:
        for name in CONSTANT.findall((ROOT / file).read_text()):
            yield name, file
    tags = subprocess.run(["ctags", "--output-format=json", "--fields=+KZ", "-f", "-", *files],
                          cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for line in tags.splitlines():
        tag = json.loads(line)
        if MACROS.fullmatch(tag["name"]):
            continue
        if tag["kind"] in KINDS and "__anon" in tag.get("scope", "").split("::")[-1]:
            yield tag["name"], tag["path"]


def main():
    if not shutil.which("ctags"):
        print("names: skipped, universal-ctags is not installed")
        return 77
    faults, count = [], 0
    for room in rooms():
        files_of = collections.defaultdict(set)
        for name, path in definitions(room):
            files_of[name].add(path)
        count += len(files_of)
        faults += [f"{name}: defined in {' and '.join(sorted(files))}, which may be compiled as one file"
                   for name, files in sorted(files_of.items()) if len(files) > 1]
    print("\n".join(faults) if faults else f"names: {count} in anonymous namespaces, each its room's own")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
