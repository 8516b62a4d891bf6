#!/usr/bin/env python3
"""Holds files and functions of src/, web/ and training/ to CONTRIBUTING's sizes: files of at most 300
lines, functions of at most 40. tools/sizes.txt names the exceptions, each with its reason and the size
that it may not pass; one that is no longer needed is a fault too.

  tools/check_sizes.py            exit code 1 and a line for each fault; 77 without universal-ctags
"""
import json
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ["src", "web/js", "training"]
ENDINGS = {".h", ".cpp", ".py", ".js"}
FILE_LINES = 300
FUNCTION_LINES = 40
# What only tables pass.
MOST_FILE_LINES = 600
MOST_FUNCTION_LINES = 100


def sources():
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in ENDINGS and "node_modules" not in path.parts:
                yield path


def exceptions():
    """{"path" or "path:function": (most lines, reason)}"""
    allowed = {}
    for line in (ROOT / "tools/sizes.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, lines, reason = line.split(maxsplit=2)
            allowed[name] = (int(lines), reason)
    return allowed


def functions():
    """(path, name, lines) of every function that ctags finds the end of."""
    listed = subprocess.run(
        ["ctags", "--output-format=json", "--fields=+ne", "--kinds-C++=f", "--kinds-Python=fm",
         "--kinds-JavaScript=fm", "--languages=C++,Python,JavaScript", "--langmap=C++:+.h", "-f", "-",
         *[str(p.relative_to(ROOT)) for p in sources()]],
        cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        tag = json.loads(line)
        if "end" in tag:
            yield tag["path"], tag["name"], tag["end"] - tag["line"] + 1


def measured():
    sizes = {}
    for path in sources():
        sizes[str(path.relative_to(ROOT))] = (len(path.read_text(encoding="utf-8").splitlines()),
                                              FILE_LINES, MOST_FILE_LINES)
    for path, name, lines in functions():
        key = f"{path}:{name}"
        if lines > sizes.get(key, (0,))[0]:
            sizes[key] = (lines, FUNCTION_LINES, MOST_FUNCTION_LINES)
    return sizes


def main():
    if not shutil.which("ctags"):
        print("sizes: skipped, universal-ctags is not installed")
        return 77
    allowed = exceptions()
    faults = []
    sizes = measured()
    for name, (lines, usual, most) in sorted(sizes.items()):
        limit, reason = allowed.get(name, (usual, ""))
        if lines > limit:
            faults.append(f"{name}: {lines} lines, at most {limit}")
        if lines > most and "table" not in reason:
            faults.append(f"{name}: {lines} lines, and only a table may have more than {most}")
    for name in sorted(allowed):
        if name not in sizes or sizes[name][0] <= sizes[name][1]:
            faults.append(f"{name}: needs no exception any more: take it out of tools/sizes.txt")
    print("\n".join(faults) if faults else
          f"sizes: {len(sizes)} files and functions, {len(allowed)} named exceptions")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
