"""Files with sound in them, and files that only look so, made on the spot."""

import io
import struct
import wave
import zipfile
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np

from seiyuu.model.clips import decode
from seiyuu.streaming.audio import Samples

GOLDEN = Path(__file__).parent / "golden"

Sound = Callable[[int, int], np.ndarray]
"""From the first sample and the number of samples to values in −1…1, ``[n]``."""


def golden(name: str) -> bytes:
    """A recorded synthetic voice, a FLAC file at 16 kHz."""
    return (GOLDEN / f"{name}.flac").read_bytes()


def speech(*names: str) -> Samples:
    """What one person says after the other, at 16 kHz."""
    return np.concatenate([decode(golden(name)).samples for name in names])


def together(first: Samples, second: Samples, below_db: float = 0.0) -> Samples:
    """Two sounds at once, as long as the shorter one, the second so far below the first."""
    n = min(len(first), len(second))
    loud = [sound[:n] / np.sqrt(np.mean(sound[:n] ** 2)) for sound in (first, second)]
    return np.asarray(0.05 * (loud[0] + loud[1] * 10 ** (-below_db / 20)), np.float32)


def wav(values: np.ndarray, rate: int = 16_000) -> bytes:
    """A 16-bit file of ``[n]`` or ``[n, channels]`` in −1…1."""
    whole = np.clip(np.rint(np.asarray(values) * 32768), -32768, 32767)
    return wav_of_integers(whole.astype("<i2"), rate)


def wav_of_integers(values: np.ndarray, rate: int) -> bytes:
    """A file of ``[n]`` or ``[n, channels]`` as they are, 8-bit if they are unsigned."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1 if values.ndim == 1 else values.shape[1])
        file.setsampwidth(values.dtype.itemsize)
        file.setframerate(rate)
        file.writeframes(values.tobytes())
    return out.getvalue()


def float_wav(values: np.ndarray, rate: int = 16_000) -> bytes:
    """A file of 32-bit floats, whatever they are."""
    body = values.astype("<f4").tobytes()
    form = struct.pack("<HHIIHH", 3, 1, rate, 4 * rate, 4, 32)
    head = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(body))
    return b"RIFF" + struct.pack("<I", len(head) + len(body)) + head + body


def silence(first: int, count: int) -> np.ndarray:
    """Nothing."""
    return np.zeros(count)


def packed(
    container: str,
    codec: str,
    seconds: float,
    *,
    rate: int = 8_000,
    layout: str = "mono",
    sound: Sound = silence,
) -> bytes:
    """A file in another format, made piece by piece; every channel has the same sound."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout=layout)
        same = av.AudioResampler(stream.format, layout, rate)
        for first in range(0, int(seconds * rate), rate):
            values = sound(first, min(rate, int(seconds * rate) - first))
            each = np.repeat((values * 32767).astype(np.int16), stream.channels)[None]
            frame = av.AudioFrame.from_ndarray(each, "s16", layout)
            frame.sample_rate, frame.pts = rate, first
            for ready in same.resample(frame):
                file.mux(stream.encode(ready))
        for ready in same.resample(None):
            file.mux(stream.encode(ready))
        file.mux(stream.encode(None))
    return out.getvalue()


def film(*, speaking: bool = False) -> bytes:
    """Half a second of moving picture, with a tone or without sound."""
    out = io.BytesIO()
    with av.open(out, "w", format="matroska") as file:
        pictures = file.add_stream("mpeg4", rate=10)
        pictures.width = pictures.height = 32
        pictures.pix_fmt = "yuv420p"
        sound = file.add_stream("pcm_s16le", rate=16_000, layout="mono") if speaking else None
        for _ in range(5):
            file.mux(pictures.encode(av.VideoFrame(32, 32, "yuv420p")))
        file.mux(pictures.encode(None))
        if sound is not None:
            tone = (9000 * np.sin(np.arange(8000) / 12)).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(tone[None], "s16", "mono")
            frame.sample_rate = 16_000
            file.mux(sound.encode(frame))
            file.mux(sound.encode(None))
    return out.getvalue()


def archive(content: bytes, copies: int = 1) -> bytes:
    """A zip file of the same content several times."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(copies):
            file.writestr(f"{number}.wav", content)
    return out.getvalue()


def patched(data: bytes, at: int, form: str, value: int) -> bytes:
    """The same bytes with a number of a header replaced."""
    changed = bytearray(data)
    struct.pack_into(form, changed, at, value)
    return bytes(changed)
