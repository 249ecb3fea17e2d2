"""Whose clip it is: the enrolled voice of the same person, or nobody's."""

from pathlib import Path

import numpy as np
import pytest

from seiyuu.model.clips import Clip, decode
from seiyuu.model.consent import Consent
from seiyuu.model.known_speaker import KnownSpeakers
from seiyuu.model.library import LibraryFailed, VoiceLibrary
from seiyuu.model.speaker import d_vector
from seiyuu.model.verdict import find_speech, judged
from seiyuu.model.voice import Voice
from seiyuu.model.voice_features import features
from seiyuu.server.enrolment import flac as flac_of
from seiyuu.streaming.audio import Samples

pytestmark = pytest.mark.golden

GOLDEN = Path(__file__).parents[1] / "golden"
CONSENT = Consent("the authors", "2026-01-01", "tests")


def flac(name: str) -> bytes:
    return (GOLDEN / f"{name}.flac").read_bytes()


@pytest.fixture
def library(tmp_path: Path) -> VoiceLibrary:
    """Two voices of two people, and one without a portrait."""
    made = VoiceLibrary(str(tmp_path))
    for name in ("speech_one", "speech_two"):
        portrait = features(find_speech(decode(flac(name))).spoken)
        made.add(Voice(name, "compact", {"portrait": portrait}), CONSENT, reference=flac(name))
    made.add(Voice("other", "tone", {"hz": np.ones(1, np.float32)}), CONSENT)
    return made


def who(clip: Clip) -> Samples:
    """The d-vector of a clip."""
    return find_speech(clip).d_vector


def test_the_same_person_is_found(library: VoiceLibrary) -> None:
    """A part of their clip, recorded more softly, is met by the clip they were enrolled from."""
    whole = decode(flac("speech_two"))
    part = Clip(whole.samples[: 3 * whole.sample_rate] * np.float32(0.3), whole.sample_rate)
    known = KnownSpeakers(library)
    found = known.nearest(who(part))
    assert found is not None
    assert found.name == "speech_two"
    calm = known.calm(found)
    assert calm is not None
    assert np.array_equal(calm.clip.samples, whole.samples)


def test_strangers_are_nobody(library: VoiceLibrary) -> None:
    """Without the person in the library there is nobody; removing makes a stranger of a known one."""
    known = KnownSpeakers(library)
    one = who(decode(flac("speech_one")))
    assert known.nearest(one) is not None
    library.remove("speech_one")
    assert known.nearest(one) is None


def test_a_voice_is_read_once(library: VoiceLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often somebody asks; one that was made anew is read again."""
    read: list[str] = []
    get = library.get
    monkeypatch.setattr(library, "get", lambda name: (read.append(name), get(name))[1])
    known = KnownSpeakers(library)
    one = who(decode(flac("speech_one")))
    for _ in range(3):
        assert known.nearest(one) is not None
    assert sorted(read) == ["other", "speech_one", "speech_two"]
    portrait = features(find_speech(decode(flac("speech_one"))).spoken)
    anew = Voice("other", "compact", {"portrait": portrait, "gain": np.ones(1, np.float32)})
    library.add(anew, CONSENT, replace_existing=True)
    library.remove("speech_one")
    again = known.nearest(one)
    assert again is not None
    assert again.name == "other"
    assert read[3:] == ["other"]


def test_a_voice_that_cannot_be_read_is_read_the_next_time(
    library: VoiceLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that is out of reach for a moment makes nobody a stranger for good."""
    known = KnownSpeakers(library)
    one = who(decode(flac("speech_one")))

    def fail(name: str) -> Voice:
        raise LibraryFailed("out of reach")

    with monkeypatch.context() as patch:
        patch.setattr(library, "get", fail)
        assert known.nearest(one) is None
    assert known.nearest(one) is not None


def test_a_voice_without_a_clip_that_can_be_used_is_heard_beside_nothing(tmp_path: Path) -> None:
    """None was kept, or what was kept then would not be taken today."""
    made = VoiceLibrary(str(tmp_path))
    silent = flac_of(Clip(np.zeros(32_000, np.float32), 16_000))
    for name, reference in (("none", None), ("silent", silent)):
        voice = Voice(name, "compact", {"portrait": np.ones(256, np.float32)})
        record = made.add(voice, CONSENT, reference=reference)
        assert KnownSpeakers(made).calm(record) is None


def test_the_d_vector_is_that_of_the_speech() -> None:
    """Told once from the windows that are also compared with each other."""
    found = judged(decode(flac("speech_one"))).speech
    assert np.allclose(found.d_vector, d_vector(found.spoken), atol=1e-6)
