#!/usr/bin/python3
"""How far Easel and PyTorch, both in float32, are from the same network in float64.

  bench/compare/exactness.py [--part unet] [--target AVX2] [--easel build/easel]

Prints relative RMS errors.  The large UNet in float64 takes 8 GB of memory and a minute.
"""
import argparse
import os
import subprocess
import tempfile

import torch

from networks import load_module

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def relative_rms(a, exact):
    return float(((a.double() - exact).pow(2).mean() / exact.pow(2).mean()).sqrt())


def doubled(value):
    return value.double() if isinstance(value, torch.Tensor) and value.is_floating_point() else value


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--part", default="unet")
    p.add_argument("--target", default="")
    p.add_argument("--easel", default=f"{ROOT}/build/easel")
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        target = ["--target", a.target] if a.target else []
        subprocess.run([a.easel, "bench", "--export", folder, *target], check=True)
        module, inputs, easel = load_module(folder, a.part)
        pytorch = module(*inputs)
        torch.Tensor.float = torch.Tensor.double  # the original's group norms ask for float32
        exact = module.double()(*[doubled(x) for x in inputs])
    print(f"{a.part}{' ' + a.target if a.target else ''}: Easel {relative_rms(easel, exact):.2e}, "
          f"PyTorch {torch.__version__} {relative_rms(pytorch, exact):.2e} from float64")


main()
