"""A face that follows what is heard."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.clients.face import EXPRESSIONS, SHAPES, VOWELS, Face, expressions_of
from seiyuu.clients.playout import Playout
from seiyuu.streaming.audio import to_pcm16
from seiyuu.streaming.clock import ManualClock
from seiyuu.streaming.emotion import AXES, Emotion
from seiyuu.streaming.packet import Packet
from seiyuu.streaming.visemes import OCULUS

pytestmark = pytest.mark.unit
AUDIO = {"codec": "pcm_s16le", "sample_rate": 24_000, "ptime_ms": 20}


def heard(clock: ManualClock, *visemes: str, level: float = 0.0) -> Face:
    """A face before half a second of each viseme, or a second of a level."""
    playout = Playout(clock)
    playout.message({"type": "session.started", "audio": AUDIO})
    payload = to_pcm16(np.full(480, level, np.float32)).tobytes()
    for n in range(25 * max(2, len(visemes))):
        playout.packet(Packet(1, n, n * 480, payload))
    for n, viseme in enumerate(visemes):
        fields = {"kind": "viseme", "text": "", "char_start": n, "char_end": n + 1}
        times = {"start_ms": n * 500.0, "end_ms": (n + 1) * 500.0, "viseme": viseme}
        playout.message({"type": "mark", "utterance": 1, **fields, **times})
    return Face(playout, clock)


def test_every_viseme_has_a_shape() -> None:
    """The table covers the names of the wire, and no shape leaves 0…1."""
    assert set(SHAPES) == set(OCULUS)
    assert all(0 <= weight <= 1 for shape in SHAPES.values() for weight in shape)


def test_the_lips_get_to_what_is_heard() -> None:
    """An open vowel opens them, closed lips close them, and the end shuts them."""
    clock = ManualClock()
    face = heard(clock, "aa", "PP")
    face.look()
    clock.advance(0.4)
    open_ = face.look()
    assert open_.vowels["A"] > 0.95
    assert open_.open > 0.95
    clock.advance(0.5)
    assert face.look().open < 0.02
    clock.advance(5.0)
    assert face.look().vowels == dict.fromkeys(VOWELS, 0.0)


@given(st.lists(st.floats(0.001, 0.2), min_size=1, max_size=20))
def test_the_way_there_does_not_depend_on_how_often_one_looks(steps: list[float]) -> None:
    """Within one viseme, many looks end where one look ends."""
    total = min(sum(steps), 0.45)
    once, often = ManualClock(), ManualClock()
    face = heard(once, "oh")
    face.look()
    once.advance(total)
    other = heard(often, "oh")
    other.look()
    left = total
    for step in steps:
        often.advance(min(step, left))
        left -= min(step, left)
        other.look()
    assert other.look().vowels["O"] == pytest.approx(face.look().vowels["O"], abs=2e-3)


def test_without_visemes_the_mouth_follows_the_level() -> None:
    """Louder is wider; noise under the gate leaves it shut."""
    openings = []
    for level in (0.001, 0.05, 0.2):
        clock = ManualClock()
        face = heard(clock, level=level)
        face.look()
        clock.advance(0.4)
        openings.append(face.look().open)
    assert openings[0] == 0.0
    assert 0.2 < openings[1] < openings[2]


@pytest.mark.parametrize(
    ("axis", "shown"),
    [("joy", "joy"), ("anger", "angry"), ("sadness", "sorrow"), ("tenderness", "fun")],
)
def test_an_emotion_shows_in_its_expression(axis: str, shown: str) -> None:
    """The expression meant is the strongest, and grows with the intensity."""
    strong, weak = (expressions_of(Emotion.of(axis, intensity)) for intensity in (1.0, 0.3))
    assert max(strong, key=lambda name: strong[name]) == shown
    assert strong[shown] > weak[shown] > 0


@given(
    st.lists(st.floats(0, 1), min_size=len(AXES), max_size=len(AXES)),
    st.floats(0, 1),
)
def test_no_emotion_makes_an_impossible_face(vector: list[float], intensity: float) -> None:
    """Weights stay within 0…1, whatever is mixed; neutral shows nothing."""
    shown = expressions_of(Emotion.from_vector(vector, intensity))
    assert set(shown) == set(EXPRESSIONS)
    assert all(0 <= weight <= 1 for weight in shown.values())
    assert not any(expressions_of(Emotion.of("neutral")).values())
