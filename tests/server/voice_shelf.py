"""The routes for clips and voices on an engine that makes voices of nothing, and a client of them."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import numpy as np
from fastapi import FastAPI

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

CONSENT = {"consent_who": "Zhang Wei", "consent_when": "2026-05-01", "consent_purpose": "streams"}


class CloningEngine:
    """An engine that makes a voice of a clip's length."""

    info: EngineInfo = dataclasses.replace(INFO, cloning=True)

    def voices(self) -> tuple[Voice, ...]:
        return (Voice("tone", "tone", {"hz": np.array([220.0], np.float32)}),)

    async def enroll(self, clip: Samples, sample_rate: int, *, name: str) -> Voice:
        return Voice(name, "tone", {"length": np.array([len(clip)], np.float32)})


@asynccontextmanager
async def client(
    library: VoiceLibrary, clips: ClipStore | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """Talks to the routes, with a key that is checked."""
    engine = CloningEngine()
    voices = LibraryVoices(PresetVoices(engine), library, "tone")  # type: ignore[arg-type]
    enrolment = Enrolment(engine, library, refining=False)  # type: ignore[arg-type]
    shelf = VoiceShelf(voices, library, clips or ClipStore(), enrolment)
    app = FastAPI()
    app.include_router(voice_router(shelf, Access(("secret",))))
    transport = httpx.ASGITransport(app=app)
    headers = {"Authorization": "Bearer secret"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers
    ) as http:
        yield http
