"""Bursts of drawing: a few Euler steps for many sessions, and sound for those that come to their end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ..core import Output
from ..scheduler import attempt, divide
from .alignment import sharpen, starts
from .decoder import Decoder
from .drawing import Drawer
from .flow import FlowSolver
from .job import SpeechJob
from .options import StreamingOptions
from .passage import Passage


class DrawStage:
    """Codes and latents to mel to samples, for all jobs that have enough of them."""

    def __init__(
        self, decoder: Decoder, solver: FlowSolver, drawer: Drawer, options: StreamingOptions
    ) -> None:
        self._decoder = decoder
        self._solver = solver
        self._drawer = drawer
        self._options = options

    def run(self, jobs: Sequence[SpeechJob]) -> list[Output[SpeechJob]]:
        """A few Euler steps for all; those that come to their end are played."""
        outputs: list[Output[SpeechJob]] = []
        active: list[SpeechJob] = []
        for job in jobs:
            if job.drawing is None and attempt(torch.OutOfMemoryError, self._prepare, job):
                outputs.append(job.crowded_out())
            elif job.drawing is None:
                outputs.append(Output(job, job.drawn(np.zeros(0, np.float32), True, [])))
            else:
                active.append(job)
        for _ in range(self._options.flow_burst):
            unfinished = [job for job in active if not self._is_drawn(job)]
            if not unfinished:
                break
            for job, _error in divide(unfinished, self._advance, torch.OutOfMemoryError):
                active.remove(job)
                outputs.append(job.crowded_out())
        return outputs + [self._play(job) for job in active if self._is_drawn(job)]

    def _is_drawn(self, job: SpeechJob) -> bool:
        return job.drawing is not None and self._solver.finished(job.drawing.flow)

    def _advance(self, jobs: Sequence[SpeechJob]) -> None:
        self._solver.advance([job.drawing.flow for job in jobs if job.drawing is not None])

    def _prepare(self, job: SpeechJob) -> None:
        """Set up the next chunk, unless there is nothing in it."""
        span = job.chunk()
        assert span is not None
        start, stop, ahead = span
        if stop <= start:
            return
        passage = job.current
        needed = len(passage.codes)
        if ahead:
            needed = min(passage.stretch.codes_for(stop + ahead), needed)
        latents = self._latents(job, passage)[:needed]
        job.drawing = self._drawer.prepare(passage, job.voice, latents, job.seed, span)

    def _latents(self, job: SpeechJob, passage: Passage) -> Tensor:
        """Latents of all codes: from the decode steps, or, where those saw other positions, from a second pass."""
        if self._options.mel_positions == "reference":
            gpt = self._decoder.model
            assert passage.vector is not None
            conditions = gpt.conditions(job.voice.latents, passage.vector)
            dtype = gpt.mel_head.weight.dtype
            prefix = torch.cat([conditions.to(dtype), gpt.text_rows(passage.ids)], 1)
            codes = torch.tensor(passage.codes, device=prefix.device)
            return gpt.latents(prefix, codes)[0]
        if job.holder is passage:
            return self._decoder.latents(job.slot.index, len(passage.codes))
        assert passage.latents is not None
        return passage.latents

    def _play(self, job: SpeechJob) -> Output[SpeechJob]:
        """Commit a drawn chunk, and give its samples and marks."""
        outputs: list[Output[SpeechJob]] = []
        if attempt(torch.OutOfMemoryError, lambda: outputs.append(self._played(job))):
            return job.crowded_out()
        return outputs[0]

    def _played(self, job: SpeechJob) -> Output[SpeechJob]:
        chunk, job.drawing = job.drawing, None
        assert chunk is not None
        if not bool(torch.isfinite(chunk.flow.drawn).all()):
            return job.failed("the flow decoder's numbers went wrong")
        passage = job.current
        samples = self._drawer.finish(passage, chunk)
        if not np.isfinite(samples).all():
            return job.failed("the vocoder's numbers went wrong")
        last = chunk.ahead == 0
        return Output(job, job.drawn(samples, last, self._starts(job, passage, last)))

    def _starts(self, job: SpeechJob, passage: Passage, last: bool) -> list[int]:
        """First codes of the passage's tokens, as far as they can be told."""
        count, tokens = len(passage.codes), len(passage.tokens)
        if job.holder is passage:
            attention = self._decoder.attention(job.slot.index, count, tokens)
        else:
            assert passage.attention is not None
            attention = passage.attention[:count, :tokens]
        scores = sharpen(attention.float().cpu().numpy())
        return starts(scores, fixed=passage.starts, finished=last)
