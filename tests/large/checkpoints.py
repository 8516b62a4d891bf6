"""Checkpoints of full size: the names and shapes of the real files, weights that are random and well scaled."""
import json
import math
import re
import struct

import numpy

# Values drawn once; every matrix takes a run of them, each from another place.
POOL = 1 << 22
SCHEDULE = ("alphas_cumprod", "sqrt_", "log_", "posterior_")


def shapes_in(keys):
    """(name, shape) for every line of a fixture's list of keys."""
    with open(keys, encoding="utf-8") as lines:
        for line in lines:
            name, sizes = line.rstrip("\n").split("\t")[:2]
            yield name, tuple(int(size) for size in re.findall(r"\d+", sizes))


class Values:
    """Tensors by name and shape: matrices of spread 0.8 / sqrt(fan-in), so that a network of them stays
    finite, scales near 1, offsets near 0, and Stable Diffusion's schedule where a name asks for it."""

    def __init__(self, dtype):
        self.dtype = dtype
        self.rng = numpy.random.default_rng(1)
        self.pool = self.rng.standard_normal(POOL, dtype=numpy.float32)

    def of(self, name, shape):
        size = math.prod(shape)
        if name == "betas" or name.startswith(SCHEDULE):
            betas = numpy.linspace(0.00085 ** 0.5, 0.012 ** 0.5, size) ** 2
            return (betas if name == "betas" else numpy.cumprod(1 - betas)).astype(self.dtype)
        if name.endswith("position_ids"):
            return numpy.arange(size).astype(self.dtype)
        near, spread = (0.0, 0.8 / math.sqrt(math.prod(shape[1:]))) if len(shape) > 1 else (
            1.0 if name.endswith("weight") else 0.0, 0.02)
        begin = int(self.rng.integers(POOL))
        run = numpy.resize(numpy.roll(self.pool, -begin), size)
        return (near + spread * run).astype(self.dtype)


def write(keys, path, dtype):
    """A .safetensors file of all tensors that `keys` lists, stored as numpy's `dtype`."""
    tensors = list(shapes_in(keys))
    tag = {"float16": "F16", "float32": "F32"}[numpy.dtype(dtype).name]
    header, offset = {}, 0
    for name, shape in tensors:
        end = offset + math.prod(shape) * numpy.dtype(dtype).itemsize
        header[name] = {"dtype": tag, "shape": list(shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    values = Values(dtype)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for name, shape in tensors:
            out.write(values.of(name, shape).tobytes())
