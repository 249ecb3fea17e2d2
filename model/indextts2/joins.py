"""How well speech made in chunks hangs together: mel at the joins, and the vocoder's share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ...streaming.segment import Segment
from ..engine import StreamOptions
from ..vocoder.overlap import play_part
from ..voice import Voice
from .engine import IndexTTS2Core
from .job import SpeechJob

NEAR = 4
"""Frames on either side of a join that count as being at it."""


@torch.inference_mode()
def measure_joins(core: IndexTTS2Core, voice: Voice, text: str, seed: int = 0) -> dict[str, float]:
    """Speak the first passage of ``text`` in chunks, draw the same codes in one piece, and compare."""
    job = core.open(voice, StreamOptions(seed=seed))
    try:
        borders = _speak(core, job, text)
        passage = job.passages[0]
        latents = core._decoder.latents(job.slot.index, len(passage.codes))
        span = (0, passage.committed, 0)
        whole = core._drawer.prepare(passage, job.voice, latents, job.seed, span)
        assert passage.mel is not None
        chunked = passage.mel.float().cpu()
        return compare(chunked, core._solver.solve(whole.flow).float().cpu(), borders)
    finally:
        job.close()


def compare(chunked: Tensor, whole: Tensor, borders: Sequence[int]) -> dict[str, float]:
    """Mel ``[bins, frames]`` in chunks against in one piece; ``borders`` are the first frames of later chunks.

    ``difference…`` is the mean distance of the two per bin, ``step…`` the mean distance of neighbouring frames in each:
    at the joins as large as elsewhere is no join at all.
    """
    frames = chunked.shape[1]
    at = torch.zeros(frames, dtype=torch.bool)
    for border in borders:
        at[max(0, border - NEAR) : border + NEAR] = True
    crossing = torch.zeros(frames - 1, dtype=torch.bool)
    crossing[[border - 1 for border in borders]] = True
    apart = (chunked - whole).abs().mean(0)
    steps = {
        name: mel.diff(dim=1).abs().mean(0) for name, mel in (("", chunked), ("_whole", whole))
    }
    found = {
        "frames": frames,
        "joins": len(borders),
        "difference_at_joins": _mean(apart[at]),
        "difference_elsewhere": _mean(apart[~at]),
        "difference_of_level": float((chunked.mean(0) - whole.mean(0)).abs().mean()),
    }
    for name, step in steps.items():
        found[f"step{name}_at_joins"] = _mean(step[crossing])
        found[f"step{name}_elsewhere"] = _mean(step[~crossing])
    return {key: round(value, 5) for key, value in found.items()}


def vocoder_error(
    vocoder: Callable[[Tensor], Tensor], mel: Tensor, size: int, context: int
) -> float:
    """Largest distance of samples played ``size`` frames at a time, with ``context`` frames on either side, from those
    of ``mel [bins, frames]`` played at once."""
    whole = vocoder(mel[None])[0]
    edges = [*range(0, mel.shape[1], size), mel.shape[1]]
    parts = [
        play_part(vocoder, mel, start, stop, context, context)
        for start, stop in zip(edges, edges[1:], strict=False)
    ]
    return float((torch.cat(parts) - whole).abs().max())


def _speak(core: IndexTTS2Core, job: SpeechJob, text: str) -> list[int]:
    """Speak the first passage of ``text`` to its end; where its later chunks began."""
    job.push(Segment(text, 0))
    job.end()
    borders: list[int] = []
    while job.ready and (not job.passages or not job.passages[0].spoken):
        for output in core.step([job]):
            if output.error is not None:
                raise output.error
        committed = job.passages[0].committed if job.passages else 0
        if committed and (not borders or committed > borders[-1]):
            borders.append(committed)
    return borders[:-1]


def _mean(values: Tensor) -> float:
    return float(values.mean()) if len(values) else 0.0
