"""Random numbers that depend on what they are for and not on when or beside whom they are drawn.

Philox4x32-10 (Salmon et al. 2011), a counter-based generator, in 64-bit integer arithmetic so that every device
gives the same bits: a row's draws do not change with its batch-mates, and a mel frame that is made twice starts
from the same noise both times.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

_MASK = 0xFFFFFFFF
_MULTIPLY = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_ROUNDS = 10


def _high(a: Tensor, constant: int) -> Tensor:
    """Upper 32 bits of the product of two unsigned 32-bit numbers held in int64."""
    return ((a * constant) >> 32) & _MASK


def philox(counter: Tensor, key: Tensor) -> Tensor:
    """Four random words ``[..., 4]`` for ``counter [..., 4]`` under ``key [..., 2]``; all unsigned 32-bit in int64."""
    c0, c1, c2, c3 = counter.unbind(-1)
    k0, k1 = key.unbind(-1)
    for _ in range(_ROUNDS):
        high0, low0 = _high(c0, _MULTIPLY[0]), (c0 * _MULTIPLY[0]) & _MASK
        high1, low1 = _high(c2, _MULTIPLY[1]), (c2 * _MULTIPLY[1]) & _MASK
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + _WEYL[0]) & _MASK, (k1 + _WEYL[1]) & _MASK
    return torch.stack([c0, c1, c2, c3], -1)


def _key(seed: Tensor) -> Tensor:
    return torch.stack([seed & _MASK, (seed >> 32) & _MASK], -1)


def uniform(seed: Tensor, counter: Tensor, purpose: Tensor) -> Tensor:
    """One float32 in (0, 1) per row, for int64 ``seed``, ``counter`` and ``purpose``, each ``[rows]``."""
    zero = torch.zeros_like(counter)
    words = philox(torch.stack([counter, purpose, zero, zero], -1), _key(seed))
    return _open_unit(words[..., 0])


def _open_unit(word: Tensor) -> Tensor:
    """The upper 24 bits as a float32 strictly between 0 and 1."""
    return ((word >> 8).float() + 0.5) * 2.0**-24


def frame_noise(seed: int, purpose: int, frames: Tensor, width: int) -> Tensor:
    """Standard normal ``[n, width]`` float32 for absolute frame numbers ``frames [n]`` (Box & Muller 1958)."""
    blocks = -(-width // 4)
    block = torch.arange(blocks, device=frames.device).expand(len(frames), -1)
    counter = torch.stack(
        [
            frames[:, None].expand_as(block),
            block,
            torch.full_like(block, purpose & _MASK),
            torch.ones_like(block),  # apart from the counters of :func:`uniform`
        ],
        -1,
    )
    key = _key(torch.tensor(seed, device=frames.device)).expand(len(frames), blocks, 2)
    unit = _open_unit(philox(counter, key))
    radius = torch.sqrt(-2.0 * unit[..., 0::2].log())
    angle = 2.0 * math.pi * unit[..., 1::2]
    normal = torch.stack([radius * angle.cos(), radius * angle.sin()], -1)
    return normal.flatten(1)[:, :width]
