#!/usr/bin/python3
"""How much two threads gain over one in a guided step of the full-size network, beside what they
gain in the machine's own peak: runs in turn, medians.

  bench/threads.py [--target AVX2] [--rounds 5] [--easel build/easel] [--pin]
"""
import argparse
import json
import os
import statistics
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def measured(easel, target, threads, pin):
    """Seconds of a step of one picture and of four, and the peak in FLOP/s."""
    command = [easel, "bench", "--parts", "unet", "--json", "--rounds", "3", "--threads", str(threads)]
    command += ["--target", target] if target else []
    command += ["--pin"] if pin else []
    report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return [part["median"] for part in report["parts"]] + [report["peak_flops"]]


def spread(values):
    return f"{statistics.median(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--target", default="")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--easel", default=f"{ROOT}/build/easel")
    p.add_argument("--pin", action="store_true")
    a = p.parse_args()
    rounds = [(measured(a.easel, a.target, 1, a.pin), measured(a.easel, a.target, 2, a.pin))
              for _ in range(a.rounds)]
    gains = [[one[i] / two[i] for one, two in rounds] for i in (0, 1)]
    peaks = [two[2] / one[2] for one, two in rounds]
    print("| | 1 thread | 2 threads | gain (each pair) |\n|---|---|---|---|")
    for name, i in (("step of 1 picture, s", 0), ("step of 4 pictures, s", 1)):
        print(f"| {name} | {spread([one[i] for one, _ in rounds])} | {spread([two[i] for _, two in rounds])} "
              f"| {spread(gains[i])} |")
    print(f"| peak, GFLOP/s | {spread([one[2] / 1e9 for one, _ in rounds])} "
          f"| {spread([two[2] / 1e9 for _, two in rounds])} | {spread(peaks)} |")
    peak = statistics.median(peaks)
    print("\nof the peaks' ratio: " +
          ", ".join(f"{100 * statistics.median(gain) / peak:.1f} %" for gain in gains))


if __name__ == "__main__":
    main()
