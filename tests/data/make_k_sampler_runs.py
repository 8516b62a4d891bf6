"""Writes k_sampler_runs.json: samplers of k-diffusion and of the papers, for a made-up noise model.

Run with torch 1.13: python3 make_k_sampler_runs.py > k_sampler_runs.json
Everything is double precision and written from the papers' equations, x = x0 + sigma eps; noise is
torch's, the next draw of one generator wherever noise is asked for. Independent of Easel's code: each
sampler is written out as its paper or k-diffusion's description has it.
"""

import json
import math

import torch

SIZE = 24
ALPHAS = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2, 0)
LOGS = (0.5 * torch.log((1 - ALPHAS) / ALPHAS)).tolist()
exp, log, sqrt, expm1 = math.exp, math.log, math.sqrt, math.expm1


def timestep(sigma):
    value = log(sigma)
    if value <= LOGS[0]:
        return 0.0
    for i in range(999):
        if LOGS[i] <= value < LOGS[i + 1]:
            return i + (value - LOGS[i]) / (LOGS[i + 1] - LOGS[i])
    return 999.0


class Run:
    """A denoiser and a noise stream."""

    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)

    def noise(self):
        return torch.randn(SIZE, generator=self.generator).double()

    def denoised(self, x, sigma):
        t = timestep(sigma)
        scaled = x / sqrt(sigma**2 + 1)
        return x - sigma * (scaled * (0.6 + 0.3 * math.cos(t / 300)) + 0.2 * math.sin(t / 50))

    def consistent(self, x, sigma):
        t = 10 * lcm_timestep(sigma)
        scaled = x / sqrt(sigma**2 + 1)
        at = t / 10
        eps = scaled * (0.6 + 0.3 * math.cos(at / 300)) + 0.2 * math.sin(at / 50)
        return t / sqrt(t**2 + 0.25) * (x - sigma * eps) + 0.25 / (t**2 + 0.25) * x


def lcm_timestep(sigma):
    return min(range(19, 1000, 20), key=lambda t: abs(LOGS[t] - log(sigma)))


def ancestral(a, b, eta=1.0):
    up = min(b, eta * sqrt(b**2 * (a**2 - b**2) / a**2))
    return sqrt(b**2 - up**2), up


def lms(run, x, sigmas):
    slopes = []
    for i in range(len(sigmas) - 1):
        slopes.append((x - run.denoised(x, sigmas[i])) / sigmas[i])
        slopes = slopes[-4:]
        n = len(slopes)
        for j in range(n):
            # Simpson's rule on a polynomial of degree 3 at most is exact.
            def basis(tau):
                value = 1.0
                for k in range(n):
                    if k != j:
                        value *= (tau - sigmas[i - k]) / (sigmas[i - j] - sigmas[i - k])
                return value
            a, b = sigmas[i], sigmas[i + 1]
            weight = (b - a) / 6 * (basis(a) + 4 * basis((a + b) / 2) + basis(b))
            x = x + weight * slopes[n - 1 - j]
    return x


def dpm2(run, x, sigmas, noisy=False):
    for a, b in zip(sigmas, sigmas[1:]):
        down, up = ancestral(a, b) if noisy else (b, 0)
        d = (x - run.denoised(x, a)) / a
        if down == 0:
            x = x + d * (down - a)
            continue
        middle = exp((log(a) + log(down)) / 2)
        ahead = x + d * (middle - a)
        x = x + (ahead - run.denoised(ahead, middle)) / middle * (down - a)
        if noisy:
            x = x + run.noise() * up
    return x


def dpmpp_2s_a(run, x, sigmas):
    for a, b in zip(sigmas, sigmas[1:]):
        down, up = ancestral(a, b)
        picture = run.denoised(x, a)
        if down == 0:
            x = picture
            continue
        t, t_next = -log(a), -log(down)
        h = t_next - t
        s = t + h / 2
        ahead = exp(-s) / exp(-t) * x - expm1(-h / 2) * picture
        x = exp(-t_next) / exp(-t) * x - expm1(-h) * run.denoised(ahead, exp(-s))
        x = x + run.noise() * up
    return x


def dpmpp_sde(run, x, sigmas):
    for a, b in zip(sigmas, sigmas[1:]):
        picture = run.denoised(x, a)
        if b == 0:
            x = picture
            continue
        t, t_next = -log(a), -log(b)
        s = t + (t_next - t) / 2
        down, up = ancestral(a, exp(-s))
        ahead = down / a * x - expm1(t + log(down)) * picture + run.noise() * up
        second = run.denoised(ahead, exp(-s))
        down, up = ancestral(a, b)
        x = down / a * x - expm1(t + log(down)) * second + run.noise() * up
    return x


def dpmpp_2m_sde(run, x, sigmas, heun=False):
    old = h_last = None
    for a, b in zip(sigmas, sigmas[1:]):
        picture = run.denoised(x, a)
        if b == 0:
            x = picture
            continue
        h = log(a / b)
        eta_h = h
        whole = -expm1(-h - eta_h)
        x = b / a * exp(-eta_h) * x + whole * picture
        if old is not None:
            r = h_last / h
            if heun:
                x = x + (whole / (-h - eta_h) + 1) * (picture - old) / r
            else:
                x = x + 0.5 * whole * (picture - old) / r
        x = x + run.noise() * b * sqrt(-expm1(-2 * eta_h))
        old, h_last = picture, h
    return x


