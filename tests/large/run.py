#!/usr/bin/env python3
"""The full-size run: a random checkpoint with text2img-large's names and shapes draws a 256x256
picture in one command, in float32 and in float16. Not part of CI: 6 GB on disk, minutes.

  tests/large/run.py EASEL_PROGRAM     ($EASEL_LARGE names a checkpoint that is there already)

The last line is "N passed, N failed, N skipped".
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SHARED = ROOT.parent / "shared"
# Bytes (10^9 a GB) that the whole run may hold at its peak (VmHWM).
LIMITS = {"fp32": 4.6e9, "fp16": 2.6e9}
STEPS = "3"


def measured(command, folder):
    """Exit code, seconds, and the peak of resident memory in bytes."""
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=folder)
    _, status, usage = os.wait4(process.pid, 0)
    return os.waitstatus_to_exitcode(status), time.monotonic() - start, usage.ru_maxrss * 1024


def checkpoint_in(folder):
    there = os.environ.get("EASEL_LARGE")
    if there:
        return pathlib.Path(there).resolve()
    path = pathlib.Path(folder) / "model.safetensors"
    print(f"writing {path} (5.8 GB)", flush=True)
    subprocess.run([sys.executable, SHARED / "tools/make_ldm_large.py", path], check=True)
    return path


def main():
    easel = pathlib.Path(sys.argv[1]).resolve()
    if not (SHARED / "tools/make_ldm_large.py").exists():
        print("../shared/tools/make_ldm_large.py is not here\n0 passed, 0 failed, 1 skipped")
        return 0
    passed = failed = 0
    with tempfile.TemporaryDirectory(dir=ROOT / "build", prefix="large-") as folder:
        checkpoint = checkpoint_in(folder)
        for precision, limit in LIMITS.items():
            picture = pathlib.Path(folder) / f"{precision}.png"
            code, seconds, peak = measured(
                [easel, "draw", "a virus monster is playing guitar, oil on canvas", "-m", checkpoint,
                 "--config", SHARED / "fixtures/ldm-large.yaml",
                 "--vocab", SHARED / "fixtures/tokenizer/bert-base-uncased-vocab.txt",
                 "--steps", STEPS, "--seed", "1", "--precision", precision, "-o", picture], folder)
            good = code == 0 and picture.exists() and peak < limit
            print(f"{precision}: exit code {code}, {seconds:.0f} s with {STEPS} steps, "
                  f"VmHWM {peak / 1e9:.2f} GB of at most {limit / 1e9:.1f} GB: "
                  f"{'passed' if good else 'FAILED'}", flush=True)
            passed, failed = passed + good, failed + (not good)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
