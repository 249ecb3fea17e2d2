"""SnakeBeta without aliasing: up two, bend, down two (Karras et al. 2021; Lee et al. 2023, BigVGAN)."""

from __future__ import annotations

import math
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TAPS = 12


@lru_cache(maxsize=1)
def kaiser_sinc(cutoff: float = 0.25, half_width: float = 0.3, taps: int = TAPS) -> Tensor:
    """Low-pass filter ``[1, 1, taps]`` of unit gain; ``cutoff`` and ``half_width`` in cycles a sample."""
    attenuation = 2.285 * (taps // 2 - 1) * math.pi * 4 * half_width + 7.95
    if attenuation > 50:
        beta = 0.1102 * (attenuation - 8.7)
    elif attenuation >= 21:
        beta = 0.5842 * (attenuation - 21) ** 0.4 + 0.07886 * (attenuation - 21)
    else:
        beta = 0.0
    window = torch.kaiser_window(taps, periodic=False, beta=beta)
    time = torch.arange(-(taps // 2), taps // 2) + 0.5
    response = 2 * cutoff * window * torch.sinc(2 * cutoff * time)
    return (response / response.sum()).reshape(1, 1, taps)


class _Filter(nn.Module):
    """Holder of one fixed filter, where the checkpoint keeps it."""

    filter: Tensor

    def __init__(self) -> None:
        super().__init__()
        with torch.device("cpu"):  # a hundred of them, made once, whatever device is being built on
            self.register_buffer("filter", kaiser_sinc().clone())


class _Downsample(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lowpass = _Filter()


class _Snake(nn.Module):
    """x + sin²(x·eᵅ) / (eᵝ + 1e-9), one α and β a channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        rate = self.alpha.exp()[:, None]
        height = self.beta.exp()[:, None]
        return x + torch.sin(x * rate).square() / (height + 1e-9)


class AntiAliasedSnake(nn.Module):
    """The activation on ``[batch, channels, time]``; edges are continued by their last value."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.act = _Snake(channels)
        self.upsample = _Filter()
        self.downsample = _Downsample()

    def forward(self, x: Tensor) -> Tensor:
        channels = x.shape[1]
        up = self.upsample.filter.expand(channels, -1, -1)
        x = F.pad(x, (5, 5), mode="replicate")
        x = 2 * F.conv_transpose1d(x, up, stride=2, groups=channels)[..., 15:-15]
        x = self.act(x)
        down = self.downsample.lowpass.filter.expand(channels, -1, -1)
        x = F.pad(x, (5, 6), mode="replicate")
        return F.conv1d(x, down, stride=2, groups=channels)
