"""Frames ↔ bytes: PCM, µ-law and Opus. PyAV is imported only when Opus is asked for."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from .audio import AudioFormat, Samples, from_pcm16, to_pcm16
from .errors import BadAudio

OPUS_DECODED_HZ = 48_000
"""RFC 6716 §2: a decoder may always give 48 kHz, whatever went in; FFmpeg's does."""


class Encoder(Protocol):
    """Turns one frame after another into payloads; holds state only where the codec has some."""

    def encode(self, frame: Samples) -> bytes:
        """One payload for one frame of ``samples_per_frame``."""
        ...


class Decoder(Protocol):
    """The inverse; ``sample_rate`` is that of what it gives."""

    @property
    def sample_rate(self) -> int: ...

    def decode(self, payload: bytes) -> Samples:
        """The samples of one payload.

        Raises:
            BadAudio: the payload is not of this codec.
        """
        ...


def make_encoder(format_: AudioFormat, *, bit_rate: int = 48_000) -> Encoder:
    """An encoder for what a client asked for; ``bit_rate`` in bit/s is for Opus alone."""
    if format_.codec == "opus":
        return OpusEncoder(format_, bit_rate)
    return _PCM[format_.codec](format_.sample_rate)


def make_decoder(format_: AudioFormat) -> Decoder:
    """A decoder for what :func:`make_encoder` makes of the same format."""
    if format_.codec == "opus":
        return OpusDecoder()
    return _PCM[format_.codec](format_.sample_rate)


class _Pcm:
    """Codecs without state: both directions in one object."""

    def __init__(self, sample_rate: int) -> None:
        self.sample_rate = sample_rate


class Pcm16(_Pcm):
    """16-bit little-endian integers."""

    def encode(self, frame: Samples) -> bytes:
        return to_pcm16(frame).astype("<i2").tobytes()

    def decode(self, payload: bytes) -> Samples:
        return from_pcm16(np.frombuffer(_whole(payload, 2), "<i2"))


class PcmFloat(_Pcm):
    """32-bit little-endian floats."""

    def encode(self, frame: Samples) -> bytes:
        return frame.astype("<f4").tobytes()

    def decode(self, payload: bytes) -> Samples:
        return np.frombuffer(_whole(payload, 4), "<f4").astype(np.float32)


_BIAS = 33
"""ITU-T G.711 §3: in 14-bit units, so that segments begin at powers of two."""
_CLIP = 8158


def _mulaw_table() -> npt.NDArray[np.float32]:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = ((((code & 0x0F) << 1) + _BIAS) << ((code >> 4) & 7)) - _BIAS
    signed = np.where(code & 0x80, -magnitude, magnitude)
    return (signed / np.float32(8192.0)).astype(np.float32)


_MULAW = _mulaw_table()


class MuLaw(_Pcm):
    """ITU-T G.711 µ-law, one byte a sample."""

    def encode(self, frame: Samples) -> bytes:
        linear = np.rint(np.clip(frame, -1.0, 1.0) * np.float32(8192.0)).astype(np.int32)
        biased = np.minimum(np.abs(linear), _CLIP) + _BIAS
        # Position of the highest bit, 5…12 → segment 0…7.
        segment = np.frexp(biased.astype(np.float32))[1] - 6
        code = (segment << 4) | ((biased >> (segment + 1)) & 0x0F) | np.where(linear < 0, 0x80, 0)
        payload: bytes = (~code & 0xFF).astype(np.uint8).tobytes()
        return payload

    def decode(self, payload: bytes) -> Samples:
        return _MULAW[np.frombuffer(payload, np.uint8)]


_PCM: dict[str, type[Pcm16] | type[PcmFloat] | type[MuLaw]] = {
    "pcm_s16le": Pcm16,
    "pcm_f32le": PcmFloat,
    "mulaw": MuLaw,
}


class OpusEncoder:
    """libopus set for voice; a payload is one Opus packet.

    The decoded sound lies 6.5 ms behind what went in (RFC 7845 §4.2 calls it pre-skip).
    """

    def __init__(self, format_: AudioFormat, bit_rate: int) -> None:
        import av

        self._av = av
        self._format = format_
        context: Any = av.CodecContext.create("libopus", "w")
        context.sample_rate = format_.sample_rate
        context.layout = "mono"
        context.format = "flt"
        context.bit_rate = bit_rate
        context.options = {"application": "voip", "frame_duration": str(format_.ptime_ms)}
        context.open()
        self._context = context
        self._pts = 0

    def encode(self, frame: Samples) -> bytes:
        size = self._format.samples_per_frame
        if len(frame) != size:
            raise ValueError(f"a frame has {len(frame)} samples, expected {size}")
        audio = self._av.AudioFrame.from_ndarray(
            np.ascontiguousarray(frame[None, :], np.float32), format="flt", layout="mono"
        )
        audio.sample_rate = self._format.sample_rate
        audio.time_base = Fraction(1, self._format.sample_rate)
        audio.pts = self._pts
        self._pts += size
        return b"".join(bytes(packet) for packet in self._context.encode(audio))


class OpusDecoder:
    """libopus; gives mono at 48 kHz."""

    sample_rate = OPUS_DECODED_HZ

    def __init__(self) -> None:
        import av

        self._av = av
        context: Any = av.CodecContext.create("libopus", "r")
        context.sample_rate = OPUS_DECODED_HZ
        context.layout = "mono"
        self._context = context

    def decode(self, payload: bytes) -> Samples:
        if not payload:
            # FFmpeg would take it for the end of the stream.
            raise BadAudio("an Opus packet is empty")
        try:
            frames = self._context.decode(self._av.Packet(payload))
        except self._av.error.FFmpegError as error:
            raise BadAudio(f"{len(payload)} bytes are no Opus packet") from error
        return from_pcm16(np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]))


def _whole(payload: bytes, size: int) -> bytes:
    if len(payload) % size:
        raise BadAudio(f"a payload has {len(payload)} bytes, expected a multiple of {size}")
    return payload
