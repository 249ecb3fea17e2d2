"""Audio files to samples: any common format, from bytes, within bounds that hold whatever the bytes are.

Nothing here opens a path or a network address: the demuxers that refer to other files (playlists, concatenations)
are not allowed, and the bytes are read from memory. Decoding stops at the bound, so a small file that unpacks to
days of silence costs no more than a minute of it, and what was recorded finer than any voice is kept at 48 kHz.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import av
import numpy as np
import soxr

from ..streaming.audio import Samples
from ..streaming.errors import BadAudio

MAX_BYTES = 32 << 20
MAX_SECONDS = 60.0
MAX_PACKETS = 100_000
MAX_STREAMS = 8
MIN_RATE, MAX_RATE = 6_000, 384_000
MAX_CHANNELS = 64
KEPT_RATE = 48_000
"""A minute at 384 kHz would hold 90 MB of what no voice has."""

LOST_IN_MIX = 1 / 16
"""Share of the loudest channel's power below which mixing has cancelled it, or thinned it out among silent ones."""

BEYOND = 64.0
"""A sample this far beyond full scale is a mistake of units, not a loud voice."""

FORMATS = frozenset(
    ["wav", "w64", "aiff", "au", "caf", "flac", "ogg", "mp3", "aac", "mov,mp4,m4a,3gp,3g2,mj2"]
    + ["matroska,webm", "amr", "gsm", "wv", "ape", "tta", "asf"]
)
"""Demuxers that may open a clip, by their libavformat names: those that read one file and nothing beside it."""

