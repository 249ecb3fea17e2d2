"""Pictures of a turn of emotion in mid-sentence: F0, level and characters, turned and as it would have been.

Needs matplotlib, which the ``[eval]`` extra brings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from ...streaming.audio import AudioChunk, Samples
from ...streaming.emotion import NEUTRAL, Emotion
from ...streaming.errors import EngineFailed
from ...streaming.segment import Language, Segment
from ...streaming.timeline import Mark
from ..compact.engine import CompactCore
from ..engine import StreamItem, StreamOptions, Turned
from ..pitch import HOP, RATE, f0_curve
from ..voice import Voice
from .recogniser import ADVICE

RAMP_MS = 120
AROUND_S = 0.25
"""Seconds behind a turn in which a step of F0 would be its doing."""

HOP_S = HOP / RATE
QUIET_DB = -60.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What was spoken: sound, character marks, and the second of the turn (None if there was none)."""

    samples: Samples
    marks: tuple[Mark, ...]
    turned_s: float | None
    sample_rate: int

    def f0_st(self) -> npt.NDArray[np.float64]:
        """Semitones re 1 Hz every 10 ms, NaN without voice."""
        f0 = f0_curve(soxr.resample(self.samples, self.sample_rate, RATE).astype(np.float32))
        semitones: npt.NDArray[np.float64] = 12 * np.log2(np.maximum(f0, 1.0))
        semitones[f0 <= 0] = np.nan
        return semitones

    def level_db(self) -> npt.NDArray[np.float64]:
        """Level every 10 ms."""
        hop = round(self.sample_rate * HOP_S)
        rows = self.samples[: len(self.samples) // hop * hop].reshape(-1, hop).astype(np.float64)
        level: npt.NDArray[np.float64] = 10 * np.log10(np.mean(rows**2, axis=1) + 1e-12)
        return np.maximum(level, QUIET_DB)


def speak(
    core: CompactCore,
    voice: Voice,
    text: str,
    language: Language,
    emotion: Emotion | None = None,
    share: float = 0.4,
    begin: Emotion = NEUTRAL,
) -> Heard:
    """Say ``text`` in the tone ``begin``, and turn to ``emotion`` when ``share`` of it has been heard."""
    job = core.open(voice, StreamOptions(language=language, emotion=begin))
    job.push(Segment(text, 0))
    job.end()
    items: list[StreamItem] = []
    while job.ready:
        items += job.step()
    length = max(item.end for item in items if isinstance(item, AudioChunk))
    if emotion is not None:
        job.turn(emotion, round(share * length), RAMP_MS)
        while job.ready:
            items += job.step()
    return _heard(items, core.info.sample_rate)


def _heard(items: Sequence[StreamItem], sample_rate: int) -> Heard:
    samples = np.zeros(0, np.float32)
    marks: list[Mark] = []
    turned_s = None
    for item in items:
        if isinstance(item, AudioChunk):
            samples = np.concatenate([samples[: item.start], item.samples])
        elif isinstance(item, Mark) and item.kind == "char":
            marks.append(item)
        elif isinstance(item, Turned):
            marks = [mark for mark in marks if mark.start < item.start]
            turned_s = item.start / sample_rate
    return Heard(samples, tuple(marks), turned_s, sample_rate)


def steps_st(heard: Heard) -> tuple[float, float]:
    """Largest step of F0 within 10 ms in the quarter of a second behind the turn, and what elsewhere is the largest
    step of as long a stretch, nineteen times of twenty. 0 without voice there."""
    assert heard.turned_s is not None
    moved = np.nan_to_num(np.abs(np.diff(heard.f0_st())))
    size = round(AROUND_S / HOP_S)
    largest = np.lib.stride_tricks.sliding_window_view(moved, size).max(axis=1)
    begin = min(round(heard.turned_s / HOP_S), len(largest) - 1)
    outside = np.delete(largest, slice(max(0, begin - size), begin + size))
    return float(largest[begin]), float(np.percentile(outside[outside > 0], 95))


def draw(path: Path, plain: Heard, turned: Heard, title: str) -> None:
    """Write one PNG: the turned take over the one it would have been.

    Raises:
        EngineFailed: matplotlib is missing.
    """
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise EngineFailed(f"pictures need {error.name!r}; install it with: {ADVICE}") from error
    figure = Figure(figsize=(11, 6), layout="constrained")
    pitch, level = figure.subplots(2, 1, sharex=True)
    for heard, colour, name in ((plain, "0.6", "as it would have been"), (turned, "C3", "turned")):
        for axes, values in ((pitch, heard.f0_st()), (level, heard.level_db())):
            axes.plot(np.arange(len(values)) * HOP_S, values, color=colour, label=name, lw=1.4)
    for axes in (pitch, level):
        axes.axvline(turned.turned_s, color="C0", ls="--", label="turn")
        axes.grid(alpha=0.3)
    _label(pitch, turned)
    pitch.set_title(title)
    pitch.set_ylabel("F0, semitones re 1 Hz")
    level.set_ylabel("level, dB re full scale")
    level.set_xlabel("seconds")
    level.legend(loc="lower left")
    figure.savefig(path, dpi=110)


def _label(axes: Any, heard: Heard) -> None:
    """The characters where they sound; those of scripts the font lacks by their number in the text."""
    low, high = axes.get_ylim()
    axes.set_ylim(low - 0.12 * (high - low), high)
    for mark in heard.marks:
        name = mark.text if mark.text.isascii() else str(mark.char_start)
        axes.text(mark.start / heard.sample_rate, low - 0.08 * (high - low), name, fontsize=8)
