"""Whether a second voice or music sounds together with a voice."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seiyuu.model.second_voice import MIN_SECONDS, Beside, SecondVoice
from seiyuu.model.second_voice_features import FEATURES, LAG_RATE, LOW_RATE, features, periods
from seiyuu.streaming.audio import Samples

from ..sound_files import speech, together

pytestmark = pytest.mark.golden

RATE = 16_000


def buzz(hz: float, seconds: float = 3.0, rate: int = LOW_RATE) -> np.ndarray:
    """A sound with all its partials up to 1.6 kHz."""
    at = np.arange(int(seconds * rate)) / rate
    return np.sum([np.sin(2 * np.pi * hz * k * at + k * k) for k in range(1, int(1600 / hz))], 0)


def listen(samples: np.ndarray) -> Beside:
    return SecondVoice.packaged().listen(samples.astype(np.float32))


def test_one_period_cancels_one_sound_and_a_pair_cancels_two() -> None:
    """Of a sound alone one comb leaves nothing; of two it leaves much, a pair little, and the pair is theirs."""
    alone = periods(buzz(125.0))
    assert np.median(alone.after_one) < 0.05
    assert np.allclose(np.median(alone.first), LAG_RATE / 125.0, atol=1)
    both = periods(buzz(125.0) + buzz(190.0))
    assert np.median(both.after_one) > 0.25
    assert np.median(both.after_two) < 0.3 * np.median(both.after_one)
    found = np.median(both.pair, axis=0)
    assert np.allclose(found, [LAG_RATE / 190.0, LAG_RATE / 125.0], atol=1.5)


@settings(max_examples=25)
@given(st.floats(90, 350), st.floats(90, 350))
def test_what_two_combs_leave_is_less_than_one(first: float, second: float) -> None:
    """Whatever the two pitches, also when they are one or an octave apart; shares are shares."""
    found = periods(buzz(first, 0.5) + buzz(second, 0.5))
    assert (found.after_two <= found.after_one).all()
    assert (found.pair[:, 0] <= found.pair[:, 1]).all()


@pytest.mark.parametrize("name", ["speech_one", "speech_two", "speech_calm", "speech_sadness"])
@pytest.mark.parametrize("change", [lambda x: x, lambda x: 0.01 * x, lambda x: -x])
def test_somebody_alone_is_alone(name: str, change: Callable[[Samples], Samples]) -> None:
    """At any level and either way up."""
    heard = listen(change(speech(name)))
    assert heard.voice < 0.5
    assert heard.music < 0.5


@pytest.mark.parametrize("below_db", [0.0, 3.0, 6.0])
def test_two_people_at_once_are_two(below_db: float) -> None:
    """Also where one is softer."""
    both = together(speech("speech_calm"), speech("speech_sadness"), below_db)
    assert listen(both).voice > 0.5


def test_music_under_a_voice_is_music() -> None:
    """Held chords are not a second speaker."""
    chords = np.sum([buzz(hz, 6.0, RATE) for hz in (220.0, 277.2, 329.6)], axis=0)
    heard = listen(together(speech("speech_calm"), chords.astype(np.float32), 6.0))
    assert heard.music > 0.5
    assert heard.voice < 0.5


@settings(max_examples=30)
@given(
    arrays(np.float32, st.integers(int(0.2 * RATE), 20_000), elements=st.floats(-1, 1, width=32))
)
def test_any_sound_has_features_and_shares_that_sum_to_one(samples: Samples) -> None:
    """Finite ones, whatever it is."""
    told = features(samples)
    assert told.shape == (FEATURES,)
    assert np.isfinite(told).all()
    assert SecondVoice.packaged().shares(told).sum() == pytest.approx(1.0)


def test_too_little_is_not_judged() -> None:
    """A few frames say nothing, so the voice counts as alone."""
    short = together(speech("speech_one"), speech("speech_two"))[: int(MIN_SECONDS * RATE) - 1]
    assert listen(short) == Beside(1.0, 0.0, 0.0)
