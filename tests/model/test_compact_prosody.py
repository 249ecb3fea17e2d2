"""Prosody by rule: it follows the predictors while nothing is asked, and bends without losing a sound."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.model.compact.prosody import EmotionState, RuleProsody, TokenTurn
from seiyuu.streaming.emotion import AXES, NEUTRAL, Emotion

from .clauses import make_clause

pytestmark = pytest.mark.unit

EMOTIONS = [axis for axis in AXES if axis != "neutral"]


def decided(emotion: Emotion = NEUTRAL, budget: int | None = None, **clause: object) -> RuleProsody:
    prosody = RuleProsody(make_clause(**clause), EmotionState.of(emotion))
    if budget is not None:
        prosody.steer(budget)
    prosody.decide(10_000)
    assert prosody.finished
    return prosody


def test_neutral_speech_is_the_predictors_own() -> None:
    """With no emotion and a free pace every frame is the one that was predicted."""
    clause = make_clause("hello, world")
    track = decided(spoken="hello, world").track
    np.testing.assert_array_equal(track.token, np.repeat(np.arange(14), clause.durations))
    np.testing.assert_allclose(track.f0, clause.f0, rtol=1e-4)
    np.testing.assert_allclose(track.energy, clause.energy, atol=1e-4)
    assert not track.level_db.any()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 9), min_size=5, max_size=5),
    st.sampled_from(EMOTIONS),
    st.floats(0, 1),
    st.one_of(st.none(), st.integers(1, 200)),
)
def test_no_sound_is_skipped_or_repeated(
    durations: list[int], axis: str, intensity: float, budget: int | None
) -> None:
    """Whatever the emotion and the budget, every token is spoken, once, in order."""
    prosody = decided(Emotion.of(axis, intensity), budget, spoken="abc", durations=durations)
    token = prosody.track.token
    assert set(token) == set(range(5))
    assert np.all(np.diff(token) >= 0)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 80), st.sampled_from(EMOTIONS))
def test_going_back_and_on_gives_the_same_frames(frame: int, axis: str) -> None:
    """Rewinding to any frame and deciding again repeats what was there."""
    prosody = decided(Emotion.of(axis), spoken="one, two, three")
    before = prosody.track.token.copy(), prosody.track.f0.copy()
    prosody.rewind(min(frame, prosody.track.length))
    prosody.decide(10_000)
    np.testing.assert_array_equal(prosody.track.token, before[0])
    np.testing.assert_allclose(prosody.track.f0, before[1], rtol=1e-4)


@pytest.mark.parametrize("ratio", [0.6, 0.75, 1.0, 1.25, 1.8])
def test_a_budget_is_met(ratio: float) -> None:
    """The last sound ends within a frame of the budget."""
    free = decided(spoken="well, this is a longer line")
    clause = make_clause("well, this is a longer line")
    last = clause.speech[1]
    natural = int(np.searchsorted(free.track.token, last))
    budget = round(natural * ratio)
    steered = decided(budget=budget, spoken="well, this is a longer line")
    assert abs(int(np.searchsorted(steered.track.token, last)) - budget) <= 1


def test_pauses_give_way_before_vowels_and_vowels_before_consonants() -> None:
    """A slower pace goes into pauses most and into consonants least."""
    spoken, natural = "ta, ta", 20
    durations = [8, *([natural] * len(spoken)), 8]
    slow = decided(budget=8 + 6 * natural + 40, spoken=spoken, durations=durations)
    lengths = np.bincount(slow.track.token)[1:7]
    assert lengths[2] > lengths[1] > lengths[0] > natural


def test_budget_is_steered_after_a_rewind() -> None:
    """What was lost or won before a turn is made up behind it."""
    prosody = RuleProsody(make_clause("a, b, c, d, e, f"), EmotionState.of())
    prosody.decide(20)
    prosody.rewind(15)
    prosody.emotion.turn(Emotion.of("sadness", 1.0), 100)
    prosody.steer(60)
    prosody.decide(10_000)
    last = make_clause("a, b, c, d, e, f").speech[1]
    assert abs(int(np.searchsorted(prosody.track.token, last)) - 75) <= 1


@pytest.mark.parametrize("axis", EMOTIONS)
def test_intensity_acts_monotonically(axis: str) -> None:
    """Pitch level, loudness and length move further from neutral the stronger the emotion."""

    def measures(intensity: float) -> tuple[float, float, int]:
        track = decided(Emotion.of(axis, intensity), spoken="a longer line to speak").track
        voiced = track.f0[track.f0 > 10]
        return float(np.log(voiced).mean()), float(track.level_db.mean()), track.length

    rows = np.array([measures(i) for i in (0.0, 0.3, 0.6, 1.0)])
    steps = np.diff(rows, axis=0)
    assert np.all((steps > 0).all(axis=0) | (steps < 0).all(axis=0) | (steps == 0).all(axis=0))
    assert np.any(steps != 0)


def test_a_writers_turn_begins_at_its_token() -> None:
    """Frames before the turn are neutral, and behind the ramp the emotion is whole."""
    turn = TokenTurn(5, Emotion.of("anger", 1.0), 100)
    prosody = RuleProsody(make_clause("a b c d e"), EmotionState.of(), [turn])
    prosody.decide(10_000)
    first = int(np.searchsorted(prosody.track.token, 5))
    anger = prosody.track.strength[:, AXES.index("anger")]
    assert not anger[:first].any()
    assert np.all(np.diff(anger[first : first + 4]) > 0)
    np.testing.assert_allclose(anger[first + 4 :], 1.0, atol=1e-5)


def test_emphasis_stands_out() -> None:
    """An emphasised sound is higher, louder and longer than the same sound plain; the others stay."""
    clause = make_clause("a b c", durations=[8, 10, 2, 10, 2, 10, 12])
    weights = np.array([0, 0, 0, 1, 0, 0, 0], np.float32)
    plain, accented = (
        RuleProsody(clause, EmotionState.of()),
        RuleProsody(clause, EmotionState.of(), emphasis=weights),
    )
    for prosody in (plain, accented):
        prosody.decide(10_000)
    assert np.sum(accented.track.token == 3) > np.sum(plain.track.token == 3)
    assert np.sum(accented.track.token == 1) == np.sum(plain.track.token == 1)
    loud = accented.track.level_db[accented.track.token == 3]
    assert loud.min() > 2
    f0 = [t.f0[np.repeat(t.token == 3, 2)] for t in (plain.track, accented.track)]
    assert f0[1][f0[1] > 10].mean() > f0[0][f0[0] > 10].mean() * 1.08
