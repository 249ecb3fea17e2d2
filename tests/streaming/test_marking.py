"""Files that say they are synthetic, read back by an independent reader."""

import io
import wave

import av
import numpy as np
import pytest

from seiyuu.streaming.marking import NOTICES, Marking, language_of, mark_wav, notice, rhythm

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("frames", [800, 801])
def test_a_marked_wav_says_so_and_sounds_the_same(frames: int) -> None:
    """The chunk is found by FFmpeg, and every sample is where it was."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes((bytes(range(256)) * 4)[:frames])
    marked = mark_wav(out.getvalue(), Marking("compact", cloned=True))
    with av.open(io.BytesIO(marked)) as container:
        assert "Synthetic" in container.metadata["comment"]
        assert "cloned" in container.metadata["comment"]
        assert container.metadata["encoder"] == "Seiyuu compact"
    with wave.open(io.BytesIO(marked)) as file:
        assert file.readframes(frames + 10) == (bytes(range(256)) * 4)[:frames]


@pytest.mark.parametrize(("container", "codec"), [("ogg", "libopus"), ("mp3", "mp3")])
def test_tags_survive_in_ogg_and_mp3(container: str, codec: str) -> None:
    """The same words are Vorbis comments in an Ogg file and ID3 frames in an MP3."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream(codec, rate=48_000, layout="mono")
        marking = Marking("tone").tags()
        file.metadata.update(marking)
        stream.metadata.update(marking)
        silence = np.zeros((1, 48_000), np.float32)
        frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
        frame.sample_rate = 48_000
        resampler = av.AudioResampler(stream.format, "mono", 48_000)
        for piece in [*resampler.resample(frame), None]:
            for packet in stream.encode(piece):
                file.mux(packet)
    with av.open(io.BytesIO(out.getvalue())) as file:
        found = {**file.metadata, **file.streams.audio[0].metadata}
    assert found["comment"].startswith("Synthetic speech")
    assert {key.lower(): value for key, value in found.items()}["synthetic"] == "true"


def test_what_is_no_wav_is_refused() -> None:
    """Bytes of another kind are not made into a file."""
    with pytest.raises(ValueError, match="WAV"):
        mark_wav(b"OggS" + b"\0" * 40, Marking())


def test_every_language_has_its_notice() -> None:
    """A listener hears the notice in the language spoken, or in English."""
    assert {notice(language) for language in NOTICES} == set(NOTICES.values())
    assert notice("xx") == NOTICES["en"]


@pytest.mark.parametrize("language", NOTICES)
def test_each_notice_is_known_for_its_language(language: str) -> None:
    """The language is guessed from the letters; what has none is taken for English."""
    assert language_of(NOTICES[language]) == language
    assert language_of("3.14") == "en"


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000])
def test_the_rhythm_is_short_long_short_short(rate: int) -> None:
    """Four tones of the stated lengths, the gap between the groups longer, silence at the end."""
    sound = rhythm(rate)
    steps = len(sound) // round(0.01 * rate)
    level = np.abs(sound[: steps * round(0.01 * rate)]).reshape(steps, -1).max(axis=1) > 0.02
    edges = np.flatnonzero(np.diff(np.concatenate([[0], level.astype(int), [0]])))
    lengths = (edges[1::2] - edges[::2]) / 9
    assert lengths == pytest.approx([1, 3, 1, 1], abs=0.25)
    gaps = (edges[2::2] - edges[1:-1:2]) / 9
    assert gaps == pytest.approx([1, 2, 1], abs=0.25)
    assert len(sound) / rate < 1.5
