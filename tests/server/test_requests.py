"""Emotions asked for and where they took effect."""

import pytest

from seiyuu.server.requests import Requests
from seiyuu.streaming.emotion import Emotion

pytestmark = pytest.mark.unit

JOY, FEAR = Emotion.of("joy"), Emotion.of("fear")


def test_the_newest_live_request_answers() -> None:
    """Those overtaken by it are not reported any more."""
    requests = Requests()
    for since, emotion in enumerate((JOY, FEAR, JOY)):
        requests.add(emotion, float(since))
    found = requests.turned(JOY)
    assert found is not None
    assert found.since == 2
    assert requests.turned(FEAR) is None


def test_placed_requests_are_reached_in_order() -> None:
    """Each is reported once, when speech has come to its character; the later of two at one place counts."""
    requests = Requests()
    requests.add(JOY, 0.0, char=8)
    requests.add(JOY, 1.0, char=3)
    requests.add(FEAR, 2.0, char=3)
    assert requests.reached(2) == []
    assert [r.emotion for r in requests.reached(5)] == [FEAR]
    assert [r.char for r in requests.reached(9)] == [8]
    assert requests.reached(9) == []


def test_what_never_sounded_is_left() -> None:
    """It can be carried to the next utterance."""
    requests = Requests()
    requests.add(JOY, 0.0)
    requests.add(FEAR, 0.0, char=100)
    assert [r.emotion for r in requests.rest()] == [FEAR, JOY]
