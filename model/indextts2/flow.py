"""The flow decoder's solver: noise to mel in a few Euler steps, many sessions at once, each at its own time.

A job keeps its place between calls, so jobs may join and leave the batch at any step (streaming servers call this
continuous batching). Rows are padded to a common length and masked; every row gives what it gives alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass

import torch
from torch import Tensor

from ..layers.graphs import round_up
from .dit import Estimator, TimeCondition

STEPS = 25
GUIDANCE = 0.7
MOST_ROWS = 64


@dataclass(slots=True)
class FlowJob:
    """One stretch of mel being drawn.

    ``x [bins, time]`` starts as noise; ``prompt [bins, prompted]`` is mel already known at its head, ``content [time,
    content]`` and ``style [style]`` steer it. ``step`` counts the Euler steps done.
    """

    x: Tensor
    prompt: Tensor
    content: Tensor
    style: Tensor
    step: int = 0

    def __post_init__(self) -> None:
        self.x[:, : self.prompt.shape[1]] = 0.0

    @property
    def time(self) -> int:
        return self.x.shape[1]

    @property
    def drawn(self) -> Tensor:
        """The new mel ``[bins, time − prompted]``."""
        return self.x[:, self.prompt.shape[1] :]


Velocity = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor, TimeCondition], Tensor]


class FlowSolver:
    """Advances jobs by whole Euler steps with classifier-free guidance (Ho & Salimans 2022).

    ``dtype`` is what the transformer computes in; the state, the update and the last layers stay in float32.
    Batches are padded to a multiple of ``bucket`` frames and to a power of two of rows, so that few shapes occur; a
    bucket of 1 pads only to the longest row.
    ``velocity`` replaces the plain call of the estimator (CUDA graphs do).
    """

    def __init__(
        self,
        estimator: Estimator,
        *,
        steps: int = STEPS,
        guidance: float = GUIDANCE,
        dtype: torch.dtype = torch.float32,
        bucket: int = 1,
        velocity: Velocity | None = None,
    ) -> None:
        device = estimator.conv2.weight.device
        self._estimator = estimator
        span = torch.linspace(0, 1, steps + 1)
        self.steps = steps
        self._dt = float(span[1] - span[0])
        self._guidance = guidance
        self._bins = estimator.conv2.weight.shape[0]
        self._bucket = bucket
        times = torch.zeros(steps)
        for i in range(1, steps):  # accumulated, as the published solver does
            times[i] = times[i - 1] + (span[1] - span[0])
        self._table = estimator.condition(times.to(device)).cast(dtype)
        if dtype != torch.float32:
            estimator.lower(dtype)
        self._velocity: Velocity = velocity or estimator

    def plain(self) -> FlowSolver:
        """The same without recordings and without padding to their sizes."""
        other = copy(self)
        other._velocity, other._bucket = self._estimator, 1
        return other

    def advance(self, jobs: Sequence[FlowJob]) -> None:
        """One Euler step for each of ``jobs``, none of which is finished."""
        batch = self._batch(jobs)
        velocity = self._velocity(*batch)
        conditional, free = velocity.float().chunk(2)
        guided = (1 + self._guidance) * conditional - self._guidance * free
        rows = zip(jobs, guided, strict=False)  # spare rows of a padded batch come last
        moved = [job.x + self._dt * v[:, : job.time] for job, v in rows]
        for job, x in zip(
            jobs, moved, strict=True
        ):  # all or none, should the device run out of memory
            x[:, : job.prompt.shape[1]] = 0.0
            job.x = x
            job.step += 1

    def warm(self, times: Sequence[int], batches: Sequence[int], content: int, style: int) -> None:
        """Run a step at these lengths and batch sizes, so that nobody has to wait for it later."""
        device, bins = self._table.closing.device, self._bins
        for time in times:
            for batch in batches:
                zeros = torch.zeros(bins, time, device=device)
                flat = torch.zeros(time, content, device=device)
                person = torch.zeros(style, device=device)
                jobs = [FlowJob(zeros.clone(), zeros[:, :1], flat, person) for _ in range(batch)]
                self.advance(jobs)

    def finished(self, job: FlowJob) -> bool:
        return job.step >= self.steps

    def solve(self, job: FlowJob) -> Tensor:
        """All steps of one job; the new mel ``[bins, time − prompted]``."""
        while not self.finished(job):
            self.advance([job])
        return job.drawn

    def _batch(
        self, jobs: Sequence[FlowJob]
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, TimeCondition]:
        """Padded inputs, all conditional rows first, then as many rows told nothing but the noise."""
        n = len(jobs) if self._bucket == 1 else round_up(len(jobs), MOST_ROWS)
        longest = max(job.time for job in jobs)
        time = -(-longest // self._bucket) * self._bucket
        first = jobs[0]
        x = first.x.new_zeros(2 * n, first.x.shape[0], time)
        prompt = torch.zeros_like(x)
        content = first.content.new_zeros(2 * n, time, first.content.shape[1])
        style = first.style.new_zeros(2 * n, first.style.shape[0])
        for i, job in enumerate(jobs):
            x[i, :, : job.time] = x[n + i, :, : job.time] = job.x
            prompt[i, :, : job.prompt.shape[1]] = job.prompt
            content[i, : job.time] = job.content
            style[i] = job.style
        spare = n - len(jobs)  # rows that fill the batch up to a size that was recorded
        lengths = torch.tensor(([job.time for job in jobs] + [time] * spare) * 2, device=x.device)
        step = torch.tensor(([job.step for job in jobs] + [0] * spare) * 2, device=x.device)
        return x, prompt, content, style, lengths, self._table.rows(step)
