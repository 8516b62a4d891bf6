"""latent-diffusion's BERT-style text encoder, under its tensor names."""
from torch import nn

from .layers import LayerNorm, attend


class TextAttention(nn.Module):
    def __init__(self, dim, heads=8, dim_head=64):
        super().__init__()
        self.heads = heads
        self.to_q, self.to_k, self.to_v = (nn.Linear(dim, heads * dim_head, bias=False) for _ in range(3))
        self.to_out = nn.Linear(heads * dim_head, dim)

    def forward(self, x):
        return self.to_out(attend(self.to_q(x), self.to_k(x), self.to_v(x), self.heads))


class TextFeedForward(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.net = nn.Sequential(nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU()), nn.Identity(), nn.Linear(4 * dim, dim))

    def forward(self, x):
        return self.net(x)


class AbsolutePosition(nn.Module):
    def __init__(self, length, dim):
        super().__init__()
        self.emb = nn.Embedding(length, dim)


class AttentionLayers(nn.Module):
    def __init__(self, dim, depth, heads):
        super().__init__()
        self.layers = nn.ModuleList()
        for _ in range(depth):
            self.layers.append(nn.ModuleList([LayerNorm(dim), TextAttention(dim, heads)]))
            self.layers.append(nn.ModuleList([LayerNorm(dim), TextFeedForward(dim)]))

    def forward(self, x):
        for norm, layer in self.layers:
            x = x + layer(norm(x))
        return x


class TextEncoder(nn.Module):
    """Tokens [B, L] -> context [B, L, dim]. Bidirectional, pre-norm, padding attended, as in the original."""

    def __init__(self, vocab_size=30522, length=77, dim=1280, depth=32, heads=8):
        super().__init__()
        self.token_emb, self.pos_emb = nn.Embedding(vocab_size, dim), AbsolutePosition(length, dim)
        self.token_emb.weight.is_table = True
        nn.init.normal_(self.token_emb.weight, std=0.3)  # words must not drown in the first residual branches
        nn.init.normal_(self.pos_emb.emb.weight, std=0.1)
        self.attn_layers, self.norm = AttentionLayers(dim, depth, heads), LayerNorm(dim)

    def forward(self, tokens):
        x = self.token_emb(tokens) + self.pos_emb.emb.weight[: tokens.shape[1]]
        return self.norm(self.attn_layers(x))
