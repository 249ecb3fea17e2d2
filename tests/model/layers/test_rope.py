"""Rotary positions."""

import pytest
import torch

from seiyuu.model.layers.rope import rope_table, rotate

pytestmark = pytest.mark.unit

CPU = torch.device("cpu")


def test_scores_depend_on_the_distance_only() -> None:
    """Two vectors three apart have the same product wherever they stand."""
    table = rope_table(20, 8, CPU)
    q, k = torch.arange(8.0).expand(1, 1, 20, 8), torch.arange(8.0, 0, -1).expand(1, 1, 20, 8)
    scores = (rotate(q, table) @ rotate(k, table).transpose(-1, -2))[0, 0]
    near = scores.diagonal(-3)
    torch.testing.assert_close(near, near[:1].expand_as(near), atol=1e-3, rtol=0)


def test_the_first_position_is_not_turned() -> None:
    """Position 0 has angle 0, and turning keeps lengths."""
    table = rope_table(4, 8, CPU)
    x = torch.arange(32.0).reshape(1, 1, 4, 8)
    turned = rotate(x, table)
    assert torch.equal(turned[0, 0, 0], x[0, 0, 0])
    torch.testing.assert_close(turned.norm(dim=-1), x.norm(dim=-1))