ADVICE = "send 5 to 15 seconds of one person speaking, as WAV, FLAC, MP3, Ogg or M4A"


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A decoded clip: ``samples [n]`` mono at ``sample_rate``; ``channels`` is what the file had before mixing."""

    samples: Samples
    sample_rate: int
    channels: int = 1

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.sample_rate


def decode(data: bytes) -> Clip:
    """The sound of an audio file, all channels mixed to one.

    Raises:
        BadAudio: not audio, a video, too big, longer than a minute, damaged, or with values that are no numbers.
    """
    if not isinstance(data, bytes | bytearray | memoryview):
        raise BadAudio(f"a clip is the content of a file, not a {type(data).__name__}; {ADVICE}")
    if len(data) > MAX_BYTES:
        raise BadAudio(
            f"the file has {len(data) / 1e6:.0f} MB, expected at most {MAX_BYTES / 1e6:.0f}; {ADVICE}"
        )
    try:
        data = bytes(data)  # no copy of what is bytes already
        taken = _take(data)
        if taken.power < LOST_IN_MIX * taken.channel_power.max():
            loudest = int(taken.channel_power.argmax())
            del taken  # or there would be two of them
            taken = _take(data, channel=loudest)
    except (av.FFmpegError, ValueError, UnicodeError) as error:
        raise BadAudio(f"the file is not audio that can be read; {ADVICE}") from error
    if not len(taken.samples):
        raise BadAudio(f"the file holds no sound; {ADVICE}")
    return Clip(taken.samples, taken.sample_rate, len(taken.channel_power))


@dataclass(frozen=True, slots=True, eq=False)
class _Taken:
    """What was decoded: one channel or all of them mixed, its energy, and that of every channel, before resampling."""

    samples: Samples
    sample_rate: int
    power: float
    channel_power: np.ndarray


def _take(data: bytes, channel: int | None = None) -> _Taken:
    """One channel, or all of them in equal parts."""
    with _open(data) as container:
        stream = _audio_stream(container)
        rate = int(stream.sample_rate)
        slower = soxr.ResampleStream(rate, KEPT_RATE, 1) if rate > KEPT_RATE else None
        pieces, power = [np.zeros(0, np.float32)], np.zeros(int(stream.channels))
        mixed = 0.0
        for planes in _planes(container, stream):
            if not (np.abs(planes) < BEYOND).all():  # also false for what is no number
                raise BadAudio(_wrong_values(planes))
            if len(planes) != len(power):
                raise BadAudio(f"the number of channels changes within the file; {ADVICE}")
            power += np.square(planes, dtype=np.float64).sum(axis=1)
            piece = planes.mean(axis=0, dtype=np.float32) if channel is None else planes[channel]
            mixed += float(np.square(piece, dtype=np.float64).sum())
            pieces.append(piece if slower is None else slower.resample_chunk(piece))
        if slower is not None:
            pieces.append(slower.resample_chunk(np.zeros(0, np.float32), last=True))
    return _Taken(np.concatenate(pieces), min(rate, KEPT_RATE), mixed, power)


def _wrong_values(planes: np.ndarray) -> str:
    if not np.isfinite(planes).all():
        return "the file holds samples that are not numbers; record or export it again"
    loudest = float(np.abs(planes).max())
    return f"the file holds samples {loudest:.0g} times beyond full scale; export it as 16-bit WAV"


def _open(data: bytes) -> av.container.InputContainer:
    options = {"format_whitelist": ",".join(sorted(FORMATS)), "protocol_whitelist": ""}
    container = av.open(io.BytesIO(data), "r", container_options=options)
    if container.format.name not in FORMATS:
        container.close()
        raise BadAudio(f"files of the format {container.format.name!r} are not taken; {ADVICE}")
    return container


def _audio_stream(container: av.container.InputContainer) -> av.AudioStream:
    """The sound of a container that holds nothing else but pictures of its cover."""
    if len(container.streams) > MAX_STREAMS:
        raise BadAudio(f"the file holds {len(container.streams)} streams, expected one; {ADVICE}")
    for video in container.streams.video:
        if not video.disposition & av.stream.Disposition.attached_pic:
            raise BadAudio(f"the file is a video; take its sound out and send that: {ADVICE}")
    if not container.streams.audio:
        raise BadAudio(f"the file holds no sound; {ADVICE}")
    stream = container.streams.audio[0]
    if stream.codec_context is None:
        raise BadAudio(f"the sound in the file is in no known form; {ADVICE}")
    if not MIN_RATE <= int(stream.sample_rate or 0) <= MAX_RATE:
        raise BadAudio(
            f"the sample rate is {stream.sample_rate} Hz, expected {MIN_RATE} to {MAX_RATE}; {ADVICE}"
        )
    if not 1 <= int(stream.channels or 0) <= MAX_CHANNELS:
        raise BadAudio(
            f"the file has {stream.channels} channels, expected 1 to {MAX_CHANNELS}; {ADVICE}"
        )
    return stream


def _planes(container: av.container.InputContainer, stream: av.AudioStream) -> Iterator[np.ndarray]:
    """Pieces ``[channels, n]`` as they are decoded; stops with an error at the bound."""
    most = int(MAX_SECONDS * int(stream.sample_rate))
    taken = 0
    for number, packet in enumerate(container.demux(stream)):
        if number > MAX_PACKETS:
            raise BadAudio(f"the file is cut into more pieces than a clip has; {ADVICE}")
        for frame in packet.decode():
            planes = _as_float(frame)
            taken += planes.shape[1]
            if taken > most:
                raise BadAudio(f"the clip is longer than {MAX_SECONDS:.0f} seconds; {ADVICE}")
            yield planes


def _as_float(frame: av.AudioFrame) -> np.ndarray:
    """The channels of a frame, float in −1…1 whatever the format."""
    values = frame.to_ndarray()
    channels = frame.layout.nb_channels
    planes = values.reshape(-1, channels).T if not frame.format.is_planar else values
    if planes.dtype == np.uint8:
        return (planes.astype(np.float32) - 128.0) / 128.0
    if np.issubdtype(planes.dtype, np.integer):
        return planes.astype(np.float32) / float(1 << (8 * planes.dtype.itemsize - 1))
    return planes.astype(np.float32)
