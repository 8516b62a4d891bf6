#!/usr/bin/python3
"""The full-size runs: random checkpoints with the names and shapes of the real files are opened and drawn
from, one model at a time. Not part of CI: up to 7 GB on disk, minutes to an hour.

  tests/large/run.py EASEL_PROGRAM [MODEL...]      all of them, or those named: ldm sd1 sdxl
                                                   ($EASEL_LARGE names a checkpoint of ldm that is there already)

Each is opened (`inspect`, the second time: with the file's head in memory) and draws once in each precision; seconds
to open and the peak of resident memory are held to what is wanted, the time of a drawing is only said.
The last line is "N passed, N failed, N skipped".
"""
import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import checkpoints

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FIXTURES = pathlib.Path(os.environ.get("EASEL_FIXTURES") or ROOT.parent / "shared/fixtures")
MOST_SECONDS_TO_OPEN = 0.3
PROMPT = "a virus monster is playing guitar, oil on canvas"


@dataclasses.dataclass(frozen=True)
class Model:
    keys: str           # the list of names and shapes, in the fixture folder
    stored: str         # numpy's name of what the file holds
    limits: dict        # precision: bytes (10^9 a GB) that a whole drawing may hold at its peak (VmHWM)
    options: tuple      # of inspect and draw
    drawing: tuple      # of draw


MODELS = {
    "ldm": Model("ldm-large-keys.tsv", "float32", {"fp32": 4.6e9, "fp16": 2.6e9},
                 ("--config", FIXTURES / "ldm-large.yaml",
                  "--vocab", FIXTURES / "tokenizer/bert-base-uncased-vocab.txt"),
                 ("--steps", "3")),
    "sd1": Model("sd-keys/sd1.tsv", "float32", {"fp32": 4.1e9, "fp16": 2.2e9, "q8": 1.5e9}, (),
                 ("--steps", "2", "-W", "512", "-H", "512")),
    "sdxl": Model("sd-keys/sdxl.tsv", "float16", {"q8": 4.5e9}, (),
                  ("--steps", "1", "-W", "1024", "-H", "1024")),
}


def measured(command, folder):
    """Exit code, seconds, and the peak of resident memory in bytes."""
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=folder)
    _, status, usage = os.wait4(process.pid, 0)
    return os.waitstatus_to_exitcode(status), time.monotonic() - start, usage.ru_maxrss * 1024


def seconds_to_open(easel, checkpoint, options):
    """Of the second of two `inspect`s; None where one fails."""
    for _ in range(2):
        start = time.monotonic()
        done = subprocess.run([easel, "inspect", checkpoint, *options], stdout=subprocess.DEVNULL)
        seconds = time.monotonic() - start
        if done.returncode != 0:
            return None
    return seconds


def checkpoint_of(name, model, folder):
    there = os.environ.get("EASEL_LARGE")
    if name == "ldm" and there:
        return pathlib.Path(there).resolve()
    path = folder / "model.safetensors"
    checkpoints.write(FIXTURES / model.keys, path, model.stored)
    print(f"{name}: wrote {path.stat().st_size / 1e9:.1f} GB of random weights", flush=True)
    return path


def run(easel, name, model, folder):
    """Whether each thing that a model must do was done."""
    checkpoint = checkpoint_of(name, model, folder)
    seconds = seconds_to_open(easel, checkpoint, model.options)
    good = seconds is not None and seconds <= MOST_SECONDS_TO_OPEN
    told = "cannot be opened" if seconds is None else f"opens in {seconds:.2f} s"
    print(f"{name}: {told}, at most {MOST_SECONDS_TO_OPEN} s: {verdict(good)}", flush=True)
    yield good
    for precision, limit in model.limits.items():
        picture = folder / f"{precision}.png"
        code, seconds, peak = measured(
            [easel, "draw", PROMPT, "-m", checkpoint, *model.options, *model.drawing, "--seed", "1",
             "--precision", precision, "--no-show", "-o", picture], folder)
        good = code == 0 and picture.exists() and peak <= limit
        print(f"{name} {precision}: exit code {code}, {seconds:.0f} s with {' '.join(model.drawing)}, "
              f"VmHWM {peak / 1e9:.2f} GB of at most {limit / 1e9:.1f} GB: {verdict(good)}", flush=True)
        yield good


def verdict(good):
    return "passed" if good else "FAILED"


def main():
    easel = pathlib.Path(sys.argv[1]).resolve()
    outcomes, skipped = [], 0
    for name in sys.argv[2:] or MODELS:
        if not (FIXTURES / MODELS[name].keys).exists():
            print(f"{name}: skipped, {FIXTURES / MODELS[name].keys} is not here")
            skipped += 1
            continue
        folder = pathlib.Path(tempfile.mkdtemp(dir=ROOT / "build", prefix="large-"))
        try:
            outcomes += run(easel, name, MODELS[name], folder)
        finally:
            shutil.rmtree(folder)
    failed = outcomes.count(False)
    print(f"{len(outcomes) - failed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
