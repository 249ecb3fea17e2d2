"""The published networks' recorded data, where they are at hand."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from seiyuu.model.layers.conv import fold_weight_norm, stored_shapes

ROOT = Path(__file__).parents[2]
PLACES = [folder / "shared" / "indextts2" for folder in ROOT.parents]
RECORDED = next((place for place in PLACES if place.is_dir()), PLACES[0])
TOLERANCE = 1e-4

torch.set_num_threads(1)


@dataclass
class Recording:
    """One file: a state dict under official names, inputs, and outputs."""

    state: dict[str, Tensor]
    given: dict[str, Tensor]
    wanted: dict[str, Tensor]

    def fill(self, module: nn.Module, prefix: str = "") -> None:
        """Load every parameter of ``module``; its official names and shapes must be in the file."""
        known = {k.removeprefix(prefix): v for k, v in self.state.items() if k.startswith(prefix)}
        for name, shape in stored_shapes(module).items():
            assert tuple(known[name].shape) == shape, name
        folded = fold_weight_norm(known)
        module.load_state_dict({name: folded[name] for name in module.state_dict()})
        module.eval()

    def check(self, name: str, got: Tensor, tolerance: float = TOLERANCE) -> None:
        """``got`` is the recorded output ``name`` within an absolute tolerance."""
        wanted = self.wanted[name]
        assert got.shape == wanted.shape
        worst = float((got.double() - wanted.double()).abs().max())
        assert worst <= tolerance, f"{name}: off by {worst:.2e}"


@pytest.fixture
def recording() -> Callable[[str], Recording]:
    """Opens a recorded file by name; skips, and says so, where the data are not at hand."""

    def load(name: str) -> Recording:
        path = RECORDED / "golden" / f"{name}.safetensors"
        if not path.exists():
            pytest.skip(f"the published networks' recorded data are not here: {path}")
        parts: dict[str, dict[str, Tensor]] = {"sd": {}, "in": {}, "out": {}}
        for key, value in load_file(path).items():
            kind, _, rest = key.partition(".")
            parts[kind][rest] = value
        return Recording(parts["sd"], parts["in"], parts["out"])

    return load


@pytest.fixture
def official_keys() -> Callable[[str], dict[str, tuple[str, tuple[int, ...]]]]:
    """Names, dtypes and shapes of an official file; skips, and says so, where the lists are not at hand."""

    def load(name: str) -> dict[str, tuple[str, tuple[int, ...]]]:
        path = RECORDED / "keys" / f"{name}.json"
        if not path.exists():
            pytest.skip(f"the lists of the official files' tensors are not here: {path}")
        return {
            key: (value[0], tuple(value[1]))
            for key, value in json.loads(path.read_text()).items()
            if key != "_file"
        }

    return load
