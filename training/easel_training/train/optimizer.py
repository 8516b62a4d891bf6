"""AdamW, or Muon with AdamW for what Muon is not for.

Muon (Jordan et al. 2024) replaces the momentum of every weight matrix by the nearest semi-orthogonal one, found by Newton-Schulz
iterations.  Its update is scaled as in Liu et al. 2025, so that AdamW's learning rate serves both.  It learns more from each
picture, which matters where pictures a second are few.
"""
import torch


def orthogonal(matrix, iterations=4, kind=torch.bfloat16):
    """An approximately semi-orthogonal matrix with the singular vectors of `matrix` [rows, columns]."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix.to(kind)
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.t()
    x = x / (x.norm() + 1e-7)
    for _ in range(iterations):
        square = x @ x.t()
        x = a * x + (b * square + c * (square @ square)) @ x
    return (x.t() if tall else x).float()


class MuonAdamW(torch.optim.Optimizer):
    """Muon for hidden matrices and convolutions, AdamW for the rest, at one learning rate.

    A parameter with a true `is_table` is a table of embeddings, whose rows are learnt apart: AdamW takes it.
    A parameter's `rate` multiplies the learning rate.
    """

    def __init__(self, parameters, lr, betas, weight_decay, momentum=0.95):
        parameters, groups = list(parameters), []
        for rate in sorted({getattr(p, "rate", 1.0) for p in parameters}, reverse=True):
            matrices, others = [], []
            for p in parameters:
                hidden = p.ndim >= 2 and min(p.shape[0], p.numel() // p.shape[0]) >= 32 and not getattr(p, "is_table", False)
                if getattr(p, "rate", 1.0) == rate:
                    (matrices if hidden else others).append(p)
            groups += [{"params": matrices, "muon": True, "rate": rate}, {"params": others, "muon": False, "rate": rate}]
        super().__init__(groups, {"lr": lr, "betas": betas, "weight_decay": weight_decay, "momentum": momentum})
        self.kind = torch.bfloat16  # of the iterations; precision.settle may choose float32

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    (self._muon if group["muon"] else self._adamw)(p, group)

    def _muon(self, p, group):
        state = self.state[p]
        if not state:
            state["momentum"] = torch.zeros_like(p)
        state["momentum"].lerp_(p.grad, 1 - group["momentum"])
        direction = p.grad.lerp(state["momentum"], group["momentum"]).flatten(1)
        size = 0.2 * max(direction.shape) ** 0.5
        p.mul_(1 - group["lr"] * group["weight_decay"])
        p.add_(orthogonal(direction, kind=self.kind).view_as(p), alpha=-group["lr"] * size)

    def _adamw(self, p, group):
        state, (b1, b2) = self.state[p], group["betas"]
        if not state:
            state.update(step=0, mean=torch.zeros_like(p), square=torch.zeros_like(p))
        state["step"] += 1
        state["mean"].lerp_(p.grad, 1 - b1)
        state["square"].mul_(b2).addcmul_(p.grad, p.grad, value=1 - b2)
        bias1, bias2 = 1 - b1 ** state["step"], 1 - b2 ** state["step"]
        p.mul_(1 - group["lr"] * group["weight_decay"])
        p.addcdiv_(state["mean"], (state["square"] / bias2).sqrt().add_(1e-8), value=-group["lr"] / bias1)


def make(parameters, section):
    """The optimizer that a section of a size's YAML asks for."""
    how = {"lr": section["learning_rate"], "betas": tuple(section.get("betas", (0.9, 0.99))), "weight_decay": section.get("weight_decay", 0.0)}
    if section.get("optimizer", "adamw") == "muon":
        return MuonAdamW(parameters, **how)
    return torch.optim.AdamW(parameters, **how)
