"""Reference audio to features: resampling, Kaldi-type filter banks, and the mel spectrogram of the flow decoder."""

from __future__ import annotations

import math
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

FBANK_RATE = 16_000
_FLOOR = torch.finfo(torch.float32).eps


@lru_cache(maxsize=8)
def _sinc_kernel(orig: int, new: int) -> tuple[Tensor, int]:
    """Hann-windowed sinc kernels, one row per output phase, low-pass width 6 and roll-off 0.99.

    Built in float64 and rounded once to float32, as the features' golden data want.
    """
    width_zeros, rolloff = 6, 0.99
    base = min(orig, new) * rolloff
    width = math.ceil(width_zeros * orig / base)
    position = torch.arange(-width, width + orig, dtype=torch.float64) / orig
    phase = (torch.arange(0, -new, -1) / new)[:, None]  # float32, like the resampler it stands for
    time = phase + position
    time = (time * base).clamp(-width_zeros, width_zeros)
    window = torch.cos(time * math.pi / width_zeros / 2) ** 2
    kernel = torch.sinc(time) * window * (base / orig)
    return kernel.float()[:, None], width


def resample(wave: Tensor, orig_rate: int, new_rate: int) -> Tensor:
    """Change the rate of ``wave [batch, samples]`` by windowed-sinc interpolation."""
    if orig_rate == new_rate:
        return wave
    divisor = math.gcd(orig_rate, new_rate)
    orig, new = orig_rate // divisor, new_rate // divisor
    kernel, width = _sinc_kernel(orig, new)
    padded = F.pad(wave, (width, width + orig))
    phases = F.conv1d(padded[:, None], kernel.to(wave.device), stride=orig)
    length = math.ceil(new * wave.shape[1] / orig)
    return phases.transpose(1, 2).reshape(len(wave), -1)[:, :length]


@lru_cache(maxsize=1)
def _kaldi_triangles() -> Tensor:
    """80 triangles over 257 bins, 20–8000 Hz, straight lines on the Kaldi mel scale."""

    def mel(hz: Tensor) -> Tensor:
        return 1127.0 * torch.log1p(hz / 700.0)

    low, high = mel(torch.tensor([20.0, 8000.0], dtype=torch.float64))
    edges = torch.linspace(float(low), float(high), 82, dtype=torch.float64)[:, None]
    bins = mel(torch.arange(257, dtype=torch.float64) * FBANK_RATE / 512)
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return torch.minimum(rising, falling).clamp(min=0).T.float()


def fbank(wave: Tensor) -> Tensor:
    """Kaldi log filter bank ``[frames, 80]`` of one 16 kHz ``wave [samples]``: 25 ms windows every 10 ms.

    Computed in float64, because the float32 transform alone moves quiet bins by 1e-4.
    """
    frames = wave.double().unfold(0, 400, 160)
    frames = frames - frames.mean(1, keepdim=True)
    previous = torch.cat([frames[:, :1], frames[:, :-1]], 1)
    frames = frames - 0.97 * previous
    window = torch.hann_window(400, periodic=False, dtype=torch.float64, device=wave.device) ** 0.85
    power = torch.fft.rfft(frames * window, 512).abs() ** 2
    energy = power @ _kaldi_triangles().double().to(wave.device)
    return energy.clamp(min=_FLOOR).log().float()


def speaker_features(wave: Tensor) -> Tensor:
    """Input of CAMPPlus, ``[1, frames, 80]``: the filter bank of a −1…1 wave less its mean over time."""
    bank = fbank(wave)
    return (bank - bank.mean(0, keepdim=True))[None]


def semantic_features(wave: Tensor) -> tuple[Tensor, Tensor]:
    """Input of w2v-bert ``[1, frames, 160]`` at 50 Hz and its mask ``[1, frames]`` (1 is real).

    Frames are normalised per bin and stacked in pairs; an odd last frame keeps its place, masked.
    """
    bank = fbank(wave * 32768.0)
    bank = (bank - bank.mean(0)) / torch.sqrt(bank.var(0, correction=1) + 1e-7)
    odd = len(bank) % 2
    bank = F.pad(bank, (0, 0, 0, odd), value=1.0)  # the extractor's own padding value
    stacked = bank.reshape(1, -1, 160)
    mask = torch.ones(1, stacked.shape[1], dtype=torch.int64, device=wave.device)
    if odd:
        mask[0, -1] = 0
    return stacked, mask


def _slaney_mel(hz: Tensor) -> Tensor:
    linear = hz * 3 / 200
    return torch.where(
        hz < 1000, linear, 15 + 27 * torch.log(hz.clamp(min=1) / 1000) / math.log(6.4)
    )


def _slaney_hz(mel: Tensor) -> Tensor:
    return torch.where(mel < 15, mel * 200 / 3, 1000 * torch.exp((mel - 15) * math.log(6.4) / 27))


@lru_cache(maxsize=4)
def _slaney_triangles(rate: int, window: int, bins: int) -> Tensor:
    """Mel matrix ``[bins, window/2+1]``: Slaney's scale, each triangle of unit area (Auditory Toolbox, 1998)."""
    top = _slaney_mel(torch.tensor(rate / 2, dtype=torch.float64))
    edges = _slaney_hz(torch.linspace(0, float(top), bins + 2, dtype=torch.float64))[:, None]
    hz = torch.linspace(0, rate / 2, window // 2 + 1, dtype=torch.float64)
    rising = (hz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hz) / (edges[2:] - edges[1:-1])
    area = 2.0 / (edges[2:] - edges[:-2])
    return (torch.minimum(rising, falling).clamp(min=0) * area).float()


def mel_spectrogram(
    wave: Tensor, *, rate: int = 22_050, window: int = 1024, hop: int = 256, bins: int = 80
) -> Tensor:
    """Natural-log mel spectrogram ``[batch, bins, samples // hop]`` of ``wave [batch, samples]``."""
    pad = (window - hop) // 2
    padded = F.pad(wave[:, None], (pad, pad), mode="reflect")[:, 0]
    spectrum = torch.stft(
        padded,
        window,
        hop_length=hop,
        window=torch.hann_window(window, device=wave.device),
        center=False,
        return_complex=True,
    )
    magnitude = torch.sqrt(spectrum.real**2 + spectrum.imag**2 + 1e-9)
    triangles = _slaney_triangles(rate, window, bins).to(wave.device)
    return (triangles @ magnitude).clamp(min=1e-5).log()
