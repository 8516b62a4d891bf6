"""Writes 4x_plus.pth, a small ESRGAN+ of random weights under the old names, in.png, and
expected.png as numpy computes it from the equations (arXiv 2001.08073), where they are not there."""
import os
import struct
import sys
import zipfile

import numpy
from PIL import Image

FEATURES, GROWTH, BLOCKS, SIZE = 8, 4, 2, (20, 24)
if os.path.exists("4x_plus.pth"):
    sys.exit()
random = numpy.random.RandomState(7)
weights = {}


def layer(name, out, into, kernel=3, bias=True):
    scale = 1.15 / numpy.sqrt(into * kernel * kernel)
    weights[name + ".weight"] = (scale * random.randn(out, into, kernel, kernel)).astype("f4")
    if bias:
        weights[name + ".bias"] = (0.05 * random.randn(out)).astype("f4")


def leaky(x):
    return numpy.where(x < 0, 0.2 * x, x)


def conv(name, x):  # x [C, H, W]
    weight = weights[name + ".weight"].astype("f8")
    pad = weight.shape[2] // 2
    padded = numpy.pad(x, ((0, 0), (pad, pad), (pad, pad)))
    out = numpy.zeros((weight.shape[0],) + x.shape[1:])
    for i in range(weight.shape[2]):
        for j in range(weight.shape[3]):
            out += numpy.tensordot(weight[:, :, i, j],
                                   padded[:, i:i + x.shape[1], j:j + x.shape[2]], 1)
    bias = weights.get(name + ".bias")
    return out if bias is None else out + bias[:, None, None]


def dense(name, x):
    known = [x]
    for i in range(1, 5):
        result = leaky(conv(f"{name}.conv{i}.0", numpy.concatenate(known)))
        if i == 2:
            result = result + conv(name + ".conv1x1", x)
        if i == 4:
            result = result + known[2]
        known.append(result)
    return x + 0.2 * conv(name + ".conv5.0", numpy.concatenate(known))


def enlarged(x):
    return x.repeat(2, axis=1).repeat(2, axis=2)


def network(x):
    first = conv("model.0", x)
    h = first
    for block in range(BLOCKS):
        inner = h
        for part in (1, 2, 3):
            inner = dense(f"model.1.sub.{block}.RDB{part}", inner)
        h = h + 0.2 * inner
    h = first + conv(f"model.1.sub.{BLOCKS}", h)
    for name in ("model.3", "model.6"):
        h = leaky(conv(name, enlarged(h)))
    return conv("model.10", leaky(conv("model.8", h)))


layer("model.0", FEATURES, 3)
for b in range(BLOCKS):
    for r in (1, 2, 3):
        block_name = f"model.1.sub.{b}.RDB{r}"
        for c in range(1, 6):
            layer(f"{block_name}.conv{c}.0", GROWTH if c < 5 else FEATURES,
                  FEATURES + (c - 1) * GROWTH)
        layer(block_name + ".conv1x1", GROWTH, FEATURES, 1, bias=False)
layer(f"model.1.sub.{BLOCKS}", FEATURES, FEATURES)
for number in (3, 6, 8):
    layer(f"model.{number}", FEATURES, FEATURES)
layer("model.10", 3, FEATURES)
weights["model.10.bias"][:] = 0.5


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def tuple_of(numbers):
    return b"(" + b"".join(b"J" + struct.pack("<i", n) for n in numbers) + b"t"


pickle = b"\x80\x02}"
for key, (name, values) in enumerate(weights.items()):
    strides = [int(s) // 4 for s in values.strides]
    storage = (b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text(str(key)) + text("cpu") +
               b"J" + struct.pack("<i", values.size) + b"tQ")
    pickle += (text(name) + b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\0" +
               tuple_of(values.shape) + tuple_of(strides) + b"\x89}tRs")
with zipfile.ZipFile("4x_plus.pth", "w", zipfile.ZIP_STORED) as archive:
    archive.writestr(zipfile.ZipInfo("4x_plus/data.pkl"), pickle + b".")
    for key, values in enumerate(weights.values()):
        archive.writestr(zipfile.ZipInfo(f"4x_plus/data/{key}"), values.tobytes())

y, x = numpy.mgrid[0:SIZE[0], 0:SIZE[1]]
picture = numpy.stack([9 * x, 11 * y, 128 + 90 * numpy.sin(0.7 * x + 0.4 * y)], axis=2)
picture = picture.clip(0, 255).astype(numpy.uint8)
Image.fromarray(picture).save("in.png")
result = network(picture.transpose(2, 0, 1) / 255.0)
result = (255 * result.clip(0, 1)).round().astype(numpy.uint8).transpose(1, 2, 0)
Image.fromarray(result).save("expected.png")
