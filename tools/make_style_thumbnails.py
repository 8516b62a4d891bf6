#!/usr/bin/python3
"""Draws one subject in every style of the shipped catalogue with the shipped model, and lays the pictures side
by side into web/styles.webp, in the catalogue's order: what the page shows who comes for the first time.

    tools/make_style_thumbnails.py [SUBJECT]     # needs build/easel and Pillow (Debian: python3-pil)
"""

import json
import os
import subprocess
import sys
import tempfile

from PIL import Image

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SIDE = 96
SEED = 3
SUBJECT = "a cat wearing sunglasses"


def drawn(prompt, folder):
    file = os.path.join(folder, "one.png")
    subprocess.run([os.environ.get("EASEL_BIN", os.path.join(ROOT, "build", "easel")), "draw", prompt, "--seed", str(SEED), "--upscale", "2", "--quiet",
                    "--force", "-o", file], check=True)
    with Image.open(file) as picture:
        return picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def main():
    subject = sys.argv[1] if len(sys.argv) > 1 else SUBJECT
    with open(os.path.join(ROOT, "models", "default", "catalogue.json"), encoding="utf-8") as file:
        styles = json.load(file)["styles"]
    sprite = Image.new("RGB", (SIDE * len(styles), SIDE))
    with tempfile.TemporaryDirectory() as folder:
        for place, style in enumerate(styles):
            sprite.paste(drawn(f"{subject}, {style['text']}", folder), (SIDE * place, 0))
    out = os.path.join(ROOT, "web", "styles.webp")
    sprite.save(out, quality=72, method=6)
    print(f"{out}: {len(styles)} styles, {os.path.getsize(out)} bytes")


if __name__ == "__main__":
    main()
