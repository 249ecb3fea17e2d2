"""What a clip tells of how it is said: pitch, its range and movement, voice quality and pace, in numbers.

In the manner of Eyben et al., "The Geneva minimalistic acoustic parameter set", IEEE Trans. Affective Computing 7
(2016) 190–202, computed here. Everything is taken over the whole clip, so that longer clips tell more; level itself
says nothing. How periodic a band is tells breath: aspiration noise drowns the harmonics above 2.5 kHz first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..streaming.audio import Samples
from .pitch import f0_curve
from .speaker import LEVEL_DB, RATE, mel_bank

HOP, WINDOW, FFT = 160, 640, 1024
BANDS = 26
COEFFICIENTS = 12
PERIODIC_HZ = ((300, 1000), (1000, 2500), (2500, 4000), (4000, 7000))
"""Bands whose periodicity is measured."""

PITCH, SPECTRUM, PERIODICITY, PACE = 20, 2 * BANDS + BANDS // 2 + 7, 3 * len(PERIODIC_HZ), 10
MANNER = PITCH + SPECTRUM + PERIODICITY + PACE
"""Numbers in all."""

SHORTEST_VOICED = 12
"""Frames of voice that a stretch needs for its melody to count."""

PAUSE_DB, PAUSE, SHORTEST, EDGE = -38.0, 20, 50, 3
"""A pause is so far below the loudest moments and so many frames of 10 ms long; a clause has so many frames at least,
and is taken with so many on both sides."""

MIDDLE_HZ = 160.0
_QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
MEDIAN_PITCH = 3
"""Place of F0's median, in semitones about :data:`MIDDLE_HZ`."""


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A stretch of speech every 10 ms: ``f0 [n]`` Hz, ``bands [n, 26]`` dB, ``power [n]``, and how periodic four
    bands are, ``periodic [n, 4]``.
    """

    f0: Samples
    bands: Samples
    power: Samples
    periodic: Samples


def manner(stretches: Sequence[Samples]) -> Samples:
    """Features of the stretches of speech of one clip at 16 kHz, ``[114]``; zeros where hardly anything is voiced."""
    parts = [part for stretch in stretches for part in clauses(stretch)]
    found = [heard(part) for part in levelled(parts)]
    if sum(int(np.count_nonzero(part.f0)) for part in found) < SHORTEST_VOICED:
        return np.zeros(MANNER, np.float32)
    made = np.concatenate([_pitch(found), _colour(found), _pace(found)])
    finite: Samples = np.nan_to_num(made).astype(np.float32)
    return finite


def clauses(stretch: Samples) -> list[Samples]:
    """A stretch cut at its pauses, which would count as soft sound else; all of it where nothing is long enough."""
    frames = stretch[: len(stretch) // HOP * HOP].reshape(-1, HOP)
    level = np.sqrt(np.mean(np.square(frames, dtype=np.float64), axis=1))
    if not len(level):
        return [stretch]
    sounding = level >= np.quantile(level, 0.95) * 10 ** (PAUSE_DB / 20)
    at = np.flatnonzero(sounding)
    if not len(at):
        return [stretch]
    # A new clause begins where the last sound was a pause ago.
    begins = at[np.flatnonzero(np.diff(at, prepend=-2 * PAUSE) > PAUSE)]
    ends = at[np.flatnonzero(np.diff(at, append=2 * len(level) + PAUSE) > PAUSE)] + 1
    spans = [(b, e) for b, e in zip(begins, ends, strict=True) if e - b >= SHORTEST]
    made = [stretch[max(0, b - EDGE) * HOP : (e + EDGE) * HOP] for b, e in spans]
    return made or [stretch]


def levelled(stretches: Sequence[Samples]) -> list[Samples]:
    """The stretches, all raised by the same factor to the level the features are taken at."""
    joined = np.concatenate([np.zeros(1), *stretches])
    rms = float(np.sqrt(np.mean(np.square(joined))))
    factor = np.float32(10 ** (LEVEL_DB / 20) / max(rms, 1e-7))
    return [np.asarray(stretch * factor, np.float32) for stretch in stretches]


def heard(samples: Samples) -> Heard:
    """One stretch taken apart."""
    f0 = f0_curve(samples)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(samples, WINDOW // 2), WINDOW)[::HOP]
    power = np.square(np.abs(np.fft.rfft(windows * np.hanning(WINDOW), FFT, axis=1))) + 1e-10
    count = min(len(power), len(f0))
    power, f0 = power[:count], f0[:count]
    bands = 10 * np.log10(power @ mel_bank(BANDS, FFT, RATE).T + 1e-10)
    return Heard(f0, bands, power.sum(axis=1), _periodicity(power, f0))


def _periodicity(power: np.ndarray, f0: Samples) -> np.ndarray:
    """Autocorrelation of each band at the period of F0, 0 where unvoiced, ``[n, 4]``."""
    found = np.zeros((len(f0), len(PERIODIC_HZ)))
    voiced = np.flatnonzero(f0 > 0)
    if not len(voiced):
        return found
    hz = np.arange(FFT // 2 + 1) * RATE / FFT
    shape = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(WINDOW), 4 * FFT)) ** 2)[:WINDOW]
    fade = np.interp(RATE / f0[voiced], np.arange(WINDOW), shape / shape[0])
    for place, (low, high) in enumerate(PERIODIC_HZ):
        inside = (hz >= low) & (hz < high)
        part = power[np.ix_(voiced, inside)]
        for stray in (0.99, 1.0, 1.01):  # F0 is not known to better than that
            turns = np.cos(2 * np.pi * hz[inside] * stray / f0[voiced, None])
            value = (part * turns).sum(axis=1) / part.sum(axis=1) / fade
            found[voiced, place] = np.maximum(found[voiced, place], value)
    return found


def _pitch(parts: Sequence[Heard]) -> np.ndarray:
    """Level, range and melody of F0 in semitones, ``[20]``."""
    f0 = np.concatenate([part.f0 for part in parts])
    tones = 12 * np.log2(f0[f0 > 0] / MIDDLE_HZ)
    melodies = [m for part in parts if (m := _melody(part.f0)) is not None]
    if not melodies:
        return np.zeros(PITCH)
    away = np.concatenate([away for away, _, _ in melodies])
    steps = np.concatenate([steps for _, steps, _ in melodies])
    shape = np.mean([shape for _, _, shape in melodies], axis=0)
    size = np.abs(steps)
    width = np.quantile(away, 0.9) - np.quantile(away, 0.1)
    ranges = [away.std(), np.log(np.abs(away).mean() + 0.1), np.log(width + 0.3)]
    moving = [np.log(size.mean() + 0.02), np.maximum(steps, 0).mean()]
    fastest = np.log(np.quantile(size, 0.8) + 0.02)
    share = len(tones) / len(f0)
    return np.array([*np.quantile(tones, _QUANTILES), *ranges, *shape, *moving, fastest, share])


def _melody(f0: Samples) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Of one stretch: tones about their mean, steps from frame to frame, and where the line begins, bends and ends."""
    at = np.flatnonzero(f0 > 0)
    if len(at) < SHORTEST_VOICED:
        return None
    tones = 12 * np.log2(f0[at] / MIDDLE_HZ)
    mean = float(tones.mean())
    place = (at - at[0]) / max(int(at[-1] - at[0]), 1)

    def level(begin: float, end: float) -> float:
        inside = (place >= begin) & (place <= end)
        return float(tones[inside].mean()) if inside.any() else mean

    bend = level(0.9, 1) - 2 * level(0.7, 0.8) + level(0.5, 0.6)
    slope = float(np.polyfit(place, tones, 1)[0])
    end, rise = level(0.85, 1) - mean, level(0.93, 1) - level(0.6, 0.75)
    shape = [end, rise, level(0, 0.2) - mean, level(0.7, 0.85) - mean, slope, bend]
    return tones - mean, np.diff(tones)[np.diff(at) == 1], np.array(shape)


