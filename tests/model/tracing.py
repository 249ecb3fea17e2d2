"""A stand-in for CUDA graphs on a CPU: the function's operations are traced once, with what they read and write.

As with the real thing, replaying runs no Python of the function: state must be written in place, inputs lie at fixed
addresses, and whatever asks a value back from the device or brings one from the host cannot be recorded.
"""

from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch.fx.experimental.proxy_tensor import make_fx

FORBIDDEN = ("lift_fresh_copy", "_local_scalar_dense", "nonzero", "pin_memory.default")


class TracingRecorder:
    """See ``seiyuu.model.layers.graphs.Recorder``; ``recorded`` counts."""

    def __init__(self) -> None:
        self.recorded = 0
        self.replayed = 0

    def __call__(
        self, function: Callable[..., Any], inputs: tuple[Tensor, ...]
    ) -> tuple[Callable[[], None], Any]:
        traced = make_fx(lambda *given: function(*given))(*inputs)
        strange = [
            n.target for n in traced.graph.nodes if any(f in str(n.target) for f in FORBIDDEN)
        ]
        if strange:
            raise RuntimeError(f"a device could not record {strange[0]}")
        first = traced(*inputs)
        several = isinstance(first, tuple | list)
        kept = tuple(x.clone() for x in (first if several else (first,)))
        self.recorded += 1

        def replay() -> None:
            self.replayed += 1
            made = traced(*inputs)
            for old, new in zip(kept, made if several else (made,), strict=True):
                old.copy_(new)

        return replay, kept if several else kept[0]
