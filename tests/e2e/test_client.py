"""The Python clients against a real server."""

import asyncio
import threading
from typing import Any

import numpy as np
import pytest

from seiyuu.clients import connect
from seiyuu.clients.sync import connect as connect_sync
from seiyuu.clients.wav import Take
from seiyuu.streaming.audio import AudioChunk
from seiyuu.streaming.errors import (
    BadText,
    Overloaded,
    Unauthorized,
    UnknownEmotion,
    UnknownVoice,
)
from seiyuu.streaming.messages import AudioRewind, EmotionApplied
from seiyuu.streaming.timeline import Mark

pytestmark = pytest.mark.e2e

TEXT = "大家好,今天我们来玩一个新游戏!"


async def test_the_call_of_the_documentation(running: Any) -> None:
    """Write in pieces, turn the emotion, end, and read sound, marks and what was applied."""
    take, marks, applied = Take(), [], []
    async with connect(running.url, voice="soprano") as host:
        assert host.session is not None
        assert host.session.voice == "soprano"
        speech = await host.say()
        await speech.write("大家好,")
        await speech.emotion("joy", intensity=0.7)
        await speech.write("今天我们来玩一个新游戏!")
        await speech.end()
        async for item in speech:
            if isinstance(item, AudioChunk):
                take.add(item)
            elif isinstance(item, Mark):
                marks.append(item)
            elif isinstance(item, EmotionApplied):
                applied.append(item)
    assert speech.ended is not None
    assert speech.ended.reason == "end"
    assert len(take.samples) >= speech.ended.duration_ms * 24
    assert "".join(m.text for m in marks) == "大家好今天我们来玩一个新游戏"
    assert len(applied) == 1
    await running.empty()


async def test_faster_than_real_time(running: Any) -> None:
    """A client that only collects gets sound as fast as it is made, all of it, in any codec."""
    sounds = {}
    for codec, rate in (("pcm_s16le", 24_000), ("pcm_f32le", 24_000), ("opus", 48_000)):
        take = Take()
        async with connect(running.url, codec=codec, sample_rate=rate, realtime=False) as host:
            speech = await host.say(TEXT * 10)
            async for item in speech:
                if isinstance(item, AudioChunk):
                    take.add(item)
        sounds[codec] = take.samples
        assert len(take.samples) / rate == pytest.approx(18.0, abs=0.05)
    np.testing.assert_allclose(sounds["pcm_s16le"], sounds["pcm_f32le"], atol=1e-4)


async def test_a_cancel_says_what_was_heard(running: Any) -> None:
    """The text is whole, cut where the listener was, and the speech is over."""
    async with connect(running.url) as host:
        speech = await host.say(TEXT * 5)
        async for item in speech:
            if isinstance(item, AudioChunk) and item.end > 24_000:
                break
        told = await speech.cancel(played_ms=500)
        assert told is not None
        assert told.heard_text + told.unheard_text == TEXT * 5
        assert told.heard_text == "大家好,今"
        assert [item async for item in speech] == []
        assert await speech.cancel() == told
        again = await host.say("一")
        assert [item async for item in again]


async def test_a_rewind_replaces_sound(running: Any) -> None:
    """What the take holds after a turn is one whole recording, joyful at its end."""
    async with connect(running.url, lead_ms=1000) as host:
        speech = await host.say(TEXT)
        take, rewinds = Take(), 0
        async for item in speech:
            if isinstance(item, AudioChunk):
                take.add(item)
                if item.start == 24_000 // 2 and not rewinds:
                    await speech.emotion("joy")
            rewinds += isinstance(item, AudioRewind)
    assert rewinds == 1
    assert speech.ended is not None
    assert len(take.samples) >= speech.ended.duration_ms * 24


