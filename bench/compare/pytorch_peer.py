#!/usr/bin/python3
"""Runs one part of the model in PyTorch, once for each line on standard input.

  pytorch_peer.py EXPORT_DIR PART THREADS      PART: text_encoder, unet or decoder

Prints a JSON line with the error against Easel's own output, then a line of seconds a run.
Needs Debian's python3-torch and libopenblas0-pthread.
"""
import json
import sys
import time

import torch

from networks import load_part


def main():
    folder, part, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    torch.set_num_threads(threads)
    run, expected = load_part(folder, part)
    with torch.no_grad():
        out = run()
        error = ((out - expected).double().pow(2).mean() / expected.double().pow(2).mean()).sqrt()
        blas = [line for line in torch.__config__.parallel_info().split("\n") if "threads" in line.lower()]
        print(json.dumps({"error": float(error), "version": torch.__version__, "threads": torch.get_num_threads(),
                          "info": blas[:2]}), flush=True)
        for _ in sys.stdin:
            start = time.perf_counter()
            run()
            print(time.perf_counter() - start, flush=True)


main()
