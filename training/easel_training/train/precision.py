"""`precision: auto`: the faster number types, timed on this machine.

PyTorch's bfloat16 is many times faster than float32 where the CPU has AMX, and many times slower where it has not; Muon's
Newton-Schulz iterations (plain matrix products) may differ from the networks' convolutions.
"""
import platform
import time

import torch

from . import optimizer

TYPES = ("float32", "bfloat16")


def machine():
    """What a timing is good for: the processor, its vector units, PyTorch."""
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            facts = [line.split(":", 1)[1].strip() for line in lines if line.startswith(("model name", "flags"))][:2]
            model = " ".join([facts[0], *(flag for flag in ("avx2", "avx512f", "amx_bf16") if flag in facts[1].split())])
    except (OSError, IndexError):
        pass
    return f"{model}, PyTorch {torch.__version__}"


def outside_training(section):
    """The type for work that no stage times, such as encoding: what the size says, or float32."""
    kind = section.get("precision", "float32")
    return "float32" if kind == "auto" else kind


def _seconds(work):
    work()  # the first call chooses kernels
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _probe(device):
    """A little network of what ours are made of, forward and backward: a whole step in the wrong type can take minutes."""
    torch_state = torch.random.get_rng_state()
    layers = torch.nn.Sequential(torch.nn.Conv2d(64, 64, 3, padding=1), torch.nn.SiLU(), torch.nn.Conv2d(64, 128, 3, padding=1),
                                 torch.nn.Flatten(), torch.nn.Linear(128 * 256, 64)).to(device)
    x = torch.ones(4, 64, 16, 16, device=device)
    torch.random.set_rng_state(torch_state)

    def work(kind):
        with torch.autocast(device.type, torch.bfloat16, enabled=kind != "float32"):
            layers(x).float().sum().backward()
    return work


def settle(stage, before, log=print):
    """Puts the faster types in force where the size asks for `auto`; returns what a checkpoint keeps, `before` if it is of this machine."""
    if stage.section.get("precision") != "auto":
        return None
    found = before
    if not before or before["machine"] != machine():
        work = _probe(stage.device)
        steps = {kind: _seconds(lambda kind=kind: work(kind)) for kind in TYPES}
        matrix = torch.randn(192, 1728, generator=torch.Generator().manual_seed(0)).to(stage.device)
        products = {kind: _seconds(lambda kind=kind: optimizer.orthogonal(matrix, kind=getattr(torch, kind))) for kind in TYPES}
        found = {"machine": machine(), "step": min(steps, key=steps.get), "newton_schulz": min(products, key=products.get)}
        for name, timed in (("a probe", steps), ("Newton-Schulz", products)):
            log(f"{stage.name}: {name} " + ", ".join(f"{1000 * seconds:.0f} ms in {kind}" for kind, seconds in timed.items()))
    stage.precision = found["step"]
    if isinstance(stage.optimizer, optimizer.MuonAdamW):
        stage.optimizer.kind = getattr(torch, found["newton_schulz"])
    return found
