"""CUDA graphs: a step of fixed shape is recorded once and replayed without the cost of launching it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import torch
from torch import Tensor


def round_up(count: int, most: int) -> int:
    """The next power of two, at most ``most``: batches of few sizes need few recordings."""
    return min(1 << (count - 1).bit_length(), max(most, count))


class GraphCache:
    """Calls a function through a recorded graph where the device is a GPU, plainly where it is not.

    The function must read its inputs and any state at fixed addresses, write state in place, and wait for
    nothing. The least recently used recording beyond ``limit`` is dropped.
    """

    def __init__(self, device: torch.device, limit: int = 64) -> None:
        self.enabled = device.type == "cuda"
        self._limit = limit
        self._recorded: OrderedDict[Hashable, _Recording] = OrderedDict()

    def __len__(self) -> int:
        return len(self._recorded)

    def __call__(
        self,
        key: Hashable,
        function: Callable[..., Any],
        *inputs: Tensor,
        state: Sequence[Tensor] = (),
    ) -> Any:
        """``function(*inputs)``; on a GPU the result lives until the next call with the same ``key``.

        ``state`` is what the function changes and depends on: recording has to run it before it counts, and puts
        these tensors back.
        """
        if not self.enabled:
            return function(*inputs)
        recording = self._recorded.get(key)
        if recording is None:
            recording = _Recording(function, inputs, state)
            self._recorded[key] = recording
            if len(self._recorded) > self._limit:
                self._recorded.popitem(last=False)
        self._recorded.move_to_end(key)
        return recording.replay(inputs)

    def clear(self) -> None:
        """Drop all recordings, and the memory they hold."""
        self._recorded.clear()


class _Recording:
    def __init__(
        self, function: Callable[..., Any], inputs: tuple[Tensor, ...], state: Sequence[Tensor]
    ) -> None:
        before = [x.clone() for x in state]
        self._inputs = tuple(x.clone() for x in inputs)
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(2):  # libraries choose their kernels and workspaces on the first calls
                function(*self._inputs)
                for kept, old in zip(state, before, strict=True):
                    kept.copy_(old)
        torch.cuda.current_stream().wait_stream(side)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._outputs = function(*self._inputs)

    def replay(self, inputs: tuple[Tensor, ...]) -> Any:
        for kept, new in zip(self._inputs, inputs, strict=True):
            kept.copy_(new)
        self._graph.replay()
        return self._outputs
