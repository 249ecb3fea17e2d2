"""Sampling filters and each row's own draws."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.model.layers.random import frame_noise
from seiyuu.model.layers.sampling import (
    SamplingOptions,
    SamplingState,
    candidates,
    draw,
    penalise,
    sample,
)

pytestmark = pytest.mark.unit

CODES = 40
CPU = torch.device("cpu")


def logits(rows: int, seed: int = 0) -> torch.Tensor:
    return 2 * frame_noise(seed, 0, torch.arange(rows), CODES)


def test_the_penalty_makes_used_codes_worse_on_both_sides_of_zero() -> None:
    """Positive scores shrink, negative ones grow more negative, others stay."""
    used = torch.tensor([[True, True, False]])
    got = penalise(torch.tensor([[2.0, -2.0, 3.0]]), used, torch.tensor([10.0]))
    assert got.tolist() == [[pytest.approx(0.2), -20.0, 3.0]]


def test_top_k_keeps_the_best() -> None:
    """No more codes survive than asked for, and they are the best ones."""
    scores = logits(1)
    one = torch.ones(1)
    best, ids = candidates(scores, one, torch.tensor([5]), one)
    kept = ids[torch.isfinite(best)]
    assert kept.tolist() == scores[0].argsort(descending=True)[:5].tolist()


def test_top_p_keeps_the_smallest_set_that_reaches_it() -> None:
    """Probabilities 0.5, 0.3, 0.2: 0.7 needs the first two."""
    scores = torch.tensor([[0.5, 0.3, 0.2]]).log()
    one = torch.ones(1)
    best, _ = candidates(scores, one, torch.tensor([3]), 0.7 * one)
    assert torch.isfinite(best).tolist() == [[True, True, False]]


def test_draws_follow_the_probabilities() -> None:
    """Evenly spread chances give each code its share."""
    scores = torch.tensor([0.6, 0.3, 0.1]).log().expand(1000, -1)
    ids = torch.tensor([7, 8, 9]).expand(1000, -1)
    drawn = draw(scores, ids, (torch.arange(1000) + 0.5) / 1000)
    assert [int((drawn == code).sum()) for code in (7, 8, 9)] == [600, 300, 100]


@given(seeds=st.lists(st.integers(0, 2**40), min_size=2, max_size=5), row=st.integers(0, 4))
@settings(max_examples=25, deadline=None)
def test_a_row_draws_the_same_alone_and_beside_others(seeds: list[int], row: int) -> None:
    """Codes depend on the row's seed and step, not on its neighbours or its place."""
    row %= len(seeds)

    def run(rows: list[int]) -> list[list[int]]:
        state = SamplingState.empty(len(rows), CODES, CPU)
        for place, index in enumerate(rows):
            state.begin(place, seeds[index], 0, SamplingOptions(), (1,))
        active = torch.ones(len(rows), dtype=torch.bool)
        got = []
        for step in range(6):
            given_ = torch.cat([logits(1, 100 * index + step) for index in rows])
            got.append(sample(given_, state, active, stop=0, never=2).tolist())
        return [[codes[place] for codes in got] for place in range(len(rows))]

    assert run(list(range(len(seeds))))[row] == run([row])[0]


def test_an_idle_row_keeps_its_state() -> None:
    """A row outside the mask neither counts a draw nor marks a code."""
    state = SamplingState.empty(2, CODES, CPU)
    for place in range(2):
        state.begin(place, 5, 0, SamplingOptions(), ())
    sample(logits(2), state, torch.tensor([True, False]), stop=0, never=2)
    assert state.draws.tolist() == [1, 0]
    assert state.used.sum(1).tolist() == [1, 0]


def test_start_of_speech_is_never_drawn() -> None:
    """Even when it is by far the best."""
    scores = torch.zeros(1, CODES)
    scores[0, 2] = 50.0
    state = SamplingState.empty(1, CODES, CPU)
    state.begin(0, 0, 0, SamplingOptions(top_k=1), ())
    assert int(sample(scores, state, torch.tensor([True]), stop=0, never=2)) != 2


def test_the_stop_code_can_be_pushed_and_held_back() -> None:
    """Its bias alone decides when everything else is equal."""
    for bias, stops in ((30.0, True), (-30.0, False)):
        state = SamplingState.empty(1, CODES, CPU)
        state.begin(0, 0, 0, SamplingOptions(), ())
        state.stop_bias[0] = bias
        code = sample(torch.zeros(1, CODES), state, torch.tensor([True]), stop=7, never=2)
        assert (int(code) == 7) is stops


@pytest.mark.parametrize(
    "wrong",
    [
        {"top_k": 0},
        {"top_k": 129},
        {"top_p": 0.0},
        {"top_p": 1.5},
        {"temperature": 0.0},
        {"repetition_penalty": -1.0},
    ],
)
def test_impossible_options_are_refused(wrong: dict[str, float]) -> None:
    """Options are checked when they are made."""
    with pytest.raises(ValueError, match="lies|above"):
        SamplingOptions(**wrong)  # type: ignore[arg-type]
