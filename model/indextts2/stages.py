"""One step of the engine: say, decode or draw, whichever the most urgent job waits for."""

from __future__ import annotations

from collections.abc import Sequence

from ..core import Output
from ..scheduler import plan
from .decode_stage import DecodeStage
from .draw_stage import DrawStage
from .job import Need, SpeechJob
from .options import StreamingOptions


class Stages:
    """The kinds of work, and who shares them; ``flow_batch`` sessions at most are drawn together."""

    def __init__(
        self, decode: DecodeStage, draw: DrawStage, options: StreamingOptions, flow_batch: int
    ) -> None:
        self._decode = decode
        self._draw = draw
        self._options = options
        self.flow_batch = flow_batch

    def step(self, jobs: Sequence[SpeechJob]) -> list[Output[SpeechJob]]:
        """What the first of ``jobs``, the most urgent, waits for, with all that can share it.

        While somebody waits for a first packet only a few are drawn together: an Euler step of one session takes
        hardly less time than one of four, but one of sixteen takes several times as long. Decoding reads the
        same weights for one row as for forty, so everybody may join.
        """
        if not jobs:
            return []
        drawn_together = self.flow_batch
        if jobs[0].awaited:
            drawn_together = min(drawn_together, self._options.first_batch)
        chosen = plan([job.needs() for job in jobs], {Need.DRAW: drawn_together})
        if chosen is None:
            return []
        picked = [jobs[i] for i in chosen.jobs]
        if chosen.need is Need.SAY:
            return [Output(job, job.say(), job.error) for job in picked]
        if chosen.need is Need.DECODE:
            return self._decode.run(picked)
        return self._draw.run(picked)
