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
from ...streaming.audio import AudioChunk
from ...streaming.errors import SeiyuuError, Unsupported
from ...streaming.timeline import Mark
from ..config import load
from .local import local_server, with_progress
from .progress import Progress

CHUNK_BYTES = 4096
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
        if opener is None:
            config = with_progress(load(arguments.config, flags={"engine": arguments.engine}))
            opener = await stack.enter_async_context(local_server(config))
        host = connect(
            opener,
            voice=_voice(arguments.voice),
            language=arguments.language,
            emotion=emotion,
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
        reading = Narration(host, writer)
        await reading.run(_pieces(arguments.text), _length(arguments))
    if arguments.marks is not None:
        write_marks(arguments.marks, reading.text, reading.marks)


class Narration:
    """Speaks a text of any length: as many utterances as the server's limit on one makes of it."""

    def __init__(self, host: Host, writer: Writer | None) -> None:
        self.text = ""
        self.marks: list[Spoken] = []
        self._host = host
        self._writer = writer
        self._speeches: asyncio.Queue[tuple[Speech, int] | None] = asyncio.Queue(AHEAD)
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
                elif isinstance(item, Mark):
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


def _voice(given: str | None) -> str | None:
    """A voice's name.

    Raises:
        Unsupported: it is a clip.
    """
    if given is not None and Path(given).suffix.lower() in (".wav", ".ogg", ".mp3", ".flac"):
        raise Unsupported(
            f"a voice from a clip ({given}) is not offered here; name a voice instead"
        )
    return given


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
