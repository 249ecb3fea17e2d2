"""Bursts of decoding: which rows step together, what is computed when one begins or turns, what a new code means."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..core import Output
from ..scheduler import attempt, divide
from .decoder import Decoder, Head
from .guard import astray, stop_bias
from .job import SpeechJob
from .options import StreamingOptions
from .passage import Passage

HEADS_KEPT = 128
"""Voices and emotions whose conditioning rows are remembered: 4 MB each at full size."""


@dataclass(slots=True, eq=False)
class _Row:
    """A job in a burst, and how many codes it may still take."""

    job: SpeechJob
    passage: Passage
    left: int


class DecodeStage:
    """Text and emotion to codes, for all jobs that wait for some."""

    def __init__(self, decoder: Decoder, options: StreamingOptions) -> None:
        self._decoder = decoder
        self._options = options
        self._heads: OrderedDict[tuple[object, ...], Head] = OrderedDict()

    def run(self, jobs: Sequence[SpeechJob]) -> list[Output[SpeechJob]]:
        """A burst of codes; it ends early when the most urgent job has what it waits for.

        What each job may take is asked once: a step is shorter than asking forty jobs again.
        """
        rows = [_Row(job, *job.decoding(ahead=True)) for job in jobs]
        _, urgent = jobs[0].decoding(ahead=False)
        failed: list[Output[SpeechJob]] = []
        for _ in range(min(self._options.decode_burst, urgent or self._options.decode_burst)):
            able = [row for row in rows if row.left > 0 and not row.passage.done]
            if not able or rows[0] not in able:
                break
            failed += self._step(able)
        return failed

    def _step(self, rows: Sequence[_Row]) -> list[Output[SpeechJob]]:
        """One code for each job: those that begin or turn one by one, the others in one batch."""
        results: dict[int, tuple[int, bool]] = {}
        steady: list[_Row] = []
        lost: list[_Row] = []
        for row in rows:
            vector = row.job.vector_due(row.passage)
            if row.job.holder is row.passage and row.passage.vector is not None and vector is None:
                steady.append(row)
            elif attempt(torch.OutOfMemoryError, self._begin, row, vector, results):
                lost.append(row)

        def work(part: Sequence[_Row]) -> None:
            drawn = self._decoder.step([row.job.slot.index for row in part])
            results.update(zip(map(id, part), drawn, strict=True))

        if steady:
            lost += [row for row, _ in divide(steady, work, torch.OutOfMemoryError)]
        outputs = [row.job.crowded_out() for row in lost]
        for row in rows:
            row.left -= 1
            if id(row) in results and not self._accept(row.job, row.passage, *results[id(row)]):
                self._decoder.scrub(row.job.slot.index)
                outputs.append(row.job.failed("the decoder's numbers went wrong"))
            if row.job.error is not None:
                row.left = 0
        return outputs

    def _begin(
        self, row: _Row, vector: Tensor | None, results: dict[int, tuple[int, bool]]
    ) -> None:
        results[id(row)] = self._enter(row.job, row.passage, vector)

    def _enter(self, job: SpeechJob, passage: Passage, vector: Tensor | None) -> tuple[int, bool]:
        """Bring a passage into its slot, or turn it there; draws one code."""
        row = job.slot.index
        if job.holder is not passage:
            self._leave(job)
        continues = job.holder is passage and passage.vector is not None
        if vector is None and passage.vector is None:
            vector = job.voice.vector(passage.emotion)
            passage.wanted_codes = job.codes_budgeted(passage)
        passage.vector = vector if vector is not None else passage.vector
        head = self._head(job, passage)
        if continues and passage.codes and self._options.turn != "reprefill":
            with_text = self._options.turn == "prefix_text"
            return self._decoder.turn(
                row, head, passage.ids, len(passage.codes), passage.purpose, with_text=with_text
            )
        drawn = self._decoder.begin(
            row,
            head,
            passage.ids,
            seed=job.seed,
            purpose=passage.purpose,
            options=self._options.sampling,
            codes=passage.codes,
        )
        if job.holder is not passage and passage.latents is not None:
            assert passage.attention is not None
            kept = len(passage.codes)
            self._decoder.restore(row, passage.latents[:kept], passage.attention[:kept])
        job.holder = passage
        return drawn

    def _leave(self, job: SpeechJob) -> None:
        """Keep what the slot knows of a passage before another one takes it."""
        left = job.holder
        if left is not None and left.vector is not None:
            row, count = job.slot.index, len(left.codes)
            left.latents = self._decoder.latents(row, count).clone()
            left.attention = self._decoder.attention(row, count, len(left.tokens)).clone()

    def _head(self, job: SpeechJob, passage: Passage) -> Head:
        """Keys and values of the conditioning rows; those of recent voices and emotions are kept."""
        assert passage.vector is not None
        key = (job.voice.key, passage.wanted_codes, tuple(passage.vector[0].tolist()))
        if key in self._heads:
            self._heads.move_to_end(key)
            return self._heads[key]
        conditions = self._decoder.model.conditions(
            job.voice.latents, passage.vector, passage.wanted_codes, self._options.count_layout
        )
        head = self._decoder.head(conditions)
        self._heads[key] = head
        if len(self._heads) > HEADS_KEPT:
            self._heads.popitem(last=False)
        return head

    def _accept(self, job: SpeechJob, passage: Passage, code: int, good: bool) -> bool:
        """Take one code; False when the row is broken."""
        if not good:
            return False
        if code == self._decoder.model.config.stop_mel:
            passage.done = True
        else:
            passage.codes.append(code)
        lost = astray(passage, self._options)
        if lost and not passage.committed and passage.attempt < self._options.retries:
            tried = passage.attempt + 1
            passage.forget_speech()
            passage.attempt = tried
        elif lost or len(passage.codes) >= self._options.limit(len(passage.tokens)):
            passage.done = True
        elif passage.wanted_codes and (bias := stop_bias(passage)) is not None:
            self._decoder.bias_stop(job.slot.index, bias)
        return True
