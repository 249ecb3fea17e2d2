"""Semantic codec: features to codes and back, in the layout of MaskGCT and in that of release 2.5."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..layers.conv import NormedConv1d
from .config import CodecConfig


class _ConvNext(nn.Module):
    """Depthwise convolution, then a two-layer map over channels, scaled and added (Liu et al. 2022)."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv1d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.pwconv1 = nn.Linear(width, inner)
        self.pwconv2 = nn.Linear(inner, width)
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.dwconv(x).transpose(1, 2))
        y = self.pwconv2(F.gelu(self.pwconv1(y))) * self.gamma
        return x + y.transpose(1, 2)


class _Backbone(nn.Module):
    """``[batch, hidden, time]`` to ``[batch, time, width]``."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.embed = nn.Conv1d(config.hidden, config.width, 7, padding=3)
        self.norm = nn.LayerNorm(config.width, eps=1e-6)
        self.convnext = nn.ModuleList(
            _ConvNext(config.width, config.inner) for _ in range(config.layers)
        )
        self.final_layer_norm = nn.LayerNorm(config.width, eps=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.embed(x).transpose(1, 2)).transpose(1, 2)
        for block in self.convnext:
            x = block(x)
        return self.final_layer_norm(x.transpose(1, 2))


def codec_stack(config: CodecConfig) -> nn.Sequential:
    """One half of the codec: features in, features out."""
    return nn.Sequential(_Backbone(config), nn.Linear(config.width, config.hidden))


class _Book(nn.Module):
    """Nearest row by cosine among the codebook, in a space of few dimensions."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.in_project = NormedConv1d(config.hidden, config.codebook_dim, 1)
        self.out_project = NormedConv1d(config.codebook_dim, config.hidden, 1)
        self.codebook = nn.Embedding(config.codebook, config.codebook_dim)

    def encode(self, x: Tensor) -> Tensor:
        """Codes ``[batch, time]`` of ``x [batch, time, hidden]``."""
        low = F.normalize(self.in_project(x.transpose(1, 2)).transpose(1, 2), dim=-1)
        return (low @ F.normalize(self.codebook.weight, dim=-1).T).argmax(-1)

    def decode(self, codes: Tensor) -> Tensor:
        """``[batch, time, hidden]`` of codes; the row as stored, not its unit vector."""
        rows = self.codebook(codes).transpose(1, 2)
        return self.out_project(rows).transpose(1, 2)


class _Quantizer(nn.Module):
    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.quantizers = nn.ModuleList([_Book(config)])


class SemanticCodec(nn.Module):
    """Release 2's codec; 50 codes a second. Only its encoding half is ever run, so only that is loaded."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.encoder = codec_stack(config)
        self.quantizer = _Quantizer(config)

    @property
    def book(self) -> _Book:
        book = self.quantizer.quantizers[0]
        assert isinstance(book, _Book)
        return book

    def quantize(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Codes ``[batch, time]`` and their vectors ``[batch, time, hidden]`` of ``features`` of the same shape."""
        codes = self.book.encode(self.encoder(features.transpose(1, 2)))
        return codes, self.book.decode(codes)

    def embed(self, codes: Tensor) -> Tensor:
        """Vectors ``[batch, n, hidden]`` of codes ``[batch, n]``."""
        return self.book.decode(codes)


class EnhancedCodec(SemanticCodec):
    """Release 2.5's codec; 25 codes a second, decoded back to features at 50 Hz."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__(config)
        self.decoder = codec_stack(config)
        self.down = nn.Conv1d(config.hidden, config.hidden, 3, 2, 1)
        self.up = nn.Conv1d(config.hidden, config.hidden, 3, padding=1)

    def quantize(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """As in release 2, at half the rate of ``features``."""
        halved = F.gelu(self.down(features.transpose(1, 2)))
        return super().quantize(halved.transpose(1, 2))

    def decode(self, codes: Tensor) -> Tensor:
        """Features ``[batch, 2n, hidden]`` of codes ``[batch, n]``."""
        x = self.decoder(self.embed(codes).transpose(1, 2))
        doubled = x.transpose(1, 2).repeat_interleave(2, 2)
        return self.up(doubled).transpose(1, 2)