async def test_errors_are_raised_where_they_belong(running: Any) -> None:
    """Mistakes in a call at once, refusals on entering, reports of the server by the next call."""
    with pytest.raises(UnknownVoice):
        async with connect(running.url, voice="nobody"):
            pass
    async with connect(running.url) as host:
        speech = await host.say()
        with pytest.raises(UnknownEmotion):
            await speech.emotion("hungry")
        with pytest.raises(BadText):
            await speech.write("x" * 30_000)
        await host.voice("nobody")
        await speech.write("一")
        await speech.end()
        _ = [item async for item in speech]
        with pytest.raises(UnknownVoice):
            await host.say("二")
        speech = await host.say()
        await speech.write("三", emotion={"describe": " "})
        await speech.end()
        with pytest.raises(UnknownEmotion):
            _ = [item async for item in speech]
    with pytest.raises(ConnectionError):
        async with connect("ws://127.0.0.1:9"):
            pass


async def test_a_refusal_has_its_reason(serve: Any) -> None:
    """A full server and a locked one."""
    running = await serve(limits={"max_sessions": 1}, api_keys=("k",))
    async with connect(running.url, api_key="k"):
        with pytest.raises(Overloaded) as caught:
            async with connect(running.url, api_key="k"):
                pass
        assert caught.value.retry_after_ms == 1000
    with pytest.raises(Unauthorized):
        async with connect(running.url):
            pass


async def test_a_lost_connection_loses_nothing(running: Any) -> None:
    """The socket breaks in the middle of speech, twice; the recording is the same as without."""
    takes = []
    for breaks in (0, 2):
        take, marks = Take(), []
        async with connect(running.url, lead_ms=200, marks=("char",)) as host:
            speech = await host.say(TEXT)
            left = breaks
            async for item in speech:
                if isinstance(item, AudioChunk):
                    take.add(item)
                    if left and item.start >= 24_000 // left:
                        left -= 1
                        host._link._socket.transport.abort()  # type: ignore[union-attr]
                elif isinstance(item, Mark):
                    marks.append(item.text)
            assert host.resumed >= breaks
        assert "".join(marks) == "大家好今天我们来玩一个新游戏"
        takes.append(take.samples)
    np.testing.assert_array_equal(takes[0], takes[1])


async def test_text_on_its_way_when_the_connection_breaks(running: Any) -> None:
    """What the server did not get is sent again, what it got is not."""
    text = "一二三四五六七八九十,"
    async with connect(running.url, marks=("char",), lead_ms=100) as host:
        speech = await host.say()
        spoken: list[str] = []

        async def listen() -> None:
            async for item in speech:
                if isinstance(item, Mark):
                    spoken.append(item.text)

        listening = asyncio.create_task(listen())
        for n, character in enumerate(text * 3):
            await speech.write(character)
            if n in (5, 17):
                host._link._socket.transport.abort()  # type: ignore[union-attr]
        await speech.end()
        await listening
        assert host.resumed >= 1
    assert "".join(spoken) == text.replace(",", "") * 3


def test_the_blocking_twin(serve_thread: Any) -> None:
    """The same calls without ``await``, an error included."""
    with connect_sync(serve_thread) as host:
        speech = host.say()
        speech.write("大家好,")
        speech.emotion("joy")
        speech.write("今天")
        speech.flush()
        speech.end()
        samples = sum(len(item.samples) for item in speech if isinstance(item, AudioChunk))
        assert samples >= 5 * 2880
        assert speech.ended is not None
        with pytest.raises(UnknownEmotion):
            host.emotion("hungry")
        long = host.say(TEXT * 5)
        told = long.cancel()
        assert told is not None
        assert told.unheard_text
    with pytest.raises(UnknownVoice), connect_sync(serve_thread, voice="nobody"):
        pass


@pytest.fixture
def serve_thread() -> Any:
    """The address of a server on a loop of its own thread, for callers that block."""
    from seiyuu.server.app import DrainingRunner, Server, create_app, listen
    from seiyuu.server.config import ServerConfig

    config = ServerConfig(engine="tone", port=0)
    listener = listen(config)
    server = Server(config)
    runner = DrainingRunner(server, create_app(server))
    ready = threading.Event()
    runner.on_ready = ready.set

    def run() -> None:
        asyncio.run(runner.serve(sockets=[listener]))

    thread = threading.Thread(target=run, name="server")
    thread.start()
    assert ready.wait(20)
    yield f"ws://127.0.0.1:{listener.getsockname()[1]}"
    runner.should_exit = True
    thread.join(20)
    assert not thread.is_alive()
