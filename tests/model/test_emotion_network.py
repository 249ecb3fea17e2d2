"""The network is small, checked, and survives its file."""

from importlib.resources import files

import numpy as np
import pytest

from seiyuu.model.emotion.features import BUCKETS, DENSE
from seiyuu.model.emotion.network import (
    CLASSES,
    WEIGHTS,
    Network,
    from_bytes,
    quantise,
    shipped,
    to_bytes,
)

pytestmark = pytest.mark.unit


def random_network(seed: int = 1) -> tuple[Network, np.ndarray]:
    """A network of random weights, and the table it was made from."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(BUCKETS, len(CLASSES))).astype(np.float32)
    cues = rng.normal(size=(DENSE, len(CLASSES))).astype(np.float32)
    return quantise(table, cues, np.zeros(len(CLASSES), np.float32)), table


def test_probabilities_sum_to_one() -> None:
    """Every class has its share, with and without pieces."""
    network, _ = random_network()
    for pieces in (np.array([], np.int32), np.array([3, 77], np.int32)):
        shares = network.probabilities(pieces, np.zeros(DENSE, np.float32))
        assert shares.shape == (len(CLASSES),)
        assert float(shares.sum()) == pytest.approx(1.0, abs=1e-5)


def test_eight_bits_are_close_to_the_trained_table() -> None:
    """Quantising moves no weight by more than half a step."""
    network, table = random_network()
    assert np.abs(network.pieces * network.scale - table).max() <= network.scale.max() * 0.51


def test_a_network_survives_its_file() -> None:
    """What is written is read back, and the same weights give the same bytes."""
    network, _ = random_network()
    again = from_bytes(to_bytes(network))
    assert to_bytes(again) == to_bytes(network)
    assert np.array_equal(again.pieces, network.pieces)


def test_weights_of_another_shape_are_refused() -> None:
    """A table that does not fit says so, with both shapes."""
    network, _ = random_network()
    with pytest.raises(ValueError, match="expected"):
        Network(network.pieces[:5], network.scale, network.cues, network.bias)


def test_the_shipped_weights_are_small() -> None:
    """The file stays under a megabyte."""
    assert shipped().pieces.dtype == np.int8
    data = (files("seiyuu.model.emotion") / WEIGHTS).read_bytes()
    assert len(data) < 1_000_000
