"""Perceiver resampler: any number of frames to a fixed number of latents (Jaegle et al. 2021)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..layers.norm import UnitNorm
from .config import ConformerConfig

HEAD_DIM = 64
DEPTH = 2


class _Attention(nn.Module):
    """Latents ask latents and context together."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(dim, heads * HEAD_DIM, bias=False)
        self.to_kv = nn.Linear(dim, 2 * heads * HEAD_DIM, bias=False)
        self.to_out = nn.Linear(heads * HEAD_DIM, dim, bias=False)

    def forward(self, latents: Tensor, context: Tensor, mask: Tensor) -> Tensor:
        source = torch.cat([latents, context], 1)
        keys, values = self.to_kv(source).chunk(2, -1)
        q, k, v = (
            x.unflatten(-1, (self.heads, HEAD_DIM)).transpose(1, 2)
            for x in (self.to_q(latents), keys, values)
        )
        seen = F.pad(mask, (latents.shape[1], 0), value=True)[:, None, None]
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=seen)
        return self.to_out(y.transpose(1, 2).flatten(2))


class _Gated(nn.Module):
    """value · GELU(gate); the second half is the gate."""

    def forward(self, x: Tensor) -> Tensor:
        value, gate = x.chunk(2, -1)
        return value * F.gelu(gate)


class Perceiver(nn.Module):
    """``forward(context [batch, time, width], mask)`` gives latents ``[batch, latents, latent_dim]``."""

    def __init__(self, config: ConformerConfig) -> None:
        super().__init__()
        dim = config.latent_dim
        inner = int(dim * config.mult * 2 / 3)
        self.latents = nn.Parameter(torch.zeros(config.latents, dim))
        self.proj_context = nn.Linear(config.width, dim)
        self.layers = nn.ModuleList(
            nn.ModuleList(
                [
                    _Attention(dim, config.perceiver_heads),
                    nn.Sequential(nn.Linear(dim, 2 * inner), _Gated(), nn.Linear(inner, dim)),
                ]
            )
            for _ in range(DEPTH)
        )
        self.norm = UnitNorm(dim)

    def forward(self, context: Tensor, mask: Tensor) -> Tensor:
        context = self.proj_context(context)
        latents = self.latents.expand(len(context), -1, -1)
        for pair in self.layers:
            attention, feed_forward = pair.children()
            latents = latents + attention(latents, context, mask)
            latents = latents + feed_forward(latents)
        return self.norm(latents)
