#!/usr/bin/env python3
"""Holds every #include of src/ to the arrows of ARCHITECTURE.md: a room includes only itself and the
rooms below it. Also: no device or instruction set is named by an #ifdef outside backend/, and no
environment is read below cli.

  tools/check_includes.py [SOURCE_FOLDER]     exit code 1 and a line for each fault
"""
import pathlib
import re
import sys

# room: the rooms it may include besides itself
ARROWS = {
    "core": [],
    "weights": ["core"],
    "backend": ["core"],
    "tokenizers": ["core"],
    "diffusion": ["core"],
    "image": ["core"],
    "recipe": ["core", "image"],
    "nn": ["core", "weights", "backend"],
    "models": ["core", "weights", "backend", "nn"],
    "pipeline": ["core", "weights", "backend", "tokenizers", "diffusion", "image", "recipe", "nn", "models"],
    "store": ["core", "image", "recipe"],
    "server": ["core", "weights", "backend", "tokenizers", "diffusion", "image", "recipe", "nn", "models",
               "pipeline", "store"],
    "gallery": ["core", "weights", "backend", "tokenizers", "diffusion", "image", "recipe", "nn", "models",
                "pipeline", "store", "server"],
    "cli": ["core", "weights", "backend", "tokenizers", "diffusion", "image", "recipe", "nn", "models",
            "pipeline", "store", "server", "gallery"],
}
# nn and models see the backend's interface, never a backend.
INTERFACE_ONLY = {"nn": "backend/backend.h", "models": "backend/backend.h"}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
DEVICE = re.compile(r"^\s*#\s*(?:el)?if(?:n?def)?\b.*\b(__AVX\w*|__SSE\w*|__ARM\w*|__CUDA\w*|EASEL_CUDA)\b")
ENVIRONMENT = re.compile(r"\b(?:std::|::)?(?:secure_)?getenv\s*\(|\benviron\b")


def faults_of(path, room, source):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        where = f"{path}:{number}"
        include = INCLUDE.match(line)
        if include:
            target = include.group(1)
            other = target.split("/")[0]
            if "/" not in target or not (source / target).exists():
                # A header made by the build (a room's name first) is held to the arrows as well.
                if other not in ARROWS:
                    yield f"{where}: \"{target}\" is not a path from src/"
                    continue
            if other != room and other not in ARROWS[room]:
                yield f"{where}: {room} may not include {other} ({target})"
            if other == "backend" and room in INTERFACE_ONLY and target != INTERFACE_ONLY[room]:
                yield f"{where}: {room} may include {INTERFACE_ONLY[room]} only, not {target}"
        if room != "backend" and DEVICE.match(line):
            yield f"{where}: an #if on a device or instruction set outside backend/"
        if room not in ("cli",) and ENVIRONMENT.search(line) and not line.lstrip().startswith("//"):
            yield f"{where}: the environment is read below cli"


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    source = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "src"
    faults = []
    for folder in sorted(p for p in source.iterdir() if p.is_dir()):
        if folder.name not in ARROWS:
            faults.append(f"{folder}: a room that is not in the table of tools/check_includes.py")
            continue
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".h", ".cpp"):
                faults.extend(faults_of(path, folder.name, source))
    print("\n".join(faults) if faults else "includes: every arrow points down")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
