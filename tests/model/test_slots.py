"""Handing out rows of a batch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.model.slots import Slot, SlotPool

pytestmark = pytest.mark.unit


def test_the_lowest_free_row_is_taken_first() -> None:
    """Rows in use stay together at the front."""
    pool = SlotPool(3)
    first, second = pool.take(), pool.take()
    assert first is not None
    assert second is not None
    assert (first.index, second.index, pool.extent) == (0, 1, 2)
    pool.give_back(first)
    third = pool.take()
    assert third == Slot(0, 2)


def test_a_full_pool_has_none_to_give() -> None:
    """None, not an error: who asks decides what that means."""
    pool = SlotPool(1)
    assert pool.take() is not None
    assert pool.take() is None


def test_a_stale_handle_frees_nothing() -> None:
    """A row given back twice is not taken from its next owner."""
    pool = SlotPool(1)
    old = pool.take()
    assert old is not None
    assert pool.give_back(old)
    new = pool.take()
    assert not pool.give_back(old)
    assert pool.free == 0
    assert new is not None
    assert pool.give_back(new)


@given(st.lists(st.booleans(), max_size=60))
def test_no_row_is_ever_held_twice(takes: list[bool]) -> None:
    """Whatever the order of taking and giving back, holders have rows of their own and none is lost."""
    pool, held = SlotPool(5), []
    for take in takes:
        if take:
            slot = pool.take()
            assert (slot is None) == (len(held) == 5)
            held += [slot] if slot is not None else []
        elif held:
            assert pool.give_back(held.pop(len(held) // 2))
        assert len({slot.index for slot in held}) == len(held)
        assert pool.free + len(held) == 5
