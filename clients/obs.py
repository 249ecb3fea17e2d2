"""A voice in OBS: its sound as a media source, its words as a text source, and other inputs ducked while it speaks.

:func:`set_up` and :func:`remove` leave everything else in the scene collection as it was. :class:`Prompter` keeps
the text source on the words that are heard, for as long as it runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote, urlsplit, urlunsplit

from ..streaming.clock import Clock, SystemClock
from .obs_link import ObsError

VOICE = "Seiyuu voice"
CAPTIONS = "Seiyuu captions"
TEXT_KINDS = ("text_gdiplus_v3", "text_gdiplus_v2", "text_ft2_source_v2")
"""Newest first; the first two are of Windows."""
NOT_FOUND = 600
GONE_S = 5.0
DELAY_S = 0.05
"""From the server's hand to OBS's mixer over the Ogg stream, measured at 25 to 55 ms."""
LINGER_S = 1.5
LINE_CHARS = 40


class Obs(Protocol):
    """What is needed of a connection to OBS."""

    async def ask(self, request: str, **fields: Any) -> dict[str, Any]: ...


def stream_url(server: str, session: str = "current", api_key: str | None = None) -> str:
    """Where a media source finds the session's sound on the server at ``server`` (http or ws)."""
    parts = urlsplit(server if "//" in server else f"//{server}", "http")
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    query = f"api_key={quote(api_key, safe='')}" if api_key else ""
    return urlunsplit((scheme, parts.netloc, f"/live/{quote(session, safe='')}.ogg", query, ""))


async def set_up(obs: Obs, url: str, *, scene: str | None = None, captions: bool = True) -> str:
    """Put the sources into a scene, the one on program if none is named; those that exist are only set anew.

    Returns the scene's name.

    Raises:
        ObsError: OBS refused.
    """
    if scene is None:
        scene = (await obs.ask("GetCurrentProgramScene"))["currentProgramSceneName"]
    media = {
        "is_local_file": False,
        "input": url,
        "buffering_mb": 0,
        "reconnect_delay_sec": 1,
        "restart_on_activate": False,  # a change of scene must not reconnect
        "close_when_inactive": False,
    }
    await _put(obs, scene, VOICE, "ffmpeg_source", media)
    if captions:
        kinds = (await obs.ask("GetInputKindList"))["inputKinds"]
        kind = next((kind for kind in TEXT_KINDS if kind in kinds), None)
        if kind is None:
            raise ObsError("this OBS has no text source for the captions")
        text = {"text": " ", "font": {"face": "Noto Sans CJK SC", "size": 64}, "outline": True}
        await _put(obs, scene, CAPTIONS, kind, text)
    return scene


async def remove(obs: Obs) -> list[str]:
    """Take the sources away again, and wait until they are gone; returns the names of those there were."""
    found = []
    for name in (VOICE, CAPTIONS):
        try:
            await obs.ask("RemoveInput", inputName=name)
        except ObsError as error:
            if error.status != NOT_FOUND:
                raise
        else:
            found.append(name)
    async with asyncio.timeout(GONE_S):
        while found:  # a source that is still referenced keeps its name for a moment
            inputs = (await obs.ask("GetInputList"))["inputs"]
            if not any(one["inputName"] in found for one in inputs):
                break
            await asyncio.sleep(0.05)
    return found


async def _put(obs: Obs, scene: str, name: str, kind: str, settings: dict[str, Any]) -> None:
    inputs = (await obs.ask("GetInputList"))["inputs"]
    if any(one["inputName"] == name for one in inputs):
        await obs.ask("SetInputSettings", inputName=name, inputSettings=settings)
        return
    await obs.ask(
        "CreateInput", sceneName=scene, inputName=name, inputKind=kind, inputSettings=settings
    )


@dataclass(slots=True)
class Line:
    """What of one utterance is known: when it begins to sound (clock) and its marks as (from, until, text)."""

    begins_at: float
    marks: list[tuple[float, int, str]] = field(default_factory=list)
    sent_s: float = 0.0


