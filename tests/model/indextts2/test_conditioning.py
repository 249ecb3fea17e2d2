"""Choosing the prompt's stretch."""

import pytest
import torch

from seiyuu.model.indextts2.conditioning import quietest_window

pytestmark = pytest.mark.unit


def test_a_short_prompt_is_kept_whole() -> None:
    """Nothing to choose."""
    assert quietest_window(torch.zeros(4, 20), 30) == (0, 20)
    assert quietest_window(torch.zeros(4, 20), 20) == (0, 20)


def test_a_long_prompt_is_cut_where_it_is_quiet() -> None:
    """Both ends fall into pauses where there is such a place."""
    energy = torch.ones(100)
    energy[[13, 42]] = -5.0
    assert quietest_window(energy.expand(4, -1), 30) == (13, 43)
