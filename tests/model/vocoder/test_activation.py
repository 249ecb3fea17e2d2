"""The anti-aliased activation bends as its formula says."""

import pytest
import torch

from seiyuu.model.vocoder.activation import AntiAliasedSnake

pytestmark = pytest.mark.unit


def test_a_slow_signal_is_bent_as_if_sampled_finely() -> None:
    """Away from the edges, x + sin²(x·eᵅ)/eᵝ."""
    act = AntiAliasedSnake(1)
    act.act.alpha.data.fill_(0.3)
    act.act.beta.data.fill_(-0.2)
    x = torch.sin(torch.arange(200) / 15.0)
    wanted = x + torch.sin(x * torch.tensor(0.3).exp()) ** 2 / torch.tensor(-0.2).exp()
    got = act(x[None, None])[0, 0].detach()
    torch.testing.assert_close(got[20:-20], wanted[20:-20], atol=0.02, rtol=0)
