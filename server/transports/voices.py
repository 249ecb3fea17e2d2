"""Clips and voices over HTTP: send a clip, make a voice of it, list, fetch, send and remove voices."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from ...model.consent import Consent
from ...model.library import VoiceLibrary
from ...model.voice import Voice
from ...model.voice_file import SUFFIX, export_voice, import_voice
from ...model.voice_record import VoiceRecord
from ...streaming.errors import (
    BadAudio,
    BadMessage,
    ConsentRequired,
    Overloaded,
    SeiyuuError,
    Unauthorized,
    UnknownVoice,
    Unsupported,
)
from ..access import Access
from ..clip_store import ClipStore, StoredClip
from ..enrolment import Enrolment
from ..voices import Voices
from .uploads import Uploads

STATUS: dict[type[SeiyuuError], int] = {
    BadAudio: 422,
    BadMessage: 400,
    ConsentRequired: 403,
    Unauthorized: 401,
    UnknownVoice: 404,
    Unsupported: 501,
    Overloaded: 503,
}


@dataclass(frozen=True, slots=True)
class VoiceShelf:
    """What the routes work with."""

    voices: Voices
    library: VoiceLibrary
    clips: ClipStore
    enrolment: Enrolment


def voice_router(shelf: VoiceShelf, access: Access) -> APIRouter:
    """Routes under ``/v1``; every one of them asks ``access`` first."""

    router = APIRouter(tags=["voices"])
    _add_making(router, shelf, access)
    _add_keeping(router, shelf, access)
    return router


def _add_making(router: APIRouter, shelf: VoiceShelf, access: Access) -> None:
    """The routes that take uploads."""
    uploads = Uploads()

    @router.post("/v1/clips", status_code=201)
    async def add_clip(request: Request) -> Response:
        """A reference clip, as the body or as the form field ``clip``: its id and a verdict with advice."""

        async def work() -> Response:
            async with uploads.form(request) as form:
                stored = await _clip(shelf, form)
            return JSONResponse({"id": stored.id, "verdict": stored.verdict.to_json()}, 201)

        return await _answered(access, request, work)

    @router.post("/v1/voices", status_code=201)
    async def add_voice(request: Request) -> Response:
        """A new voice. Form fields: ``name``; ``clip``, a file or the id of one; ``consent_who``, ``consent_when``
        and ``consent_purpose``. A body that is an exported voice is stored as it is.
        """

        async def work() -> Response:
            async with uploads.form(request) as form:
                if "voice" in form:
                    return JSONResponse((await _import(shelf, form)).to_json(), 201)
                consent = Consent(
                    *(_text(form, f"consent_{key}") for key in ("who", "when", "purpose"))
                )
                stored = await _clip(shelf, form)
            record = await shelf.enrolment.enrol(_text(form, "name"), stored, consent)
            return JSONResponse(record.to_json(), 201)

        return await _answered(access, request, work)


def _add_keeping(router: APIRouter, shelf: VoiceShelf, access: Access) -> None:
    """The routes that list, fetch and remove."""

    @router.get("/v1/voices")
    async def list_voices(request: Request) -> Response:
        """Every voice a session can be started with, and the records of those that were enrolled."""

        async def work() -> Response:
            records = {r.name: r for r in await asyncio.to_thread(shelf.library.records)}
            found = await shelf.voices.list()
            return JSONResponse({"voices": [_listed(voice, records) for voice in found]})

        return await _answered(access, request, work)

    @router.get("/v1/voices/{name}")
    async def get_voice(name: str, request: Request) -> Response:
        """An enrolled voice as one file, to carry to another library."""

        async def work() -> Response:
            stored = await asyncio.to_thread(shelf.library.stored, name)
            data = await asyncio.to_thread(export_voice, stored)
            # The name may hold any letters; RFC 6266 has the plain one beside it.
            head = {"Content-Disposition": f'attachment; filename="voice{SUFFIX}"'}
            return Response(data, media_type="application/zip", headers=head)

        return await _answered(access, request, work)

    @router.delete("/v1/voices/{name}", status_code=204)
    async def remove_voice(name: str, request: Request) -> Response:
        """Forget an enrolled voice; who is speaking in it goes on."""

        async def work() -> Response:
            await asyncio.to_thread(shelf.library.remove, name)
            return Response(status_code=204)

        return await _answered(access, request, work)


async def _answered(
    access: Access, request: Request, work: Callable[[], Awaitable[Response]]
) -> Response:
    """The work's answer, or its error as ``{"code", "message", "retryable"}``."""
    try:
        access.check(request.headers, request.query_params)
        return await work()
    except SeiyuuError as error:
        return error_response(error)


def error_response(error: SeiyuuError) -> Response:
    """The same words as on the WebSocket."""
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    content = {"code": error.code, "message": str(error), "retryable": error.retryable}
    return JSONResponse(content, status)


def _listed(voice: Voice, records: Mapping[str, VoiceRecord]) -> dict[str, Any]:
    entry = {
        "name": voice.name,
        "engine": voice.engine,
        "description": voice.description,
        "languages": list(voice.languages),
    }
    record = records.get(voice.name)
    return entry if record is None else {**entry, "record": record.to_json()}


async def _clip(shelf: VoiceShelf, form: dict[str, str | bytes]) -> StoredClip:
    clip = form.get("clip", b"")
    if isinstance(clip, str):
        return shelf.clips.get(clip)
    return await asyncio.to_thread(shelf.clips.add, clip)


async def _import(shelf: VoiceShelf, form: dict[str, str | bytes]) -> VoiceRecord:
    data = form["voice"]
    stored = await asyncio.to_thread(import_voice, data if isinstance(data, bytes) else b"")
    record = stored.record
    return await asyncio.to_thread(
        lambda: shelf.library.add(
            stored.voice, record.consent, reference=stored.reference, verdict=dict(record.verdict)
        )
    )


def _text(form: dict[str, str | bytes], key: str) -> str:
    value = form.get(key, "")
    return value if isinstance(value, str) else ""
