"""Heads that read a scene's spec from the text encoder's output; they train the encoder and are not shipped."""
import torch
from torch import nn
from torch.nn import functional as F

from .layers import LayerNorm


class TextHeads(nn.Module):
    """Context [B, L, dim] -> {field: logits}: one attention-pooled vector a field, one linear map."""

    def __init__(self, dim, classes):
        super().__init__()
        self.fields, self.norm = tuple(classes), LayerNorm(dim)
        self.queries = nn.Parameter(torch.randn(len(classes), dim) * dim ** -0.5)
        self.queries.is_table = True
        self.maps = nn.ModuleDict({field: nn.Linear(2 * dim, count) for field, count in classes.items()})

    def forward(self, context):
        x = self.norm(context)
        weights = torch.softmax(torch.einsum("fd,bld->bfl", self.queries, x), -1)
        pooled = torch.einsum("bfl,bld->bfd", weights, x)  # [B, fields, dim]
        both = torch.cat([pooled, x[:, :1].expand(-1, len(self.fields), -1)], -1)
        return {field: self.maps[field](both[:, i]) for i, field in enumerate(self.fields)}

    def loss(self, context, targets):
        """Sum of the fields' cross entropies, and each one's share of right answers."""
        logits = self(context)
        losses = [F.cross_entropy(logits[field], targets[field]) for field in self.fields]
        right = {field: logits[field].argmax(1) == targets[field] for field in self.fields}
        return sum(losses), right
