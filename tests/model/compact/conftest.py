"""The packaged weights, cut once for all tests, and the networks that run them."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from seiyuu.model.compact.decoder import Decoder
from seiyuu.model.compact.engine import CompactCore
from seiyuu.model.compact.graph import Graph
from seiyuu.model.compact.personas import personas, statistics_of, style_of
from seiyuu.model.compact.prepare import Parts, prepare, read_weights
from seiyuu.model.compact.stages import Stages
from seiyuu.model.compact.statistics import Array, Conditioning
from seiyuu.model.compact.synthesis import Frames, predict

PHONEMES = "hˌWdˈi!"


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    return prepare(tmp_path_factory.mktemp("compact"))


@pytest.fixture(scope="session")
def core() -> CompactCore:
    """The engine as it ships."""
    made = CompactCore(threads=2)
    made.load()
    return made


@pytest.fixture(scope="session")
def stages(parts: Parts) -> Stages:
    return Stages(parts)


@pytest.fixture(scope="session")
def decoder(parts: Parts) -> Decoder:
    """In float32, where laws hold closely on every CPU."""
    return Decoder(parts, precision="f32", emit_frames=(4, 8))


@pytest.fixture(scope="session")
def style() -> Array:
    return style_of(personas()[0], "en")


@pytest.fixture(scope="session")
def frames(stages: Stages, style: Array) -> Frames:
    """A short word: about 50 frames with its silence."""
    return predict(stages, PHONEMES, style)


@pytest.fixture(scope="session")
def conditioning(decoder: Decoder, style: Array) -> Conditioning:
    return decoder.condition(style[:128], statistics_of(personas()[0]))


@pytest.fixture(scope="session")
def packaged() -> onnx.ModelProto:
    """The network as the packages carry it."""
    return onnx.load_model_from_string(read_weights())


@pytest.fixture
def graph(packaged: onnx.ModelProto) -> Graph:
    return Graph(packaged)


def snr_db(wanted: Array, got: Array) -> float:
    """How far the difference lies below the signal."""
    difference = float(np.square(wanted - got, dtype=np.float64).sum())
    return float(10 * np.log10(np.square(wanted, dtype=np.float64).sum() / max(difference, 1e-20)))
