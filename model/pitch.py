"""The pitch of speech: F0 every 10 ms by normalised autocorrelation, and its level and range over a clip.

After Boersma, "Accurate short-term analysis of the fundamental frequency", IFA Proceedings 17 (1993): the
autocorrelation of a windowed frame divided by that of the window, with a small cost for low octaves; the path over
the frames is chosen by dynamic programming, so single octave jumps do not survive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..streaming.audio import Samples

RATE = 16_000
HOP = 160
WINDOW = 800
FFT = 2048
LOWEST_HZ, HIGHEST_HZ = 60.0, 500.0
VOICING = 0.45
"""An autocorrelation below this is no voice."""

OCTAVE_COST = 0.02
JUMP_COST = 0.35
SWITCH_COST = 0.14
CANDIDATES = 6
SILENCE_SHARE = 0.03
"""Frames whose peak is below this share of the clip's are silent."""


@dataclass(frozen=True, slots=True)
class Pitch:
    """Level and range of a speaker's F0. ``spread_st`` is the standard deviation in semitones."""

    median_hz: float
    spread_st: float
    voiced_share: float


def pitch_of(samples: Samples) -> Pitch | None:
    """Of speech at 16 kHz; None where hardly anything is voiced."""
    curve = f0_curve(samples)
    voiced = curve[curve > 0]
    if len(voiced) < 15:
        return None
    semitones = 12 * np.log2(voiced)
    middle = float(np.median(semitones))
    # What lies more than an octave away is an error of the octave, not a reading of the speaker.
    near = semitones[np.abs(semitones - middle) < 12]
    return Pitch(2 ** (middle / 12), float(np.std(near)), len(voiced) / len(curve))


def f0_curve(samples: Samples) -> Samples:
    """F0 in Hz every 10 ms of ``samples [n]`` at 16 kHz, 0 where unvoiced; shape ``[1 + n // 160]``."""
    if not len(samples):
        return np.zeros(0, np.float32)
    padded = np.pad(samples.astype(np.float64), WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    lags, strengths = _candidates(frames)
    peak = np.abs(frames).max(axis=1)
    strengths[peak < SILENCE_SHARE * max(float(peak.max()), 1e-6)] = -1.0
    return _best_path(lags, strengths)


def _candidates(frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lags in samples and strengths of the highest peaks of each frame's autocorrelation, ``[frames, 6]`` each."""
    window = np.hanning(WINDOW)
    centred = (frames - frames.mean(axis=1, keepdims=True)) * window
    power = np.abs(np.fft.rfft(centred, FFT, axis=1)) ** 2
    raw = np.fft.irfft(power, axis=1)
    shape = np.fft.irfft(np.abs(np.fft.rfft(window, FFT)) ** 2)
    first, last = int(RATE / HIGHEST_HZ), int(RATE / LOWEST_HZ) + 1
    span = slice(first - 1, last + 2)
    scaled = raw[:, span] / np.maximum(raw[:, :1], 1e-9) / (shape[span] / shape[0])
    middle, before, after = scaled[:, 1:-1], scaled[:, :-2], scaled[:, 2:]
    peaks = np.where((middle > before) & (middle >= after), middle, -1.0)
    lag = np.arange(first, last + 1, dtype=np.float64)
    peaks = np.where(peaks > 0, peaks - OCTAVE_COST * np.log2(LOWEST_HZ * lag / RATE), peaks)
    best = np.argsort(-peaks, axis=1)[:, :CANDIDATES]
    rows = np.arange(len(frames))[:, None]
    bend = before[rows, best] - 2 * middle[rows, best] + after[rows, best]
    slope = (before[rows, best] - after[rows, best]) / 2
    offset = np.where(bend < 0, slope / np.minimum(bend, -1e-9), 0.0)
    # A period that is no whole number of samples peaks between two of them: without this its double would win.
    height = np.where(bend < 0, -(slope**2) / (2 * np.minimum(bend, -1e-9)), 0.0)
    return lag[best] + np.clip(offset, -0.5, 0.5), peaks[rows, best] + np.clip(height, 0.0, 0.2)


def _best_path(lags: np.ndarray, strengths: np.ndarray) -> Samples:
    """Viterbi over the candidates of each frame and "unvoiced"."""
    count = len(lags)
    octave = np.log2(lags)
    score = np.concatenate(
        [np.where(strengths > 0, strengths, -9.0), np.full((count, 1), VOICING)], 1
    )
    total = score[0].copy()
    back = np.zeros((count, CANDIDATES + 1), np.int64)
    cost = np.full((CANDIDATES + 1, CANDIDATES + 1), SWITCH_COST)
    cost[-1, -1] = 0.0
    for frame in range(1, count):
        cost[:-1, :-1] = JUMP_COST * np.abs(octave[frame][None] - octave[frame - 1][:, None])
        reached = total[:, None] - cost
        back[frame] = reached.argmax(axis=0)
        total = reached.max(axis=0) + score[frame]
    path = np.zeros(count, np.int64)
    path[-1] = int(total.argmax())
    for frame in range(count - 1, 0, -1):
        path[frame - 1] = back[frame, path[frame]]
    voiced = path < CANDIDATES
    chosen = lags[np.arange(count), np.minimum(path, CANDIDATES - 1)]
    return np.where(voiced, RATE / chosen, 0.0).astype(np.float32)
