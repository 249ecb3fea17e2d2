"""Loudness, spectral tilt and breath per frame, laid over the decoder's sound.

The packaged decoder keeps one voice quality whatever is asked of it (its norm layers take level changes out), so
what distinguishes a tender from an angry voice besides pitch and pace is put on here: Klatt & Klatt, "Analysis,
synthesis, and perception of voice quality variations", J. Acoust. Soc. Am. 87 (1990) 820–857, name tilt and
aspiration noise as its two main cues.

Everything is a function of a window of samples and of the absolute position, with no state carried: a stretch that
is made twice, or cut elsewhere, comes out the same.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...streaming.audio import Samples
from .track import FRAME_SAMPLES, SAMPLE_RATE

CROSSOVER_HZ = 1000.0
TAPS = 97
CONTEXT_SAMPLES = TAPS // 2
"""A window needs this many samples beyond what is kept of it, on both sides."""

BREATH_TAPS = 49
BREATH_HZ = 2500.0
"""Aspiration is heard above the second formant; below it the voice itself covers it."""

BREATH_LEVEL = 0.35
"""Noise at breath 1, against the envelope of the voice."""

NOISE_LENGTH = 1 << 16
TILT_LEVEL_SHARE = 0.35
"""How much of a tilt the low band gives back, so that tilting does not change the loudness (measured on speech)."""


def _lowpass(cutoff_hz: float, taps: int) -> Samples:
    """Hann-windowed sinc, unity at DC."""
    at = np.arange(taps) - taps // 2
    kernel = np.sinc(2 * cutoff_hz / SAMPLE_RATE * at) * np.hanning(taps + 2)[1:-1]
    unity: Samples = (kernel / kernel.sum()).astype(np.float32)
    return unity


_LOW = _lowpass(CROSSOVER_HZ, TAPS)
_BREATH_LOW = _lowpass(BREATH_HZ, BREATH_TAPS)
_ENVELOPE = (np.hanning(TAPS + 2)[1:-1] / np.hanning(TAPS + 2).sum()).astype(np.float32)


def _breath_noise() -> Samples:
    """A ring of high-passed noise of unit variance; the same at every start."""
    white = np.random.default_rng(0xB2EA7).standard_normal(NOISE_LENGTH).astype(np.float32)
    wrapped = np.concatenate([white[-BREATH_TAPS:], white, white[:BREATH_TAPS]])
    high = white - np.convolve(wrapped, _BREATH_LOW, "same")[BREATH_TAPS:-BREATH_TAPS]
    even: Samples = (high / high.std()).astype(np.float32)
    return even


_NOISE = _breath_noise()


def shape(
    samples: Samples,
    level_db: Samples,
    tilt_db: Samples,
    breath: Samples,
    *,
    start: int,
) -> Samples:
    """Put level, tilt and breath on a window.

    Args:
        samples: ``[frames · 600]``; the outer :data:`CONTEXT_SAMPLES` of the result are not to be used.
        level_db: ``[frames]``, and so are ``tilt_db`` and ``breath`` (0…1); linear between the frames' middles.
        start: Position of the first sample in the clause: fixes the noise.
    """
    if not (level_db.any() or tilt_db.any() or breath.any()):
        return samples
    at = np.arange(len(samples))
    out = samples
    if tilt_db.any() or breath.any():
        low = np.convolve(samples, _LOW, "same")
        high = samples - low
        low_gain = _per_sample(_from_db(-TILT_LEVEL_SHARE * tilt_db), at)
        high_gain = _per_sample(_from_db((1 - TILT_LEVEL_SHARE) * tilt_db), at)
        out = low * low_gain + high * high_gain
    if breath.any():
        noise = _NOISE[(start + at) % NOISE_LENGTH]
        envelope = np.convolve(np.abs(samples), _ENVELOPE, "same")
        out = out + _per_sample(breath, at) * BREATH_LEVEL * envelope * noise
    shaped: Samples = (out * _per_sample(_from_db(level_db), at)).astype(np.float32)
    return shaped


def _from_db(db: Samples) -> Samples:
    factor: Samples = np.power(np.float32(10.0), db / np.float32(20.0)).astype(np.float32)
    return factor


def _per_sample(values: Samples, at: npt.NDArray[np.int64]) -> Samples:
    """One value a frame to one a sample: exact in the middle of each frame, linear between."""
    middles = (np.arange(len(values)) + 0.5) * FRAME_SAMPLES
    curve: Samples = np.interp(at, middles, values).astype(np.float32)
    return curve
