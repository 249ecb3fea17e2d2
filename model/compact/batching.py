"""Frames of several utterances decided in one step of the network."""

from __future__ import annotations

from collections.abc import Sequence

from .job import CompactJob
from .prosody_ar import NetworkProsody, decide_together


def decide_ahead(jobs: Sequence[CompactJob]) -> None:
    """When the first job's next window needs frames, decide what the next windows of all jobs need, side by side.

    A job's frames are those it would have had alone: what could still change them (text that a budget waits for)
    keeps a job out, and a turn takes back whatever was not heard. Rules decide for themselves.
    """
    rows, frames = [], []
    for job in jobs:
        waits = job.ahead()
        wanted = 0
        if waits is not None and isinstance(waits[0], NetworkProsody):
            wanted = waits[1]
            rows.append(waits[0])
            frames.append(wanted)
        if job is jobs[0] and not wanted:
            return
    decide_together(rows, frames)
