#!/usr/bin/env python3
"""Finds every place that writes out a picture's settings by hand: a function, struct or table of src/
and web/js that names seven or more of ten settings. They stand in src/recipe/fields.h once; what
needs them visits the rows. What other programs call theirs (src/recipe/readers) is no list of Easel's.

  tools/count_settings.py [ROOT] [--list]     exit code 1 and a line for each when there are more than MOST
"""
import pathlib
import re
import sys

SETTINGS = {"prompt", "negative", "steps", "sampler", "scale", "eta", "seed", "width", "height", "model"}
MANY = 7
MOST = 4
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
STRING = re.compile(r'R"(\w*)\((?:.*?)\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
OUTER = re.compile(r"\b(?:namespace|extern)\b[^;{}()]*$|^\s*$")
TYPE = re.compile(r"\b(?:class|struct|union)\s+\w+[^;(){}]*$")


def settings_in(text):
    """Which of them a text names: "native_width" names width, "kPrompt" names prompt."""
    found = set()
    for word in WORD.findall(text):
        parts = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", word).lower().split("_")
        found.update(SETTINGS.intersection(parts))
    return found


def blanked(text):
    """Comments away; braces in strings harmless, the strings' words kept."""
    kept = STRING.sub(lambda m: m.group(0) if m.group(0).startswith(("'", '"', "R")) else "", text)
    out, at = [], 0
    pattern = re.compile(STRING.pattern + "|" + COMMENT.pattern, re.S)
    for match in pattern.finditer(kept):
        out.append(kept[at:match.start()])
        token = match.group(0)
        out.append(re.sub(r"[{}();]", " ", token) if token[0] in "\"'R" else re.sub(r"[^\n]", " ", token))
        at = match.end()
    out.append(kept[at:])
    return "".join(out)


def places(text):
    """(line, head, body) of each outermost function, and of each type without its functions."""
    stack, since = [], 0
    for at, char in enumerate(text):
        if char == ";" and all(kind != "body" for kind, *_ in stack):
            since = at + 1
        elif char == "{":
            head = text[since:at]
            inside = any(kind == "body" for kind, *_ in stack)
            kind = "inner" if inside else "outer" if OUTER.search(head) else "type" if TYPE.search(head) else "body"
            stack.append((kind, at, head.strip(), []))
            since = at + 1
        elif char == "}" and stack:
            kind, begin, head, holes = stack.pop()
            if kind in ("body", "type"):
                body = text[begin + 1:at]
                if kind == "type":
                    for first, last in reversed(holes):
                        body = body[:first - begin - 1] + body[last - begin:]
                elif stack and stack[-1][0] == "type":
                    stack[-1][3].append((begin, at))
                yield text.count("\n", 0, begin) + 1, head.split("\n")[-1].strip(), head + body
            since = at + 1


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parent.parent
    found = []
    files = [*sorted((root / "src").rglob("*.h")), *sorted((root / "src").rglob("*.cpp")), *sorted((root / "web/js").glob("*.js"))]
    for path in files:
        if path.is_relative_to(root / "src/recipe/readers"):
            continue
        for line, head, body in places(blanked(path.read_text(encoding="utf-8"))):
            named = settings_in(body)
            if len(named) >= MANY:
                found.append(f"{path.relative_to(root)}:{line}: {len(named)} settings in '{head}'")
    if len(found) > MOST or "--list" in sys.argv:
        print("\n".join(found))
    print(f"settings: written out by hand in {len(found)} places, {MOST} at most")
    return 1 if len(found) > MOST else 0


if __name__ == "__main__":
    sys.exit(main())
