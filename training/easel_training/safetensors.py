"""Reads and writes safetensors, whole or in shards (Hugging Face's form), with NumPy alone."""
import json
import os
import struct

import numpy as np

from .files import atomic

TYPES = {"F16": np.float16, "F32": np.float32}
NAMES = {np.dtype(np.float16): "F16", np.dtype(np.float32): "F32"}
INDEX = ".safetensors.index.json"


def _write_one(path, tensors):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, array in tensors.items():
        header[name] = {"dtype": NAMES[array.dtype], "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with atomic(path) as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in tensors.values():
            file.write(np.ascontiguousarray(array).tobytes())


def write(folder, tensors, stem="model", limit=15 << 20):
    """Writes {name: array} as STEM.safetensors, or as shards of at most `limit` bytes with an index; returns the file names.

    Files of an earlier export under the same stem are removed once the new ones are complete.
    """
    os.makedirs(folder, exist_ok=True)
    before = {f for f in os.listdir(folder) if f.startswith(stem) and (f.endswith(".safetensors") or f.endswith(INDEX))}
    groups, room = [{}], limit
    for name, array in tensors.items():
        if array.nbytes > room and groups[-1]:
            groups.append({})
            room = limit
        groups[-1][name] = array
        room -= array.nbytes
    if len(groups) == 1:
        files = [f"{stem}.safetensors"]
        _write_one(os.path.join(folder, files[0]), groups[0])
    else:
        files = [f"{stem}-{k:05d}-of-{len(groups):05d}.safetensors" for k in range(1, len(groups) + 1)]
        for file, group in zip(files, groups):
            _write_one(os.path.join(folder, file), group)
        index = {"metadata": {"total_size": sum(a.nbytes for a in tensors.values())},
                 "weight_map": {name: file for file, group in zip(files, groups) for name in group}}
        with atomic(os.path.join(folder, stem + INDEX), "w") as file:
            json.dump(index, file, indent=1)
        files.append(stem + INDEX)
    for old in before - set(files):
        os.unlink(os.path.join(folder, old))
    return files


def _read_one(path):
    with open(path, "rb") as file:
        data = file.read()
    try:
        size = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8:8 + size])
        header.pop("__metadata__", None)
        out = {}
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            out[name] = np.frombuffer(data[8 + size + begin:8 + size + end], TYPES[entry["dtype"]]).reshape(entry["shape"])
        return out
    except (struct.error, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not a safetensors file that this reader knows ({error})") from None


def read(folder, stem="model"):
    """{name: array} from STEM.safetensors or from its shards."""
    index = os.path.join(folder, stem + INDEX)
    if not os.path.exists(index):
        return _read_one(os.path.join(folder, f"{stem}.safetensors"))
    with open(index, encoding="utf-8") as file:
        names = sorted(set(json.load(file)["weight_map"].values()))
    out = {}
    for name in names:
        out.update(_read_one(os.path.join(folder, name)))
    return out
