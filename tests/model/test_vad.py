"""Where somebody speaks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seiyuu.model import vad
from seiyuu.model.vad import WINDOW, joined, speech_probability, speech_spans

from ..sound_files import speech

pytestmark = pytest.mark.golden


def test_speech_is_found_between_silences() -> None:
    """A second of nothing, somebody, a second of nothing."""
    said = speech("speech_one")
    quiet = np.zeros(vad.RATE, np.float32)
    spans = speech_spans(speech_probability(np.concatenate([quiet, said, quiet])))
    assert spans[0][0] >= 0.8 * vad.RATE
    assert spans[-1][1] <= len(said) + 1.3 * vad.RATE
    assert sum(end - begin for begin, end in spans) > 0.6 * len(said)


@pytest.mark.parametrize("at_once", [1, 7])
def test_how_much_is_worked_on_at_once_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """The network's state goes on from one run to the next."""
    said = speech("speech_one")
    expected = speech_probability(said)
    monkeypatch.setattr(vad, "AT_ONCE", at_once)
    assert np.allclose(speech_probability(said), expected, atol=1e-5)


@given(arrays(np.float32, st.integers(0, 60), elements=st.floats(0, 1, width=32)))
def test_spans_lie_in_the_clip_in_order(probability: np.ndarray) -> None:
    """Whatever the network said, also of nothing at all."""
    assert len(speech_probability(np.zeros(len(probability) * WINDOW, np.float32))) == len(
        probability
    )
    spans = speech_spans(probability)
    edges = [edge for span in spans for edge in span]
    assert all(begin < end for begin, end in spans)
    assert all(0 <= edge <= len(probability) * WINDOW for edge in edges)
    assert [begin for begin, _ in spans] == sorted(begin for begin, _ in spans)
    samples = np.zeros(len(probability) * WINDOW, np.float32)
    assert len(joined(samples, spans)) == sum(end - begin for begin, end in spans)
