"""Rotary positions on interleaved pairs (Su et al. 2021)."""

from __future__ import annotations

import torch
from torch import Tensor


def rope_table(length: int, head_dim: int, device: torch.device, base: float = 10_000.0) -> Tensor:
    """Cosine and sine ``[length, head_dim / 2, 2]`` of positions 0…length−1, float32."""
    rate = base ** (-torch.arange(0, head_dim, 2, device=device, dtype=torch.float32) / head_dim)
    angle = torch.outer(torch.arange(length, device=device, dtype=torch.float32), rate)
    return torch.stack([angle.cos(), angle.sin()], -1)


def rotate(x: Tensor, table: Tensor) -> Tensor:
    """Turn the pairs (2i, 2i+1) of ``x [batch, heads, time, head_dim]`` by their position's angle."""
    pairs = x.float().unflatten(-1, (-1, 2))
    cos, sin = table.unbind(-1)
    even, odd = pairs.unbind(-1)
    turned = torch.stack([even * cos - odd * sin, odd * cos + even * sin], -1)
    return turned.flatten(-2).to(x.dtype)
