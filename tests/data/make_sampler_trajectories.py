"""Writes sampler_trajectories.json: DDIM and PLMS by the papers' formulas, for a made-up noise model.

Run with torch 1.13: python3 make_sampler_trajectories.py > sampler_trajectories.json
Everything is double precision; noise is torch's, one draw an update from one generator, PLMS's unused
draws included. DDIM: Song et al. 2021, equations 12 and 16. PLMS: Liu et al. 2022, section 3.3.
"""

import json
import math

import torch

SIZE = 24
ALPHAS = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2, 0)


def eps_model(x, t):
    """Linear in x and different at each timestep: wrong steps or alphas show."""
    return x * (0.6 + 0.3 * math.cos(t / 300)) + 0.2 * math.sin(t / 50)


def timesteps(steps):
    stride = 1000 // steps
    return [min(t + 1, 999) for t in range(0, 1000, stride)]


def update(x, eps, t, t_next, eta, generator):
    a = float(ALPHAS[t])
    a_next = float(ALPHAS[t_next])
    sigma = eta * math.sqrt((1 - a_next) / (1 - a) * (1 - a / a_next))
    noise = torch.randn(SIZE, generator=generator).double()
    x0 = (x - math.sqrt(1 - a) * eps) / math.sqrt(a)
    return math.sqrt(a_next) * x0 + math.sqrt(1 - a_next - sigma**2) * eps + sigma * noise


def run(name, steps, eta, seed):
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(SIZE, generator=generator).double()
    x, trajectory, old, evaluations = start, [], [], 0
    visited = timesteps(steps)[::-1]
    for i, t in enumerate(visited):
        t_next = visited[i + 1] if i + 1 < len(visited) else 0
        e = eps_model(x, t)
        evaluations += 1
        slope = e
        if name == "plms":
            if not old:
                ahead = update(x, e, t, t_next, 0, generator)
                slope = (e + eps_model(ahead, visited[min(i + 1, len(visited) - 1)])) / 2
                evaluations += 1
            elif len(old) == 1:
                slope = (3 * e - old[-1]) / 2
            elif len(old) == 2:
                slope = (23 * e - 16 * old[-1] + 5 * old[-2]) / 12
            else:
                slope = (55 * e - 59 * old[-1] + 37 * old[-2] - 9 * old[-3]) / 24
            old.append(e)
        x = update(x, slope, t, t_next, eta, generator)
        trajectory.append([round(v, 9) for v in x.tolist()])
    return {
        "sampler": name, "steps": steps, "eta": eta, "seed": seed, "timesteps": visited,
        "evaluations": evaluations, "trajectory": trajectory,
        "next_draw": torch.randn(SIZE, generator=generator).tolist(),
    }


RUNS = [("ddim", 10, 0, 1), ("ddim", 7, 1, 2), ("ddim", 3, 0.5, 3), ("ddim", 30, 0, 4),
        ("plms", 10, 0, 5), ("plms", 2, 0, 6), ("plms", 1, 0, 7), ("plms", 27, 0, 8)]
print(json.dumps([run(*r) for r in RUNS]))
