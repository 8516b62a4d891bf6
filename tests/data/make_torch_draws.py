"""Writes torch_draws.txt: several draws in a row from one torch CPU generator.

Run with torch 1.13: python3 make_torch_draws.py > torch_draws.txt
Each block is a line "seed N" and lines "draw COUNT" followed by the COUNT values of torch.randn(COUNT).
"""

import torch

# Odd counts below 16 leave the second value of a pair to the next short draw, also across long ones.
COUNTS = [3, 16, 1, 2, 17, 33, 5, 15, 40, 7, 700]
SEEDS = [1, 2**32 + 7, 2**64 - 1]

for seed in SEEDS:
    generator = torch.Generator()
    generator.manual_seed(seed if seed < 2**63 else seed - 2**64)
    print("seed", seed)
    for count in COUNTS:
        print("draw", count)
        for value in torch.randn(count, generator=generator).tolist():
            print(f"{value:.9g}")
