"""Recorded steps; without a GPU they are plain calls, or stand-ins that follow the same rules."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from seiyuu.model.layers.graphs import GraphCache, round_up

from ..tracing import TracingRecorder

pytestmark = pytest.mark.unit

CPU = torch.device("cpu")
ONE = torch.ones(1)


class Counter:
    """A step with state: adds its input and gives twice the sum."""

    def __init__(self, device: torch.device = CPU) -> None:
        self.state = torch.zeros(1, device=device)

    def step(self, x: Tensor) -> Tensor:
        self.state.add_(x)
        return self.state * 2

    def __call__(self, cache: GraphCache, key: str, x: Tensor) -> list[float]:
        found: list[float] = cache(key, self.step, x, state=[self.state]).tolist()
        return found


def test_without_a_gpu_the_function_is_simply_called() -> None:
    """Nothing is recorded, state is changed once a call."""
    cache, counter = GraphCache(CPU), Counter()
    assert [counter(cache, "key", ONE), counter(cache, "key", ONE)] == [[2.0], [4.0]]
    assert len(cache) == 0
    assert not cache.enabled


def test_a_recording_counts_its_first_call_once_and_takes_new_inputs() -> None:
    """Recording has to run the step; it leaves the state as one call would."""
    recorder = TracingRecorder()
    cache, counter = GraphCache(CPU, recorder=recorder), Counter()
    assert counter(cache, "key", ONE) == [2.0]
    assert counter(cache, "key", 3 * ONE) == [8.0]
    assert (recorder.recorded, recorder.replayed) == (1, 2)


def test_the_recording_used_longest_ago_is_dropped() -> None:
    """No more than the limit are kept."""
    recorder = TracingRecorder()
    cache, counter = GraphCache(CPU, limit=2, recorder=recorder), Counter()
    for key in ("a", "b", "a", "c", "a"):
        counter(cache, key, ONE)
    assert len(cache) == 2
    assert recorder.recorded == 3
    cache.clear()
    assert len(cache) == 0


def failing(error: Exception) -> Callable[..., Any]:
    """A recorder that runs the function once, and then cannot go on."""

    def record(function: Callable[..., Any], inputs: tuple[Tensor, ...]) -> Any:
        function(*inputs)
        raise error

    return record


def test_what_cannot_be_recorded_is_called_plainly_from_then_on() -> None:
    """The reason is kept, the state is that of one call each."""
    cache = GraphCache(CPU, recorder=failing(RuntimeError("operation not permitted")))
    counter = Counter()
    assert counter(cache, "key", ONE) == [2.0]
    assert cache.failure == "operation not permitted"
    assert not cache.enabled
    assert counter(cache, "key", ONE) == [4.0]


def test_no_room_for_a_recording_is_no_failure() -> None:
    """The other recordings make room, this call is plain, and recording may succeed later."""
    cache, counter = GraphCache(CPU, recorder=TracingRecorder()), Counter()
    counter(cache, "a", ONE)
    cache._recorder = failing(torch.OutOfMemoryError("no room"))
    assert counter(cache, "b", ONE) == [4.0]
    assert len(cache) == 0
    assert cache.enabled


def test_a_call_that_runs_out_of_memory_leaves_the_state_alone() -> None:
    """However far it came."""
    cache, state = GraphCache(CPU), torch.zeros(1)

    def step(x: Tensor) -> Tensor:
        state.add_(x)
        raise torch.OutOfMemoryError("no room")

    with pytest.raises(torch.OutOfMemoryError):
        cache("key", step, ONE, state=[state])
    assert state.tolist() == [0.0]


def test_the_stand_in_refuses_what_a_device_would() -> None:
    """Asking for a value, or bringing one from the host."""
    for step in (lambda x: x * float(x.sum()), lambda x: x + torch.tensor([1.0])):
        cache = GraphCache(CPU, recorder=TracingRecorder())
        assert cache("key", step, ONE).tolist() in ([1.0], [2.0])
        assert cache.failure is not None


@pytest.mark.parametrize(("count", "wanted"), [(1, 1), (3, 4), (17, 32), (33, 40), (50, 50)])
def test_batches_are_rounded_to_few_sizes(count: int, wanted: int) -> None:
    """Powers of two up to the most there can be."""
    assert round_up(count, 40) == wanted


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_recording_on_a_device_counts_its_first_call_once() -> None:
    """Warming up and recording leave the state as one call would; a step that waits is called plainly."""
    device = torch.device("cuda")
    cache, counter = GraphCache(device, limit=1), Counter(device)
    one = torch.ones(1, device=device)
    assert counter(cache, "a", one) == [2.0]
    assert counter(cache, "a", 3 * one) == [8.0]
    counter(cache, "b", one)
    assert len(cache) == 1
    assert cache("c", lambda x: x * float(x.sum()), one).tolist() == [1.0]
    assert cache.failure is not None
    assert counter(cache, "a", one) == [12.0]
