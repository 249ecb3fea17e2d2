"""The laws of the slotted causal transformer."""

from collections.abc import Iterator

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from seiyuu.model.layers.random import frame_noise
from seiyuu.model.layers.transformer import CausalTransformer

pytestmark = pytest.mark.unit

DIM, SLOTS, LENGTH = 16, 3, 24


@pytest.fixture(scope="module")
def model() -> Iterator[CausalTransformer]:
    """Two layers in float64, so that only real differences show."""
    torch.set_num_threads(1)
    made = CausalTransformer(DIM, heads=2, layers=2).double()
    with torch.no_grad():
        for seed, value in enumerate(made.parameters()):
            rows = value.numel() // value.shape[-1]
            drawn = frame_noise(seed, 0, torch.arange(rows), value.shape[-1]).reshape(value.shape)
            value.copy_(drawn * 0.3)
        yield made


def words(seed: int, time: int) -> Tensor:
    return frame_noise(seed, 1, torch.arange(time), DIM).double()[None]


ONE = torch.tensor([True])


@given(cuts=st.lists(st.integers(1, LENGTH - 1), max_size=6), context=st.integers(LENGTH, 40))
@settings(max_examples=25, deadline=None)
def test_streaming_equals_offline_under_any_cuts(
    model: CausalTransformer, cuts: list[int], context: int
) -> None:
    """However the sequence is cut, the pieces give what the whole gives."""
    x = words(0, LENGTH)
    with torch.no_grad():
        state = model.init_state(1, 40)
        edges = [0, *sorted(set(cuts)), LENGTH]
        parts = [
            model.extend(x[:, a:b], state, ONE, context)[0]
            for a, b in zip(edges, edges[1:], strict=False)
        ]
        torch.testing.assert_close(torch.cat(parts, 1), model(x), atol=1e-12, rtol=0)
    assert state.length.tolist() == [LENGTH]


def test_nothing_depends_on_what_follows(model: CausalTransformer) -> None:
    """A change at one position leaves all positions before it alone."""
    x = words(0, LENGTH)
    changed = x.clone()
    changed[:, 15] *= -1
    before, after = model(x), model(changed)
    assert torch.equal(before[:, :15], after[:, :15])
    assert not torch.allclose(before[:, 15:], after[:, 15:])


def test_rows_at_different_places_give_what_each_gives_alone(model: CausalTransformer) -> None:
    """Slots that began at different times and rest at different steps equal their offline runs."""
    xs = [words(seed, 12) for seed in range(SLOTS)]
    state = model.init_state(SLOTS, 16)
    fed = [0] * SLOTS
    got: list[list[Tensor]] = [[] for _ in range(SLOTS)]
    for turn in range(60):
        active = torch.tensor([fed[s] < 12 and (turn + s) % (s + 2) == 0 for s in range(SLOTS)])
        x = torch.stack([xs[s][0, min(fed[s], 11)] for s in range(SLOTS)])[:, None]
        x[~active] = float(turn)  # an idle row may hold anything
        hidden, _ = model.extend(x, state, active)
        for s in range(SLOTS):
            if active[s]:
                got[s].append(hidden[s])
                fed[s] += 1
    for s in range(SLOTS):
        torch.testing.assert_close(torch.cat(got[s]), model(xs[s])[0], atol=1e-12, rtol=0)


def test_an_idle_row_is_left_unchanged(model: CausalTransformer) -> None:
    """A step leaves the cache and length of rows outside its mask as they were."""
    state = model.init_state(2, 8)
    both = torch.tensor([True, True])
    model.extend(words(0, 3).expand(2, -1, -1), state, both)
    keys, values = state.keys.clone(), state.values.clone()
    model.extend(words(1, 2).expand(2, -1, -1), state, torch.tensor([True, False]))
    assert state.length.tolist() == [5, 3]
    assert torch.equal(state.keys[:, 1], keys[:, 1])
    assert torch.equal(state.values[:, 1], values[:, 1])


def test_a_reset_row_equals_a_fresh_one(model: CausalTransformer) -> None:
    """What a row held before its reset is not seen again."""
    x = words(2, 5)
    used, fresh = model.init_state(1, 12), model.init_state(1, 12)
    model.extend(words(3, 9), used, ONE)
    used.reset(torch.tensor([0]))
    torch.testing.assert_close(
        model.extend(x, used, ONE)[0], model.extend(x, fresh, ONE)[0], atol=1e-12, rtol=0
    )


def test_a_truncated_row_goes_on_from_there(model: CausalTransformer) -> None:
    """Cutting the cache back and saying something else equals never having said the rest."""
    start, other = words(4, 6), words(5, 4)
    state = model.init_state(1, 16)
    model.extend(torch.cat([start, words(6, 5)], 1), state, ONE)
    state.truncate(0, 6)
    hidden, _ = model.extend(other, state, ONE)
    whole = model(torch.cat([start, other], 1))
    torch.testing.assert_close(hidden, whole[:, 6:], atol=1e-12, rtol=0)


def test_a_copied_head_serves_another_row(model: CausalTransformer) -> None:
    """Keys and values of the first positions are the same wherever they are put."""
    head, rest = words(7, 4), words(8, 3)
    state = model.init_state(2, 10)
    model.extend(head, state.rows(0, 1), ONE)
    state.overwrite_head(1, state.head(0, 4))
    state.truncate(1, 4)
    hidden, _ = model.extend(rest, state.rows(1, 2), ONE)
    whole = model(torch.cat([head, rest], 1))
    torch.testing.assert_close(hidden, whole[:, 4:], atol=1e-12, rtol=0)


def test_attention_is_a_distribution_over_the_past(model: CausalTransformer) -> None:
    """The weights handed out sum to one and never look ahead."""
    state = model.init_state(1, 12)
    _, seen = model.extend(words(9, 5), state, ONE)
    torch.testing.assert_close(seen.sum(-1), torch.ones(1, 5).double(), atol=1e-5, rtol=0)
    assert float(seen[0, 2, 3:].abs().max()) == 0
