"""The offline calls, on the engine without weights where no voice is needed, and as they are printed in the README."""

from pathlib import Path

import numpy as np
import pytest

from seiyuu.model import Synthesizer
from seiyuu.streaming.errors import BadAudio, UnknownEmotion, UnknownVoice, Unsupported

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def tone() -> Synthesizer:
    return Synthesizer(engine="tone")


def test_a_text_becomes_sound_with_marks(tone: Synthesizer) -> None:
    """Every character is marked inside the sound."""
    audio = tone.synthesize("你好,世界")
    assert [m.text for m in audio.marks if m.kind == "char"] == list("你好世界")
    assert audio.marks[-1].end <= len(audio.samples)
    assert audio.duration > 0.3


def test_a_stream_is_the_same_sound_in_chunks(tone: Synthesizer) -> None:
    """Chunks joined are the whole, also of a text that comes in pieces."""
    whole = tone.synthesize("今天我们来玩一个新游戏!").samples
    chunks = list(tone.stream(iter(["今天我", "们来玩一个新", "游戏!"])))
    assert len(chunks) > 1
    np.testing.assert_array_equal(np.concatenate([c.samples for c in chunks]), whole)


def test_the_duration_is_the_one_asked_for(tone: Synthesizer) -> None:
    """Seconds and ratios are both met."""
    free = tone.synthesize("今天我们来玩一个新游戏").duration
    assert tone.synthesize("今天我们来玩一个新游戏", duration=free * 1.2).duration == pytest.approx(
        free * 1.2, abs=0.025
    )
    by_ratio = tone.synthesize("今天我们来玩一个新游戏", duration_ratio=0.8, mode="controlled")
    assert by_ratio.duration == pytest.approx(free * 0.8, abs=0.025)


def test_a_description_turns_the_emotion(tone: Synthesizer) -> None:
    """Plain words, a name and a vector for the same emotion sound alike, and unlike neutral."""
    plain = tone.synthesize("一二三").samples
    named = tone.synthesize("一二三", emotion="anger").samples
    told = tone.synthesize(
        "一二三", emotion_description="愤怒", emotion_control_type="text_driven"
    ).samples
    vector = tone.synthesize("一二三", emotion_vector=[0, 1, 0, 0, 0, 0, 0, 0]).samples
    assert not np.array_equal(plain, named)
    np.testing.assert_array_equal(named, vector)
    assert not np.array_equal(told, plain)


def test_what_is_saved_can_be_read_and_says_it_is_synthetic(
    tone: Synthesizer, tmp_path: Path
) -> None:
    """A WAV file of 16 bits with the samples and a marking."""
    import wave

    audio = tone.synthesize("你好")
    audio.save(tmp_path / "out.wav")
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        assert file.getnframes() == len(audio.samples)
    assert b"Synthetic speech" in (tmp_path / "out.wav").read_bytes()


@pytest.mark.parametrize(
    ("wishes", "error"),
    [
        ({"voice": "nobody"}, UnknownVoice),
        ({"emotion": "hungry"}, UnknownEmotion),
        ({"emotion": "joy", "emotion_vector": [1] * 8}, ValueError),
        ({"emotion_control_type": "text_driven"}, ValueError),
        ({"mode": "controlled"}, ValueError),
        ({"mode": "free", "duration": 2.0}, ValueError),
        ({"speaker_embedding_mode": "fine_tuned"}, Unsupported),
        ({"reference_audio": "missing.wav"}, BadAudio),
        ({"reference_audio": "a.wav", "speaker_reference": "b.wav"}, ValueError),
        ({"voise": "alto"}, TypeError),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(
    tone: Synthesizer, wishes: dict[str, object], error: type[Exception]
) -> None:
    """Each gives one clear error and leaves the synthesizer usable."""
    with pytest.raises(error):
        tone.synthesize("你好", **wishes)
    assert len(tone.synthesize("你好").samples) > 0


def test_an_engine_without_cloning_says_so(tone: Synthesizer, tmp_path: Path) -> None:
    """A reference for an engine that cannot clone is unsupported."""
    audio = tone.synthesize("一二三四五六七八九十一二三四五六七八九十")
    audio.save(tmp_path / "speaker.wav")
    with pytest.raises(Unsupported):
        tone.synthesize("你好", reference_audio=tmp_path / "speaker.wav")
