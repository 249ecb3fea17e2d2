"""What half precision costs the networks that compute in it on a GPU, on the published data."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from seiyuu.model.indextts2.dit import Estimator
from seiyuu.model.indextts2.flow import FlowJob, FlowSolver
from seiyuu.model.indextts2.gpt import UnifiedVoice

from .test_published import FLOW, VOICE, Open

pytestmark = pytest.mark.golden

HALVES = [torch.bfloat16, torch.float16]


@pytest.fixture(autouse=True)
def _no_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


def apart(got: Tensor, wanted: Tensor) -> float:
    """Root mean square of the difference, as a share of what was wanted."""
    return float((got.float() - wanted).square().mean().sqrt() / wanted.square().mean().sqrt())


@pytest.mark.parametrize(("half", "most"), zip(HALVES, (0.03, 0.004), strict=True))
def test_latents_and_logits(recording: Open, half: torch.dtype, most: float) -> None:
    """The decoder's latents stay within a few hundredths in bfloat16, a few thousandths in float16."""
    data: Any = recording("unified_voice")
    model = UnifiedVoice(VOICE)
    data.fill(model)
    model.to(half)
    prefix, codes = data.wanted["prefix_emb"].to(half), data.given["codes"][0]
    assert apart(model.latents(prefix, codes), data.wanted["latents"]) < most


@pytest.mark.parametrize(("half", "most"), zip(HALVES, (0.03, 0.004), strict=True))
def test_mel(recording: Open, half: torch.dtype, most: float) -> None:
    """Four Euler steps whose transformer computes in half precision; state and last layer stay in float32."""
    data: Any = recording("cfm")
    model = Estimator(FLOW)
    data.fill(model, "estimator.")
    given = data.given
    solver = FlowSolver(copy.deepcopy(model), steps=4, dtype=half)
    job = FlowJob(given["noise"][0].clone(), given["prompt"][0], given["mu"][0], given["style"][0])
    solver.solve(job)
    assert apart(job.x, data.wanted["euler4"][0]) < most
