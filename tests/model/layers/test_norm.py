"""Normalisations against their formulas."""

import pytest
import torch

from seiyuu.model.layers.norm import ChannelNorm, RMSNorm, UnitNorm

pytestmark = pytest.mark.unit


def test_rms_norm_has_unit_power() -> None:
    """The mean square over the last axis is one, times the weight."""
    norm = RMSNorm(8)
    norm.weight.data.fill_(3.0)
    out = norm(torch.arange(16.0).reshape(2, 8))
    torch.testing.assert_close(out.square().mean(-1), torch.full((2,), 9.0))


def test_unit_norm_scales_to_the_root_of_the_width() -> None:
    """The length of every vector is the root of its width, times gamma."""
    torch.testing.assert_close(UnitNorm(16)(torch.ones(1, 16) * 5), torch.ones(1, 16))


def test_channel_norm_works_across_channels() -> None:
    """Every time step has mean zero over its channels."""
    out = ChannelNorm(4)(torch.arange(24.0).reshape(2, 4, 3).sqrt())
    torch.testing.assert_close(out.mean(1), torch.zeros(2, 3), atol=1e-5, rtol=0)
