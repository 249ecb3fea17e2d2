"""What a clip tells of how it is said: pitch, its range and movement, pace, level, tilt and breath, in numbers.

A small set in the manner of Eyben et al., "The Geneva minimalistic acoustic parameter set", IEEE Trans. Affective
Computing 7 (2016) 190–202, computed here. Colour and d-vector stand behind them, for who speaks.
"""

from __future__ import annotations

import numpy as np

from ..streaming.audio import Samples
from .pitch import f0_curve
from .speaker import RATE, at_level, d_vector
from .voice_features import FFT, HOP, cepstrum, colour

MANNER = 48
"""Numbers about the manner alone; the colour (40) and the d-vector (256) follow them."""

SIZE = MANNER + 40 + 256
SHORTEST = 4_000
"""Samples; what is shorter is followed by silence."""

_BANDS_HZ = (0, 250, 500, 1000, 1500, 2000, 3000, 4000, 5500, 8000)
_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


def emotion_features(spoken: Samples) -> Samples:
    """Features of speech at 16 kHz without its silences, ``[344]``."""
    spoken = np.pad(spoken, (0, max(0, SHORTEST - len(spoken))))
    level = at_level(spoken)
    manner = np.concatenate([_pitch(level), _spectrum(level), _pace(level)])
    made = np.concatenate([manner, colour(level), d_vector(spoken)])
    finite: Samples = np.nan_to_num(made).astype(np.float32)
    return finite


def _pitch(samples: Samples) -> np.ndarray:
    """Level, range and movement of F0 in semitones, ``[15]``."""
    curve = f0_curve(samples)
    at = np.flatnonzero(curve > 0)
    if len(at) < 10:
        return np.zeros(15)
    tones = 12 * np.log2(curve[at] / 160.0)
    quantiles = np.quantile(tones, _QUANTILES)
    spread = quantiles[-1] - quantiles[0]
    place = (at - at[0]) / max(at[-1] - at[0], 1)
    middle = float(quantiles[2])
    end = tones[place > 0.8].mean() - middle if (place > 0.8).any() else 0.0
    begin = tones[place < 0.25].mean() - middle if (place < 0.25).any() else 0.0
    slope = np.polyfit(place, tones, 1)[0]
    neighbours = np.diff(at) == 1
    steps = np.diff(tones)[neighbours]
    moving = np.abs(steps).mean() if len(steps) else 0.0
    rising = np.maximum(steps, 0).mean() if len(steps) else 0.0
    breaks = np.count_nonzero(np.diff(at) > 1) / len(at) * 100
    shares = [len(at) / len(curve), breaks]
    return np.array(
        [*quantiles, spread, tones.std(), end, begin, slope, moving, rising, *shares, 1.0]
    )


def _spectrum(samples: Samples) -> np.ndarray:
    """Levels of bands in loud and in soft frames, how flat the top is, ``[22]``."""
    columns = np.lib.stride_tricks.sliding_window_view(np.pad(samples, FFT // 2), FFT)[::HOP]
    power = np.abs(np.fft.rfft(columns * np.hanning(FFT), axis=1)) ** 2 + 1e-9
    edges = [int(hz * FFT / RATE) for hz in _BANDS_HZ]
    bands = np.stack([power[:, a:b].sum(axis=1) for a, b in zip(edges, edges[1:], strict=False)], 1)
    total = power.sum(axis=1)
    loud = total >= np.quantile(total, 0.6)
    soft = (total >= np.quantile(total, 0.2)) & ~loud
    if not soft.any():
        soft = loud  # every frame alike
    levels = [10 * np.log10(bands[rows].mean(axis=0) / total[rows].mean()) for rows in (loud, soft)]
    top = power[loud, edges[5] :]
    flat = np.exp(np.log(top).mean(axis=1)) / top.mean(axis=1)
    tilt = 10 * np.log10(power[:, edges[3] :].sum(axis=1) / power[:, : edges[3]].sum(axis=1))
    return np.array(
        [*levels[0], *levels[1], flat.mean(), flat.std(), tilt[loud].mean(), tilt.std()]
    )


def _pace(samples: Samples) -> np.ndarray:
    """How fast the sound changes and how its level moves, ``[11]``."""
    cepstra = cepstrum(samples)
    change = np.sqrt(np.sum(np.square(cepstra[3:, 1:13] - cepstra[:-3, 1:13]), axis=1))
    level = cepstra[:, 0]
    smooth = np.convolve(level, np.ones(7) / 7, "same")
    inner = smooth[1:-1]
    peaks = (inner > smooth[:-2]) & (inner >= smooth[2:]) & (inner > np.quantile(smooth, 0.4))
    turns = np.convolve(change, np.ones(5) / 5, "same")
    beats = (turns[1:-1] > turns[:-2]) & (turns[1:-1] >= turns[2:])
    seconds = len(samples) / RATE
    spectrum = np.abs(np.fft.rfft(smooth - smooth.mean(), 1024))
    rhythm = np.arange(len(spectrum)) * 100 / 1024
    slow = (rhythm > 1) & (rhythm < 12)
    centre = float((spectrum[slow] * rhythm[slow]).sum() / max(spectrum[slow].sum(), 1e-9))
    return np.array(
        [
            peaks.sum() / seconds,
            beats.sum() / seconds,
            centre,
            change.mean(),
            change.std(),
            np.quantile(change, 0.8),
            level.std(),
            *np.diff(np.quantile(level, (0.1, 0.5, 0.9))),
            seconds,
            1.0,
        ]
    )
