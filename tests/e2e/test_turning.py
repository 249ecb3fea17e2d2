"""The real voice turned, held and interrupted over a real socket: nothing clicks, nothing is lost or said twice."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from seiyuu.clients import connect
from seiyuu.clients.client import Host
from seiyuu.clients.speech import Item, Speech
from seiyuu.model.evaluation.seams import seams
from seiyuu.streaming.audio import AudioChunk
from seiyuu.streaming.messages import AudioRewind
from seiyuu.streaming.timeline import Mark

pytestmark = pytest.mark.e2e

PATIENCE_S = 20.0
"""Real seconds after which a test that waits for something gives up; nothing is asserted about time."""

TEXT = "今天的天气很好,我们一起去公园散步,然后回家吃饭吧。"
SAID = "".join(character for character in TEXT if character.isalnum())
MIXED = 240
"""Samples over which old and new sound are mixed after a turn."""


class Heard:
    """What a listener has in the end: what a rewind takes back is replaced by what follows it."""

    def __init__(self) -> None:
        self.samples = np.zeros(0, np.float32)
        self.marks: list[Mark] = []
        self.turned_at: list[int] = []

    def take(self, item: Item) -> None:
        if isinstance(item, AudioChunk):
            self.samples = np.concatenate([self.samples[: item.start], item.samples])
        elif isinstance(item, Mark) and item.kind == "char":
            self.marks.append(item)
        elif isinstance(item, AudioRewind):
            self.turned_at.append(item.from_timestamp)
            self.marks = [mark for mark in self.marks if mark.start < item.from_timestamp]

    @property
    def text(self) -> str:
        return "".join(mark.text for mark in sorted(self.marks, key=lambda mark: mark.start))

    def check(self) -> None:
        """Every character once and in order, and no jump where the sound was joined."""
        assert self.text == SAID
        joins = [at + late for at in self.turned_at for late in (0, MIXED)]
        found = seams(self.samples, joins)
        assert found.border_jump <= 1.5 * found.elsewhere_p99


async def begun(host: Host, speech: Speech) -> tuple[Heard, asyncio.Task[None], asyncio.Event]:
    """A listener to the speech; the event is set when it is heard for the first time."""
    heard, sounds = Heard(), asyncio.Event()

    async def listen() -> None:
        async for item in speech:
            heard.take(item)
            if isinstance(item, AudioChunk):
                sounds.set()

    return heard, asyncio.create_task(listen()), sounds


@pytest.fixture
async def host(serve: Callable[..., Any]) -> Any:
    running = await serve(engine="compact")
    async with connect(running.url, language="zh", marks=("char",)) as host:
        host.engine = running.server.engine
        yield host


async def turned(host: Any, waits_s: Sequence[float]) -> Heard:
    speech = await host.say(TEXT)
    heard, listening, sounds = await begun(host, speech)
    await sounds.wait()
    for n, wait_s in enumerate(waits_s):
        await asyncio.sleep(wait_s)
        await speech.emotion(("joy", "sadness", "anger")[n % 3], intensity=1.0)
    await listening
    heard.check()
    assert heard.turned_at
    return heard


async def freed(host: Any) -> None:
    """The slot of a cancelled speech is free as soon as the step that was being made for it is done."""
    async with asyncio.timeout(PATIENCE_S):
        while host.engine._open:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_live_voice_stays_whole(host: Any) -> None:
    """Turned ten times in a second, turned when all of it was made, turned while held, and stopped while turning."""
    await turned(host, [0.1] * 10)
    await turned(host, [2.5])

    speech = await host.say(TEXT)
    heard, listening, sounds = await begun(host, speech)
    await sounds.wait()
    await host.pause()
    await speech.emotion("anger", intensity=1.0)
    await asyncio.sleep(0.2)
    await host.resume()
    await listening
    heard.check()

    speech = await host.say(TEXT)
    heard, listening, sounds = await begun(host, speech)
    await sounds.wait()
    await speech.emotion("fear", intensity=1.0)
    told = await speech.cancel()
    await listening
    assert told is not None
    assert told.heard_text + told.unheard_text == TEXT
    await freed(host)


@pytest.mark.parametrize("beside", [False, True])
async def test_a_cancel_during_a_rewind(host: Any, beside: bool) -> None:
    """Stopped in the moment a turn takes sound back: no character is lost, and the next speech is whole.

    The cancel goes out with the turn, or when the rewind is heard of and what follows is on its way.
    """
    speech = await host.say(TEXT)
    told, sounds = None, 0
    async for item in speech:
        sounds += isinstance(item, AudioChunk)
        if isinstance(item, AudioChunk) and sounds == 20:
            await speech.emotion("anger", intensity=1.0)
        if told is None and (sounds >= 20 if beside else isinstance(item, AudioRewind)):
            told = await speech.cancel()
    assert told is not None
    assert told.heard_text + told.unheard_text == TEXT
    await freed(host)
    await turned(host, [0.3])
