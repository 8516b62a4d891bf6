import os
import subprocess
import sys
import tempfile
from PIL import Image

for source in ("camera.jpg", "camera.webp", "camera.png"):
    for ending in ("png", "jpg", "webp"):
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "out." + ending)
            subprocess.run([os.environ["EASEL"], "upscale", source, "-o", out, "--quiet"], check=True)
            picture = Image.open(out)
            exif = picture.getexif()
            seen = (picture.size, exif.get(0x010F), exif.get(0x0110), exif.get(0x0132), exif.get(0x0112),
                    exif.get_ifd(0x8769).get(0xA002), exif.get_ifd(0x8825).get(1))
            wanted = ((96, 160), "Canon", "EOS 5D", "2020:01:01 00:00:00", 1, 96, "N")
            if seen != wanted:
                sys.exit(f"{source} as {ending}: {seen}")
