"""Clips that nobody should send, and odd ones that are good, to the routes: a verdict with advice, nothing kept."""

import asyncio
import gzip
import re
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from seiyuu.model.clips import MAX_BYTES
from seiyuu.model.library import VoiceLibrary
from seiyuu.server.clip_store import ClipStore

from ..sound_files import (
    archive,
    film,
    float_wav,
    packed,
    patched,
    speech,
    wav,
    wav_of_integers,
)
from .voice_shelf import CONSENT, client

pytestmark = pytest.mark.unit

MOST_BYTES = 80 << 20
"""What a clip may take while it is looked at, its own bytes not counted."""

ADVICE = re.compile(
    r"[;:] (send|record|take|export|turn|go)|and send that|export it|record or export"
)

HOUR = 3600
NOISE = np.random.default_rng(0)


def one() -> np.ndarray:
    return speech("speech_one")


def band() -> np.ndarray:
    """Eight seconds of held chords over a beat."""
    at = np.arange(8 * 16_000) / 16_000
    chords = np.array([[220, 277, 330], [196, 247, 294]])[(at % 4 >= 2).astype(int)]
    tones = sum(np.sin(2 * np.pi * chords[:, i] * k * at) / k for i in range(3) for k in (1, 2, 3))
    return np.asarray(0.12 * tones * (0.6 + 0.4 * (at % 0.5 < 0.1)))


def tone(first: int, count: int) -> np.ndarray:
    return 0.2 * np.sin(np.arange(first, first + count) * 0.03)


def head(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "not audio"),
    "a text": (lambda: b"This is a text that somebody named clip.wav.\n" * 200, "not audio"),
    "a path": (lambda: b"/etc/passwd", "not audio"),
    "a network address": (lambda: b"http://127.0.0.1:1/x.wav", "not audio"),
    "a file's address": (lambda: b"file:///etc/hostname", "not audio"),
    "a playlist": (lambda: b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n", "not audio"),
    "a concatenation": (lambda: b"ffconcat version 1.0\nfile '/etc/passwd'\n", "not audio"),
    "random bytes": (lambda: NOISE.bytes(1 << 20), "not audio"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + NOISE.bytes(1000), "not audio"),
    "an archive of much": (lambda: archive(bytes(1 << 25)), "not audio"),
    "archives in an archive": (lambda: archive(archive(bytes(1 << 22)), 16), "not audio"),
    "a gzip of much": (lambda: gzip.compress(bytes(1 << 25)), "not audio"),
    "an MP3 of rubbish": (lambda: b"\xff\xfb\x90\x64" + NOISE.bytes(50_000), ""),
    "a tag without end": (lambda: b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(1000), "not audio"),
    "a header alone": (lambda: wav(one())[:44], "no sound|not audio"),
    "half a header": (lambda: wav(one())[:20], "not audio"),
    "a film": (film, "video"),
    "a film with sound": (lambda: film(speaking=True), "video"),
    "no numbers": (lambda: float_wav(np.array([0.1, np.nan] * 40_000)), "not numbers"),
    "infinite": (lambda: float_wav(np.array([0.1, np.inf] * 40_000)), "not numbers"),
    "huge numbers": (lambda: float_wav(one() * 1e30), "beyond full scale"),
    "65,535 channels": (lambda: patched(wav(one()), 22, "<H", 65_535), "channels|not audio"),
    "4 GHz": (lambda: patched(wav(one()), 24, "<I", 4_000_000_000), "rate|not audio"),
    "0 Hz": (lambda: patched(wav(one()), 24, "<I", 0), "rate|not audio"),
    "silence": (lambda: wav(np.zeros(80_000)), "silent"),
    "a fifth of a second": (lambda: wav(one()[8_000:11_200]), "speech"),
    "a tenth, said to be 2 GB": (
        lambda: patched(wav(one())[:3_244], 40, "<I", 0x7FFFFFF0),
        "speech|silent",
    ),
    "an hour of WAV": (
        lambda: wav_of_integers(np.resize(np.arange(256, dtype=np.uint8), HOUR * 8_000), 8_000),
        "longer than 60",
    ),
    "an hour of FLAC": (lambda: packed("flac", "flac", HOUR), "longer than 60"),
    "an hour of Matroska": (lambda: packed("matroska", "flac", HOUR), "longer than 60"),
    "a minute and more of Ogg": (lambda: packed("ogg", "libopus", 70), "longer than 60"),
    "minutes of eight channels": (
        lambda: packed("flac", "flac", 70, rate=48_000, layout="7.1"),
        "longer than 60",
    ),
    "eight channels at 384 kHz": (
        lambda: packed("flac", "flac", 5, rate=384_000, layout="7.1"),
        "silent",
    ),
    "a cut Ogg without speech": (
        lambda: head(packed("ogg", "libopus", 6, rate=48_000, sound=tone), 0.5),
        "speech",
    ),
    "clipped": (lambda: wav(np.clip(one() * 30, -1, 1)), "full scale"),
    "noise": (lambda: wav(NOISE.normal(0, 0.2, 8 * 16_000)), "no speech"),
    "music": (lambda: wav(band()), "music"),
    "two people in turn": (lambda: wav(speech("speech_one", "speech_two")), "several people"),
}  # fmt: skip

