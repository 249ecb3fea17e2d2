"""Places of a server."""

import pytest

from seiyuu.server.admission import Admission
from seiyuu.streaming.errors import Overloaded

pytestmark = pytest.mark.unit


def test_places_are_taken_and_given_back() -> None:
    """One more than there are is refused, with the time to come again."""
    admission = Admission(2, retry_after_ms=700)
    admission.admit()
    admission.admit()
    with pytest.raises(Overloaded, match="all 2 places") as caught:
        admission.admit()
    assert caught.value.retry_after_ms == 700
    admission.leave()
    admission.admit()
    assert admission.taken == 2


def test_room_may_be_made() -> None:
    """A place held for someone who is gone is given to one who is there."""
    admission = Admission(1)
    admission.admit()
    admission.make_room = lambda: True
    admission.admit()
    assert admission.taken == 2  # until the one before has left
    admission.leave()
    assert admission.taken == 1


def test_a_drain_refuses_everyone() -> None:
    """Free places do not matter then."""
    admission = Admission(5)
    admission.drain()
    with pytest.raises(Overloaded, match="stopping"):
        admission.admit()


def test_misuse_is_told() -> None:
    """No places at all, or a place given back that nobody held."""
    with pytest.raises(ValueError, match="at least one"):
        Admission(0)
    with pytest.raises(RuntimeError):
        Admission(1).leave()
