"""Turns of emotion in mid-sentence: does pitch, level or the wave step there as unturned speech does not?

Speech steps by itself, at bursts and where voice sets in. So the largest step around each turn is held against the
largest steps of all stretches as long in speech that was never turned: the same text by the same voice, once in the
tone before and once in the tone after. Of such stretches 1 % lie above their own 99th percentile; of the turns no
more should.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ...streaming.audio import Samples
from ...streaming.emotion import AXES, NEUTRAL, Emotion
from ...streaming.segment import Language
from ..compact.engine import CompactCore
from ..voice import Voice
from .picture import AROUND_S, HOP_S, Heard, speak
from .sentences import sentences

EMOTIONS = tuple(axis for axis in AXES if axis != "neutral")
INTENSITIES = (1.0, 0.6, 0.3)
SHARES = (0.15, 0.8)
"""Where a turn may come, as shares of the utterance."""

BEFORE = 2
"""Hops in front of the turn that belong to it: a step across it begins there."""

AUDIBLE_DB = -50.0
KINDS = ("f0_step_st", "level_step_db", "jump")

Rows = npt.NDArray[np.float64]
Progress = Callable[[str], None]


def largest_steps(heard: Heard) -> Rows:
    """Largest steps in the stretch that begins at each hop, ``[hops, 3]`` by :data:`KINDS`; NaN where there are none.

    F0 and level are compared at a distance of 10 ms, where both ends have voice or can be heard; a jump is a second
    difference of samples.
    """
    level = heard.level_db()
    quiet = level < AUDIBLE_DB
    pitch_steps = np.abs(np.diff(heard.f0_st()[: len(level)]))
    level_steps = np.where(quiet[1:] | quiet[:-1], np.nan, np.abs(np.diff(level)))
    size = round(AROUND_S / HOP_S)
    rows = [pitch_steps, level_steps, _jumps(heard.samples, len(level) - 1, heard.sample_rate)]
    windows = np.lib.stride_tricks.sliding_window_view(np.stack(rows, axis=1), size, axis=0)
    largest: Rows = np.fmax.reduce(windows, axis=2)
    return largest


def _jumps(samples: Samples, hops: int, sample_rate: int) -> Rows:
    hop = round(sample_rate * HOP_S)
    jumps: Rows = np.abs(np.diff(samples.astype(np.float64), 2))[: hops * hop]
    padded = np.pad(jumps, (0, hops * hop - len(jumps)))
    largest: Rows = padded.reshape(hops, hop).max(axis=1)
    return largest


class Turning:
    """Many turns of one language, and the stretches they are held against."""

    def __init__(self) -> None:
        self._turns: list[Rows] = []
        self._others: list[Rows] = []

    def add(self, turned: Heard, unturned: Sequence[Heard]) -> None:
        """A take that was turned, and takes of the same text that were not."""
        assert turned.turned_s is not None
        steps = largest_steps(turned)
        at = round(turned.turned_s / HOP_S) - BEFORE
        self._turns.append(steps[min(max(at, 0), len(steps) - 1)])
        self._others += [largest_steps(heard) for heard in unturned]

    def summary(self) -> dict[str, Any]:
        """How many turns there were, and of each kind of step what was found at them and elsewhere."""
        turns, others = np.stack(self._turns), np.concatenate(self._others)
        return {
            "turns": len(turns),
            **{
                kind: _held_against(turns[:, n], others[:, n], 4 if kind == "jump" else 2)
                for n, kind in enumerate(KINDS)
            },
        }


def _held_against(turns: Rows, others: Rows, digits: int) -> dict[str, float]:
    turns, others = turns[~np.isnan(turns)], others[~np.isnan(others)]
    limit = np.percentile(others, 99)
    found = {
        "p50": np.median(turns),
        "p50_elsewhere": np.median(others),
        "p95": np.percentile(turns, 95),
        "p95_elsewhere": np.percentile(others, 95),
        "p99_elsewhere": limit,
        "largest": turns.max(),
        "largest_elsewhere": others.max(),
    }
    above = {"n": len(turns), "above_p99": int((turns > limit).sum())}
    return above | {name: round(float(value), digits) for name, value in found.items()}


def turning(
    core: CompactCore,
    voices: Sequence[Voice],
    language: Language,
    count: int,
    *,
    seed: int = 1,
    progress: Progress = lambda text: None,
) -> dict[str, Any]:
    """``count`` utterances, each turned once from neutral to another emotion somewhere in its middle."""
    rng = np.random.default_rng(seed)
    texts = sentences(language)
    found = Turning()
    for n in range(count):
        text, voice = texts[n % len(texts)], voices[n % len(voices)]
        progress(f"{language} {n + 1}/{count} {voice.name}: {text[:24]}")
        axis = EMOTIONS[n % len(EMOTIONS)]
        emotion = Emotion.of(axis, INTENSITIES[n // len(EMOTIONS) % len(INTENSITIES)])
        turned = speak(core, voice, text, language, emotion, float(rng.uniform(*SHARES)))
        others = [speak(core, voice, text, language, begin=tone) for tone in (NEUTRAL, emotion)]
        found.add(turned, others)
    return found.summary()
