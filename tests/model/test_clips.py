"""Decoding clips: every common format, and bytes that are anything but a clip."""

import io
import struct
import tracemalloc
import wave
import zipfile

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.model.clips import MAX_BYTES, Clip, decode
from seiyuu.streaming.errors import BadAudio

pytestmark = pytest.mark.unit


def tone(seconds: float, rate: int, channels: int = 1) -> np.ndarray:
    """A 220 Hz tone in every channel, ``[n, channels]`` 16-bit."""
    at = np.arange(int(seconds * rate)) / rate
    return np.repeat((9000 * np.sin(2 * np.pi * 220 * at)).astype(np.int16)[:, None], channels, 1)


def wav(seconds: float = 1.0, rate: int = 16_000, channels: int = 1) -> bytes:
    """A WAV file holding the tone."""
    return wav_of(tone(seconds, rate, channels), rate)


def encoded(container: str, codec: str, rate: int = 48_000) -> bytes:
    """The tone in another format."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone(1.0, rate).T.copy(), format="s16", layout="mono")
        frame.sample_rate = rate
        resampler = av.AudioResampler(stream.format, "mono", rate)
        for piece in [*resampler.resample(frame), None]:
            for ready in stream.encode(piece):
                file.mux(ready)
    return out.getvalue()


def video() -> bytes:
    """Half a second of moving picture with no sound."""
    out = io.BytesIO()
    with av.open(out, "w", format="matroska") as file:
        stream = file.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        for _ in range(5):
            for packet in stream.encode(av.VideoFrame(32, 32, "yuv420p")):
                file.mux(packet)
        for packet in stream.encode():
            file.mux(packet)
    return out.getvalue()


def silence(seconds: int, rate: int) -> bytes:
    """A FLAC file of nothing, packed to next to nothing."""
    out = io.BytesIO()
    with av.open(out, "w", format="flac") as file:
        stream = file.add_stream("flac", rate=rate, layout="mono")
        quiet = av.AudioFrame.from_ndarray(np.zeros((1, rate), np.int16), "s16", "mono")
        quiet.sample_rate = rate
        for _ in range(seconds):
            for packet in stream.encode(quiet):
                file.mux(packet)
    return out.getvalue()


def wav_of(values: np.ndarray, rate: int) -> bytes:
    """A WAV file of 16-bit samples ``[n, channels]``."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(values.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(values.astype("<i2").tobytes())
    return out.getvalue()


def float_wav(values: np.ndarray, rate: int = 16_000) -> bytes:
    """A WAV file of 32-bit floats."""
    body = values.astype("<f4").tobytes()
    form = struct.pack("<HHIIHH", 3, 1, rate, 4 * rate, 4, 32)
    content = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(body))
    return b"RIFF" + struct.pack("<I", len(content) + len(body)) + content + body


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
    clip = decode(wav_of(one, 48_000))
    assert clip.channels == 8
    assert np.abs(clip.samples).max() == pytest.approx(np.abs(one).max() / 32768, abs=1e-6)


def test_channels_of_opposite_sign_do_not_cancel() -> None:
    """A microphone with one leg turned round is heard all the same."""
    one = tone(0.25, 48_000)
    clip = decode(wav_of(np.concatenate([one, -one], axis=1), 48_000))
    assert np.abs(clip.samples).max() == pytest.approx(np.abs(one).max() / 32768, abs=1e-6)


def test_what_is_finer_than_any_voice_is_kept_at_48_khz() -> None:
    """A minute at 192 kHz costs no more than a minute at 48 kHz, and sounds the same."""
    packed = silence(59, 192_000)
    tracemalloc.start()
    assert decode(packed).sample_rate == 48_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 48 << 20
    clip = decode(wav_of(tone(1.0, 192_000), 192_000))
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
        (video(), "a video"),
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
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("clip.wav", b"\0" * (1 << 24))
    with pytest.raises(BadAudio, match="not audio"):
        decode(out.getvalue())


def test_days_of_packed_silence_cost_a_minute_of_it() -> None:
    """A small file that unpacks to hours of sound is given up at the bound, in time and in memory."""
    packed = silence(3600, 8_000)
    assert len(packed) < 1 << 20
    tracemalloc.start()
    with pytest.raises(BadAudio, match="longer than"):
        decode(packed)
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
