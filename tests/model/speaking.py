"""Speaking with an IndexTTS-2 core by hand: no host, no thread, every step visible."""

from typing import Any

import numpy as np

from seiyuu.model.engine import StreamItem, StreamOptions
from seiyuu.model.indextts2.engine import IndexTTS2Core
from seiyuu.model.indextts2.job import SpeechJob
from seiyuu.streaming.errors import SeiyuuError
from seiyuu.streaming.segment import Segment

from .listening import sound

TEXTS = ("大家好,", "今天我们来玩一个新游戏!")


def make(
    checkpoint: Any, voice: Any, slots: int = 4, core: dict[str, Any] | None = None, **changes: Any
) -> IndexTTS2Core:
    """A core with chunks small enough for short texts to have several, not loaded; ``core`` are its own options."""
    options: dict[str, Any] = {
        "flow_steps": 2,
        "chunk_frames": (20, 40, 60),
        "context_frames": 12,
        "vocoder_left": 12,
        "vocoder_right": 12,
        "max_codes": 200,
        "codes_per_token": 6,
        "runaway_slack": 30,
    }
    return IndexTTS2Core(
        checkpoint,
        device="cpu",
        max_sessions=slots,
        streaming=options | changes,
        presets=(voice,),
        **(core or {}),
    )


def say(core: IndexTTS2Core, *texts: str, **options: Any) -> SpeechJob:
    """A job with its text pushed and ended."""
    job = core.open(core.voices()[0], StreamOptions(**options))
    at = 0
    for text in texts:
        job.push(Segment(text, at))
        at += len(text)
    job.end()
    return job


def run(core: IndexTTS2Core, *jobs: SpeechJob) -> list[list[StreamItem]]:
    """Step until nobody needs anything; errors are raised."""
    items, errors = run_all(core, *jobs)
    for error in errors.values():
        raise error
    return items


def run_all(
    core: IndexTTS2Core, *jobs: SpeechJob
) -> tuple[list[list[StreamItem]], dict[int, SeiyuuError]]:
    items: list[list[StreamItem]] = [[] for _ in jobs]
    errors: dict[int, SeiyuuError] = {}
    while ready := [j for j in jobs if j.ready and jobs.index(j) not in errors]:
        for output in core.step(ready):
            index = jobs.index(output.job)
            items[index] += output.items
            if output.error is not None:
                errors[index] = output.error
    return items, errors


def alone(core: IndexTTS2Core, *texts: str, **options: Any) -> np.ndarray:
    job = say(core, *texts, **options)
    made = sound(run(core, job)[0])
    job.close()
    return made
