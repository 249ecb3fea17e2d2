"""Voices by name."""

import asyncio
import threading

import numpy as np
import pytest

from seiyuu.model.registry import open_engine
from seiyuu.model.voice import Voice
from seiyuu.server.voices import LibraryVoices, PresetVoices
from seiyuu.streaming.errors import UnknownVoice

pytestmark = pytest.mark.unit


async def test_the_default_comes_first() -> None:
    """Without a name, the engine's first voice or the configured one."""
    engine = open_engine("tone")
    assert (await PresetVoices(engine).get("")).name == "alto"
    voices = PresetVoices(engine, "soprano")
    assert (await voices.get("")).name == "soprano"
    assert [voice.name for voice in await voices.list()] == ["soprano", "alto"]


async def test_an_unknown_name_gets_the_nearest() -> None:
    """A typing mistake is corrected in the message; a default that does not exist is found out at once."""
    with pytest.raises(UnknownVoice, match="did you mean 'alto'"):
        await PresetVoices(open_engine("tone")).get("altoo")
    with pytest.raises(UnknownVoice, match="expected one of: alto, soprano"):
        PresetVoices(open_engine("tone"), "zzz")


class FarLibrary:
    """A library whose answer comes only when the event loop lets it."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.answer = threading.Event()

    def get(self, name: str) -> Voice:
        self.asked.set()
        assert self.answer.wait(60)
        if name == "nobody":
            raise UnknownVoice("nobody")
        return Voice(name, "tone", {"hz": np.array([220.0], np.float32)})


async def test_a_far_library_holds_nobody_up() -> None:
    """While a voice is fetched the event loop goes on; presets do not wait for it at all."""
    library = FarLibrary()
    presets = PresetVoices(open_engine("tone"))
    voices = LibraryVoices(presets, library, "tone")  # type: ignore[arg-type]
    fetching = asyncio.create_task(voices.get("zhang"))
    await asyncio.to_thread(library.asked.wait, 60)
    assert (await voices.get("soprano")).name == "soprano"
    assert not fetching.done()
    library.answer.set()
    zhang = await fetching
    assert zhang.name == "zhang"
    gone = Voice("nobody", "tone", zhang.tensors)
    assert await voices.current(gone) is gone
