"""Who speaks: the d-vector of a clip, by a GE2E speaker encoder run by onnxruntime.

The encoder is Resemblyzer's (Apache-2.0, Resemble AI) after Wan et al., "Generalized end-to-end loss for speaker
verification", ICASSP 2018: three LSTM layers over 1.6 s of a 40-band mel power spectrogram; the d-vector is the
normalised mean over windows. The features are computed here and equal the encoder's own.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import onnxruntime

from ..streaming.audio import Samples

RATE = 16_000
FFT, HOP, BANDS = 400, 160, 40
WINDOW = 160
"""Mel frames of one run: 1.6 s."""

STEP = 77
"""Mel frames between two windows of a clip: 1.3 windows a second."""

AT_ONCE = 16
"""Windows of one run of the network, and as many hundred frames of the spectrum: a minute at once takes 70 MB."""

MIN_COVERAGE = 0.75
LEVEL_DB = -26.0
"""Every clip is brought to this level first: the features are powers, not logarithms."""

D_VECTOR = 256


def d_vector(samples: Samples) -> Samples:
    """The d-vector of speech, ``[256]``, length 1; ``samples [n]`` at 16 kHz with the silences cut out."""
    mean = partial_d_vectors(samples).mean(axis=0)
    vector: Samples = mean / max(float(np.linalg.norm(mean)), 1e-9)
    return vector


def partial_d_vectors(samples: Samples) -> Samples:
    """One d-vector for each window of 1.6 s, ``[windows, 256]``; at least one, padded with silence."""
    spectrum = mel_spectrum(at_level(samples))
    starts = _starts(len(samples))
    missing = starts[-1] + WINDOW - len(spectrum)
    if missing > 0:
        spectrum = np.concatenate([spectrum, np.zeros((missing, BANDS), np.float32)])
    vectors = []
    for first in range(0, len(starts), AT_ONCE):
        some = [spectrum[start : start + WINDOW] for start in starts[first : first + AT_ONCE]]
        vectors.append(_session().run(None, {"mel": np.stack(some)})[0])
    return np.concatenate(vectors)


def at_level(samples: Samples, level_db: float = LEVEL_DB) -> Samples:
    """The same sound at a root mean square of ``level_db`` (dB below full scale); silence stays silence."""
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if len(samples) else 0.0
    if rms < 1e-7:
        return samples
    return (samples * (10 ** (level_db / 20) / rms)).astype(np.float32)


def mel_spectrum(samples: Samples) -> Samples:
    """Mel powers ``[frames, 40]`` every 10 ms, windows of 25 ms centred on their frame."""
    padded = np.pad(samples, FFT // 2)
    columns = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT) / FFT)
    bank = mel_bank(BANDS, FFT, RATE).T
    mel = np.empty((len(columns), BANDS), np.float32)
    for first in range(0, len(columns), 100 * AT_ONCE):
        some = slice(first, first + 100 * AT_ONCE)
        mel[some] = np.square(np.abs(np.fft.rfft(columns[some] * window, axis=1))) @ bank
    return mel


def mel_bank(bands: int, fft: int, rate: int) -> Samples:
    """Triangular filters of unit area, ``[bands, fft / 2 + 1]``, on the mel scale of Slaney's Auditory Toolbox (1998):

    linear below 1 kHz, logarithmic above.
    """
    top = float(_to_mel(np.array(rate / 2)))
    edges = _from_mel(np.linspace(0.0, top, bands + 2))
    bins = np.arange(fft // 2 + 1) * rate / fft
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    area = 2.0 / (edges[2:] - edges[:-2])
    bank: Samples = (np.maximum(0.0, np.minimum(rising, falling)) * area[:, None]).astype(
        np.float32
    )
    return bank


_BREAK_HZ, _PER_HZ, _PER_OCTAVE = 1000.0, 3.0 / 200.0, 27.0 / np.log(6.4)


def _to_mel(hz: np.ndarray) -> np.ndarray:
    beyond = _BREAK_HZ * _PER_HZ + np.log(np.maximum(hz, _BREAK_HZ) / _BREAK_HZ) * _PER_OCTAVE
    return np.where(hz < _BREAK_HZ, hz * _PER_HZ, beyond)


def _from_mel(mel: np.ndarray) -> np.ndarray:
    beyond = _BREAK_HZ * np.exp((mel - _BREAK_HZ * _PER_HZ) / _PER_OCTAVE)
    return np.where(mel < _BREAK_HZ * _PER_HZ, mel / _PER_HZ, beyond)


def _starts(samples: int) -> list[int]:
    """Mel frame at which each window begins; the last may reach a quarter beyond the end."""
    frames = -(-(samples + 1) // HOP)
    starts = list(range(0, max(1, frames - WINDOW + STEP + 1), STEP))
    covered = (samples - starts[-1] * HOP) / (WINDOW * HOP)
    return starts[:-1] if covered < MIN_COVERAGE and len(starts) > 1 else starts


@cache
def _session() -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # an arena keeps for ever what the longest clip took
    path = files(__package__) / "assets" / "d_vector.onnx"
    return onnxruntime.InferenceSession(
        path.read_bytes(), options, providers=["CPUExecutionProvider"]
    )
