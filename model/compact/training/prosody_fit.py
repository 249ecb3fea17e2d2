"""Fits the prosody network to teacher frames.

Besides noise on the frames before, in the last part of the training those frames are the network's own answers:
Bengio et al., "Scheduled sampling for sequence prediction with recurrent neural networks" (2015), in the parallel
form of Mihaylova & Martins, "Scheduled sampling for transformers" (2019).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from ....streaming.audio import Samples
from ..prosody_features import F0, OUTPUTS, STRETCH, VOICED
from .prosody_batches import Batch, batches, blurred, collate, features
from .prosody_net import SHAPE, ProsodyNet, Shape, causal_bias, gather
from .taught import Taught

log = logging.getLogger(__name__)

WEIGHTS = torch.tensor([1.0, 1.5, 1.5, 0.3, 0.3, 0.4, 0.4, 1.0, 1.0, 1.0])
SPREAD_WEIGHT = 0.05
MIN_SPREAD = 0.01
READ_SHARE = 0.85
"""Takes that are shown the neutral reading."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long, how fast, and when the training grows harder, in shares of its ``steps``.

    Batches hold ``frames``. The learning rate climbs for ``warm`` steps, stays at ``peak``, and falls to nothing in
    the last ``fall``. From ``own_from`` on, half of the frames before are the network's own. From ``read_from`` on
    most takes are shown the neutral reading; until then the network must find F0 in the tokens alone.
    """

    steps: int
    frames: int = 2048
    peak: float = 8e-4
    warm: int = 150
    fall: float = 0.35
    own_from: float = 0.7
    read_from: float = 0.625
    average: float = 0.997

    def rate(self, step: int) -> float:
        """The learning rate of a step."""
        left = (self.steps - step) / (self.fall * self.steps)
        return self.peak * min(1.0, (step + 1) / self.warm, max(left, 0.0))


@lru_cache(maxsize=64)
def _bias(count: int, shape: Shape, device: torch.device) -> torch.Tensor:
    return causal_bias(count, shape).to(device, torch.bfloat16)


def predict(
    net: ProsodyNet, batch: Batch, before: Samples, known: Samples, read: Samples
) -> torch.Tensor:
    """The network's outputs and spreads for all frames of a batch, ``[B, T, 12]``."""
    device = batch.place.device
    with torch.autocast(device.type, dtype=torch.bfloat16):
        knots = net.tokens(batch.encoded, batch.style, batch.tokens)
        vectors = gather(knots, batch.token, batch.weights)
        bias = _bias(batch.token.shape[1], net.shape, device)
        out = net.frames(vectors, features(batch, before, known, read), bias)
    return out.float()


