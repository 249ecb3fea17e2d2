"""Whose clip it is: the enrolled voice of the same person, or nobody's."""

from pathlib import Path

import numpy as np
import pytest

from seiyuu.model.clips import Clip, decode
from seiyuu.model.consent import Consent
from seiyuu.model.known_speaker import clip_of_known_speaker
from seiyuu.model.library import VoiceLibrary
from seiyuu.model.verdict import find_speech
from seiyuu.model.voice import Voice
from seiyuu.model.voice_features import features

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


def test_the_same_person_is_found(library: VoiceLibrary) -> None:
    """A part of their clip, recorded more softly, is met by the clip they were enrolled from."""
    whole = decode(flac("speech_two"))
    part = Clip(whole.samples[: 3 * whole.sample_rate] * np.float32(0.3), whole.sample_rate)
    found = clip_of_known_speaker(part, library)
    assert found is not None
    assert np.array_equal(found.samples, whole.samples)


def test_strangers_and_silence_are_nobodys(library: VoiceLibrary) -> None:
    """Without the person in the library, and without speech, there is no reference; removing makes a stranger."""
    library.remove("speech_one")
    assert clip_of_known_speaker(decode(flac("speech_one")), library) is None
    assert clip_of_known_speaker(Clip(np.zeros(32_000, np.float32), 16_000), library) is None
