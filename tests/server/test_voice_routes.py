"""Clips and voices over HTTP: what a streamer sends, and what nobody should."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from seiyuu.model.library import VoiceLibrary

from ..sound_files import golden
from .voice_shelf import CONSENT, client

pytestmark = pytest.mark.unit

SPEECH = golden("speech_one")


@pytest.fixture
def library(tmp_path: Path) -> VoiceLibrary:
    return VoiceLibrary(str(tmp_path / "voices"), reserved=["tone"])


@pytest.fixture
async def http(library: VoiceLibrary) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the routes, with a key that is checked."""
    async with client(library) as http:
        yield http


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
