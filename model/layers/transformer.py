"""A pre-norm causal transformer in GPT-2's layout, with a slotted key-value cache.

The module holds weights only; :class:`KvState` is preallocated, one row a slot, and updated in place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(slots=True)
class KvState:
    """Keys and values ``[layers, slots, heads, max_len, head_dim]`` and how much of each row is filled.

    Positions at and behind ``length [slots]`` (int64, on the device) hold anything and are never looked at.
    """

    keys: Tensor
    values: Tensor
    length: Tensor

    @property
    def max_len(self) -> int:
        return self.keys.shape[3]

    def rows(self, start: int, stop: int) -> Self:
        """A view of neighbouring slots; what is written through it is written here."""
        return type(self)(
            self.keys[:, start:stop], self.values[:, start:stop], self.length[start:stop]
        )

    def reset(self, rows: Tensor) -> None:
        """Empty the rows (indices or a boolean mask)."""
        self.length[rows] = 0

    def truncate(self, row: int, length: int) -> None:
        """Forget everything of a row from position ``length`` on."""
        self.length[row] = length

    def head(self, row: int, length: int) -> tuple[Tensor, Tensor]:
        """Copies of a row's first keys and values, ``[layers, heads, length, head_dim]`` each."""
        return self.keys[:, row, :, :length].clone(), self.values[:, row, :, :length].clone()

    def overwrite_head(self, row: int, head: tuple[Tensor, Tensor]) -> None:
        """Put other keys and values at a row's first positions; its length stays."""
        keys, values = head
        self.keys[:, row, :, : keys.shape[2]] = keys
        self.values[:, row, :, : values.shape[2]] = values


class Conv1D(nn.Module):
    """A linear map whose weight is stored ``[in, out]``."""

    def __init__(self, inp: int, out: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(inp, out))
        self.bias = nn.Parameter(torch.zeros(out))

    def forward(self, x: Tensor) -> Tensor:
        return torch.addmm(self.bias, x.flatten(0, -2), self.weight).unflatten(0, x.shape[:-1])


class _Attention(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.c_attn = Conv1D(dim, 3 * dim)
        self.c_proj = Conv1D(dim, dim)

    def project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Query, key and value ``[batch, heads, time, head_dim]`` of ``x [batch, time, dim]``."""
        q, k, v = (
            y.unflatten(-1, (self.heads, -1)).transpose(1, 2) for y in self.c_attn(x).chunk(3, -1)
        )
        return q, k, v

    def merge(self, y: Tensor) -> Tensor:
        return self.c_proj(y.transpose(1, 2).flatten(2))


class _Mlp(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.c_fc = Conv1D(dim, 4 * dim)
        self.c_proj = Conv1D(4 * dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class _Block(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(dim)
        self.attn = _Attention(dim, heads)
        self.ln_2 = nn.LayerNorm(dim)
        self.mlp = _Mlp(dim)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.attn.project(self.ln_1(x))
        x = x + self.attn.merge(F.scaled_dot_product_attention(q, k, v, is_causal=True))
        return x + self.mlp(self.ln_2(x))

    def extend(self, x: Tensor, keys: Tensor, values: Tensor, plan: _Plan) -> tuple[Tensor, Tensor]:
        """As ``forward`` over new positions only; also gives the attention weights, heads averaged."""
        q, k, v = self.attn.project(self.ln_1(x))
        _write(keys, k, plan)
        _write(values, v, plan)
        seen_keys, seen_values = keys[:, :, : plan.context], values[:, :, : plan.context]
        score = (q @ seen_keys.transpose(-1, -2)) / math.sqrt(q.shape[-1])
        score = score.to(torch.promote_types(score.dtype, torch.float32))
        weight = score.masked_fill(plan.hidden, -torch.inf).softmax(-1)
        x = x + self.attn.merge(weight.to(x.dtype) @ seen_values)
        return x + self.mlp(self.ln_2(x)), weight.mean(1)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where new positions go and what they may see, the same for every layer."""

    place: Tensor
    hidden: Tensor
    active: Tensor
    context: int


def _write(cache: Tensor, new: Tensor, plan: _Plan) -> None:
    """Put ``new [rows, heads, time, head_dim]`` at each active row's places; idle rows keep what they have."""
    index = plan.place[:, None, :, None].expand_as(new)
    kept = torch.where(plan.active[:, None, None, None], new, cache.gather(2, index))
    cache.scatter_(2, index, kept)


class CausalTransformer(nn.Module):
    """``forward(x [batch, time, dim])`` is the offline reference, ``extend`` the same piece by piece."""

    def __init__(self, dim: int, heads: int, layers: int) -> None:
        super().__init__()
        self.heads = heads
        self.h = nn.ModuleList(_Block(dim, heads) for _ in range(layers))
        self.ln_f = nn.LayerNorm(dim)

    def init_state(self, slots: int, max_len: int) -> KvState:
        """An empty cache on the weights' device and in their dtype."""
        weight = self.ln_f.weight
        shape = (len(self.h), slots, self.heads, max_len, weight.shape[0] // self.heads)
        return KvState(
            weight.new_zeros(shape),
            weight.new_zeros(shape),
            torch.zeros(slots, dtype=torch.int64, device=weight.device),
        )

    def forward(self, x: Tensor) -> Tensor:
        for block in self.h:
            x = block(x)
        return self.ln_f(x)

    def extend(
        self, x: Tensor, state: KvState, active: Tensor, context: int | None = None
    ) -> tuple[Tensor, Tensor]:
        """Append ``x [rows, time, dim]`` to the rows of ``state`` where ``active [rows]``.

        ``context`` is a number of cache positions not smaller than any active row's length afterwards; None is
        all of them. Returns the hidden states ``[rows, time, dim]`` after the closing norm and the attention
        ``[rows, time, context]`` averaged over heads and layers. Rows that are not active give garbage and
        keep their state.
        """
        context = context or state.max_len
        time = torch.arange(x.shape[1], device=x.device)
        place = (state.length[:, None] + time).clamp(max=context - 1)
        hidden = torch.arange(context, device=x.device) > place[..., None]
        plan = _Plan(place, hidden[:, None], active, context)
        seen = x.new_zeros((), dtype=torch.float32)
        for i, block in enumerate(self.h):
            x, weight = block.extend(x, state.keys[i], state.values[i], plan)  # type: ignore[operator]
            seen = seen + weight
        state.length += active * x.shape[1]
        return self.ln_f(x), seen / len(self.h)
