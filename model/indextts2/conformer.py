"""Conformer encoder of a reference clip's features.

Not the usual relative attention: the position term is computed without the shift, so it depends on the key's
position alone; and there is no half-step feed-forward before the attention.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..layers.norm import ChannelNorm
from .config import ConformerConfig


def sinusoid(length: int, width: int, device: torch.device) -> Tensor:
    """Positions ``[length, width]``: sine in even columns, cosine in odd ones, base 10,000."""
    rate = torch.exp(torch.arange(0, width, 2, device=device) * -(math.log(10_000.0) / width))
    angle = torch.arange(length, device=device, dtype=torch.float32)[:, None] * rate
    return torch.stack([angle.sin(), angle.cos()], -1).flatten(1)


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.linear_q = nn.Linear(width, width)
        self.linear_k = nn.Linear(width, width)
        self.linear_v = nn.Linear(width, width)
        self.linear_out = nn.Linear(width, width)
        self.linear_pos = nn.Linear(width, width, bias=False)
        self.pos_bias_u = nn.Parameter(torch.zeros(heads, width // heads))
        self.pos_bias_v = nn.Parameter(torch.zeros(heads, width // heads))

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(-3, -2)

    def forward(self, x: Tensor, position: Tensor, mask: Tensor) -> Tensor:
        q, k, v = (self._split(f(x)) for f in (self.linear_q, self.linear_k, self.linear_v))
        p = self._split(self.linear_pos(position))
        content = (q + self.pos_bias_u[:, None]) @ k.transpose(-1, -2)
        place = (q + self.pos_bias_v[:, None]) @ p.transpose(-1, -2)
        score = (content + place) / math.sqrt(q.shape[-1])
        hidden = ~mask[:, None, None]
        weight = score.masked_fill(hidden, -torch.inf).softmax(-1).masked_fill(hidden, 0.0)
        return self.linear_out((weight @ v).transpose(1, 2).flatten(2))


class _Convolution(nn.Module):
    def __init__(self, width: int, kernel: int = 15) -> None:
        super().__init__()
        self.pointwise_conv1 = nn.Conv1d(width, 2 * width, 1)
        self.depthwise_conv = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width)
        self.norm = ChannelNorm(width)
        self.pointwise_conv2 = nn.Conv1d(width, width, 1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        seen = mask[:, None]
        y = x.transpose(1, 2) * seen
        y = F.glu(self.pointwise_conv1(y), 1)
        y = F.silu(self.norm(self.depthwise_conv(y)))
        return (self.pointwise_conv2(y) * seen).transpose(1, 2)


class _FeedForward(nn.Module):
    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.w_1 = nn.Linear(width, inner)
        self.w_2 = nn.Linear(inner, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.w_2(F.silu(self.w_1(x)))


class _Block(nn.Module):
    def __init__(self, width: int, heads: int, inner: int) -> None:
        super().__init__()
        self.self_attn = _Attention(width, heads)
        self.feed_forward = _FeedForward(width, inner)
        self.conv_module = _Convolution(width)
        self.norm_mha = nn.LayerNorm(width)
        self.norm_conv = nn.LayerNorm(width)
        self.norm_ff = nn.LayerNorm(width)
        self.norm_final = nn.LayerNorm(width)

    def forward(self, x: Tensor, position: Tensor, mask: Tensor) -> Tensor:
        x = x + self.self_attn(self.norm_mha(x), position, mask)
        x = x + self.conv_module(self.norm_conv(x), mask)
        x = x + self.feed_forward(self.norm_ff(x))
        return self.norm_final(x)


class _Embedding(nn.Module):
    """Halve the frame rate with one strided convolution over time and features, and flatten."""

    def __init__(self, features: int, width: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(1, width, 3, 2), nn.ReLU())
        self.out = nn.Sequential(nn.Linear(width * ((features - 1) // 2), width))

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x[:, None])
        return self.out(y.transpose(1, 2).flatten(2))


class Conformer(nn.Module):
    """``forward(x [batch, time, features], lengths)`` gives ``[batch, (time−1)//2, width]`` and its mask.

    ``lengths [batch]`` None means that every frame is real.
    """

    def __init__(self, config: ConformerConfig, features: int) -> None:
        super().__init__()
        self.width = config.width
        self.embed = _Embedding(features, config.width)
        self.encoders = nn.ModuleList(
            _Block(config.width, config.heads, config.inner) for _ in range(config.blocks)
        )
        self.after_norm = nn.LayerNorm(config.width)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> tuple[Tensor, Tensor]:
        if lengths is None:
            lengths = torch.full((len(x),), x.shape[1], device=x.device)
        mask = (torch.arange(x.shape[1], device=x.device) < lengths[:, None])[:, 2::2]
        x = self.embed(x) * math.sqrt(self.width)
        position = sinusoid(x.shape[1], self.width, x.device).to(x.dtype)
        for block in self.encoders:
            x = block(x, position, mask)
        return self.after_norm(x), mask
