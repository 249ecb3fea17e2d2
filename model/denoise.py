"""Light noise reduction: what is always there is turned down a little, what comes and goes is left alone.

A Wiener gain per band of a short-time spectrum, with the decision-directed estimate of Ephraim & Malah (IEEE
Trans. ASSP 32 (1984) 1109–1121) against musical tones, and a floor that never takes more than 12 dB: a voice made from
a slightly noisy clip is closer than one made from a clip with holes.
"""

from __future__ import annotations

import numpy as np

from ..streaming.audio import Samples

WINDOW, HOP = 512, 128
FLOOR_DB = -12.0
MEMORY = 0.96
NOISE_QUANTILE = 0.1
QUANTILE_BIAS = 3.2
"""The mean power of noise over its 10 % quantile, smoothed as here (measured on white noise)."""


def denoise(samples: Samples, noise: Samples | None = None) -> Samples:
    """``samples [n]`` with steady noise reduced, same length.

    ``noise`` is a stretch that holds nothing else; without one the noise is taken from the quietest tenth of the
    frames, band by band.
    """
    if len(samples) < 2 * WINDOW:
        return samples
    window = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW))
    tail = -len(samples) % HOP
    padded = np.pad(samples, (WINDOW, WINDOW + tail))
    columns = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    spectrum = np.fft.rfft(columns * window, axis=1)
    power = np.abs(spectrum) ** 2 + 1e-12
    level = _noise_power(noise, window) if noise is not None and len(noise) > 8 * WINDOW else None
    if level is None:
        level = np.quantile(_smooth(power), NOISE_QUANTILE, axis=0) * QUANTILE_BIAS
    cleaned = np.fft.irfft(spectrum * _gain(power / np.maximum(level, 1e-10)), axis=1) * window
    out = np.zeros(len(padded))
    for number, column in enumerate(cleaned):
        out[number * HOP : number * HOP + WINDOW] += column
    scale = HOP / float(np.sum(window**2))
    result: Samples = (out[WINDOW : WINDOW + len(samples)] * scale).astype(np.float32)
    return result


def _noise_power(noise: Samples, window: np.ndarray) -> np.ndarray:
    """Mean power of each band."""
    columns = np.lib.stride_tricks.sliding_window_view(noise, WINDOW)[::HOP] * window
    power: np.ndarray = np.mean(np.abs(np.fft.rfft(columns, axis=1)) ** 2, axis=0)
    return power


def _smooth(power: np.ndarray) -> np.ndarray:
    """Each band averaged over nine frames."""
    total = np.cumsum(np.pad(power, ((5, 4), (0, 0)), "edge"), axis=0)
    smooth: np.ndarray = (total[9:] - total[:-9]) / 9
    return smooth


def _gain(posterior: np.ndarray) -> np.ndarray:
    """Wiener gains from the ratio of each frame's power to the noise's."""
    floor = 10 ** (FLOOR_DB / 20)
    gain = np.empty_like(posterior)
    before = np.ones(posterior.shape[1])
    for number, ratio in enumerate(posterior):
        prior = MEMORY * before + (1 - MEMORY) * np.maximum(ratio - 1, 0)
        gain[number] = np.maximum(prior / (1 + prior), floor)
        before = gain[number] ** 2 * ratio
    return gain
