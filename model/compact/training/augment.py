"""What happens to a voice between a mouth and a file: rooms, noise, telephones, levels."""

from __future__ import annotations

import numpy as np
import soxr

from ....streaming.audio import Samples

RATE = 16_000
PHONE_HZ = 8_000


def augment(samples: Samples, rng: np.random.Generator) -> Samples:
    """A random recording of ``samples [n]`` at 16 kHz: each defect comes in a part of the cases."""
    out = samples
    if rng.random() < 0.4:
        out = reverberate(out, float(rng.uniform(0.1, 0.5)), float(rng.uniform(-18, -3)), rng)
    if rng.random() < 0.3:
        out = equalise(out, rng)
    if rng.random() < 0.5:
        out = add_noise(out, float(rng.uniform(8, 35)), rng)
    if rng.random() < 0.5:
        out = phone_band(out)
    return out


def phone_band(samples: Samples) -> Samples:
    """As a recording at 8 kHz holds it."""
    low = soxr.resample(samples, RATE, PHONE_HZ)
    back = soxr.resample(low, PHONE_HZ, RATE).astype(np.float32)
    whole: Samples = np.pad(back, (0, max(0, len(samples) - len(back))))[: len(samples)]
    return whole


def add_noise(samples: Samples, snr_db: float, rng: np.random.Generator) -> Samples:
    """Steady noise of a random colour, from white to brown, ``snr_db`` below the speech."""
    spectrum = np.fft.rfft(rng.standard_normal(len(samples)))
    colour = np.maximum(np.arange(len(spectrum)) / len(spectrum), 0.005) ** -rng.uniform(0.0, 1.0)
    noise = np.fft.irfft(spectrum * colour, len(samples))
    return _mixed(samples, noise, snr_db)


def add_music(samples: Samples, snr_db: float, rng: np.random.Generator) -> Samples:
    """Chords of decaying harmonic tones, a new one each quarter second, ``snr_db`` below the speech."""
    at = np.arange(RATE // 4) / RATE
    scale = 220.0 * 2.0 ** (np.array([0, 2, 4, 7, 9, 12, 14, 16]) / 12)
    music = []
    for _ in range(len(samples) // len(at) + 1):
        chord = rng.choice(scale, 3, replace=False)
        tones = [np.sin(2 * np.pi * hz * k * at) / k for hz in chord for k in range(1, 6)]
        music.append(np.sum(tones, axis=0) * np.exp(-4 * at))
    return _mixed(samples, np.concatenate(music)[: len(samples)], snr_db)


def reverberate(
    samples: Samples, decay_s: float, wet_db: float, rng: np.random.Generator
) -> Samples:
    """A room: noise that decays by 60 dB in ``decay_s``, ``wet_db`` below the direct sound."""
    length = int(decay_s * RATE)
    tail = rng.standard_normal(length) * 10 ** (-3 * np.arange(length) / length)
    tail *= 10 ** (wet_db / 20) / np.sqrt(np.sum(tail**2))
    size = 1 << int(np.ceil(np.log2(len(samples) + length)))
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(tail, size), size)[: len(samples)]
    return (samples + wet).astype(np.float32)


def equalise(samples: Samples, rng: np.random.Generator) -> Samples:
    """A microphone's colour: a smooth random response within about 5 dB."""
    spectrum = np.fft.rfft(samples)
    knots = rng.normal(0.0, 3.0, 8)
    response = np.interp(np.linspace(0, 7, len(spectrum)), np.arange(8), knots)
    out: Samples = np.fft.irfft(spectrum * 10 ** (response / 20), len(samples)).astype(np.float32)
    return out


def _mixed(samples: Samples, noise: np.ndarray, snr_db: float) -> Samples:
    loudness = np.sqrt(np.mean(np.square(samples, dtype=np.float64)) / np.mean(noise**2))
    mixed: Samples = (samples + noise * loudness * 10 ** (-snr_db / 20)).astype(np.float32)
    return mixed
