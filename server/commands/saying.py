"""The work of ``seiyuu say``: text from here to there, as it comes."""

from __future__ import annotations

import argparse
import asyncio
import codecs
import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from ...clients.captions import Spoken, write_marks
from ...clients.client import Host, connect
from ...clients.player import Player, load_sounddevice
from ...clients.speech import Speech
from ...clients.wav import PcmWriter, Writer, open_writer
from ...model.clips import decode
from ...model.emotion_encoder import emotion_of_judged
from ...model.known_speaker import KnownSpeakers
from ...model.verdict import judged
from ...streaming.audio import AudioChunk
from ...streaming.errors import SeiyuuError, Unsupported
from ...streaming.marking import notice
from ...streaming.timeline import Mark
from ..config import load
from ..enrolment import open_library
from .local import local_server, read_clip, with_progress
from .progress import Progress
from .prosody import engine_flags

CHUNK_BYTES = 4096
CLIPS = frozenset([".wav", ".ogg", ".mp3", ".flac", ".m4a", ".webm"])
"""Endings that tell a clip from the name of a voice."""
AHEAD = 4
"""Utterances written ahead of the one that is spoken; each holds as much text as a server takes."""


async def say(arguments: argparse.Namespace, emotion: dict[str, Any] | None) -> None:
    """Speak as the arguments ask.

    Raises:
        SeiyuuError: the engine or the server cannot.
        OSError: a file cannot be written, or there is no server.
    """
    if arguments.out is None:
        load_sounddevice()  # better now than after the engine was loaded
    async with AsyncExitStack() as stack:
        opener: Any = arguments.server
        clip = _clip(arguments.voice)
        if opener is None:
            config = with_progress(load(arguments.config, flags=engine_flags(arguments)))
            opener = await stack.enter_async_context(local_server(config, clip))
        elif clip is not None:
            raise Unsupported(f"give the server the voice first: seiyuu voices add NAME {clip}")
        host = connect(
            opener,
            voice=arguments.voice if clip is None else str(clip),
            language=arguments.language,
            emotion=await asyncio.to_thread(_heard, emotion, arguments.config),
            seed=arguments.seed,
            marks=("word", "char", "phoneme", "viseme") if arguments.marks else (),
            api_key=arguments.api_key,
            realtime=arguments.out is None,
        )
        await stack.enter_async_context(host)
        writer: Writer | None = None
        if arguments.out is None:
            await stack.enter_async_context(Player(host))
        elif arguments.out == "-":
            writer = PcmWriter(sys.stdout.buffer)
        else:
            writer = stack.enter_context(open_writer(Path(arguments.out), host.sample_rate))
        opening = notice(arguments.language) if arguments.notice else ""
        reading = Narration(host, writer, opening)
        await reading.run(_pieces(arguments.text), _length(arguments))
    if arguments.marks is not None:
        write_marks(arguments.marks, reading.text, reading.marks)


