"""Clips and voices over HTTP: what a streamer sends, and what nobody should."""

import asyncio
import dataclasses
import io
import re
import struct
import wave
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import av
import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from seiyuu.model.clips import decode
from seiyuu.model.engine import EngineInfo
from seiyuu.model.library import VoiceLibrary
from seiyuu.model.tone import INFO
from seiyuu.model.voice import Voice
from seiyuu.server.access import Access
from seiyuu.server.clip_store import ClipStore
from seiyuu.server.enrolment import Enrolment
from seiyuu.server.transports.voices import VoiceShelf, voice_router
from seiyuu.server.voices import LibraryVoices, PresetVoices
from seiyuu.streaming.audio import Samples

pytestmark = pytest.mark.unit

SPEECH = (Path(__file__).parents[1] / "golden" / "speech_one.flac").read_bytes()
CONSENT = {"consent_who": "Zhang Wei", "consent_when": "2026-05-01", "consent_purpose": "streams"}


class CloningEngine:
    """An engine that makes a voice of a clip's length."""

    info: EngineInfo = dataclasses.replace(INFO, cloning=True)

    def voices(self) -> tuple[Voice, ...]:
        return (Voice("tone", "tone", {"hz": np.array([220.0], np.float32)}),)

    async def enroll(self, clip: Samples, sample_rate: int, *, name: str) -> Voice:
        return Voice(name, "tone", {"length": np.array([len(clip)], np.float32)})


@pytest.fixture
def library(tmp_path: Path) -> VoiceLibrary:
    return VoiceLibrary(str(tmp_path / "voices"), reserved=["tone"])


@pytest.fixture
async def http(library: VoiceLibrary) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the routes, with a key that is checked."""
    engine = CloningEngine()
    voices = LibraryVoices(PresetVoices(engine), library, "tone")  # type: ignore[arg-type]
    enrolment = Enrolment(engine, library, refining=False)  # type: ignore[arg-type]
    shelf = VoiceShelf(voices, library, ClipStore(), enrolment)
    app = FastAPI()
    app.include_router(voice_router(shelf, Access(("secret",))))
    transport = httpx.ASGITransport(app=app)
    headers = {"Authorization": "Bearer secret"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers
    ) as client:
        yield client


async def add(http: httpx.AsyncClient, name: str = "zhang", **more: str) -> httpx.Response:
    """A voice of the golden clip."""
    data = {"name": name, **CONSENT, **more}
    return await http.post("/v1/voices", data=data, files={"clip": ("clip.flac", SPEECH)})


async def test_a_clip_is_judged_and_kept(http: httpx.AsyncClient) -> None:
    """The answer is an id and a verdict; a voice can be made of the id."""
    sent = await http.post("/v1/clips", content=SPEECH)
    assert sent.status_code == 201
    assert sent.json()["verdict"]["usable"] is True
    made = await http.post(
        "/v1/voices", data={"name": "zhang", "clip": sent.json()["id"], **CONSENT}
    )
    assert made.status_code == 201
    assert made.json()["consent"]["who"] == "Zhang Wei"


async def test_an_enrolled_voice_is_listed_and_removed(http: httpx.AsyncClient) -> None:
    """From nothing to a voice and back."""
    assert (await add(http)).status_code == 201
    listed = (await http.get("/v1/voices")).json()["voices"]
    assert [voice["name"] for voice in listed] == ["tone", "zhang"]
    assert listed[1]["record"]["verdict"]["usable"] is True
    assert (await http.delete("/v1/voices/zhang")).status_code == 204
    assert (await http.delete("/v1/voices/zhang")).status_code == 404
    assert len((await http.get("/v1/voices")).json()["voices"]) == 1


async def test_a_voice_travels_as_a_file(http: httpx.AsyncClient, library: VoiceLibrary) -> None:
    """What one server exports another takes in, clip and consent included."""
    await add(http)
    file = (await http.get("/v1/voices/zhang")).content
    kept = library.stored("zhang")
    library.remove("zhang")
    taken = await http.post("/v1/voices", content=file, headers={"Content-Type": "application/zip"})
    assert taken.status_code == 201
    assert library.stored("zhang").voice.content_hash == kept.voice.content_hash
    assert library.stored("zhang").reference == kept.reference


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"consent_who": ""}, 403, "consent_required"),
        ({"consent_when": "soon"}, 403, "consent_required"),
        ({"consent_purpose": " "}, 403, "consent_required"),
        ({"name": "../../etc"}, 400, "bad_message"),
        ({"name": "tone"}, 400, "bad_message"),
        ({"name": ""}, 400, "bad_message"),
    ],
)
async def test_what_may_not_be_stored_is_not(
    http: httpx.AsyncClient, library: VoiceLibrary, fields: dict[str, str], status: int, code: str
) -> None:
    """Without consent or with a name that is none, nothing is left behind."""
    answer = await add(http, **fields)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert library.names() == ()


def wav(samples: np.ndarray, rate: int = 16_000) -> bytes:
    """16-bit samples ``[n]`` or ``[n, channels]`` as a file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()


