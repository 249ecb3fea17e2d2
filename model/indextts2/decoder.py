"""Incremental decoding: every slot one passage, one code a step, with typed state updated in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..layers.graphs import GraphCache, Recorder, round_up
from ..layers.sampling import SamplingOptions, SamplingState, sample
from ..layers.transformer import KvState
from .gpt import UnifiedVoice
from .options import MelPositions
from .text import MAX_TOKENS

Head = tuple[Tensor, Tensor]
"""Keys and values of the conditioning rows, which come first and so depend on nothing else."""

FORBIDDEN_TWICE = (1,)
"""Codes in the repetition history from the start, besides start-of-speech: the published sampler's dummy prompt."""

CONTEXT_STEP = 256
"""Cache positions looked at are rounded up to this, so that few shapes occur."""


@dataclass(slots=True)
class DecoderState:
    """Rows of ``slots`` passages; the cache has one row more, where conditioning rows are worked out.

    ``codes``, ``latents [slots, max_codes, dim]`` and ``attention [slots, max_codes, text rows]`` are filled up to
    ``count [slots]``.
    """

    kv: KvState
    sampling: SamplingState
    codes: Tensor
    latents: Tensor
    attention: Tensor
    count: Tensor


class Decoder:
    """The decoder's weights, its state and the host's knowledge of how far each row is."""

    def __init__(
        self,
        model: UnifiedVoice,
        slots: int,
        *,
        max_codes: int = 1500,
        positions: MelPositions = "trained",
        exact_batches: bool = True,
        recorder: Recorder | None = None,
    ) -> None:
        """``exact_batches`` runs every step over all slots and the whole cache, so that a row's numbers do not depend
        on the size of the batch; without it steps run over the slots and positions in use. ``recorder`` None is the
        device's own."""
        config = model.config
        self.model = model
        self.slots = slots
        self.device = model.mel_head.weight.device
        self.text_start = config.condition_rows + 1
        self._rows = config.condition_rows
        self._quirk = positions == "reference"
        self._exact = exact_batches
        self.graphs = GraphCache(self.device, recorder=recorder)
        longest = self._rows + MAX_TOKENS + 2 + 1 + max_codes
        dtype = model.mel_head.weight.dtype
        self.state = DecoderState(
            kv=model.gpt.init_state(slots + 1, longest),
            sampling=SamplingState.empty(slots, config.mel_codes, self.device),
            codes=torch.zeros(slots, max_codes, dtype=torch.int64, device=self.device),
            latents=torch.zeros(slots, max_codes, config.dim, dtype=dtype, device=self.device),
            attention=torch.zeros(slots, max_codes, MAX_TOKENS + 1, device=self.device),
            count=torch.zeros(slots, dtype=torch.int64, device=self.device),
        )
        self._lengths = [0] * slots

    def head(self, conditions: Tensor) -> Head:
        """Keys and values of ``conditions [1, rows, dim]``, worked out in the spare row."""
        spare = self.state.kv.rows(self.slots, self.slots + 1)
        spare.length.zero_()
        active = torch.ones(1, dtype=torch.bool, device=self.device)
        dtype = self.model.mel_head.weight.dtype
        self.model.gpt.extend(conditions.to(dtype), spare, active, conditions.shape[1])
        return self.state.kv.head(self.slots, conditions.shape[1])

    def begin(
        self,
        row: int,
        head: Head,
        text: Sequence[int],
        *,
        seed: int,
        purpose: int,
        options: SamplingOptions,
        codes: Sequence[int] = (),
    ) -> tuple[int, bool]:
        """Start or restart a row behind ``codes`` already spoken; draws and returns the next code.

        The second result is False when the numbers went wrong. Latents and attention of ``codes`` are left as they
        are.
        """
        config = self.model.config
        self.state.sampling.begin(row, seed, purpose, options, (*FORBIDDEN_TWICE, config.start_mel))
        given = torch.tensor(list(codes), dtype=torch.int64, device=self.device)
        self.state.codes[row, : len(given)] = given
        self.state.sampling.used[row, given] = True
        self.state.kv.overwrite_head(row, head)
        self.state.kv.truncate(row, self._rows)
        tail = self._mel_rows([config.start_mel, *codes])
        rows = torch.cat([self.model.text_rows(text), tail], 1)
        return self._feed(row, rows, len(codes), self._rows + rows.shape[1])

    def turn(
        self,
        row: int,
        head: Head,
        text: Sequence[int],
        code_count: int,
        purpose: int,
        *,
        with_text: bool,
    ) -> tuple[int, bool]:
        """Forget a row's codes from ``code_count`` on and go on under another head; as :meth:`begin` returns.

        The codes kept saw the old head; with ``with_text`` the text rows are computed anew.
        """
        config, kv, sampling = self.model.config, self.state.kv, self.state.sampling
        kept = self.state.codes[row, :code_count].tolist()
        kv.overwrite_head(row, head)
        if with_text:
            kv.truncate(row, self._rows)
            self._extend(row, self.model.text_rows(text), self._rows + len(text) + 2)
        behind_text = self._rows + len(text) + 2
        kv.truncate(row, behind_text + code_count)
        sampling.used[row] = False
        sampling.used[row, [*FORBIDDEN_TWICE, config.start_mel, *kept]] = True
        sampling.purpose[row] = purpose
        tail = self._mel_rows([config.start_mel, *kept])[:, -1:]
        return self._feed(row, tail, code_count, behind_text + code_count + 1)

    def step(self, rows: Sequence[int]) -> list[tuple[int, bool]]:
        """One more code for each of ``rows``; as :meth:`begin` returns, in the order of ``rows``."""
        return self._stepped(rows, self._run)

    def plain_step(self, rows: Sequence[int]) -> list[tuple[int, bool]]:
        """:meth:`step` without a recording, for comparison."""
        return self._stepped(rows, lambda a, b, context, on: self._step(a, b, on, context))

    def _stepped(
        self, rows: Sequence[int], run: Callable[[int, int, int, Tensor], tuple[Tensor, Tensor]]
    ) -> list[tuple[int, bool]]:
        if self._exact:
            first, stop, context = 0, self.slots, self.state.kv.max_len
        else:
            first, stop = 0, round_up(max(rows) + 1, self.slots)
            longest = max(self._lengths[row] for row in rows) + 1
            context = min(-(-longest // CONTEXT_STEP) * CONTEXT_STEP, self.state.kv.max_len)
        chosen = set(rows)
        active = torch.tensor([row in chosen for row in range(first, stop)], device=self.device)
        codes, good = run(first, stop, context, active)
        drawn, fine = codes.tolist(), good.tolist()
        for row in rows:
            self._lengths[row] += 1
        return [(drawn[row - first], fine[row - first]) for row in rows]

    def warm(self) -> None:
        """Run a step at every size of batch and the shorter contexts, so that nobody has to wait for it later."""
        if self._exact:
            return
        idle = torch.zeros(self.slots, dtype=torch.bool, device=self.device)
        for stop in sorted({round_up(n, self.slots) for n in range(1, self.slots + 1)}):
            for context in range(CONTEXT_STEP, 3 * CONTEXT_STEP + 1, CONTEXT_STEP):
                self._run(0, stop, min(context, self.state.kv.max_len), idle[:stop])

    def bias_stop(self, row: int, bias: float) -> None:
        """Make the end of speech likelier (positive) or less likely for a row's coming draws."""
        self.state.sampling.stop_bias[row] = bias

    def latents(self, row: int, count: int) -> Tensor:
        """Latents ``[count, dim]`` of a row's first codes."""
        return self.state.latents[row, :count]

    def attention(self, row: int, count: int, tokens: int) -> Tensor:
        """How much each of a row's first codes looked at each token, ``[count, tokens]``."""
        return self.state.attention[row, :count, :tokens]

    def scrub(self, row: int) -> None:
        """Wipe a row whose numbers went wrong: what is masked still must be finite, since 0 · NaN is NaN."""
        for tensor in (self.state.kv.keys, self.state.kv.values):
            tensor[:, row] = 0.0

    def restore(self, row: int, latents: Tensor, attention: Tensor) -> None:
        """Put back what was kept of a row's first codes."""
        self.state.latents[row, : len(latents)] = latents
        self.state.attention[row, : len(attention), : attention.shape[1]] = attention

    def _mel_rows(self, codes: Sequence[int]) -> Tensor:
        """Rows ``[1, n, dim]`` of start-of-speech and the codes behind it."""
        index = torch.tensor([codes], device=self.device)
        place = torch.arange(len(codes), device=self.device)
        return self.model.mel_rows(index, self._positions(place))

    def _positions(self, place: Tensor) -> Tensor:
        """The published sampler skips position 1: start is 0, the first code 2."""
        return place + (place > 0) if self._quirk else place

    def _extend(self, row: int, rows: Tensor, length: int) -> tuple[Tensor, Tensor]:
        active = torch.ones(1, dtype=torch.bool, device=self.device)
        self._lengths[row] = length
        return self.model.gpt.extend(rows, self.state.kv.rows(row, row + 1), active, length)

    def _feed(self, row: int, rows: Tensor, count: int, length: int) -> tuple[int, bool]:
        """Append rows to one slot and draw the code behind them, which becomes number ``count``."""
        hidden, seen = self._extend(row, rows, length)
        self.state.count[row] = count
        self.state.sampling.draws[row] = count
        active = torch.ones(1, dtype=torch.bool, device=self.device)
        code, good = self._emit(row, row + 1, hidden[:, -1], seen[:, -1], active)
        return int(code[0]), bool(good[0])

    def _run(self, first: int, stop: int, context: int, active: Tensor) -> tuple[Tensor, Tensor]:
        """A step through its recording, where there is one."""

        def run(mask: Tensor) -> tuple[Tensor, Tensor]:
            return self._step(first, stop, mask, context)

        drawn: tuple[Tensor, Tensor] = self.graphs(
            (first, stop, context), run, active, state=self._counted()
        )
        return drawn

    def _step(self, first: int, stop: int, active: Tensor, context: int) -> tuple[Tensor, Tensor]:
        state = self.state
        count = state.count[first:stop]
        last = (count - 1).clamp(min=0)
        code = state.codes[first:stop].gather(1, last[:, None])
        x = self.model.mel_rows(code, self._positions(count)[:, None])
        hidden, seen = self.model.gpt.extend(x, state.kv.rows(first, stop), active, context)
        return self._emit(first, stop, hidden[:, 0], seen[:, 0], active)

    def _emit(
        self, first: int, stop: int, hidden: Tensor, seen: Tensor, active: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Latents, attention and codes of one position, written where ``active``."""
        state = self.state
        latents, logits = self.model.heads(hidden)
        good = torch.isfinite(logits).all(1)
        config = self.model.config
        drawn = state.sampling.rows(first, stop)
        code = sample(logits, drawn, active, stop=config.stop_mel, never=config.start_mel)
        count = state.count[first:stop]
        looked = _window(seen, self.text_start, state.attention.shape[2])
        _put(state.latents[first:stop], count, latents, active)
        _put(state.attention[first:stop], count, looked, active)
        _put(state.codes[first:stop], count, code, active)
        count += active
        return code, good

    def _counted(self) -> list[Tensor]:
        """State that a second run of the same step would not leave alone."""
        state = self.state
        return [state.count, state.kv.length, state.sampling.draws, state.sampling.used]


def _window(seen: Tensor, start: int, size: int) -> Tensor:
    """``seen[:, start:start+size]``, zeros where the context ends earlier."""
    part = seen[:, start : start + size]
    return torch.nn.functional.pad(part, (0, size - part.shape[1]))


def _put(buffer: Tensor, place: Tensor, value: Tensor, active: Tensor) -> None:
    """``buffer[row, place[row]] = value[row]`` for active rows, at fixed shapes."""
    shape = (-1, 1, *(1 for _ in value.shape[1:]))
    index = place.clamp(max=buffer.shape[1] - 1).reshape(shape).expand(-1, 1, *value.shape[1:])
    old = buffer.gather(1, index)
    mask = active.reshape(shape)
    buffer.scatter_(1, index, torch.where(mask, value[:, None].to(buffer.dtype), old))
