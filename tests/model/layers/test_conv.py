"""Weight norm and reflection at each row's own edge."""

import pytest
import torch
import torch.nn.functional as F

from seiyuu.model.layers.conv import (
    NormedConv1d,
    NormedConvTranspose1d,
    fold_weight_norm,
    reflect_pad,
    stored_shapes,
)

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("kind", [NormedConv1d, NormedConvTranspose1d])
def test_folding_is_torchs_own_weight_norm(kind: type[torch.nn.Module]) -> None:
    """Direction and gain multiply to what torch's parametrisation computes."""
    plain = torch.nn.utils.parametrizations.weight_norm(kind(3, 5, 4), dim=0)
    gain = plain.parametrizations.weight.original0.detach()
    direction = plain.parametrizations.weight.original1.detach()
    folded = fold_weight_norm({"a.weight_g": gain * 2, "a.weight_v": direction, "a.bias": gain})
    torch.testing.assert_close(folded["a.weight"], plain.weight.detach() * 2)
    assert folded.keys() == {"a.weight", "a.bias"}


def test_stored_names_have_gain_and_direction_apart() -> None:
    """What a checkpoint holds is not what the module holds."""
    module = torch.nn.Sequential(NormedConv1d(3, 5, 4), torch.nn.Linear(2, 2))
    assert stored_shapes(module) == {
        "0.weight_g": (5, 1, 1),
        "0.weight_v": (5, 3, 4),
        "0.bias": (5,),
        "1.weight": (2, 2),
        "1.bias": (2,),
    }


def test_each_row_is_reflected_at_its_own_end() -> None:
    """A short row in a batch is padded as it would be alone."""
    x = torch.arange(24.0).reshape(2, 1, 12)
    padded = reflect_pad(x, 2, torch.tensor([12, 7]))
    assert torch.equal(padded[:1], F.pad(x[:1], (2, 2), mode="reflect"))
    assert torch.equal(padded[1:, :, :11], F.pad(x[1:, :, :7], (2, 2), mode="reflect"))
