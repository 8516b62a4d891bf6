#!/usr/bin/env python3
"""Holds what is one family's own to that family: its types, its functions and its headers are named
only in its folder, in its key maps and networks, and in the table of families. Comments and text for
people do not count.

  tools/check_families.py [SOURCE_FOLDER]     exit code 1 and a line for each fault
"""
import pathlib
import re
import sys

# Where a family's own things may be named, below src/.
HOMES = re.compile(
    r"pipeline/families(/|\.cpp$)|weights/(maps|changes)/|models/(bert_text_encoder|rrdbnet|srvgg)\."
    r"|tokenizers/(wordpiece|unicode_text|known_words)\.")
NAME = re.compile(r"\b(?:(?:Ldm|LDM|Bert|Esrgan|ESRGAN|RrdbNet|Srvgg|WordPiece)\w*"
                  r"|(?:ldm|bert|esrgan|rrdbnet|srvgg)_\w+|with_basicsr_names|\w+_ldm_\w+)\b")
HEADER = re.compile(r'^\s*#\s*include\s+"(pipeline/families/[^"]+/[^"]+|weights/maps/[^"]+'
                    r'|models/(?:bert_text_encoder|rrdbnet|srvgg)\.h|tokenizers/wordpiece\.h)"')
# A comment, or a literal: what is left is code.
TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)


def faults_of(path, source):
    text = path.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        header = HEADER.match(line)
        if header:
            yield f"{path}:{number}: includes {header.group(1)}, a family's own"
    code = TEXT.sub(lambda found: "\n" * found.group().count("\n"), text)
    for number, line in enumerate(code.splitlines(), start=1):
        for name in NAME.findall(line):
            yield f"{path}:{number}: names {name}, a family's own"


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    source = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "src"
    faults = []
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source).as_posix()
        if path.suffix in (".h", ".cpp", ".inc") and not HOMES.match(inside):
            faults.extend(faults_of(path, source))
    files = len({fault.split(":")[0] for fault in faults})
    print("\n".join(faults + [f"families: {len(faults)} lines in {files} files"] if faults else
                    ["families: nothing outside a family's home names what is its own"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
