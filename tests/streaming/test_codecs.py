"""Frames ↔ bytes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.streaming.audio import AudioFormat, Samples
from seiyuu.streaming.codecs import (
    MuLaw,
    OpusDecoder,
    Pcm16,
    PcmFloat,
    make_decoder,
    make_encoder,
)
from seiyuu.streaming.errors import BadAudio

pytestmark = pytest.mark.unit


def sine(format_: AudioFormat, frames: int) -> Samples:
    """A tone of so many frames."""
    count = format_.samples_per_frame * frames
    return (0.5 * np.sin(2 * np.pi * 300 * np.arange(count) / format_.sample_rate)).astype(
        np.float32
    )


@pytest.mark.parametrize(
    ("codec", "bytes_a_sample", "error"),
    [("pcm_s16le", 2, 2e-5), ("pcm_f32le", 4, 0), ("mulaw", 1, 0.02)],
)
def test_pcm_comes_back_as_it_was(codec: str, bytes_a_sample: int, error: float) -> None:
    """Within what the codec keeps, at so many bytes a sample."""
    format_ = AudioFormat(codec)  # type: ignore[arg-type]
    frame = sine(format_, 1)
    payload = make_encoder(format_).encode(frame)
    decoder = make_decoder(format_)
    assert len(payload) == len(frame) * bytes_a_sample
    assert np.abs(decoder.decode(payload) - frame).max() <= error
    assert decoder.sample_rate == format_.sample_rate


def test_pcm_is_little_endian() -> None:
    """As the names of the codecs say."""
    assert Pcm16(8000).encode(np.array([1 / 32767], np.float32)) == b"\x01\x00"
    assert PcmFloat(8000).encode(np.array([1.0], np.float32)) == b"\x00\x00\x80\x3f"


@pytest.mark.parametrize(
    ("sample", "code"),
    [(0.0, 0xFF), (1.0, 0x80), (-1.0, 0x00), (2.0, 0x80), (0.5, 0x8F), (-0.5, 0x0F), (1e-4, 0xFE)],
)
def test_mulaw_follows_the_standard(sample: float, code: int) -> None:
    """Known values of ITU-T G.711."""
    assert MuLaw(8000).encode(np.array([sample], np.float32)) == bytes([code])


@given(st.integers(0, 255))
def test_every_mulaw_code_is_its_own(code: int) -> None:
    """Decoding and encoding gives the code back, but for the negative zero."""
    codec = MuLaw(8000)
    again = codec.encode(codec.decode(bytes([code])))[0]
    assert again == (0xFF if code == 0x7F else code)


@pytest.mark.parametrize(("codec", "size"), [("pcm_s16le", 3), ("pcm_f32le", 6)])
def test_half_a_sample_is_bad_audio(codec: str, size: int) -> None:
    """With both numbers in the sentence."""
    with pytest.raises(BadAudio, match=f"{size} bytes, expected a multiple of"):
        make_decoder(AudioFormat(codec)).decode(b"\0" * size)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sample_rate", "ptime_ms"),
    [(48_000, 20), (24_000, 20), (16_000, 60), (8_000, 40), (48_000, 10)],
)
def test_opus_keeps_time_and_tone(sample_rate: int, ptime_ms: int) -> None:
    """Each frame is one packet; 48 kHz comes out, as long and with the same pitch."""
    format_ = AudioFormat("opus", sample_rate, ptime_ms)
    encoder, decoder = make_encoder(format_), make_decoder(format_)
    samples, size = sine(format_, 20), format_.samples_per_frame
    payloads = [encoder.encode(samples[at : at + size]) for at in range(0, len(samples), size)]
    decoded = np.concatenate([decoder.decode(payload) for payload in payloads])
    assert all(payloads)
    assert sum(map(len, payloads)) < len(samples)
    assert len(decoded) == 20 * ptime_ms * 48
    assert decoder.sample_rate == 48_000
    spectrum = np.abs(np.fft.rfft(decoded * np.hanning(len(decoded))))
    assert spectrum.argmax() * 48_000 / len(decoded) == pytest.approx(300, abs=5)


def test_opus_takes_whole_frames() -> None:
    """Another length is a mistake of the caller."""
    with pytest.raises(ValueError, match="a frame has 7 samples, expected 960"):
        make_encoder(AudioFormat("opus", 48_000)).encode(np.zeros(7, np.float32))


@pytest.mark.parametrize("payload", [b"", b"\xff\xff\xff", b"\xff" * 500])
def test_what_is_no_opus_packet_is_bad_audio(payload: bytes) -> None:
    """And the decoder can still be used."""
    decoder = OpusDecoder()
    with pytest.raises(BadAudio):
        decoder.decode(payload)
    format_ = AudioFormat("opus", 48_000)
    good = make_encoder(format_).encode(sine(format_, 1))
    assert len(decoder.decode(good)) == 960