class Narration:
    """Speaks a text of any length: as many utterances as the server's limit on one makes of it."""

    def __init__(self, host: Host, writer: Writer | None, opening: str = "") -> None:
        self.text = ""
        self.marks: list[Spoken] = []
        self._host = host
        self._writer = writer
        self._opening = opening
        self._speeches: asyncio.Queue[tuple[Speech, int | None] | None] = asyncio.Queue(AHEAD)
        self._samples = 0

    async def run(self, pieces: AsyncIterator[str], length: dict[str, Any]) -> None:
        """Write and read at the same time; the first error of either ends both."""
        writing = asyncio.create_task(self._write(pieces, length))
        reading = asyncio.create_task(self._read())
        try:
            await asyncio.wait({writing, reading}, return_when=asyncio.FIRST_EXCEPTION)
            for task in (reading, writing):
                if task.done():
                    task.result()
            await reading
        finally:
            for task in (writing, reading):
                task.cancel()
            await asyncio.gather(writing, reading, return_exceptions=True)

    async def _write(self, pieces: AsyncIterator[str], length: dict[str, Any]) -> None:
        assert self._host.session is not None
        limit = self._host.session.limits.text_chars
        if self._opening:
            opening = await self._host.say()
            await self._speeches.put((opening, None))  # no part of the text: it has no marks
            await opening.write(self._opening)
            await opening.end()
        speech: Speech | None = None
        room = 0
        async for piece in pieces:
            while piece:
                if speech is None:
                    speech, room = await self._host.say(), limit
                    await self._speeches.put((speech, len(self.text)))
                part = piece[: _cut(piece, room)]
                await speech.write(part, **length)
                length = {}
                self.text += part
                room -= len(part)
                piece = piece[len(part) :]
                if piece or room == 0:
                    await speech.end()
                    speech = None
        if speech is not None:
            await speech.end()
        await self._speeches.put(None)

    async def _read(self) -> None:
        progress = Progress()
        while (found := await self._speeches.get()) is not None:
            speech, chars = found
            before = self._samples
            async for item in speech:
                if isinstance(item, AudioChunk):
                    if self._writer is not None:
                        self._writer.write(item.samples)
                        progress.note(f"{(before + item.end) / item.sample_rate:.1f} s")
                    self._samples = before + item.end
                elif isinstance(item, Mark) and chars is not None:
                    rate = self._host.sample_rate
                    self.marks.append(Spoken.of(item, rate, chars=chars, samples=before))
                elif getattr(item, "type", "") == "warning":
                    print(f"seiyuu: {getattr(item, 'message', '')}", file=sys.stderr)
        progress.note("")


def _cut(piece: str, room: int) -> int:
    """How much of a piece goes into the room left: up to the last line or sentence, if it does not fit whole."""
    if len(piece) <= room:
        return len(piece)
    best = max(piece.rfind(mark, 0, room) for mark in "\n。!?.!?")
    return best + 1 if best > room // 2 else room


def _length(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.duration is not None:
        return {"duration_ms": round(arguments.duration * 1000)}
    if arguments.duration_ratio is not None:
        return {"duration_ratio": arguments.duration_ratio}
    return {}


def _clip(voice: str | None) -> Path | None:
    """The clip a voice is to be made of, if it is no name."""
    if voice is None or Path(voice).suffix.lower() not in CLIPS:
        return None
    return Path(voice)


def _heard(emotion: dict[str, Any] | None, config: Path | None) -> dict[str, Any] | None:
    """What is heard in a clip goes over the wire as a point; every other form as it is.

    Beside the speaker's calm clip, as a server hears it, where the speaker is in this machine's voice library.

    Raises:
        BadAudio: the clip cannot be used.
    """
    if emotion is None or "reference" not in emotion:
        return emotion
    clip = judged(decode(read_clip(Path(emotion["reference"]))))
    known = KnownSpeakers(open_library(load(config), ()))
    speaker = known.nearest(clip.speech.d_vector)
    heard = emotion_of_judged(clip, None if speaker is None else known.calm(speaker))
    intensity = emotion.get("intensity", heard.intensity)
    return {"vector": list(heard.vector), "intensity": intensity}


async def _pieces(text: str) -> AsyncIterator[str]:
    """The text; standard input as it comes for ``-``.

    Raises:
        SeiyuuError: standard input is not UTF-8.
    """
    if text != "-":
        yield text
        return
    loop = asyncio.get_running_loop()
    arrived: asyncio.Queue[bytes] = asyncio.Queue()

    def read() -> None:
        """Runs on a thread that may block for ever: nothing else can wait for a terminal and for Ctrl-C."""
        while True:
            data = os.read(sys.stdin.fileno(), CHUNK_BYTES)
            try:
                loop.call_soon_threadsafe(arrived.put_nowait, data)
            except RuntimeError:  # the loop is over, nobody listens
                return
            if not data:
                return

    threading.Thread(target=read, name="stdin", daemon=True).start()
    decoder = codecs.getincrementaldecoder("utf-8")()
    while data := await arrived.get():
        try:
            piece = decoder.decode(data)
        except UnicodeDecodeError as error:
            raise SeiyuuError("standard input is not UTF-8 text") from error
        if piece:
            yield piece
