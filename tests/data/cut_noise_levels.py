"""Writes noise_levels.json: levels and timesteps of other programs' runs, cut from their fixtures.

Run with the folder of fixtures: python3 cut_noise_levels.py FIXTURES > noise_levels.json
The fixtures' README says which program computed which file; brownian.safetensors beside this is sd1-tiny's, whole.
"""

import json
import pathlib
import struct
import sys


def read(path):
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    texts = header.pop("__metadata__", {})

    def values(name):
        if name not in header:
            return None
        begin, end = header[name]["data_offsets"]
        floats = struct.unpack(f"<{(end - begin) // 4}f", data[8 + size + begin:8 + size + end])
        return [float(f"{value:.9g}") for value in floats]

    return header, texts, values


def main(root):
    names, _, values = read(root / "sd1-tiny/a1111.safetensors")
    a1111 = {name[:-7]: values(name) for name in names if name.endswith(".sigmas")}
    names, texts, values = read(root / "sdxl-tiny/expected.safetensors")
    sgm = [
        {"sampler": case["sampler"], "steps": case["steps"], "sigmas": values(name + ".sigmas")}
        for name, case in json.loads(texts["cases"]).items()
    ]
    diffusers = []
    for folder in ("sd1-tiny-hf", "sd2-tiny-hf", "sdxl-tiny-hf"):
        names, texts, values = read(root / folder / "expected.safetensors")
        for name, case in json.loads(texts["cases"].replace("-Infinity", "null")).items():
            run = {key: case[key] for key in ("scheduler", "config", "steps")}
            run |= {"name": f"{folder} {name}", "timesteps": values(name + ".timesteps")}
            diffusers.append(run | {"sigmas": values(name + ".sigmas")})
    embedding = read(root / "sd1-tiny-hf/expected.safetensors")[2]("lcm.guidance_embedding")
    print(json.dumps({"a1111": a1111, "sgm": sgm, "diffusers": diffusers, "guidance_embedding_of_8": embedding}))


main(pathlib.Path(sys.argv[1]))
