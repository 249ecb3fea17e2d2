"""Convolutions: weight-normalised ones as checkpoints store them, and reflection at each row's own edge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class NormedConv1d(nn.Conv1d):
    """A convolution whose checkpoint holds direction and gain apart (Salimans & Kingma 2016).

    The module itself keeps the plain product; :func:`fold_weight_norm` makes it while loading.
    """


class NormedConvTranspose1d(nn.ConvTranspose1d):
    """The same, transposed; the gain is per input channel, the first axis of the weight."""


class NormedLinear(nn.Linear):
    """The same for a matrix."""


NORMED = (NormedConv1d, NormedConvTranspose1d, NormedLinear)


def fold_weight_norm(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Replace each ``x.weight_g``, ``x.weight_v`` by ``x.weight`` = g · v / ‖v‖.

    The norm runs over all axes but the first.
    """
    folded = {k: v for k, v in state.items() if not k.endswith((".weight_g", ".weight_v"))}
    for key, gain in state.items():
        if key.endswith(".weight_g"):
            direction = state[key[:-1] + "v"]
            norm = direction.flatten(1).norm(dim=1).reshape(gain.shape)
            folded[key[:-2]] = direction * (gain / norm)
    return folded


def stored_shapes(module: nn.Module, skip: Iterable[str] = ()) -> dict[str, tuple[int, ...]]:
    """Names and shapes a checkpoint of ``module`` has, weight norm unfolded, without the names in ``skip``."""
    normed = {name for name, child in module.named_modules() if isinstance(child, NORMED)}
    shapes: dict[str, tuple[int, ...]] = {}
    for key, value in module.state_dict().items():
        owner, _, leaf = key.rpartition(".")
        shape = tuple(value.shape)
        if leaf == "weight" and owner in normed:
            shapes[f"{key}_g"] = (shape[0], *(1 for _ in shape[1:]))
            shapes[f"{key}_v"] = shape
        elif key not in set(skip):
            shapes[key] = shape
    return shapes


def reflect_pad(x: Tensor, pad: int, lengths: Tensor | None = None) -> Tensor:
    """Reflect ``x [batch, channels, time]`` by ``pad`` at both ends, on the right at each row's own length.

    ``lengths [batch]`` None means the full time for every row. Rows must be longer than ``pad``. What lies
    behind a row's reflected edge is left as it was.
    """
    padded = F.pad(x, (pad, pad), mode="reflect")
    if lengths is None:
        return padded
    steps = torch.arange(pad, device=x.device)
    source = (lengths[:, None] - 2 - steps).clamp(min=0)
    target = lengths[:, None] + pad + steps
    shape = (-1, x.shape[1], -1)
    mirrored = x.gather(2, source[:, None].expand(*shape))
    return padded.scatter(2, target[:, None].expand(*shape), mirrored)
