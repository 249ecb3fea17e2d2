"""Chunked playing equals whole playing."""

import numpy as np
import pytest
import torch

from seiyuu.model.layers.random import frame_noise
from seiyuu.model.vocoder.bigvgan import BigVGAN
from seiyuu.model.vocoder.overlap import REACH, cross_fade, play_part, to_samples

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def vocoder() -> BigVGAN:
    """Every kernel and dilation of the released network, few channels, in float64."""
    torch.set_num_threads(1)
    model = BigVGAN(mel_bins=8, channels=64).double().eval().requires_grad_(False)
    for seed, (name, value) in enumerate(model.state_dict().items()):
        if value.is_floating_point() and not name.endswith("filter"):
            rows = value.numel() // value.shape[-1]
            drawn = frame_noise(seed, 0, torch.arange(rows), value.shape[-1]).reshape(value.shape)
            value.copy_(drawn * 0.5 / max(1, value[0].numel()) ** 0.5)
    model.conv_post.weight *= 0.05
    return model


def mel(frames: int) -> torch.Tensor:
    return frame_noise(1, 0, torch.arange(frames), 8).T.double()


@pytest.mark.parametrize(("context", "tolerance"), [(REACH, 1e-12), (20, 1e-4)])
def test_chunks_with_context_equal_the_whole(
    vocoder: BigVGAN, context: int, tolerance: float
) -> None:
    """With the full reach exactly, with twenty frames within 1e-4."""
    whole_mel = mel(120)
    whole = vocoder(whole_mel[None])[0]
    assert 0.001 < float(whole.abs().mean()) < 0.9
    cuts = [0, 26, 70, 120]
    parts = [
        play_part(vocoder, whole_mel, a, b, context, context)
        for a, b in zip(cuts, cuts[1:], strict=False)
    ]
    torch.testing.assert_close(torch.cat(parts), whole, atol=tolerance, rtol=0)


def test_no_context_is_heard(vocoder: BigVGAN) -> None:
    """The test above could fail: without context the chunks differ from the whole."""
    whole_mel = mel(40)
    part = play_part(vocoder, whole_mel, 20, 40, 0, 0)
    assert float((part - vocoder(whole_mel[None])[0, 20 * 256 :]).abs().max()) > 1e-3


def test_a_cross_fade_goes_from_the_old_to_the_new() -> None:
    """It starts near the old, ends in the new, and keeps the new length."""
    mixed = cross_fade(np.ones(100, np.float32), np.zeros(300, np.float32))
    assert len(mixed) == 300
    assert mixed[0] > 0.99
    assert mixed[99] < 0.01
    assert not mixed[100:].any()
    assert (np.diff(mixed[:100]) < 0).all()


def test_nothing_to_fade_from_changes_nothing() -> None:
    """The first chunk begins as it is."""
    new = to_samples(torch.arange(5.0))
    np.testing.assert_array_equal(cross_fade(np.zeros(0, np.float32), new), new)