def errors(out: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Mean error of each output, ``[10]``: absolute, and for the voicing the cross entropy."""
    answer, valid = batch.answer, batch.valid[..., None]
    voiced = answer[..., VOICED] * valid
    far = (out[..., : len(OUTPUTS)] - answer).abs() * valid
    crossed = functional.binary_cross_entropy_with_logits(
        out[..., VOICED], answer[..., VOICED], reduction="none"
    )
    total = valid.sum()
    mean = far.sum((0, 1)) / total
    pitch = (far[..., F0] * voiced).sum((0, 1)) / voiced.sum((0, 1)).clamp(min=1.0)
    voice = (crossed * valid).sum((0, 1)) / total
    return torch.cat([mean[:1], pitch, voice, mean[5:]])


def _spread_loss(out: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Laplace likelihood of what the outputs miss; teaches the spreads only."""
    missed = (out[..., : len(OUTPUTS)].detach() - batch.answer).abs()
    seen = batch.answer[..., VOICED].prod(-1) * batch.valid
    loss = out.new_zeros(())
    for place, miss, mask in (
        (0, missed[..., STRETCH], batch.valid),
        (1, missed[..., F0].mean(-1), seen),
    ):
        spread = functional.softplus(out[..., len(OUTPUTS) + place]) + MIN_SPREAD
        loss = loss + ((miss / spread + spread.log()) * mask).sum() / mask.sum().clamp(min=1.0)
    return loss


def _own(out: torch.Tensor, batch: Batch, rng: np.random.Generator) -> Samples:
    """The answers with half of the frames replaced by what the network says."""
    said = out[..., : len(OUTPUTS)].clone()
    said[..., VOICED] = (said[..., VOICED] > 0).float()
    said[..., F0] *= said[..., VOICED]
    chosen = torch.from_numpy(rng.random(batch.valid.shape) < 0.5).to(said.device)
    mixed: Samples = torch.where(chosen[..., None], said, batch.answer).cpu().numpy()
    return mixed


def _endless(takes: Sequence[Taught], frames: int, rng: np.random.Generator) -> Iterator[Batch]:
    while True:
        yield from batches(takes, frames, rng)


class Trainer:
    """A network, its optimiser and the running average of its weights, which is what is kept."""

    def __init__(self, schedule: Schedule, seed: int, shape: Shape = SHAPE) -> None:
        torch.manual_seed(seed)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.schedule = schedule
        self.net = ProsodyNet(shape).to(self.device)
        self.average = ProsodyNet(shape).to(self.device)
        self.average.load_state_dict(self.net.state_dict())
        self.optimiser = torch.optim.AdamW(
            self.net.parameters(), weight_decay=0.02, betas=(0.9, 0.98), fused=True
        )
        self.rng = np.random.default_rng(seed)
        self.step = 0

    def run(
        self,
        takes: Sequence[Taught],
        held_out: Sequence[Taught],
        checkpoint: Path,
        until: int | None = None,
    ) -> None:
        """Train to the schedule's end, or ``until`` a step; the state is saved every 250 steps."""
        start, began = time.monotonic(), self.step
        end = self.schedule.steps if until is None else min(until, self.schedule.steps)
        mean = torch.zeros(len(OUTPUTS))
        for batch in _endless(takes, self.schedule.frames, self.rng):
            if self.step >= end:
                break
            mean = 0.98 * mean + 0.02 * self._learn(batch.to(self.device)).cpu()
            self.step += 1
            if self.step % 50 == 0:
                pace = (time.monotonic() - start) / (self.step - began)
                log.info("step %d, %.2f s each, errors %s", self.step, pace, _told(mean))
            if self.step % 250 == 0 or self.step == end:
                log.info("step %d, held out %s", self.step, _told(self.judge(held_out)))
                self.save(checkpoint)

    def _learn(self, batch: Batch) -> torch.Tensor:
        for group in self.optimiser.param_groups:
            group["lr"] = self.schedule.rate(self.step)
        shown = batch.answer.cpu().numpy()
        begun = self.step >= self.schedule.read_from * self.schedule.steps
        read = (begun & (self.rng.random(len(shown)) < READ_SHARE)).astype(np.float32)
        if self.step >= self.schedule.own_from * self.schedule.steps:
            with torch.no_grad():
                said = predict(self.net, batch, *blurred(shown, self.rng), read)
                shown = _own(said, batch, self.rng)
        out = predict(self.net, batch, *blurred(shown, self.rng), read)
        error = errors(out, batch)
        loss = (error * WEIGHTS.to(self.device)).sum() + SPREAD_WEIGHT * _spread_loss(out, batch)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        keep = min(self.schedule.average, (self.step + 1) / (self.step + 20))
        with torch.no_grad():
            for kept, new in zip(self.average.parameters(), self.net.parameters(), strict=True):
                kept.lerp_(new, 1 - keep)
        return error.detach()

    @torch.no_grad()
    def judge(self, takes: Sequence[Taught]) -> torch.Tensor:
        """Errors of the averaged weights on takes, the true frames before given."""
        total = torch.zeros(len(OUTPUTS))
        for begin in range(0, len(takes), 16):
            batch = collate(takes[begin : begin + 16]).to(self.device)
            before = np.zeros(batch.answer.shape, np.float32)
            before[:, 1:] = batch.answer[:, :-1].cpu().numpy()
            known = np.ones(before.shape[:2], np.float32)
            known[:, 0] = 0.0
            read = np.ones(len(before), np.float32)
            total += errors(predict(self.average, batch, before, known, read), batch).cpu()
        return total / max(-(-len(takes) // 16), 1)

    def save(self, path: Path) -> None:
        """Everything needed to go on."""
        partial = path.with_suffix(".partial")
        state = {
            "step": self.step,
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        torch.save(state, partial)
        partial.rename(path)

    def resume(self, path: Path) -> None:
        """Go on from what :meth:`save` wrote."""
        state = torch.load(path, map_location=self.device)
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]


def _told(mean: torch.Tensor) -> str:
    return " ".join(
        f"{name} {value:.3f}" for name, value in zip(OUTPUTS, mean.tolist(), strict=True)
    )
