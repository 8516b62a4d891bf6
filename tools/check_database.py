#!/usr/bin/env python3
"""Counts the lines of src/ that name a database outside the folders that may: the rest talks to
store/records.h, so that another database adds a folder and one choice.

  tools/check_database.py [SOURCE_FOLDER]     exit code 1 and a line for each fault
"""
import pathlib
import re
import sys

# Those that are about one database, and the one place that chooses.
MAY = ("store/sqlite", "store/open")
# A name of SQLite or PostgreSQL, of their connections, or a statement in their language.
NAMES = re.compile(r"sqlite|postgres|libpq|\bPQ[a-z]|\bDatabase\b|\bSQL\b|"
                   r"\"\s*(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE|PRAGMA)\b", re.IGNORECASE)
COMMENT = re.compile(r"//.*$")


def faults_in(source):
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source).as_posix()
        if path.suffix not in (".h", ".cpp") or inside.startswith(MAY):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if NAMES.search(COMMENT.sub("", line)):
                yield f"{path}:{number}: names a database: {line.strip()}"


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    source = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "src"
    faults = list(faults_in(source))
    print("\n".join(faults) if faults else "database: 0 lines outside store/sqlite and store/open name one")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
