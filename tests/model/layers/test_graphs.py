"""Recorded steps; without a GPU they are plain calls."""

import pytest
import torch
from torch import Tensor

from seiyuu.model.layers.graphs import GraphCache

pytestmark = pytest.mark.unit


def test_without_a_gpu_the_function_is_simply_called() -> None:
    """Nothing is recorded, state is changed once a call."""
    cache = GraphCache(torch.device("cpu"))
    state = torch.zeros(1)

    def step(x: Tensor) -> Tensor:
        state.add_(x)
        return state * 2

    assert cache("key", step, torch.ones(1), state=[state]).tolist() == [2.0]
    assert cache("key", step, torch.ones(1), state=[state]).tolist() == [4.0]
    assert len(cache) == 0


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_recording_counts_its_first_call_once() -> None:
    """Warming up and recording leave the state as one call would."""
    device = torch.device("cuda")
    cache = GraphCache(device, limit=1)
    state = torch.zeros(1, device=device)

    def step(x: Tensor) -> Tensor:
        state.add_(x)
        return state * 2

    one = torch.ones(1, device=device)
    assert cache("a", step, one, state=[state]).tolist() == [2.0]
    assert cache("a", step, 3 * one, state=[state]).tolist() == [8.0]
    cache("b", step, one, state=[state])
    assert len(cache) == 1
