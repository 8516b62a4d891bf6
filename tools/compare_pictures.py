#!/usr/bin/python3
"""Draws the same 200 recipes with two programs and says which pictures differ.

    tools/compare_pictures.py OLD_EASEL NEW_EASEL [--first N] [--count N] [--model FILE ...]

A change that only moves code draws every one of them to the byte. The recipes are the same each time:
samplers, steps, scales, sizes, seeds, batches, grids, precisions, backends, approximations, enlargers,
endings, previews. Models: the embedded one and every --model. Pixels count; a file whose pixels are the
same and whose settings' text differs is listed apart. Exit code 1 when a pixel differs or a program fails.
"""
import argparse
import filecmp
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

from PIL import Image

SAMPLERS = ["ddim", "plms", "euler", "euler-a", "heun", "dpmpp-2m", "dpmpp-2m-karras", "unipc", "unipc-3"]
PROMPTS = ["a cat wearing sunglasses, in the style of Van Gogh", "a ship at sea in the style of Monet",
           "a robot", "city skyline at sunset as a Byzantine mosaic", "Größe, naïve 猫"]
SIZES = [[], [], [], ["-W", "96"], ["-H", "32"], ["-W", "32", "-H", "96"], ["-W", "128", "-H", "64"]]


def recipe(number, models):
    """Arguments of recipe `number`: what is rare in a draw is common here."""
    dice = random.Random(number)
    sampler = dice.choice(SAMPLERS)
    words = ["draw", dice.choice(PROMPTS), "--sampler", sampler, "--steps", str(dice.randint(1, 9)),
             "--seed", str(dice.choice([0, 1, dice.getrandbits(32), dice.getrandbits(64)]))]
    words += dice.choice(SIZES)
    if dice.random() < 0.5:
        words += ["--scale", dice.choice(["0", "1", "1.5", "3", "7.5", "20"])]
    if dice.random() < 0.3:
        words += ["--negative", "blurry, a dog"]
    if sampler in ("ddim", "euler-a") and dice.random() < 0.5:
        words += ["--eta", dice.choice(["0", "0.3", "1"])]
    words += dice.choice([[], [], [], ["--precision", "fp16"], ["--precision", "bf16"]])
    words += dice.choice([[], [], [], [], [], ["--backend", "reference"]])
    words += dice.choice([[], [], [], ["--fast", "cache"], ["--fast", "cache:3"]])
    words += dice.choice([[], [], [], ["--guidance-interval", "0.2:0.8"]])
    words += dice.choice([[], [], [], [], ["--upscale", "2"], ["--upscale", "4"],
                          ["--upscale", "3", "--upscaler", "lanczos"]])
    kind = dice.choice(["one", "one", "one", "grid", "count", "jpeg", "webp"])
    if kind == "grid":
        words += ["--grid", "2x2"]
    if kind == "count":
        words += ["--count", "3"]
    ending = {"jpeg": ".jpg", "webp": ".webp"}.get(kind, ".png")
    words += ["-o", "{out}/" + ("" if kind == "count" else "picture" + ending)]
    if models and number % 2:
        words += ["-m", models[number // 2 % len(models)]]
    return words + ["--threads", str(dice.choice([1, 2])), "--no-show", "--quiet"]


def draw(program, words, folder):
    folder.mkdir()
    asked = [word.replace("{out}", str(folder)) for word in words]
    result = subprocess.run([program, *asked], capture_output=True, text=True)
    return result.returncode, result.stderr.replace(str(folder), "OUT")


def differences(old, new):
    """(files whose pixels differ, files whose other bytes differ)"""
    names = sorted({p.name for p in old.iterdir()} | {p.name for p in new.iterdir()})
    pixels, text = [], []
    for name in names:
        if not (old / name).exists() or not (new / name).exists():
            pixels.append(name)
        elif not filecmp.cmp(old / name, new / name, shallow=False):
            with Image.open(old / name) as a, Image.open(new / name) as b:
                same = a.size == b.size and a.mode == b.mode and a.tobytes() == b.tobytes()
            (text if same else pixels).append(name)
    return pixels, text


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("old")
    arguments.add_argument("new")
    arguments.add_argument("--first", type=int, default=0)
    arguments.add_argument("--count", type=int, default=200)
    arguments.add_argument("--model", action="append", default=[])
    given = arguments.parse_args()
    changed = failed = texts = 0
    for number in range(given.first, given.first + given.count):
        words = recipe(number, given.model)
        folder = pathlib.Path(tempfile.mkdtemp())
        try:
            old, new = (draw(program, words, folder / name)
                        for program, name in ((given.old, "old"), (given.new, "new")))
            pixels, text = differences(folder / "old", folder / "new")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        texts += bool(text)
        if old[0] != new[0] or pixels:
            changed += 1
            print(f"recipe {number}: {' '.join(words)}\n  old: {old}\n  new: {new}\n  differ: {pixels}")
        elif old[0] != 0:
            failed += 1
            print(f"recipe {number} is refused by both: {' '.join(words)}\n  {old[1].strip()}")
    print(f"{given.count} recipes: {changed} changed, {failed} refused by both, "
          f"{texts} with the same pixels and other settings")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
