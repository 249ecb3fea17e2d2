"""What stands beside every figure."""

import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.clients.measures import (
    cpu_seconds,
    hardware,
    header,
    percentiles,
    resident_mb,
    token_pieces,
)

pytestmark = pytest.mark.unit


def test_percentiles_are_values_that_occurred() -> None:
    """Nearest rank: of a hundred values the 95th is the 95th."""
    found = percentiles([float(n) for n in range(1, 101)])
    assert (found["n"], found["p50"], found["p95"], found["p99"], found["max"]) == (
        100,
        50,
        95,
        99,
        100,
    )
    assert percentiles([7.0])["p50"] == 7.0
    assert percentiles([]) == {"n": 0}


@given(st.text(max_size=80), st.integers())
def test_pieces_make_the_text(text: str, seed: int) -> None:
    """One to six characters each."""
    pieces = token_pieces(text, random.Random(seed))
    assert "".join(pieces) == text
    assert all(1 <= len(piece) <= 6 for piece in pieces)


def test_the_head_of_a_result() -> None:
    """Hardware, date, version."""
    head = header("latency", "tone")
    assert head["hardware"] == hardware()
    assert head["hardware"]["cores"] >= 1
    assert head["date"].endswith("+00:00")


def test_a_process_is_measured() -> None:
    """Memory and time of this one; None for one that is not there."""
    if not os.path.exists("/proc/self/status"):
        pytest.skip("no /proc here")
    assert (resident_mb(os.getpid()) or 0) > 5
    assert (cpu_seconds(os.getpid()) or 0) > 0
    assert resident_mb(2**22 + 1) is None
    assert cpu_seconds(2**22 + 1) is None
