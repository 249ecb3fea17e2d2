"""What tells a voice alone from one with another voice or music beside it, from the speech of a clip.

After de Cheveigné, "Separation of concurrent harmonic sounds", JASA 93 (1993) 3271–3290: a comb filter takes a
periodic sound away, and two in a row take two away. What one comb leaves of a frame and two do not is periodic and
not the voice. Both are sums of the frame's autocorrelation r: a comb for the period T leaves 2 r(0) − 2 r(T), two leave
4 r(0) − 4 r(T) − 4 r(U) + 2 r(T+U) + 2 r(T−U), and it is these shares of the power whose distribution tells, with how
steadily the periods go on and how long partials stay where they are, as they do in music and not in speech.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr

from ..streaming.audio import Samples
from .speaker import RATE

Array = npt.NDArray[np.float64]

LOW_RATE = 8_000
WINDOW, HOP = 512, 160
"""Frames of 64 ms every 20 ms: shorter ones hold too few periods of two voices."""

FFT = 1024
LAG_RATE = 16_000
FIRST_LAG, LAST_LAG = LAG_RATE // 400, LAG_RATE // 80 + 1
TOP_HZ = 1500.0
"""Above, a gliding pitch smears the partials."""

LEVELLED_BINS = 64
"""Width over which a spectrum is levelled, 500 Hz, so that formants do not decide."""

LOUDEST = 0.6
"""Share of the frames that are looked at."""

FIRSTS = 4
"""Best single periods that are tried together with every other."""

KIN = (1.0, 2.0, 0.5, 3.0, 1 / 3)
KIN_WITHIN = 0.08
"""Two periods so nearly in these ratios are one voice: gliding, creaking, or an octave off."""

SAME_WITHIN = 0.06
"""A period that changes by no more than this share from frame to frame goes on."""

MAX_SECONDS = 20.0
FEATURES = 36


@dataclass(frozen=True, slots=True, eq=False)
class Periods:
    """The loud frames of a clip: which they are, the share of their power that cancelling one period or two leaves,
    and those periods in sixteenths of a millisecond, ``[frames]`` each and ``pair [frames, 2]``, the shorter first.
    """

    number: npt.NDArray[np.int64]
    after_one: Array
    after_two: Array
    first: Array
    pair: Array


def features(spoken: Samples) -> Array:
    """Of the first :data:`MAX_SECONDS` of ``spoken [n]`` at 16 kHz, at least 0.2 s: ``[36]``."""
    low = soxr.resample(spoken[: int(MAX_SECONDS * RATE)], RATE, LOW_RATE).astype(np.float64)
    low /= np.abs(low).max() + 1e-9
    found = periods(low)
    return np.concatenate([_cancelled(found), _going_on(found), _levels(low), _steadiness(low)])


def periods(low: Array) -> Periods:
    """One period and the best pair of each loud frame of a sound at 8 kHz."""
    number, correlation = _autocorrelations(low)
    lags = np.arange(FIRST_LAG, LAST_LAG)
    rows = np.arange(len(number))[:, None]
    span = correlation[:, FIRST_LAG:LAST_LAG]
    before, after = (correlation[:, FIRST_LAG + d : LAST_LAG + d] for d in (-1, 1))
    # A multiple of the period cancels as well: of equals the shortest.
    height = span - 0.03 * np.log2(lags / FIRST_LAG)
    peaks = np.where((span > before) & (span >= after), height, -1.0)
    order = np.argsort(-peaks, axis=1)[:, :FIRSTS]
    first = lags[order]
    strength = correlation[rows, first]
    t, u = first[:, :, None], lags[None, None, :]
    deep = rows[:, :, None]
    left = 1 - strength[:, :, None] - span[:, None, :]
    left += (correlation[deep, t + u] + correlation[deep, np.abs(t - u)]) / 2
    kin = np.any([np.abs(u / (t * ratio) - 1) < KIN_WITHIN for ratio in KIN], axis=0)
    left = np.where(kin | (peaks[rows, order] <= 0.05)[:, :, None], 9.0, left)
    flat = left.reshape(len(number), -1)
    best = flat.argmin(axis=1)
    which, other = np.divmod(best, len(lags))
    pair = np.stack([first[rows[:, 0], which], lags[other]], axis=1)
    return Periods(
        number,
        1 - strength[:, 0],
        np.minimum(flat[rows[:, 0], best], 1 - strength[:, 0]),
        first[:, 0].astype(np.float64),
        np.sort(pair, axis=1).astype(np.float64),
    )


def _autocorrelations(low: Array) -> tuple[npt.NDArray[np.int64], Array]:
    """The numbers of the loudest frames, and their autocorrelation over the band, at lags of 1/16 ms, 1 at lag 0."""
    frames = np.lib.stride_tricks.sliding_window_view(low, WINDOW)[::HOP]
    loudness = np.square(frames).mean(axis=1)
    number = np.sort(np.argsort(-loudness)[: max(1, int(LOUDEST * len(frames)))])
    window = np.hanning(WINDOW)
    power = np.abs(np.fft.rfft(frames[number] * window, FFT, axis=1)) ** 2
    floor = 1e-9 * power.max(axis=1, keepdims=True) + 1e-12 * power.max() + 1e-30
    levelled = np.sqrt(power / (_smooth(power, LEVELLED_BINS, "constant") + floor)) * _band()
    correlation = np.fft.irfft(levelled, 2 * FFT, axis=1)
    correlation /= np.maximum(correlation[:, :1], 1e-12)
    # Less the fall that the window alone makes, as in Boersma (1993).
    of_window = np.fft.irfft(np.abs(np.fft.rfft(window, FFT)), 2 * FFT)
    longest = 2 * LAST_LAG
    return number, correlation[:, :longest] / np.maximum(of_window / of_window[0], 0.05)[:longest]


def _band() -> Array:
    hz = np.fft.rfftfreq(FFT, 1 / LOW_RATE)
    return np.clip((hz - 60) / 40, 0, 1) * np.clip((TOP_HZ - hz) / 200, 0, 1)


def _cancelled(found: Periods) -> Array:
    """How the shares lie, and in how many frames a second period takes away most of what the first left, ``[19]``."""
    one, two = found.after_one, found.after_two
    gain = one - two
    best = two <= np.percentile(two, 40)
    clear = [np.mean((one > 0.15) & (two < share * one)) for share in (0.4, 0.5, 0.6, 0.7)]
    lie = [
        np.percentile(gain, (25, 50, 75, 90, 97)),
        np.percentile(one, (10, 25, 50, 75)),
        np.percentile(two, (5, 10, 25, 50)),
    ]
    return np.concatenate([*lie, clear, [gain[best].mean(), one[best].mean()]])


def _going_on(found: Periods) -> Array:
    """In how many frames the periods of the one before go on, and what the second takes away there, ``[7]``."""
    following = np.diff(found.number) == 1
    count = max(1, int(following.sum()))
    change = np.abs(np.diff(np.log(found.first)))
    both = following & (np.abs(np.diff(np.log(found.pair), axis=0)) < SAME_WITHIN).all(axis=1)
    gain = found.after_one - found.after_two
    lasting = np.minimum(gain[1:], gain[:-1])[both]
    return np.array(
        [
            both.sum() / count,
            np.sum(following & (change < SAME_WITHIN)) / count,
            np.sum(following & (change < SAME_WITHIN / 12)) / count,
            lasting.mean() if len(lasting) else 0.0,
            *(np.sum(lasting > least) / count for least in (0.15, 0.2, 0.25)),
        ]
    )


def _levels(low: Array) -> Array:
    """How far the level goes down between syllables, in dB, ``[3]``: two voices fill each other's gaps."""
    frames = low[: len(low) // HOP * HOP].reshape(-1, HOP)
    level = 10 * np.log10(np.square(frames).mean(axis=1) + 1e-7)
    spread = np.std(np.maximum(level, level.max() - 40))
    return np.array([spread, *(np.percentile(level, 90) - np.percentile(level, (20, 5)))])


def _steadiness(low: Array) -> Array:
    """How alike the partials are one, two and four frames of 64 ms on, and over all of the clip, ``[7]``."""
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(low, (0, 8 * WINDOW)), FFT)[::WINDOW]
    level = np.log(np.abs(np.fft.rfft(frames * np.hanning(FFT), axis=1))[:, 4:256] + 1e-5)
    sharp = level - _smooth(level, 21, "edge")
    sharp /= np.linalg.norm(sharp, axis=1, keepdims=True) + 1e-9
    told = []
    for later in (1, 2, 4):
        alike = np.sum(sharp[:-later] * sharp[later:], axis=1)
        told += [alike.mean(), np.percentile(alike, 90)]
    return np.array([*told, np.std(sharp.mean(axis=0))])


def _smooth(values: Array, width: int, beyond: str) -> Array:
    """Means over ``width`` neighbours along the last axis."""
    ends = (width // 2, width - 1 - width // 2)
    padded = np.pad(values, ((0, 0), ends), mode=beyond)  # type: ignore[call-overload]
    total = np.cumsum(np.pad(padded, ((0, 0), (1, 0))), axis=1)
    smooth: Array = (total[:, width:] - total[:, :-width]) / width
    return smooth