class Prompter:
    """Feed it what a follower of the session gets; :meth:`text` is the caption of the moment.

    The audience starts an utterance when its first packet leaves, or when the one before has sounded.
    """

    def __init__(self, clock: Clock | None = None, *, delay_s: float = DELAY_S) -> None:
        self._clock = clock or SystemClock()
        self._delay_s = delay_s
        self._lines: dict[int, Line] = {}
        self._over_at = 0.0
        self._rate = 24_000
        self._ptime_s = 0.02

    def packet(self, utterance: int, timestamp: int) -> None:
        """A packet of the utterance has left; ``timestamp`` is where it begins."""
        line = self._line(utterance)
        line.sent_s = max(line.sent_s, timestamp / self._rate + self._ptime_s)
        self._over_at = line.begins_at + line.sent_s

    def message(self, fields: dict[str, Any]) -> None:
        """A message of the server."""
        match fields:
            case {"type": "mark", "kind": "word", "utterance": utterance, "start_ms": start}:
                mark = (start / 1000, fields["char_start"], fields["text"])
                self._line(utterance).marks.append(mark)
            case {"type": "audio.rewind", "utterance": utterance}:
                line = self._line(utterance)
                line.sent_s = fields["from_timestamp"] / self._rate
                line.marks = [mark for mark in line.marks if mark[0] < line.sent_s]
            case {"type": "speech.cancelled", "utterance": utterance}:
                self._lines.pop(utterance, None)
                self._over_at = self._clock.now()
            case {"type": "session.started", "audio": audio}:
                self._lines.clear()
                self._rate = audio["sample_rate"]
                self._ptime_s = audio["ptime_ms"] / 1000

    @property
    def speaking(self) -> bool:
        """Something sounds now."""
        return self._sounding() is not None

    def begun_at(self, utterance: int) -> float:
        """When its first packet came, or the one before had sounded (clock).

        Raises:
            KeyError: it is over, or never was.
        """
        return self._lines[utterance].begins_at

    def text(self) -> str:
        """The end of what was heard; a blank when it has been quiet for a while."""
        now = self._clock.now() - self._delay_s
        self._lines = {
            number: line
            for number, line in self._lines.items()
            if line.begins_at + line.sent_s + LINGER_S > now
        }
        begun = [line for line in self._lines.values() if line.begins_at <= now]
        if not begun:
            return " "
        heard = ""
        until = 0
        for start_s, char, word in sorted(begun[-1].marks):
            if begun[-1].begins_at + start_s > now:
                break
            heard += (" " if char > until and heard else "") + word
            until = char + len(word)
        return heard[-LINE_CHARS:] or " "

    def _sounding(self) -> Line | None:
        now = self._clock.now() - self._delay_s
        lines = self._lines.values()
        return next((x for x in lines if x.begins_at <= now < x.begins_at + x.sent_s), None)

    def _line(self, utterance: int) -> Line:
        if utterance not in self._lines:
            self._lines[utterance] = Line(max(self._clock.now(), self._over_at))
        return self._lines[utterance]


class Ducking:
    """Turns another input down while the voice speaks, and back to what it was."""

    def __init__(self, obs: Obs, name: str, by_db: float) -> None:
        self._obs = obs
        self._name = name
        self._by_db = by_db
        self._before: float | None = None

    async def follow(self, speaking: bool) -> None:
        """Idempotent for each state."""
        if speaking and self._before is None:
            volume = await self._obs.ask("GetInputVolume", inputName=self._name)
            self._before = volume["inputVolumeDb"]
            await self._set(max(-100.0, self._before - self._by_db))
        elif not speaking and self._before is not None:
            before, self._before = self._before, None
            await self._set(before)

    async def _set(self, volume_db: float) -> None:
        await self._obs.ask("SetInputVolume", inputName=self._name, inputVolumeDb=volume_db)


async def prompt(
    obs: Obs,
    prompter: Prompter,
    ducking: Ducking | None,
    pause: Callable[[], Awaitable[None]],
) -> None:
    """Keep captions and ducking with the voice until cancelled; then captions are blank and volumes as they were."""
    shown = ""
    try:
        while True:
            text = prompter.text()
            if text != shown:
                await obs.ask("SetInputSettings", inputName=CAPTIONS, inputSettings={"text": text})
                shown = text
            if ducking is not None:
                await ducking.follow(prompter.speaking)
            await pause()
    finally:
        with suppress(ObsError):
            await obs.ask("SetInputSettings", inputName=CAPTIONS, inputSettings={"text": " "})
            if ducking is not None:
                await ducking.follow(False)
