"""What the engine's work costs on a GPU, counted from the sizes of the networks, and speech at those prices.

The counts (weights read, cache read, multiplications) are exact, the rates they are divided by guesses for a kind of
device. A simulation runs the engine's own stages on a clock that the prices move, with stand-ins for the networks:
it shows how the scheduling behaves, not how fast a device is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor

from ...streaming.audio import Samples
from ...streaming.clock import ManualClock
from ...streaming.segment import Segment
from ..engine import StreamOptions
from ..slots import SlotPool
from .conditioning import HOP, SAMPLE_RATE, VoiceState
from .config import ModelConfig
from .decode_stage import DecodeStage
from .decoder import Decoder
from .draw_stage import DrawStage
from .drawing import Chunk, Drawer
from .flow import FlowJob, FlowSolver
from .job import SpeechJob
from .listeners import Arrival, Listener, attend
from .options import StreamingOptions
from .passage import Passage
from .stages import Stages
from .text import Tokenizer

WEIGHTS_BYTES = 0.966e9
"""The decoder's blocks and head in half precision, read once a step whatever the batch."""
CACHE_BYTES = 122_880
"""Keys and values of one position."""
PREFILL_FLOP = 1.0e9
"""A position of a text, or of codes spoken before a turn."""
VOCODER_FLOP = 1.833e9
"""A mel frame."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Rates of a device: usable bytes a second, multiplications a second in the flow decoder and the vocoder, and
    what a call costs at least. ``chunk_s`` is the host's share of setting up and aligning one chunk."""

    bandwidth: float = 2.5e12
    flow: float = 200e12
    vocoder: float = 60e12
    step_s: float = 0.4e-3
    euler_s: float = 1.5e-3
    prefill_s: float = 5e-3
    chunk_s: float = 8e-3

    def decode(self, rows: int, context: float) -> float:
        """Seconds of one step."""
        return self.step_s + (WEIGHTS_BYTES + rows * context * CACHE_BYTES) / self.bandwidth

    def prefill(self, positions: int) -> float:
        """Seconds to bring a text, and the codes behind it, into a row."""
        return self.prefill_s + positions * PREFILL_FLOP / self.flow

    def euler(self, frames: int, sessions: int) -> float:
        """Seconds of one guided step of so many sessions, padded to ``frames``."""
        flop = 2 * sessions * frames * (148.5e6 + 0.0266e6 * frames)
        return max(self.euler_s, flop / self.flow)

    def play(self, frames: int) -> float:
        """Seconds of the vocoder and of all else that a chunk needs."""
        return self.chunk_s + frames * VOCODER_FLOP / self.vocoder


class _Speaker:
    """Stands for the decoder: codes that never loop, about eleven a token."""

    CODES_PER_TOKEN = 11

    def __init__(self, clock: ManualClock, prices: Prices, slots: int) -> None:
        self.device = torch.device("cpu")
        self.model = self
        self.config = ModelConfig().gpt
        self._clock = clock
        self._prices = prices
        self._left = [0] * slots
        self._context = [0] * slots
        self._drawn = 0

    def conditions(self, *_: object) -> Tensor:
        return torch.zeros(1, 1, 1)

    def head(self, _: Tensor) -> tuple[Tensor, Tensor]:
        return torch.zeros(1), torch.zeros(1)

    def begin(
        self, row: int, _: object, text: Sequence[int], *, codes: Sequence[int] = (), **__: object
    ) -> tuple[int, bool]:
        self._left[row] = len(text) * self.CODES_PER_TOKEN - len(codes)
        self._context[row] = 36 + len(text) + len(codes)
        self._clock.advance(self._prices.prefill(len(text) + len(codes)))
        return self._code(row)

    def turn(
        self, row: int, _: object, text: Sequence[int], count: int, *__: object, **___: object
    ) -> tuple[int, bool]:
        self._left[row] = len(text) * self.CODES_PER_TOKEN - count
        self._context[row] = 36 + len(text) + count
        self._clock.advance(self._prices.prefill(len(text)))
        return self._code(row)

    def step(self, rows: Sequence[int]) -> list[tuple[int, bool]]:
        context = sum(self._context[row] for row in rows) / len(rows)
        self._clock.advance(self._prices.decode(len(rows), context))
        return [self._code(row) for row in rows]

    def _code(self, row: int) -> tuple[int, bool]:
        self._left[row] -= 1
        self._context[row] += 1
        self._drawn += 1
        return (self._drawn % 8000 if self._left[row] >= 0 else self.config.stop_mel), True

    def latents(self, _: int, count: int) -> Tensor:
        return torch.zeros(count, 1)

    def attention(self, _: int, count: int, tokens: int) -> Tensor:
        return torch.eye(tokens).repeat_interleave(self.CODES_PER_TOKEN, 0)[:count]

    def restore(self, *_: object) -> None: ...

    def bias_stop(self, *_: object) -> None: ...


