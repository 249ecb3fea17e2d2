"""How fast messages are taken."""

import pytest

from seiyuu.server.throttle import Throttle
from seiyuu.streaming.clock import ManualClock

pytestmark = pytest.mark.unit


def test_a_burst_is_free_and_then_the_rate_holds() -> None:
    """What is above the rate waits, as long as it takes to be within it."""
    clock = ManualClock()
    throttle = Throttle(10, 3, clock)
    assert [throttle.delay_s() for _ in range(3)] == [0, 0, 0]
    assert throttle.delay_s() == pytest.approx(0.1)
    clock.advance(0.1)
    assert throttle.delay_s() == pytest.approx(0.1)
    clock.advance(10)
    assert throttle.delay_s() == 0
