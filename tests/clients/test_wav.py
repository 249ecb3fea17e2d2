"""Sound into files."""

import io
import wave
from pathlib import Path

import numpy as np
import pytest

from seiyuu.clients.wav import PcmWriter, Take, open_writer
from seiyuu.streaming.audio import AudioChunk

pytestmark = pytest.mark.unit

SOUND = (0.5 * np.sin(np.arange(24_000) / 10)).astype(np.float32)


def test_a_wav_holds_the_samples(tmp_path: Path) -> None:
    """16 bits, mono, whole even if nothing was written."""
    with open_writer(tmp_path / "a.wav", 24_000) as out:
        out.write(SOUND[:100])
        out.write(SOUND[100:])
    with wave.open(str(tmp_path / "a.wav")) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    np.testing.assert_allclose(pcm / 32767, SOUND, atol=1e-4)
    with open_writer(tmp_path / "b.wav", 24_000):
        pass
    with wave.open(str(tmp_path / "b.wav")) as file:
        assert file.getnframes() == 0


@pytest.mark.parametrize("ending", ["ogg", "mp3"])
def test_a_packed_file_lasts_as_long_and_is_marked(tmp_path: Path, ending: str) -> None:
    """Of the same length, with the mark of synthetic speech for any reader, and no crash without sound."""
    import av

    with open_writer(tmp_path / f"a.{ending}", 24_000) as out:
        for at in range(0, len(SOUND), 480):
            out.write(SOUND[at : at + 480])
    with av.open(str(tmp_path / f"a.{ending}")) as file:
        tags = {**file.metadata, **file.streams.audio[0].metadata}
        seconds = sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0))
    assert seconds == pytest.approx(1.0, abs=0.06)
    assert {key.lower(): value for key, value in tags.items()}["synthetic"] == "true"
    with open_writer(tmp_path / f"b.{ending}", 24_000):
        pass


def test_a_pipe_gets_bare_samples() -> None:
    """No header; each piece at once."""
    out = io.BytesIO()
    with PcmWriter(out) as writer:
        writer.write(SOUND[:10])
    assert len(out.getvalue()) == 20


def test_other_endings_are_refused(tmp_path: Path) -> None:
    """And so is a folder that does not exist."""
    with pytest.raises(ValueError, match=r"expected one of \.wav, \.ogg, \.mp3"):
        open_writer(tmp_path / "a.aac", 24_000)
    with pytest.raises(OSError, match=r"a\.wav"):
        open_writer(tmp_path / "no" / "a.wav", 24_000)


def test_a_take_follows_rewinds() -> None:
    """What comes again replaces what it overlaps, wherever the pieces were cut."""
    take = Take()
    for start in (0, 10, 20):
        take.add(AudioChunk(np.full(10, start, np.float32), 24_000, start))
    take.add(AudioChunk(np.full(5, 99, np.float32), 24_000, 15))
    take.add(AudioChunk(np.full(5, 98, np.float32), 24_000, 20))
    np.testing.assert_array_equal(
        take.samples, np.repeat(np.float32([0, 10, 99, 98]), [10, 5, 5, 5])
    )
    assert len(Take().samples) == 0