class _Painter:
    """Stands for solver and vocoder: mel and sound of zeros, at their price."""

    def __init__(
        self, clock: ManualClock, prices: Prices, options: StreamingOptions, bucket: int = 64
    ) -> None:
        self._clock = clock
        self._prices = prices
        self._options = options
        self._bucket = bucket

    def prepare(
        self, passage: Passage, _: object, __: object, ___: int, span: tuple[int, int, int]
    ) -> Chunk:
        start, stop, ahead = span
        known = self._options.prompt_frames + min(start, self._options.context_frames)
        time = known + stop + ahead - start
        none = torch.zeros(time, 1)
        flow = FlowJob(torch.zeros(1, time), torch.zeros(1, known), none, torch.zeros(1))
        return Chunk(start, stop, ahead, none[: stop - start], flow)

    def advance(self, jobs: Sequence[FlowJob]) -> None:
        frames = -(-max(job.time for job in jobs) // self._bucket) * self._bucket
        self._clock.advance(self._prices.euler(frames, len(jobs)))
        for job in jobs:
            job.step += 1

    def finished(self, job: FlowJob) -> bool:
        return job.step >= self._options.flow_steps

    def finish(self, passage: Passage, chunk: Chunk) -> Samples:
        new = chunk.stop - chunk.start
        passage.commit(chunk.flow.drawn[:, :new], chunk.content)
        self._clock.advance(self._prices.play(new + self._options.vocoder_left + 20))
        samples: Samples = torch.zeros(new * HOP).numpy()
        return samples


def simulate(
    arrivals: Sequence[Arrival],
    text: str,
    segments: int,
    tokenizer: Tokenizer,
    *,
    prices: Prices | None = None,
    options: StreamingOptions | None = None,
    until_s: float = 300.0,
) -> list[Listener]:
    """Sessions that each say ``text`` ``segments`` times, at the prices of a device, in no time at all."""
    prices, options = prices or Prices(), options or StreamingOptions()
    clock = ManualClock()
    slots = SlotPool(len(arrivals))
    speaker = cast(Decoder, _Speaker(clock, prices, len(arrivals)))
    painter: Any = _Painter(clock, prices, options)
    draw = DrawStage(speaker, cast(FlowSolver, painter), cast(Drawer, painter), options)
    stages = Stages(DecodeStage(speaker, options), draw, options, options.flow_batch)
    one, manners = torch.zeros(1, 1), cast(Mapping[str, Tensor], {})
    voice = VoiceState("nobody", one, one, torch.zeros(8, 1), one[0], one, one, manners)

    def begin(arrival: Arrival) -> SpeechJob:
        slot = slots.take()
        assert slot is not None
        chosen = StreamOptions(seed=arrival.seed)
        job = SpeechJob(slot, voice, chosen, tokenizer, options, HOP, SAMPLE_RATE, slots.give_back)
        for i in range(segments):
            job.push(Segment(text, i * len(text)))
        job.end()
        return job

    return attend(stages.step, begin, arrivals, clock, clock.advance, until_s)
