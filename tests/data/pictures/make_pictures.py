"""Writes the pictures of this folder as other programs write them (Pillow 9.4).

Run here: python3 make_pictures.py
The colour pictures are 12 x 8 and show (20 x, 30 y, 100) at (x, y); gray ones show 20 x.
"""

import struct
import zlib

from PIL import Image, PngImagePlugin

W, H = 12, 8
PARAMETERS = (
    "a fox, caf\u00e9 \u5317\u4eac\nin the snow\nNegative prompt: blurry\n"
    'Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1234567890, Size: 512x768, '
    'Model hash: 6ce0161689, Model: v1-5, Hires prompt: "a, b: \\"c\\"", Version: v1.6.0'
)

rgb = Image.new("RGB", (W, H))
rgb.putdata([(20 * x, 30 * y, 100) for y in range(H) for x in range(W)])
gray = Image.new("L", (W, H))
gray.putdata([20 * x for y in range(H) for x in range(W)])


def user_comment(text):
    """EXIF as piexif builds it: big-endian, UNICODE in UTF-16BE."""
    comment = b"UNICODE\0" + text.encode("utf-16-be")
    directory = struct.pack(">HHHII", 1, 0x8769, 4, 1, 26) + struct.pack(">I", 0)
    exif = struct.pack(">HHHIII", 1, 0x9286, 7, len(comment), 44, 0)
    return b"Exif\0\0MM\0*" + struct.pack(">I", 8) + directory + exif + comment


palette = rgb.quantize(256)
palette.save("palette.png")
palette.save("palette-transparent.png", transparency=0)
gray.save("gray.png")
gray.convert("1", dither=Image.Dither.NONE).save("black-white.png")
both = gray.convert("LA")
both.putalpha(128)
both.save("gray-alpha.png")
deep = Image.new("I;16", (W, H))
deep.putdata([5000 * x for y in range(H) for x in range(W)])
deep.save("gray-16.png")
info = PngImagePlugin.PngInfo()
info.add_text("parameters", PARAMETERS)
rgb.save("a1111.png", pnginfo=info)
rgb.save("a1111.jpg", quality=100, subsampling=0, exif=user_comment(PARAMETERS))
rgb.save("a1111.webp", lossless=True, exif=user_comment(PARAMETERS))

gray.save("gray.jpg", quality=100)
rgb.save("progressive.jpg", quality=100, subsampling=0, progressive=True)
rgb.convert("CMYK").save("cmyk.jpg")
for orientation in range(2, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    rgb.save(f"orientation-{orientation}.jpg", quality=100, subsampling=0, exif=exif)
rgb.save("animated.webp", save_all=True, append_images=[gray.convert("RGB")], duration=100)


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def interlaced_png():
    """Adam7, which Pillow does not write."""
    raw = b""
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4),
                           (1, 0, 2, 2), (0, 1, 1, 2)]:
        for y in range(y0, H, dy):
            raw += b"\0" + b"".join(bytes(rgb.getpixel((x, y))) for x in range(x0, W, dx))
    header = struct.pack(">IIBBBBB", W, H, 8, 2, 0, 0, 1)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) +
            chunk(b"IEND", b""))


with open("interlaced.png", "wb") as file:
    file.write(interlaced_png())
