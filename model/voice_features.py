"""What a clip tells of its speaker's timbre: the d-vector, and the colour of the voice in bands."""

from __future__ import annotations

import numpy as np

from ..streaming.audio import Samples
from .pitch import pitch_of
from .speaker import RATE, d_vector, mel_bank

BANDS, FFT, HOP = 32, 512, 160
COEFFICIENTS = 20
LOUD_SHARE = 0.5
"""Share of the frames, the loudest, that the colour is taken from."""

FEATURES = 256 + 2 * COEFFICIENTS + 1
MIDDLE_HZ = 160.0


def features(spoken: Samples) -> Samples:
    """Features of speech at 16 kHz without its silences, ``[297]``: d-vector, mean and spread of the cepstrum,

    and the pitch in octaves about 160 Hz.
    """
    pitch = pitch_of(spoken)
    octave = np.log2(pitch.median_hz / MIDDLE_HZ) if pitch is not None else 0.0
    return np.concatenate([d_vector(spoken), colour(spoken), [octave]]).astype(np.float32)


def colour(spoken: Samples) -> Samples:
    """Mean and standard deviation of 20 mel cepstral coefficients over the loud frames, ``[40]``; free of level."""
    cepstra = cepstrum(spoken)
    loud = cepstra[cepstra[:, 0] >= np.quantile(cepstra[:, 0], 1 - LOUD_SHARE)]
    told: Samples = np.concatenate([loud[:, 1:].mean(axis=0), loud[:, 1:].std(axis=0)])
    return told.astype(np.float32)


def cepstrum(spoken: Samples, bands: int = BANDS) -> Samples:
    """Mel cepstral coefficients every 10 ms, ``[frames, 21]``; the first is the level.

    Only bands below 3.8 kHz are heard, which a recording at 8 kHz holds as well.
    """
    padded = np.pad(spoken, FFT // 2)
    columns = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP] * np.hanning(FFT)
    power = np.abs(np.fft.rfft(columns, axis=1)) ** 2
    bank = mel_bank(bands, FFT, RATE)
    heard = bank[bank.argmax(axis=1) * RATE / FFT < 3_800]
    level = np.log(power @ heard.T + 1e-7)
    turns = np.pi / len(heard) * np.outer(np.arange(len(heard)) + 0.5, np.arange(COEFFICIENTS + 1))
    made: Samples = (level @ np.cos(turns) / len(heard)).astype(np.float32)
    return made
