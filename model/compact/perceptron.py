"""A small feed-forward network in numpy, with the gradient with respect to its input."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from .statistics import Array


class Perceptron:
    """Layers of ``x @ weight + bias`` with tanh between them; inputs are standardised first.

    ``arrays`` holds ``middle [n]`` and ``scale [n]`` of the input, and ``weight0``, ``bias0``, ``weight1`` …
    """

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._middle = arrays["middle"].astype(np.float32)
        self._scale = arrays["scale"].astype(np.float32)
        count = sum(name.startswith("weight") for name in arrays)
        self._layers = [
            (arrays[f"weight{n}"].astype(np.float32), arrays[f"bias{n}"].astype(np.float32))
            for n in range(count)
        ]

    @classmethod
    def part(cls, arrays: Mapping[str, Array], prefix: str) -> Perceptron:
        """The network whose arrays' names begin with ``prefix`` and a slash."""
        begin = f"{prefix}/"
        return cls({k[len(begin) :]: v for k, v in arrays.items() if k.startswith(begin)})

    def __call__(self, x: Array) -> Array:
        """Output for ``x [..., n]``."""
        return self.with_gradient(x)[0]

    def with_gradient(self, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        """Output, and what turns a gradient on the output into one on ``x``."""
        hidden = [(x - self._middle) / self._scale]
        for weight, bias in self._layers[:-1]:
            hidden.append(np.tanh(hidden[-1] @ weight + bias))
        weight, bias = self._layers[-1]
        out: Array = (hidden[-1] @ weight + bias).astype(np.float32)

        def back(gradient: Array) -> Array:
            for (w, _), below in zip(reversed(self._layers), reversed(hidden), strict=True):
                gradient = gradient @ w.T
                if below is not hidden[0]:
                    gradient = gradient * (1 - below**2)
            result: Array = (gradient / self._scale).astype(np.float32)
            return result

        return out, back
