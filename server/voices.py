"""Voices by name: the engine's own now; a library that keeps enrolled ones satisfies the same protocol."""

from __future__ import annotations

import asyncio
import difflib
from typing import Protocol

from ..model.engine import Engine
from ..model.library import VoiceLibrary
from ..model.voice import Voice
from ..streaming.errors import SeiyuuError, UnknownVoice
from . import log

logger = log.Log("voices")


class Voices(Protocol):
    """Where a session finds its voice. None of it holds the event loop up, whatever it reads."""

    async def get(self, name: str) -> Voice:
        """The voice of that name; empty means the default one.

        Raises:
            UnknownVoice: there is none; the message names the nearest.
        """
        ...

    async def list(self) -> tuple[Voice, ...]:
        """All of them, the default one first."""
        ...

    async def current(self, voice: Voice) -> Voice:
        """The same voice as it is now: refined since, or as it was if it is not kept any more."""
        ...


class PresetVoices:
    """The voices that come with the engine. ``default`` empty means its first."""

    def __init__(self, engine: Engine, default: str = "") -> None:
        self._voices = {voice.name: voice for voice in engine.voices()}
        self._default = default or next(iter(self._voices), "")
        if default:
            self.named(default)

    def named(self, name: str) -> Voice:
        """As :meth:`get`, at once.

        Raises:
            UnknownVoice: as there.
        """
        found = self._voices.get(name or self._default)
        if found is None:
            raise UnknownVoice(_no_such_voice(name, tuple(self._voices)))
        return found

    async def get(self, name: str) -> Voice:
        return self.named(name)

    async def list(self) -> tuple[Voice, ...]:
        default = self._voices.get(self._default)
        rest = (voice for voice in self._voices.values() if voice is not default)
        return (default, *rest) if default else tuple(rest)

    async def current(self, voice: Voice) -> Voice:
        return voice


class LibraryVoices:
    """The engine's own voices, and those of the library that were made for this engine.

    The library may be far away: it is asked on a thread, and only for what is no preset.
    """

    def __init__(self, presets: PresetVoices, library: VoiceLibrary, engine: str) -> None:
        self._presets = presets
        self._library = library
        self._engine = engine

    async def get(self, name: str) -> Voice:
        try:
            return self._presets.named(name)
        except UnknownVoice as unknown:
            try:
                voice = await asyncio.to_thread(self._library.get, name)
            except UnknownVoice:
                raise unknown from None
        if voice.engine != self._engine:
            raise UnknownVoice(
                f"the voice {name!r} was made for the engine {voice.engine!r}, this server runs {self._engine!r}"
            )
        return voice

    async def list(self) -> tuple[Voice, ...]:
        return (*await self._presets.list(), *await asyncio.to_thread(self._enrolled))

    async def current(self, voice: Voice) -> Voice:
        try:
            found = await self.get(voice.name)
        except SeiyuuError:
            return voice  # removed since: whoever speaks in it keeps it
        return found

    def _enrolled(self) -> tuple[Voice, ...]:
        found = []
        for record in self._library.records():
            if record.engine == self._engine:
                try:
                    found.append(self._library.get(record.name))
                except SeiyuuError as error:
                    logger.warning("voice left out", voice=record.name, reason=str(error))
        return tuple(found)


def _no_such_voice(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"expected one of: {', '.join(known[:20])}"
    return f"unknown voice {name[:40]!r}, {hint}"
