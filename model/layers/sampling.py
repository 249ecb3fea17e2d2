"""Logits to codes, row by row: repetition penalty, temperature, top-k, top-p, and a draw of the row's own.

Nothing here looks across rows, so what a row draws does not depend on its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .random import uniform

CANDIDATES = 128
"""Most codes a draw can be made among; larger top-k values are refused by :class:`SamplingOptions`."""


@dataclass(frozen=True, slots=True)
class SamplingOptions:
    """How codes are drawn. ``top_k`` 1 is greedy. The defaults are the released model's, for one beam."""

    temperature: float = 0.8
    top_k: int = 30
    top_p: float = 0.8
    repetition_penalty: float = 10.0

    def __post_init__(self) -> None:
        if not 1 <= self.top_k <= CANDIDATES:
            raise ValueError(f"top_k lies between 1 and {CANDIDATES}, got {self.top_k}")
        if not 0 < self.top_p <= 1:
            raise ValueError(f"top_p lies above 0 and not above 1, got {self.top_p}")
        if self.temperature <= 0 or self.repetition_penalty <= 0:
            raise ValueError("temperature and repetition_penalty are above 0")


@dataclass(slots=True)
class SamplingState:
    """What a slot's draws depend on, first axis the slot.

    ``used [slots, codes]`` marks the codes the penalty meets; ``draws`` counts them, and with ``seed`` and
    ``purpose`` decides each; ``stop_bias`` is added to the stop code's logit.
    """

    used: Tensor
    seed: Tensor
    purpose: Tensor
    draws: Tensor
    stop_bias: Tensor
    temperature: Tensor
    top_k: Tensor
    top_p: Tensor
    penalty: Tensor

    @classmethod
    def empty(cls, slots: int, codes: int, device: torch.device) -> SamplingState:
        """All rows at the defaults."""
        options = SamplingOptions()

        def column(value: float, dtype: torch.dtype) -> Tensor:
            return torch.full((slots,), value, dtype=dtype, device=device)

        return cls(
            used=torch.zeros(slots, codes, dtype=torch.bool, device=device),
            seed=column(0, torch.int64),
            purpose=column(0, torch.int64),
            draws=column(0, torch.int64),
            stop_bias=column(0, torch.float32),
            temperature=column(options.temperature, torch.float32),
            top_k=column(options.top_k, torch.int64),
            top_p=column(options.top_p, torch.float32),
            penalty=column(options.repetition_penalty, torch.float32),
        )

    def begin(
        self, row: int, seed: int, purpose: int, options: SamplingOptions, used: tuple[int, ...]
    ) -> None:
        """Reset a row for a new passage; ``used`` are codes the penalty meets from the start."""
        self.used[row] = False
        self.used[row, list(used)] = True
        self.seed[row], self.purpose[row] = seed, purpose
        self.draws[row] = 0
        self.stop_bias[row] = 0.0
        self.temperature[row], self.top_k[row] = options.temperature, options.top_k
        self.top_p[row], self.penalty[row] = options.top_p, options.repetition_penalty

    def rows(self, start: int, stop: int) -> SamplingState:
        """A view of neighbouring slots."""
        return SamplingState(*(getattr(self, name)[start:stop] for name in self.__slots__))


def penalise(scores: Tensor, used: Tensor, penalty: Tensor) -> Tensor:
    """Divide positive and multiply negative scores of used codes (Keskar et al. 2019); shapes ``[rows, codes]``."""
    factor = penalty[:, None]
    worse = torch.where(scores > 0, scores / factor, scores * factor)
    return torch.where(used, worse, scores)


def candidates(
    scores: Tensor, temperature: Tensor, top_k: Tensor, top_p: Tensor, min_keep: int = 1
) -> tuple[Tensor, Tensor]:
    """The best codes of each row, best first: their scores ``[rows, n]``, −∞ where cut off, and their ids.

    Top-p keeps the smallest set whose probability reaches it (Holtzman et al. 2020), never fewer than
    ``min_keep``; the probabilities are those left after top-k.
    """
    best, ids = (scores / temperature[:, None]).topk(min(CANDIDATES, scores.shape[1]), dim=1)
    rank = torch.arange(best.shape[1], device=best.device)
    best = best.masked_fill(rank >= top_k[:, None].clamp(min=min_keep), -torch.inf)
    probability = best.softmax(1)
    before = probability.cumsum(1) - probability
    cut = (before >= top_p[:, None]) & (rank >= min_keep)
    return best.masked_fill(cut, -torch.inf), ids


def draw(scores: Tensor, ids: Tensor, chance: Tensor) -> Tensor:
    """The code ``[rows]`` at which the cumulative probability passes ``chance [rows]`` in 0…1."""
    cumulative = scores.softmax(1).cumsum(1)
    place = (cumulative < chance[:, None] * cumulative[:, -1:]).sum(1, keepdim=True)
    return ids.gather(1, place.clamp(max=ids.shape[1] - 1))[:, 0]


def sample(
    logits: Tensor, state: SamplingState, active: Tensor, *, stop: int, never: int
) -> Tensor:
    """Draw a code ``[rows]`` for each active row of float32 ``logits [rows, codes]`` and note it in ``state``.

    ``stop`` is the code that the bias is for; ``never``, start-of-speech, has no sound and is not drawn.
    """
    scores = logits.clone()
    scores.select(1, never).fill_(-torch.inf)  # an assignment would copy the number from the host
    scores.select(1, stop).add_(state.stop_bias)
    scores = penalise(scores, state.used, state.penalty)
    best, ids = candidates(scores, state.temperature, state.top_k, state.top_p)
    code = draw(best, ids, uniform(state.seed, state.draws, state.purpose))
    index = code[:, None]
    state.used.scatter_(1, index, state.used.gather(1, index) | active[:, None])
    state.draws += active
    return code
