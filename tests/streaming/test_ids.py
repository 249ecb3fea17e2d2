"""Names and the counter that outdates."""

import pytest

from seiyuu.streaming.ids import Generation, new_session_id

pytestmark = pytest.mark.unit


def test_session_ids_are_never_the_same() -> None:
    """A session's name cannot be guessed from another one."""
    names = {new_session_id() for _ in range(100)}
    assert len(names) == 100
    assert all(len(name) >= 16 for name in names)


def test_a_bump_outdates_what_was_handed_out() -> None:
    """Each bump gives a number that was not there before, and value says the newest."""
    generation = Generation()
    handed_out = generation.value
    assert generation.bump() > handed_out
    assert generation.value == generation.bump() - 1
