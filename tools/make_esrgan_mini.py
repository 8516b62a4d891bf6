"""Makes the small ESRGAN networks of tests/data/fixtures in every spelling; cut_fixtures.py calls it.

The names and containers are those of ../shared/fixtures/esrgan-tiny, whose eight networks are 12 MB; these have
eight features for its thirty-two. What they should give is computed here in plain PyTorch, after this code has
given what the original's gave for esrgan-tiny.
"""
import math
import re

import torch
import torch.nn.functional as F

from ldm_reference import read_safetensors, write_safetensors

SEED, FEATURES, GROWTH = 21, 8, 4
OUTPUTS = {"esrgan_x4": "x4", "old_arch_x4": "x4", "realesrgan_x4": "x4", "realesrgan_x2": "x2",
           "realesrgan_x1_module_half": "x1", "old_arch_x2": "old_x2", "old_arch_x1": "old_x1", "srvgg_x4": "srvgg"}
# What model.N is in the oldest files, by number of upsampling stages.
OLD_PLACES = {2: {3: "conv_up1", 6: "conv_up2", 8: "conv_hr", 10: "conv_last"},
              1: {3: "conv_up1", 5: "conv_hr", 7: "conv_last"}, 0: {2: "conv_hr", 4: "conv_last"}}


def basicsr_name(name, stages):
    """A tensor's name in BasicSR's spelling."""
    name = name.removeprefix("module.")
    if name.startswith("model."):
        name = re.sub(r"^model\.1\.sub\.(\d)\.RDB(\d)\.conv(\d)\.0", r"body.\1.rdb\2.conv\3", name)
        name = re.sub(r"^model\.1\.sub\.\d\.(?=weight|bias)", "conv_body.", name)
        name = re.sub(r"^model\.0\.", "conv_first.", name)
        return re.sub(r"^model\.(\d+)", lambda m: OLD_PLACES[stages][int(m[1])], name)
    name = re.sub(r"^RRDB_trunk\.(\d)\.RDB(\d)", r"body.\1.rdb\2", name)
    return re.sub(r"^upconv", "conv_up", name).replace("trunk_conv", "conv_body").replace("HRconv", "conv_hr")


def enlarged(state, x):
    """RRDBNet or SRVGGNetCompact with these weights, by BasicSR's names: x [1, 3, H, W] in [0, 1]."""
    conv = lambda name, y: F.conv2d(y, state[name + ".weight"], state[name + ".bias"], padding=1)  # noqa: E731
    leaky = lambda y: F.leaky_relu(y, 0.2)  # noqa: E731
    twice = lambda y: F.interpolate(y, scale_factor=2, mode="nearest")  # noqa: E731
    if "conv_first.weight" not in state:
        last = max(int(name.split(".")[1]) for name in state)
        y = x
        for k in range(0, last, 2):
            y = F.prelu(conv(f"body.{k}", y), state[f"body.{k + 1}.weight"])
        return F.pixel_shuffle(conv(f"body.{last}", y), 4) + twice(twice(x))
    y = F.pixel_unshuffle(x, {3: 1, 12: 2, 48: 4}[state["conv_first.weight"].shape[1]])
    y = first = conv("conv_first", y)
    for block in range(1 + max(int(name.split(".")[1]) for name in state if name.startswith("body."))):
        into = y
        for dense in (1, 2, 3):
            seen = [y]
            for k in (1, 2, 3, 4):
                seen.append(leaky(conv(f"body.{block}.rdb{dense}.conv{k}", torch.cat(seen, 1))))
            y = y + 0.2 * conv(f"body.{block}.rdb{dense}.conv5", torch.cat(seen, 1))
        y = into + 0.2 * y
    y = first + conv("conv_body", y)
    for stage in (1, 2):
        if f"conv_up{stage}.weight" in state:
            y = leaky(conv(f"conv_up{stage}", twice(y)))
    return conv("conv_last", leaky(conv("conv_hr", y)))


def opened(file):
    """What torch.save wrote, and the tensors in it that count."""
    whole = torch.load(file, map_location="cpu")
    return whole, whole.get("params_ema", whole.get("params", whole))


def by_basicsr(state, stem):
    stages = {"old_arch_x2": 1, "old_arch_x1": 0}.get(stem, 2)
    return {basicsr_name(name, stages): value.float() for name, value in state.items()}


def small(name, value, made, generator):
    """The tensor of this name in a network of fewer features; the same for the same name and shape."""
    shape = list(value.shape)
    if "body." in name and "rdb" in name or not name.startswith("body."):
        outer = name.split(".")[0]
        fewer = {16: GROWTH, 32: FEATURES, 48: FEATURES + GROWTH, 64: FEATURES + 2 * GROWTH,
                 80: FEATURES + 3 * GROWTH, 96: FEATURES + 4 * GROWTH}
        for axis in range(min(2, len(shape))):
            outside = axis == 0 and outer == "conv_last" or axis == 1 and outer == "conv_first"
            shape[axis] = shape[axis] if outside else fewer[shape[axis]]
    key = (name, *shape)
    if key not in made:
        numbers = torch.randint(-7, 8, shape, generator=generator).float()  # deviation 4.3
        fan_in = numbers[0].numel() if len(shape) > 1 else 64
        made[key] = numbers * 2.0 ** round(-0.5 * math.log2(fan_in) - 2)  # exact in float16
    return made[key]


def make(source, target):
    """Writes TARGET/esrgan-mini: a file for each of SOURCE/esrgan-tiny's."""
    original, _ = read_safetensors(source / "esrgan-tiny/expected.safetensors")
    x, generator, made = torch.from_numpy(original["input"].copy()), torch.Generator().manual_seed(SEED), {}
    given = torch.randint(0, 256, (1, 3, 20, 28), generator=generator).float() / 256
    found, folder = {"input": given.numpy()}, target / "esrgan-mini"
    folder.mkdir()
    for stem, output in OUTPUTS.items():
        whole, state = opened(source / f"esrgan-tiny/{stem}.pth")
        wanted = torch.from_numpy(original[output + ".output"].copy())
        off = (enlarged(by_basicsr(state, stem), x) - wanted).norm() / wanted.norm()
        assert off < 1e-5, (stem, off)
        stages = {"old_arch_x2": 1, "old_arch_x1": 0}.get(stem, 2)
        fewer = {name: small(basicsr_name(name, stages) if output != "srvgg" else "body." + name.split(".", 1)[1],
                             value, made, generator).to(value.dtype) for name, value in state.items()}
        if whole is not state:
            key = "params_ema" if "params_ema" in whole else "params"
            zeros = {name: torch.zeros_like(value) for name, value in fewer.items()}
            fewer = {**({"params": zeros} if "params" in whole and key != "params" else {}), key: fewer}
        torch.save(fewer, folder / f"{stem}.pth", _use_new_zipfile_serialization=stem != "esrgan_x4")
        result = enlarged(by_basicsr(opened(folder / f"{stem}.pth")[1], stem), given).numpy()
        assert output + ".output" not in found or abs(found[output + ".output"] - result).max() < 1e-5, stem
        found.setdefault(output + ".output", result)
    write_safetensors(folder / "expected.safetensors", found, {"reference": "tools/make_esrgan_mini.py (PyTorch 1.13)"})
