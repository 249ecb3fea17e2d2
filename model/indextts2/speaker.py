"""CAMPPlus: a densely connected time-delay network with context gates (Wang et al. 2023), 192 numbers for a voice."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .config import SpeakerConfig

SEGMENT = 100
"""Frames over which a gate's local context is averaged."""


class _Residual(nn.Module):
    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, (stride, 1), 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.shortcut = nn.Sequential()
        if stride != 1:
            self.shortcut.append(nn.Conv2d(channels, channels, 1, (stride, 1), bias=False))
            self.shortcut.append(nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class _Head(nn.Module):
    """Two-dimensional front: frequency down eightfold, time untouched."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.layer1 = nn.Sequential(_Residual(channels, 2), _Residual(channels, 1))
        self.layer2 = nn.Sequential(_Residual(channels, 2), _Residual(channels, 1))
        self.conv2 = nn.Conv2d(channels, channels, 3, (2, 1), 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x[:, None])))
        y = self.layer2(self.layer1(y))
        return F.relu(self.bn2(self.conv2(y))).flatten(1, 2)


class _Nonlinear(nn.Module):
    """Batch norm, and ReLU unless ``affine`` is off."""

    def __init__(self, channels: int, affine: bool = True) -> None:
        super().__init__()
        self.batchnorm = nn.BatchNorm1d(channels, affine=affine)

    def forward(self, x: Tensor) -> Tensor:
        y = self.batchnorm(x)
        return F.relu(y) if self.batchnorm.affine else y


class _Unit(nn.Module):
    """A linear map and what normalises it; the map comes first unless ``norm_first``."""

    def __init__(
        self,
        inp: int,
        out: int,
        kernel: int = 1,
        stride: int = 1,
        *,
        norm_first: bool = False,
        affine: bool = True,
    ) -> None:
        super().__init__()
        self.linear = nn.Conv1d(inp, out, kernel, stride, kernel // 2, bias=False)
        self.nonlinear = _Nonlinear(inp if norm_first else out, affine)
        self.norm_first = norm_first

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(self.nonlinear(x)) if self.norm_first else self.nonlinear(self.linear(x))


class _ContextGate(nn.Module):
    """A convolution whose channels are gated by the mean over all time and over the frame's own segment."""

    def __init__(self, inp: int, out: int, dilation: int) -> None:
        super().__init__()
        self.linear_local = nn.Conv1d(inp, out, 3, padding=dilation, dilation=dilation, bias=False)
        self.linear1 = nn.Conv1d(inp, inp // 2, 1)
        self.linear2 = nn.Conv1d(inp // 2, out, 1)

    def forward(self, x: Tensor) -> Tensor:
        segments = F.avg_pool1d(x, SEGMENT, SEGMENT, ceil_mode=True)
        local = segments.repeat_interleave(SEGMENT, 2)[..., : x.shape[2]]
        context = x.mean(2, keepdim=True) + local
        gate = torch.sigmoid(self.linear2(F.relu(self.linear1(context))))
        return self.linear_local(x) * gate


class _DenseLayer(nn.Module):
    def __init__(self, inp: int, hidden: int, growth: int, dilation: int) -> None:
        super().__init__()
        self.nonlinear1 = _Nonlinear(inp)
        self.linear1 = nn.Conv1d(inp, hidden, 1, bias=False)
        self.nonlinear2 = _Nonlinear(hidden)
        self.cam_layer = _ContextGate(hidden, growth, dilation)

    def forward(self, x: Tensor) -> Tensor:
        y = self.cam_layer(self.nonlinear2(self.linear1(self.nonlinear1(x))))
        return torch.cat([x, y], 1)


class CamPlus(nn.Module):
    """``forward(features [batch, frames, 80])`` gives the speaker embedding ``[batch, 192]``, not normalised."""

    def __init__(self, config: SpeakerConfig) -> None:
        super().__init__()
        self.head = _Head(config.head_channels)
        width = config.channels
        self.xvector = nn.Sequential()
        self.xvector.add_module("tdnn", _Unit(config.head_channels * config.bins // 8, width, 5, 2))
        for block, (layers, dilation) in enumerate(
            zip(config.blocks, config.dilations, strict=True), 1
        ):
            dense = nn.Sequential()
            for j in range(layers):
                layer = _DenseLayer(
                    width, config.bottleneck * config.growth, config.growth, dilation
                )
                dense.add_module(f"tdnnd{j + 1}", layer)
                width += config.growth
            self.xvector.add_module(f"block{block}", dense)
            self.xvector.add_module(f"transit{block}", _Unit(width, width // 2, norm_first=True))
            width //= 2
        self.xvector.add_module("out_nonlinear", _Nonlinear(width))
        self.xvector.add_module("stats", _Statistics())
        self.xvector.add_module("dense", _Unit(2 * width, config.embedding, affine=False))

    def forward(self, features: Tensor) -> Tensor:
        return self.xvector(self.head(features.transpose(1, 2)))[..., 0]


class _Statistics(nn.Module):
    """Mean and unbiased standard deviation over time, side by side."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x.mean(2), x.std(2, correction=1)], 1)[..., None]
