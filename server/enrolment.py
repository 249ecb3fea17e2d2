"""Making voices: from a clip and a consent to a voice in the library, refined while it is already in use."""

from __future__ import annotations

import asyncio
import io
import multiprocessing
import wave
from collections.abc import Collection
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import av
import platformdirs

from ..model.clips import Clip
from ..model.consent import Consent
from ..model.engine import Engine
from ..model.library import VoiceLibrary
from ..model.registry import refiner
from ..model.voice import Voice
from ..model.voice_record import VoiceRecord, valid_name
from ..streaming.audio import to_pcm16
from ..streaming.errors import Unsupported
from . import log
from .clip_store import StoredClip
from .config import ServerConfig

logger = log.Log("enrolment")


def open_library(config: ServerConfig, reserved: Collection[str]) -> VoiceLibrary:
    """The library the configuration names, or the user's own; nothing is read or written yet."""
    own = Path(platformdirs.user_data_dir("seiyuu", appauthor=False)) / "voices"
    return VoiceLibrary(config.library or str(own), reserved=reserved)


def library_lexicon(config: ServerConfig) -> Path | None:
    """The file of readings that lies in the voice library's folder, where that is on this machine and has one."""
    own = Path(platformdirs.user_data_dir("seiyuu", appauthor=False)) / "voices"
    folder = Path(config.library) if config.library else own
    candidates = (folder / name for name in ("lexicon.tsv", "lexicon.toml"))
    return None if "://" in config.library else next((f for f in candidates if f.is_file()), None)


class Enrolment:
    """Owns the tasks that refine; closing it ends them, and their voices stay as they were first made."""

    def __init__(self, engine: Engine, library: VoiceLibrary, *, refining: bool = True) -> None:
        self._engine = engine
        self._library = library
        self._refining = refining
        self._tasks: set[asyncio.Task[None]] = set()
        self._pool: ProcessPoolExecutor | None = None

    async def enrol(self, name: str, stored: StoredClip, consent: Consent) -> VoiceRecord:
        """Make and store a voice; it can speak when this returns.

        Raises:
            BadMessage: the name is none, or taken.
            BadAudio, Unsupported: as ``Engine.enroll``.
            LibraryFailed: the library cannot be written.
        """
        if not self._engine.info.cloning:
            raise Unsupported(f"the engine {self._engine.info.name!r} cannot clone voices")
        clip = stored.clip
        voice = await self._engine.enroll(clip.samples, clip.sample_rate, name=valid_name(name))
        record = await asyncio.to_thread(
            lambda: self._library.add(
                voice, consent, reference=flac(clip), verdict=stored.verdict.to_json()
            )
        )
        self._refine(voice)
        return record

    async def close(self) -> None:
        """End what is being refined. Idempotent."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._pool is not None:
            for process in list(self._pool._processes.values()):
                process.terminate()
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _refine(self, voice: Voice) -> None:
        work = refiner(voice.engine) if self._refining else None
        if work is None:
            return

        async def run() -> None:
            if self._pool is None:
                # One process: refining must not take the cores from those who speak.
                self._pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
            try:
                better = await asyncio.get_running_loop().run_in_executor(self._pool, work, voice)
                done = await asyncio.to_thread(
                    self._library.refine, better, instead_of=voice.content_hash
                )
            except Exception as error:
                logger.exception("refining failed", error, voice=voice.name)
                return
            logger.info("refined" if done else "refined in vain", voice=voice.name)

        task = asyncio.create_task(run(), name=f"refine-{voice.name[:16]}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def flac(clip: Clip) -> bytes:
    """The clip as a file."""
    plain = io.BytesIO()
    with wave.open(plain, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(clip.sample_rate)
        file.writeframes(to_pcm16(clip.samples).astype("<i2").tobytes())
    out = io.BytesIO()
    with (
        av.open(io.BytesIO(plain.getvalue()), "r") as source,
        av.open(out, "w", format="flac") as target,
    ):
        stream = target.add_stream("flac", rate=clip.sample_rate, layout="mono")
        for frame in source.decode(audio=0):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return out.getvalue()
