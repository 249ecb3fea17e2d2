"""BigVGAN v2: mel spectrogram to waveform (Lee et al. 2023)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..layers.conv import NormedConv1d, NormedConvTranspose1d
from .activation import AntiAliasedSnake


class AmpBlock(nn.Module):
    """For each dilation: bend, dilated convolution, bend, convolution, add."""

    def __init__(self, channels: int, kernel: int, dilations: Sequence[int]) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(
            NormedConv1d(channels, channels, kernel, dilation=d, padding=d * (kernel - 1) // 2)
            for d in dilations
        )
        self.convs2 = nn.ModuleList(
            NormedConv1d(channels, channels, kernel, padding=(kernel - 1) // 2) for _ in dilations
        )
        self.activations = nn.ModuleList(
            AntiAliasedSnake(channels) for _ in range(2 * len(dilations))
        )

    def forward(self, x: Tensor) -> Tensor:
        for i, (dilated, plain) in enumerate(zip(self.convs1, self.convs2, strict=True)):
            y = dilated(self.activations[2 * i](x))
            x = x + plain(self.activations[2 * i + 1](y))
        return x


class BigVGAN(nn.Module):
    """``forward(mel [batch, bins, frames])`` gives ``[batch, frames · hop]`` in −1…1.

    ``reach`` is how many mel frames left and right of a frame its samples depend on at most.
    """

    def __init__(
        self,
        mel_bins: int = 80,
        channels: int = 1536,
        rates: Sequence[int] = (4, 4, 2, 2, 2, 2),
        kernels: Sequence[int] = (8, 8, 4, 4, 4, 4),
        block_kernels: Sequence[int] = (3, 7, 11),
        dilations: Sequence[int] = (1, 3, 5),
    ) -> None:
        super().__init__()
        self.conv_pre = NormedConv1d(mel_bins, channels, 7, padding=3)
        self.ups = nn.ModuleList()
        self.resblocks = nn.ModuleList()
        self.width = len(block_kernels)
        for rate, kernel in zip(rates, kernels, strict=True):
            up = NormedConvTranspose1d(channels, channels // 2, kernel, rate, (kernel - rate) // 2)
            self.ups.append(nn.ModuleList([up]))
            channels //= 2
            self.resblocks.extend(AmpBlock(channels, k, dilations) for k in block_kernels)
        self.activation_post = AntiAliasedSnake(channels)
        self.conv_post = NormedConv1d(channels, 1, 7, padding=3, bias=False)

    def forward(self, mel: Tensor) -> Tensor:
        x = self.conv_pre(mel)
        for i, up in enumerate(self.ups):
            x = up[0](x)  # type: ignore[index]
            blocks = self.resblocks[i * self.width : (i + 1) * self.width]
            x = torch.stack([block(x) for block in blocks]).mean(0)
        x = self.conv_post(self.activation_post(x))
        return x[:, 0].clamp(-1.0, 1.0)