def dpmpp_3m_sde(run, x, sigmas):
    pictures, hs = [], []
    for a, b in zip(sigmas, sigmas[1:]):
        picture = run.denoised(x, a)
        if b == 0:
            x = picture
            continue
        h = log(a / b)
        grown = 2 * h
        x = exp(-grown) * x - expm1(-grown) * picture
        phi_2 = expm1(-grown) / grown + 1
        phi_3 = phi_2 / grown - 0.5
        if len(hs) >= 2:
            r0, r1 = hs[-1] / h, hs[-2] / h
            first = (picture - pictures[-1]) / r0
            second = (pictures[-1] - pictures[-2]) / r1
            d1 = first + (first - second) * r0 / (r0 + r1)
            d2 = (first - second) / (r0 + r1)
            x = x + phi_2 * d1 - phi_3 * d2
        elif hs:
            x = x + phi_2 * (picture - pictures[-1]) / (hs[-1] / h)
        x = x + run.noise() * b * sqrt(-expm1(-2 * h))
        pictures.append(picture)
        hs.append(h)
    return x


def karras(n, low, high):
    return [(high ** (1 / 7) + i / (n - 1) * (low ** (1 / 7) - high ** (1 / 7))) ** 7 for i in range(n)]


def restart(run, x, sigmas):
    n = len(sigmas) - 1
    if n >= 20:
        part, times = (n // 4, 2) if n >= 36 else (9, 1)
        sigmas = karras(n - part * times, sigmas[-2], sigmas[0]) + [0.0]
    walk = []
    near = lambda value: min(range(len(sigmas)), key=lambda i: abs(sigmas[i] - value))
    for i in range(len(sigmas) - 1):
        walk.append((sigmas[i], sigmas[i + 1]))
        if n >= 20 and i + 1 == near(0.1):
            again = karras(part + 1, sigmas[near(0.1)], sigmas[near(2)])
            walk += list(zip(again, again[1:])) * times
    last = None
    for a, b in walk:
        if last is not None and last < a:
            x = x + run.noise() * sqrt(a**2 - last**2)
        d = (x - run.denoised(x, a)) / a
        ahead = x + d * (b - a)
        if b > 0:
            d = (d + (ahead - run.denoised(ahead, b)) / b) / 2
        x = x + d * (b - a)
        last = b
    return x


def lcm(run, x, sigmas):
    for a, b in zip(sigmas, sigmas[1:]):
        x = run.consistent(x, a)
        if b > 0:
            x = x + b * run.noise()
    return x


def dpm_fast(run, x, sigmas):
    n = len(sigmas) - 1
    m = n // 3 + 1
    orders = [3] * (m - 2) + [2, 1] if n % 3 == 0 else [3] * (m - 1) + [n % 3]
    start, end = -log(sigmas[0]), -log(sigmas[-2])
    ts = [start + (end - start) * i / m for i in range(m + 1)]
    eps = lambda x, t: (x - run.denoised(x, exp(-t))) / exp(-t)
    for i, order in enumerate(orders):
        t, t_next = ts[i], ts[i + 1]
        down, _ = ancestral(exp(-t), exp(-t_next))
        to = min(end, -log(down)) if down > 0 else end
        up = sqrt(max(0.0, exp(-t_next) ** 2 - exp(-to) ** 2))
        h = to - t
        e = eps(x, t)
        result = x - exp(-to) * expm1(h) * e
        if order == 2:
            s = t + h / 2
            e1 = eps(x - exp(-s) * expm1(h / 2) * e, s)
            result = result - exp(-to) * expm1(h) * (e1 - e)
        if order == 3:
            s1, s2 = t + h / 3, t + 2 * h / 3
            e1 = eps(x - exp(-s1) * expm1(h / 3) * e, s1)
            bend = exp(-s2) * 2 * (expm1(2 * h / 3) / (2 * h / 3) - 1)
            e2 = eps(x - exp(-s2) * expm1(2 * h / 3) * e - bend * (e1 - e), s2)
            result = result - exp(-to) * 1.5 * (expm1(h) / h - 1) * (e2 - e)
        x = result + up * run.noise()
    return x


SAMPLERS = {
    "lms": lms, "dpm2": dpm2, "dpm2-a": lambda *a: dpm2(*a, noisy=True), "dpmpp-2s-a": dpmpp_2s_a,
    "dpmpp-sde": dpmpp_sde, "dpmpp-2m-sde": dpmpp_2m_sde,
    "dpmpp-2m-sde-heun": lambda *a: dpmpp_2m_sde(*a, heun=True), "dpmpp-3m-sde": dpmpp_3m_sde,
    "restart": restart, "lcm": lcm, "dpm-fast": dpm_fast,
}
RUNS = [(name, n) for name in SAMPLERS for n in (1, 2, 3, 7)] + [("restart", 24), ("restart", 40), ("dpm-fast", 6)]
results = []
for number, (name, n) in enumerate(RUNS):
    run = Run(number)
    sigmas = (karras(n, 0.03, 14.6) if n > 1 else [14.6]) + [0.0]
    start = run.noise()
    x = SAMPLERS[name](run, start * sigmas[0], sigmas)
    results.append({"sampler": name, "seed": number, "sigmas": sigmas, "end": [round(v, 7) for v in x.tolist()]})
print(json.dumps(results))
