"""Decoding clips: every common format, and bytes that are anything but a clip."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.model.clips import MAX_BYTES, Clip, decode
from seiyuu.streaming.errors import BadAudio

from ..sound_files import archive, film, float_wav, packed, wav_of_integers

pytestmark = pytest.mark.unit


def tone(seconds: float, rate: int, channels: int = 1) -> np.ndarray:
    """A 220 Hz tone in every channel, ``[n, channels]`` 16-bit."""
    at = np.arange(int(seconds * rate)) / rate
    return np.repeat((9000 * np.sin(2 * np.pi * 220 * at)).astype("<i2")[:, None], channels, 1)


def wav(seconds: float = 1.0, rate: int = 16_000, channels: int = 1) -> bytes:
    """A WAV file holding the tone."""
    return wav_of_integers(tone(seconds, rate, channels), rate)


def encoded(container: str, codec: str, rate: int = 48_000) -> bytes:
    """A second of the tone in another format."""

    def sound(first: int, count: int) -> np.ndarray:
        return tone(1.0, rate)[first : first + count, 0] / 32768

    return packed(container, codec, 1.0, rate=rate, sound=sound)


def test_a_wav_file_comes_out_as_it_went_in() -> None:
    """Samples, rate and length of a 16-bit file are kept exactly."""
    clip = decode(wav(0.5, 22_050))
    assert (clip.sample_rate, clip.channels, clip.seconds) == (22_050, 1, 0.5)
    assert np.array_equal(clip.samples, tone(0.5, 22_050)[:, 0].astype(np.float32) / 32768)


@pytest.mark.parametrize(
    ("container", "codec"),
    [("flac", "flac"), ("ogg", "libopus"), ("mp3", "mp3"), ("mp4", "aac"), ("aiff", "pcm_s16be")],
)
def test_common_formats_are_decoded(container: str, codec: str) -> None:
    """What people record with can be sent as it is."""
    clip = decode(encoded(container, codec))
    assert clip.seconds == pytest.approx(1.0, abs=0.1)
    spectrum = np.abs(np.fft.rfft(clip.samples * np.hanning(len(clip.samples))))
    assert np.argmax(spectrum) / clip.seconds == pytest.approx(220, abs=2)


def test_eight_channels_are_mixed_to_one() -> None:
    """A surround recording is a clip like another."""
    clip = decode(wav(0.25, 48_000, 8))
    assert (clip.channels, len(clip.samples)) == (8, 12_000)


def test_a_voice_on_one_of_eight_channels_is_not_thinned_out() -> None:
    """The one channel that speaks is taken, at its own level."""
    one = np.pad(tone(0.25, 48_000), ((0, 0), (3, 4)))
    clip = decode(wav_of_integers(one, 48_000))
    assert clip.channels == 8
    assert np.abs(clip.samples).max() == pytest.approx(np.abs(one).max() / 32768, abs=1e-6)


def test_channels_of_opposite_sign_do_not_cancel() -> None:
    """A microphone with one leg turned round is heard all the same."""
    one = tone(0.25, 48_000)
    clip = decode(wav_of_integers(np.concatenate([one, -one], axis=1), 48_000))
    assert np.abs(clip.samples).max() == pytest.approx(np.abs(one).max() / 32768, abs=1e-6)


def test_what_is_finer_than_any_voice_is_kept_at_48_khz() -> None:
    """A minute at 192 kHz costs no more than a minute at 48 kHz, and sounds the same."""
    small = packed("flac", "flac", 59, rate=192_000)
    tracemalloc.start()
    assert decode(small).sample_rate == 48_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 48 << 20
    clip = decode(wav_of_integers(tone(1.0, 192_000), 192_000))
    assert clip.seconds == pytest.approx(1.0, abs=1e-3)
    spectrum = np.abs(np.fft.rfft(clip.samples * np.hanning(len(clip.samples))))
    assert np.argmax(spectrum) / clip.seconds == pytest.approx(220, abs=2)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not audio"),
        (b"This is a text and no sound at all.\n" * 50, "not audio"),
        (b"/etc/passwd", "not audio"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n", "not audio"),
        (b"ffconcat version 1.0\nfile /etc/hostname\n", "not audio"),
        (b"\x00" * (MAX_BYTES + 1), "MB"),
        (wav(61, 8_000), "longer than 60"),
        (wav(0.0), "no sound"),
        (film(), "a video"),
        (float_wav(np.full(4000, 20_000.0)), "beyond full scale"),
        (b"\x1f\x8b\x08" + bytes(4000), "not audio"),
        (float_wav(np.array([0.1, np.nan, 0.2] * 4000)), "not numbers"),
        (float_wav(np.array([0.1, np.inf, 0.2] * 4000)), "not numbers"),
        (wav(1, 3000), "sample rate"),
    ],
    ids=["empty", "text", "path", "playlist", "concat", "huge", "long", "no samples", "video", "units", "gzip"]
    + ["nan", "inf", "rate"],
)  # fmt: skip
def test_what_is_no_clip_gets_one_clear_error(data: bytes, said: str) -> None:
    """Whatever the bytes are, the answer is one sentence that says what to do."""
    with pytest.raises(BadAudio, match=said):
        decode(data)


def test_a_path_is_not_a_clip() -> None:
    """The name of a file is never opened."""
    with pytest.raises(BadAudio, match="not a str"):
        decode("/etc/hostname")  # type: ignore[arg-type]


def test_a_zip_bomb_is_not_unpacked() -> None:
    """An archive is refused as what it is."""
    with pytest.raises(BadAudio, match="not audio"):
        decode(archive(bytes(1 << 24)))


def test_days_of_packed_silence_cost_a_minute_of_it() -> None:
    """A small file that unpacks to hours of sound is given up at the bound, in time and in memory."""
    small = packed("flac", "flac", 3600)
    assert len(small) < 1 << 20
    tracemalloc.start()
    with pytest.raises(BadAudio, match="longer than"):
        decode(small)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 << 20


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=600), st.integers(0, 44), st.integers(0, 255))
def test_damaged_files_give_a_clip_or_an_error(noise: bytes, place: int, value: int) -> None:
    """Bytes changed or cut anywhere never lead to anything but a finite clip or BadAudio."""
    whole = bytearray(wav(0.1))
    whole[place] = value
    for data in (noise, bytes(whole), bytes(whole[: 44 + len(noise)]), whole[:44] + noise):
        try:
            clip = decode(bytes(data))
        except BadAudio:
            continue
        assert isinstance(clip, Clip)
        assert np.isfinite(clip.samples).all()
