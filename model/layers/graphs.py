"""CUDA graphs: a step of fixed shape is recorded once and replayed without the cost of launching it."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

log = logging.getLogger(__name__)

WARM_RUNS = 2
"""Runs before a recording: libraries choose their kernels and workspaces on the first calls."""


def round_up(count: int, most: int) -> int:
    """The next power of two, at most ``most``: batches of few sizes need few recordings."""
    return min(1 << (count - 1).bit_length(), max(most, count))


class Recorder(Protocol):
    """Records a function over inputs at fixed addresses."""

    def __call__(
        self, function: Callable[..., Any], inputs: tuple[Tensor, ...]
    ) -> tuple[Callable[[], None], Any]:
        """What runs it again on whatever ``inputs`` then hold, and the outputs that this rewrites."""
        ...


class CudaRecorder:
    """Recordings that share one pool of memory, since only one of them runs at a time."""

    def __init__(self) -> None:
        self._pool = torch.cuda.graph_pool_handle()

    def __call__(
        self, function: Callable[..., Any], inputs: tuple[Tensor, ...]
    ) -> tuple[Callable[[], None], Any]:
        """See :class:`Recorder`."""
        before = torch.cuda.current_stream()
        aside = torch.cuda.Stream()
        aside.wait_stream(before)
        with torch.cuda.stream(aside):
            for _ in range(WARM_RUNS):
                function(*inputs)
        before.wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        try:
            # other threads of the process (the reader of descriptions) may use the device meanwhile
            with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
                outputs = function(*inputs)
        except RuntimeError:
            torch.cuda.set_stream(before)  # a failed recording leaves its own stream behind
            raise
        return graph.replay, outputs


class GraphCache:
    """Calls a function through a recording where the device is a GPU, plainly where it is not.

    The function must read its inputs and any state at fixed addresses, write state in place, and wait for
    nothing. The least recently used recording beyond ``limit`` is dropped. Where recording fails, calls are plain
    from then on, and :attr:`failure` says why.
    """

    def __init__(
        self, device: torch.device, limit: int = 64, recorder: Recorder | None = None
    ) -> None:
        if recorder is None and device.type == "cuda":
            recorder = CudaRecorder()
        self._recorder = recorder
        self._limit = limit
        self._recorded: OrderedDict[Hashable, _Recording] = OrderedDict()
        self.failure: str | None = None

    @property
    def enabled(self) -> bool:
        """Whether calls go through recordings."""
        return self._recorder is not None and self.failure is None

    def __len__(self) -> int:
        return len(self._recorded)

    def __call__(
        self,
        key: Hashable,
        function: Callable[..., Any],
        *inputs: Tensor,
        state: Sequence[Tensor] = (),
    ) -> Any:
        """``function(*inputs)``; what comes out of a recording lives until the next call of this cache.

        ``state`` is what the function changes and depends on: it is left as it was by a call that runs out of
        memory, and recording, which has to run the function before it counts, puts it back.
        """
        recording = self._recorded.get(key)
        if recording is None and self.enabled:
            recording = self._record(key, function, inputs, state)
        if recording is None:
            return _plainly(function, inputs, state)
        self._recorded.move_to_end(key)
        return recording.replay(inputs)

    def clear(self) -> None:
        """Drop all recordings, and the memory they hold."""
        self._recorded.clear()

    def _record(
        self,
        key: Hashable,
        function: Callable[..., Any],
        inputs: tuple[Tensor, ...],
        state: Sequence[Tensor],
    ) -> _Recording | None:
        """A new recording, or None where there is no room for one or the function cannot be recorded."""
        assert self._recorder is not None
        before = [x.clone() for x in state]
        try:
            recording = _Recording(self._recorder, function, inputs)
        except torch.OutOfMemoryError:
            self.clear()  # what the others hold may be just what is missing
            return None
        except RuntimeError as error:
            self.clear()
            self.failure = str(error)
            log.warning("a step could not be recorded, it is slower from now on: %s", error)
            return None
        finally:
            _restore(state, before)
        self._recorded[key] = recording
        if len(self._recorded) > self._limit:
            self._recorded.popitem(last=False)
        return recording


class _Recording:
    def __init__(
        self, recorder: Recorder, function: Callable[..., Any], inputs: tuple[Tensor, ...]
    ) -> None:
        self._inputs = tuple(x.clone() for x in inputs)
        self._run, self._outputs = recorder(function, self._inputs)

    def replay(self, inputs: tuple[Tensor, ...]) -> Any:
        for kept, new in zip(self._inputs, inputs, strict=True):
            kept.copy_(new)
        self._run()
        return self._outputs


def _plainly(
    function: Callable[..., Any], inputs: tuple[Tensor, ...], state: Sequence[Tensor]
) -> Any:
    before = [x.clone() for x in state]
    try:
        return function(*inputs)
    except torch.OutOfMemoryError:
        _restore(state, before)
        raise


def _restore(state: Sequence[Tensor], before: Sequence[Tensor]) -> None:
    for kept, old in zip(state, before, strict=True):
        kept.copy_(old)
