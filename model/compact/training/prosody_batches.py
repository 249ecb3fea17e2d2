"""Takes in batches of like length, with the frame before each frame as unsure as it will be when speaking freely."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ....streaming.audio import Samples
from ..prosody_features import F0, OUTPUTS, VOICED, knot_weights
from .taught import PLACE, Taught

ALONE_SHARE = 0.15
"""Takes that are shown no frame before: the network must know from the text alone what to say."""

DRIFT = np.array([0.3, 0.5, 0.5, 0.0, 0.0, 0.3, 0.3, 0.15, 0.15, 0.15], np.float32)
"""Largest standard deviation by which the outputs of the frame before are off, drifting slowly."""

DRIFT_KEEP = 0.9
FLIP_SHARE = 0.02
"""Frames before that have voice where there was none, or the other way round."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Takes of ``n`` tokens and ``T`` frames, the shorter ones filled up with zeros.

    ``encoded [B, n, 512]``, ``style [B, 128]``, ``tokens [B, n, 4]``; per frame ``token [B, T]``, ``weights
    [B, T, K]``, ``place [B, T, 17]``, ``answer [B, T, 10]``, ``reading [B, T, 7]``, and ``valid [B, T]``, 0 where a
    take has ended.
    """

    encoded: torch.Tensor
    style: torch.Tensor
    tokens: torch.Tensor
    token: torch.Tensor
    weights: torch.Tensor
    place: torch.Tensor
    answer: torch.Tensor
    reading: torch.Tensor
    valid: torch.Tensor

    def to(self, device: torch.device) -> Batch:
        return Batch(*(getattr(self, name).to(device) for name in self.__slots__))


def batches(takes: Sequence[Taught], frames: int, rng: np.random.Generator) -> Iterator[Batch]:
    """Every take once, in random order of batches of about ``frames`` frames."""
    jitter = rng.uniform(0.95, 1.05, len(takes))
    order = np.argsort([take.length * j for take, j in zip(takes, jitter, strict=True)])
    groups: list[list[Taught]] = [[]]
    for i in order:
        if len(groups[-1]) and _padded(takes[i].length) * (len(groups[-1]) + 1) > frames:
            groups.append([])
        groups[-1].append(takes[i])
    for at in rng.permutation(len(groups)):
        yield collate(groups[at])


def _padded(length: int) -> int:
    return -(-length // 16) * 16


def collate(takes: Sequence[Taught]) -> Batch:
    """Takes side by side, filled up with zeros."""
    frames = _padded(max(take.length for take in takes))
    tokens = max(len(take.tokens) for take in takes)
    return Batch(
        _stack([take.encoded for take in takes], tokens),
        torch.from_numpy(np.stack([take.style for take in takes])),
        _stack([take.tokens for take in takes], tokens),
        _stack([take.token for take in takes], frames),
        _stack([knot_weights(take.fraction) for take in takes], frames),
        _stack([take.place for take in takes], frames),
        _stack([take.answer for take in takes], frames),
        _stack([take.reading for take in takes], frames),
        _stack([np.ones(take.length, np.float32) for take in takes], frames),
    )


def _stack(arrays: Sequence[npt.NDArray[Any]], length: int) -> torch.Tensor:
    kind = np.int64 if arrays[0].dtype == np.int64 else np.float32
    out = np.zeros((len(arrays), length, *arrays[0].shape[1:]), kind)
    for row, array in enumerate(arrays):
        out[row, : len(array)] = array
    return torch.from_numpy(out)


def blurred(outputs: Samples, rng: np.random.Generator) -> tuple[Samples, Samples]:
    """Outputs ``[B, T, 10]`` as the network may meet them as frames before: shifted by one, and off.

    Returns them and whether they are known, ``[B, T]``.
    """
    count, length, _ = outputs.shape
    size = rng.uniform(0, 1, (count, 1, 1)).astype(np.float32) * DRIFT
    fresh = rng.standard_normal(outputs.shape, np.float32)
    fresh[..., 2] = fresh[..., 1] + 0.1 * fresh[..., 2]  # the two F0 values of a frame err together
    drift = np.zeros_like(fresh)
    for t in range(length):
        drift[:, t] = DRIFT_KEEP * drift[:, t - 1] + (1 - DRIFT_KEEP**2) ** 0.5 * fresh[:, t]
    off = outputs + size * drift
    voiced = outputs[..., VOICED] != (rng.random((count, length, 2)) < FLIP_SHARE)
    off[..., VOICED] = voiced
    off[..., F0] *= voiced
    before = np.zeros((count, length, len(OUTPUTS)), np.float32)
    before[:, 1:] = off[:, :-1]
    known = np.ones((count, length), np.float32)
    known[:, 0] = 0.0
    alone = rng.random(count) < ALONE_SHARE
    before[alone], known[alone] = 0.0, 0.0
    return before, known


def features(batch: Batch, before: Samples, known: Samples, read: Samples) -> torch.Tensor:
    """The whole features of frames from their place, the frames before them and, where ``read [B]`` is 1, the
    neutral reading."""
    assert batch.place.shape[-1] == PLACE
    device = batch.place.device
    known_, before_ = (torch.from_numpy(x).to(device) for x in (known[..., None], before))
    reading = batch.reading * torch.from_numpy(read).to(device)[:, None, None]
    return torch.cat([batch.place, known_, before_, reading], dim=-1)
