"""Sound into files: 16-bit mono WAV and PCM, and Opus in Ogg."""

from __future__ import annotations

import wave
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np

from ..streaming.audio import AudioChunk, Samples, to_pcm16
from ..streaming.marking import Marking, append_marking

OPUS_HZ = 48_000
MARKING = Marking()


class Writer(ABC):
    """Takes sound in order. Use as a context manager; the file is whole when it is left."""

    @abstractmethod
    def write(self, samples: Samples) -> None: ...

    @abstractmethod
    def close(self) -> None:
        """Make the file whole."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class WavWriter(Writer):
    """16-bit PCM, mono, marked as synthetic behind its sound."""

    def __init__(self, path: Path, sample_rate: int) -> None:
        self._raw = path.open("w+b")  # noqa: SIM115  closed in close
        self._file = wave.open(self._raw, "wb")  # noqa: SIM115
        self._file.setnchannels(1)
        self._file.setsampwidth(2)
        self._file.setframerate(sample_rate)

    def write(self, samples: Samples) -> None:
        self._file.writeframes(to_pcm16(samples).astype("<i2").tobytes())

    def close(self) -> None:
        self._file.close()
        with self._raw:
            append_marking(self._raw, MARKING)


class PcmWriter(Writer):
    """PCM s16le without a header, each piece flushed: for a pipe."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, samples: Samples) -> None:
        self._out.write(to_pcm16(samples).astype("<i2").tobytes())
        self._out.flush()

    def close(self) -> None:
        """The pipe is its owner's."""


class OggWriter(Writer):
    """Opus in Ogg, mono, marked as synthetic; PyAV resamples to 48 kHz."""

    FORMAT, CODEC, HZ = "ogg", "libopus", OPUS_HZ

    def __init__(self, path: Path, sample_rate: int, bit_rate: int = 64_000) -> None:
        import av

        self._av = av
        self._rate = sample_rate
        container: Any = av.open(str(path), "w", format=self.FORMAT)
        self._container = container
        self._stream: Any = container.add_stream(self.CODEC, rate=self.HZ, layout="mono")
        self._stream.bit_rate = bit_rate
        # Ogg keeps a stream's comments, MP3 those of the file.
        self._stream.metadata.update(MARKING.tags())
        self._container.metadata.update(MARKING.tags())
        self._resampler: Any = av.AudioResampler(
            format=self._stream.format, layout="mono", rate=self.HZ
        )
        self._position = 0

    def write(self, samples: Samples) -> None:
        if not len(samples):
            return
        frame: Any = self._av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples[None, :]), format="flt", layout="mono"
        )
        frame.sample_rate = self._rate
        frame.pts = self._position
        self._position += len(samples)
        self._encode(self._resampler.resample(frame))

    def close(self) -> None:
        if self._position:
            self._encode(self._resampler.resample(None))
            self._container.mux(self._stream.encode(None))
        self._container.close()

    def _encode(self, frames: list[Any]) -> None:
        for frame in frames:
            self._container.mux(self._stream.encode(frame))


class Mp3Writer(OggWriter):
    """MP3, mono, marked as synthetic in its ID3 tags."""

    FORMAT, CODEC, HZ = "mp3", "libmp3lame", 24_000


WRITERS: dict[str, Callable[[Path, int], Writer]] = {
    ".wav": WavWriter,
    ".ogg": OggWriter,
    ".mp3": Mp3Writer,
}


def open_writer(path: Path, sample_rate: int) -> Writer:
    """A writer by the name's ending.

    Raises:
        ValueError: the ending is none of :data:`WRITERS`.
        OSError: the file cannot be made.
    """
    kind = WRITERS.get(path.suffix.lower())
    if kind is None:
        endings = ", ".join(WRITERS)
        raise ValueError(f"{path.name} ends in {path.suffix!r}, expected one of {endings}")
    return kind(path, sample_rate)


class Take:
    """Sound of one utterance kept until it cannot be taken back: a turn of emotion makes the last part anew."""

    def __init__(self) -> None:
        self._parts: list[AudioChunk] = []

    def add(self, chunk: AudioChunk) -> None:
        """Sound that follows, or replaces what lies behind its start."""
        while self._parts and self._parts[-1].start >= chunk.start:
            self._parts.pop()
        if self._parts and self._parts[-1].end > chunk.start:
            last = self._parts.pop()
            kept = last.samples[: chunk.start - last.start]
            self._parts.append(AudioChunk(kept, last.sample_rate, last.start))
        self._parts.append(chunk)

    @property
    def samples(self) -> Samples:
        """All of it."""
        if not self._parts:
            return np.zeros(0, np.float32)
        return np.concatenate([part.samples for part in self._parts])