def _colour(parts: Sequence[Heard]) -> np.ndarray:
    """Long-term spectra of loud and soft voice and of unvoiced sound, and periodicity, ``[84]``."""
    voiced = np.concatenate([part.f0 for part in parts]) > 0
    bands = np.concatenate([part.bands for part in parts])
    power = np.concatenate([part.power for part in parts])
    periodic = np.concatenate([part.periodic for part in parts])
    level = 10 * np.log10(power)
    middle, floor, lowest = np.quantile(level, (0.55, 0.2, 0.15))
    loud = _enough(voiced & (level >= middle), voiced)
    soft = _enough(voiced & (level >= floor) & (level < middle), loud)
    hiss = _enough(~voiced & (level >= lowest), loud)
    base = 10 * np.log10(power[loud].mean())
    below = bands[soft].mean(axis=0) - 10 * np.log10(power[soft].mean())
    spectra = [bands[loud].mean(axis=0) - base, below, (bands[hiss].mean(axis=0) - base)[::2]]
    best = np.quantile(periodic[loud], 0.8, axis=0)
    breath = [periodic[loud].mean(axis=0), best, periodic[soft].mean(axis=0)]
    return np.concatenate([*spectra, bands[loud].std(axis=0)[::4], *breath])


def _enough(wanted: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    return wanted if np.count_nonzero(wanted) >= 5 else otherwise


def _pace(parts: Sequence[Heard]) -> np.ndarray:
    """How fast the sound changes and how its level moves, ``[10]``."""
    turns = (
        np.cos(np.pi / BANDS * np.outer(np.arange(BANDS) + 0.5, np.arange(COEFFICIENTS))) / BANDS
    )
    seconds = sum(len(part.f0) for part in parts) * HOP / RATE
    peaks = beats = runs = 0
    changes, slopes = [np.full(1, 1e-3)], [np.full(1, 1e-3)]
    for part in parts:
        if len(part.f0) < 2 * SHORTEST_VOICED:
            continue
        cepstra = (part.bands @ turns)[:, 1:]
        change = np.sqrt(np.sum(np.square(cepstra[4:] - cepstra[:-4]), axis=1))
        level = _smooth(10 * np.log10(part.power), 11)
        changes.append(change)
        slopes.append(np.abs(np.diff(level)))
        peaks += _maxima(level)
        beats += _maxima(_smooth(change, 9))
        runs += int(np.count_nonzero(np.diff((part.f0 > 0).astype(int)) > 0))
    change, slope = np.concatenate(changes), np.concatenate(slopes)
    level = 10 * np.log10(np.concatenate([part.power for part in parts]))
    loud = level[level >= np.quantile(level, 0.55)]
    counts = [np.log(count / seconds + 0.3) for count in (peaks, beats, runs)]
    speeds = [np.log(change.mean()), *np.log(np.quantile(change, (0.5, 0.85)))]
    length = np.log(seconds / len(parts))
    return np.array([*counts, *speeds, np.log(slope.mean()), loud.std(), level.std(), length])


def _smooth(values: np.ndarray, width: int) -> np.ndarray:
    window = np.hanning(width)
    return np.convolve(values, window / window.sum(), "valid")


def _maxima(values: np.ndarray) -> int:
    inner = values[1:-1]
    return int(np.count_nonzero((inner > values[:-2]) & (inner >= values[2:])))
