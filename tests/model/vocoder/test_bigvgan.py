"""Shapes and edges of BigVGAN."""

import pytest
import torch

from seiyuu.model.vocoder.activation import AntiAliasedSnake, kaiser_sinc
from seiyuu.model.vocoder.bigvgan import BigVGAN

pytestmark = pytest.mark.unit


def test_a_frame_is_256_samples() -> None:
    """Any number of frames, in −1…1."""
    model = BigVGAN(mel_bins=4, channels=64, block_kernels=(3,), dilations=(1,))
    for frames in (1, 7):
        wave = model(torch.ones(2, 4, frames) * 9)
        assert wave.shape == (2, frames * 256)
        assert float(wave.detach().abs().max()) <= 1


def test_the_filter_lets_silence_and_constants_through() -> None:
    """Unit gain at zero frequency, symmetric."""
    taps = kaiser_sinc().flatten()
    assert float(taps.sum()) == pytest.approx(1.0)
    torch.testing.assert_close(taps, taps.flip(0))


def test_the_activation_keeps_the_length() -> None:
    """Up two and down two is even."""
    x = torch.linspace(-1, 1, 34).reshape(1, 2, 17)
    assert AntiAliasedSnake(2)(x).shape == x.shape