GOOD: dict[str, tuple[Callable[[], bytes], str]] = {
    "8 kHz": (lambda: wav(one()[::2], 8_000), "narrow_band"),
    "eight channels": (lambda: wav(np.repeat(one()[:, None], 8, 1) * np.linspace(0.2, 1, 8)), ""),
    "one of eight speaks": (lambda: wav(np.pad(one()[:, None], ((0, 0), (0, 7)))), ""),
    "opposite signs": (lambda: wav(np.stack([one(), -one()], 1)), ""),
    "said to be 4 GB": (lambda: patched(wav(one()), 40, "<I", 0xFFFFFFF0), ""),
    "cut in half": (lambda: head(wav(one()), 0.7), ""),
}


@pytest.fixture
def library(tmp_path: Path) -> VoiceLibrary:
    return VoiceLibrary(str(tmp_path / "voices"))


@pytest.fixture
def clips() -> ClipStore:
    return ClipStore()


@pytest.fixture
async def http(library: VoiceLibrary, clips: ClipStore) -> AsyncIterator[httpx.AsyncClient]:
    async with client(library, clips) as http:
        yield http


@pytest.fixture
def nothing_kept(tmp_path: Path, library: VoiceLibrary, clips: ClipStore) -> Iterator[None]:
    """After the test there is no clip, no voice and no file."""
    yield
    assert not clips._kept
    assert library.names() == ()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("name", BAD)
async def test_a_bad_clip_is_answered_with_advice_and_forgotten(
    http: httpx.AsyncClient, name: str
) -> None:
    """Whether it is sent to be judged or to become a voice, in little memory."""
    make, said = BAD[name]
    data = await asyncio.to_thread(make)
    tracemalloc.start()
    sent = await http.post("/v1/clips", content=data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    files = {"clip": ("clip.wav", data)}
    made = await http.post("/v1/voices", data={"name": "zhang", **CONSENT}, files=files)
    assert peak < MOST_BYTES
    for answer in (sent, made):
        told = answer.json()
        assert (answer.status_code, told["code"], told["retryable"]) == (422, "bad_audio", False)
        assert re.search(said, told["message"])
        assert ADVICE.search(told["message"]), told["message"]


@pytest.mark.parametrize("name", GOOD)
async def test_an_odd_clip_of_good_speech_is_taken(http: httpx.AsyncClient, name: str) -> None:
    """Many channels are mixed, a telephone's band is a warning, what a header lies about is not believed."""
    make, warned = GOOD[name]
    sent = await http.post("/v1/clips", content=await asyncio.to_thread(make))
    assert sent.status_code == 201, sent.text
    verdict = sent.json()["verdict"]
    assert verdict["usable"] is True
    assert not warned or warned in [problem["code"] for problem in verdict["problems"]]


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("size", [MAX_BYTES + 1, MAX_BYTES + (4 << 20)])
async def test_a_clip_that_is_too_large_is_refused_by_its_size(
    http: httpx.AsyncClient, size: int
) -> None:
    """A little too much is read and refused, far too much is not read; what is in it plays no part."""
    sent = await http.post("/v1/clips", content=wav(one()) + bytes(size))
    assert sent.status_code in {400, 422}
    assert re.search(r"MB|larger than", sent.json()["message"])


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize(
    "data", [archive(bytes(1 << 24)), archive(archive(bytes(1 << 20)), 8), b"PK"]
)
async def test_an_archive_that_holds_no_voice_is_none(http: httpx.AsyncClient, data: bytes) -> None:
    """What says it is an exported voice is looked at as one, and not unpacked beyond what a voice has."""
    sent = await http.post("/v1/voices", content=data, headers={"Content-Type": "application/zip"})
    assert 400 <= sent.status_code < 500
    assert sent.json()["message"]


@pytest.mark.usefixtures("nothing_kept")
async def test_a_path_in_the_place_of_a_clips_id_opens_nothing(http: httpx.AsyncClient) -> None:
    """A name of a file is an id that nobody has."""
    made = await http.post("/v1/voices", data={"name": "zhang", "clip": "/etc/passwd", **CONSENT})
    assert (made.status_code, made.json()["code"]) == (422, "bad_audio")
