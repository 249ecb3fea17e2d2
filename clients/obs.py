"""A voice in OBS: its sound as a media source, its words as a text source, and other inputs ducked while it speaks.

:func:`set_up` and :func:`remove` leave everything else in the scene collection as it was. :func:`prompt` keeps the
text source on the words that are heard, for as long as it runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol
from urllib.parse import quote, urlsplit, urlunsplit

from .obs_link import ObsError
from .playout import Playout

VOICE = "Seiyuu voice"
CAPTIONS = "Seiyuu captions"
TEXT_KINDS = ("text_gdiplus_v3", "text_gdiplus_v2", "text_ft2_source_v2")
"""Newest first; the first two are of Windows."""
NOT_FOUND = 600
GONE_S = 5.0
DELAY_S = 0.05
"""From the server's hand to OBS's mixer over the Ogg stream, measured at 25 to 55 ms."""
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


def caption(playout: Playout) -> str:
    """The end of what was heard of an utterance; a blank when it has been quiet for a while."""
    if (found := playout.begun()) is None:
        return " "
    line, at_s = found
    heard = ""
    until = 0
    for word in sorted((m for m in line.marks if m.kind == "word"), key=lambda m: m.start_s):
        if word.start_s > at_s:
            break
        heard += (" " if word.char > until and heard else "") + word.text
        until = word.char + len(word.text)
    return heard[-LINE_CHARS:] or " "


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
    playout: Playout,
    ducking: Ducking | None,
    pause: Callable[[], Awaitable[None]],
) -> None:
    """Keep captions and ducking with the voice until cancelled; then captions are blank and volumes as they were."""
    shown = ""
    try:
        while True:
            text = caption(playout)
            if text != shown:
                await obs.ask("SetInputSettings", inputName=CAPTIONS, inputSettings={"text": text})
                shown = text
            if ducking is not None:
                await ducking.follow(playout.speaking)
            await pause()
    finally:
        with suppress(ObsError):
            await obs.ask("SetInputSettings", inputName=CAPTIONS, inputSettings={"text": " "})
            if ducking is not None:
                await ducking.follow(False)
