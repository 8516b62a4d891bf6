#!/usr/bin/env python3
"""Holds every #include of src/ to the arrows of ARCHITECTURE.md: a room includes only itself and the
rooms below it, and the folders inside a room include each other in no circle. Also: only backends
follow a tensor's address, no device or instruction set is named by an #ifdef outside backend/, and
no environment is read below cli.

  tools/check_includes.py [SOURCE_FOLDER]     exit code 1 and a line for each fault
"""
import pathlib
import re
import sys

DRAWING = ["core", "weights", "backend", "tokenizers", "prompt", "diffusion", "image", "recipe", "nn", "models"]
# room: the rooms it may include besides itself
ARROWS = {
    "core": [],
    "embedded": [],
    "weights": ["core"],
    "backend": ["core"],
    "tokenizers": ["core"],
    "prompt": ["core", "tokenizers"],
    "diffusion": ["core"],
    "image": ["core"],
    "fetch": ["core"],
    "http": ["core", "embedded"],
    "recipe": ["core", "diffusion", "image"],
    "nn": ["core", "weights", "backend"],
    "models": ["core", "weights", "backend", "nn"],
    "pipeline": DRAWING,
    "store": ["core", "image", "recipe"],
    "atelier": DRAWING + ["pipeline", "store", "embedded"],
    "work": DRAWING + ["pipeline", "store", "atelier"],
    "server": DRAWING + ["pipeline", "store", "atelier", "work", "embedded", "http"],
    "cli": DRAWING + ["pipeline", "store", "atelier", "http", "server", "fetch"],
}
# nn and models see the backend's interface, never a backend.
INTERFACE_ONLY = {"nn": "backend/backend.h", "models": "backend/backend.h"}
# What turns a tensor's address into a pointer: for backends that compute in this process's memory.
FOLLOW = "backend/follow.h"
FOLLOWERS = ("backend/cpu/", "backend/onednn/", "backend/reference/", "backend/host_backend.cpp")
FOLLOWING = re.compile(r"\bFollow\b")

# Files that may ask for the instruction set all the same, and why.
SPINNING = {"core/thread_pool.cpp"}  # the processor's pause between two looks at a counter

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
DEVICE = re.compile(r"^\s*#\s*(?:el)?if(?:n?def)?\b.*\b(__AVX\w*|__SSE\w*|__ARM\w*|__x86_64__|__aarch64__|__CUDA\w*|EASEL_CUDA)\b")
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
        inside = path.relative_to(source).as_posix()
        if include and target == FOLLOW and not inside.startswith(FOLLOWERS):
            yield f"{where}: only a backend follows an address; others upload and download"
        if FOLLOWING.search(line) and inside not in (FOLLOW, "core/address.h"):
            yield f"{where}: only {FOLLOW} turns an address into a pointer"
        if room != "backend" and DEVICE.match(line) and str(path.relative_to(source)) not in SPINNING:
            yield f"{where}: an #if on a device or instruction set outside backend/"
        if room not in ("cli",) and ENVIRONMENT.search(line) and not line.lstrip().startswith("//"):
            yield f"{where}: the environment is read below cli"


def folder_of(path, source):
    return path.parent.relative_to(source).as_posix()


def folder_arrows(source):
    """folder: the other folders of its room that it includes, and where."""
    arrows = {}
    for path in sorted(source.rglob("*")):
        if path.suffix not in (".h", ".cpp"):
            continue
        folder = folder_of(path, source)
        for line in path.read_text(encoding="utf-8").splitlines():
            include = INCLUDE.match(line)
            if not include or not (source / include.group(1)).exists():
                continue
            other = folder_of(source / include.group(1), source)
            if other != folder and other.split("/")[0] == folder.split("/")[0]:
                arrows.setdefault(folder, {}).setdefault(other, f"{path} includes {include.group(1)}")
    return arrows


def circles(arrows):
    """A line for each circle of folders."""

    def walk(folder, way):
        for other, where in arrows.get(folder, {}).items():
            if other in way:
                circle = way[way.index(other):] + [other]
                if circle[0] == min(circle):  # each circle once
                    yield f"{' -> '.join(circle)} is a circle ({where})"
            else:
                yield from walk(other, way + [other])

    for folder in sorted(arrows):
        yield from walk(folder, [folder])


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
    faults.extend(circles(folder_arrows(source)))
    print("\n".join(faults) if faults else "includes: every arrow points down")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