def floats(values: np.ndarray) -> bytes:
    """A WAV file of 32-bit floats, whatever they are."""
    body = values.astype("<f4").tobytes()
    form = struct.pack("<HHIIHH", 3, 1, 16_000, 64_000, 4, 32)
    head = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(body))
    return b"RIFF" + struct.pack("<I", len(head) + len(body)) + head + body


def picture() -> bytes:
    """A film of half a second."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream = file.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        for packet in [*stream.encode(av.VideoFrame(32, 32, "yuv420p")), *stream.encode()]:
            file.mux(packet)
    return out.getvalue()


def bomb() -> bytes:
    """A small archive of much silence."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("clip.wav", b"\0" * (1 << 24))
    return out.getvalue()


def spoken(*names: str) -> np.ndarray:
    """Golden speech as 16-bit samples, one person after the other."""
    folder = Path(__file__).parents[1] / "golden"
    clips = [decode((folder / f"{name}.flac").read_bytes()).samples for name in names]
    return np.concatenate(clips) * 32767


def band() -> np.ndarray:
    """Eight seconds of held chords over a beat."""
    at = np.arange(8 * 16_000) / 16_000
    chords = np.array([[220, 277, 330], [196, 247, 294]])[(at % 4 >= 2).astype(int)]
    tones = sum(np.sin(2 * np.pi * chords[:, i] * k * at) / k for i in range(3) for k in (1, 2, 3))
    return np.asarray(4000 * tones * (0.6 + 0.4 * (at % 0.5 < 0.1)))


@pytest.mark.parametrize(
    ("clip", "said"),
    [
        (b"", "not audio"),
        (b"a text named clip.wav", "not audio"),
        (b"/etc/passwd", "not audio"),
        (wav(np.zeros(80_000)), "silent"),
        (wav(spoken("speech_one")[8000:11_200]), "speech"),
        (wav(np.zeros(3600 * 8000), 8000), "MB|longer than 60"),
        (picture(), "video"),
        (bomb(), "not audio"),
        (floats(np.array([0.1, np.nan] * 40_000)), "not numbers"),
        (wav(spoken("speech_one", "speech_two")), "several people"),
        (wav(band()), "music"),
    ],
    ids=["empty", "text", "path", "silence", "0.2 s", "an hour", "video", "zip bomb", "NaN", "two", "music"],
)  # fmt: skip
async def test_a_bad_clip_makes_no_voice(
    http: httpx.AsyncClient, library: VoiceLibrary, tmp_path: Path, clip: bytes, said: str
) -> None:
    """The answer says what to do; neither clip nor voice is kept, and nothing is written."""
    files = {"clip": ("clip.wav", clip)}
    made = await http.post("/v1/voices", data={"name": "zhang", **CONSENT}, files=files)
    assert (made.status_code, made.json()["code"]) == (422, "bad_audio")
    assert re.search(said, made.json()["message"])
    sent = await http.post("/v1/clips", files=files)
    assert sent.status_code == 422
    assert library.names() == ()
    assert not await asyncio.to_thread(lambda: list(tmp_path.iterdir()))


@pytest.mark.parametrize(
    "clip",
    [wav(np.repeat(spoken("speech_one")[:, None], 8, axis=1)), wav(spoken("speech_one")[::2], 8000)],
    ids=["8 channels", "8 kHz"],
)  # fmt: skip
async def test_an_odd_clip_of_good_speech_is_taken(http: httpx.AsyncClient, clip: bytes) -> None:
    """Many channels are mixed, a telephone's band is a warning."""
    sent = await http.post("/v1/clips", files={"clip": ("clip.wav", clip)})
    assert sent.status_code == 201
    assert sent.json()["verdict"]["usable"] is True


async def test_only_those_with_the_key_may(http: httpx.AsyncClient) -> None:
    """Every route asks for the key."""
    wrong = {"Authorization": "Bearer other"}
    for method, path in (
        ("POST", "/v1/clips"),
        ("POST", "/v1/voices"),
        ("GET", "/v1/voices"),
        ("GET", "/v1/voices/x"),
        ("DELETE", "/v1/voices/x"),
    ):
        assert (await http.request(method, path, headers=wrong)).status_code == 401


async def test_too_large_a_request_is_not_read(http: httpx.AsyncClient) -> None:
    """A body beyond the bound is given up, whatever it says of its length."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(400):
            yield b"\0" * (1 << 20)

    for kind in ("audio/wav", "multipart/form-data; boundary=x"):
        headers = {"Content-Type": kind}
        answer = await http.post("/v1/clips", content=endless(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_message")
