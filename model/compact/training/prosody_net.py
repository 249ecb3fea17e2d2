"""The prosody network for training: a convolution over tokens, a causal transformer over frames.

Vaswani et al., "Attention is all you need" (2017), with pre-normalisation; attention looks back over a window and
prefers what is near by a fixed slope per head: Press, Smith & Lewis, "Train short, test long" (ALiBi, 2022).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from ....streaming.audio import Samples
from ..prosody_features import FRAME_FEATURES, KNOTS, OUTPUTS, SPREADS, TOKEN_FEATURES

ENCODED, STYLE = 512, 128


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes. ``window`` frames are looked back over; tokens see ``back`` and ``ahead`` neighbours in each of two
    convolutions."""

    width: int = 256
    layers: int = 3
    heads: int = 4
    hidden: int = 768
    window: int = 64
    back: int = 2
    ahead: int = 4


SHAPE = Shape()
"""Of the shipped network."""


class TokenConvolution(nn.Module):
    """A residual convolution over neighbouring tokens."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.pad = (shape.back, shape.ahead)
        self.norm = nn.LayerNorm(shape.width)
        self.conv = nn.Conv1d(shape.width, shape.width, shape.back + 1 + shape.ahead)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[batch, n, width]`` to the same."""
        neighbours = functional.pad(self.norm(x).transpose(1, 2), self.pad)
        heard: torch.Tensor = functional.relu(self.conv(neighbours)).transpose(1, 2)
        return x + heard


class Block(nn.Module):
    """Attention to frames before, then a layer per frame."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.norm1, self.norm2 = nn.LayerNorm(shape.width), nn.LayerNorm(shape.width)
        self.qkv = nn.Linear(shape.width, 3 * shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        self.up = nn.Linear(shape.width, shape.hidden)
        self.down = nn.Linear(shape.hidden, shape.width)

    def forward(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """``x [batch, T, width]``, ``bias [heads, T, T]`` added to the attention's logits."""
        batch, count, width = x.shape
        qkv = self.qkv(self.norm1(x)).view(batch, count, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        logits = (q * (width // self.heads) ** -0.5) @ k.transpose(-1, -2)
        seen = torch.softmax(logits + bias.to(q.dtype), dim=-1, dtype=q.dtype) @ v
        x = x + self.out(seen.transpose(1, 2).reshape(batch, count, width))
        made: torch.Tensor = self.down(functional.relu(self.up(self.norm2(x))))
        return x + made


class ProsodyNet(nn.Module):
    """Tokens and frames so far to the next frame's outputs and spreads."""

    def __init__(self, shape: Shape = SHAPE) -> None:
        super().__init__()
        self.shape = shape
        self.encoded = nn.Linear(ENCODED, shape.width)
        self.style = nn.Linear(STYLE, shape.width)
        self.token = nn.Linear(TOKEN_FEATURES, shape.width)
        self.convs = nn.ModuleList(TokenConvolution(shape) for _ in range(2))
        self.token_norm = nn.LayerNorm(shape.width)
        self.knots = nn.Linear(shape.width, KNOTS * shape.width)
        self.frame = nn.Linear(FRAME_FEATURES, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        self.head = nn.Linear(shape.width, len(OUTPUTS) + SPREADS)

    def tokens(
        self, encoded: torch.Tensor, style: torch.Tensor, features: torch.Tensor
    ) -> torch.Tensor:
        """``[batch, n, 512]``, ``[batch, 128]``, ``[batch, n, 4]`` to vectors ``[batch, n, K, width]``."""
        x = self.encoded(encoded) + self.style(style)[:, None] + self.token(features)
        for conv in self.convs:
            x = conv(x)
        knots: torch.Tensor = self.knots(self.token_norm(x))
        return knots.view(*x.shape[:2], KNOTS, self.shape.width)

    def frames(
        self, vectors: torch.Tensor, features: torch.Tensor, bias: torch.Tensor
    ) -> torch.Tensor:
        """``vectors [batch, T, width]`` at the frames' places, their features, to ``[batch, T, 12]``."""
        x = vectors + self.frame(features)
        for block in self.blocks:
            x = block(x, bias)
        out: torch.Tensor = self.head(self.norm(x))
        return out


def slopes(heads: int) -> Samples:
    """How fast attention fades per frame, one slope a head, the last does not fade."""
    fading = 2.0 ** -(1.0 + 2.0 * np.arange(heads))
    fading[-1] = 0.0
    return fading.astype(np.float32)


def causal_bias(count: int, shape: Shape) -> torch.Tensor:
    """``[heads, count, count]``: nothing ahead, nothing beyond the window, fading in between."""
    distance = torch.arange(count)[:, None] - torch.arange(count)[None]
    fading = -torch.from_numpy(slopes(shape.heads))[:, None, None] * distance
    seen = (distance >= 0) & (distance <= shape.window)
    return torch.where(seen, fading, torch.tensor(-1e4))


def gather(knots: torch.Tensor, token: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """The vectors ``[batch, T, width]`` at frames of ``token [batch, T]`` and knot ``weights [batch, T, K]``.

    A product with a mostly empty matrix: cheaper than indexing, whose gradient scatters.
    """
    batch, tokens, places, width = knots.shape
    at = token[..., None] * places + torch.arange(places, device=token.device)
    chosen = torch.zeros(batch, token.shape[1], tokens * places, device=token.device)
    chosen.scatter_(2, at, weights)
    return chosen.to(knots.dtype) @ knots.reshape(batch, tokens * places, width)
