"""The estimator through CUDA graphs: one recording for each shape of batch."""

from __future__ import annotations

from torch import Tensor

from ..layers.graphs import GraphCache
from .dit import Estimator, TimeCondition
from .flow import Velocity


def graphed(estimator: Estimator, cache: GraphCache) -> Velocity:
    """``estimator`` as a function that replays recordings; shapes seen for the first time are recorded."""

    def run(
        x: Tensor, prompt: Tensor, content: Tensor, style: Tensor, lengths: Tensor, *time: Tensor
    ) -> Tensor:
        velocity: Tensor = estimator(x, prompt, content, style, lengths, TimeCondition(*time))
        return velocity

    def velocity(
        x: Tensor,
        prompt: Tensor,
        content: Tensor,
        style: Tensor,
        lengths: Tensor,
        time: TimeCondition,
    ) -> Tensor:
        parts = (time.attention, time.feed_forward, time.closing, time.gates, time.final)
        drawn: Tensor = cache(tuple(x.shape), run, x, prompt, content, style, lengths, *parts)
        return drawn

    return velocity
