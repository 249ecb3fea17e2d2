"""A worker's death is ordinary: what it means for streams, and that speech goes on afterwards."""

import asyncio
import os
import signal

import numpy as np
import pytest

from seiyuu.model.engine import Stream, StreamItem, StreamOptions
from seiyuu.model.hosts.process import ProcessLink, process_engine
from seiyuu.model.hosts.remote import RemoteEngine
from seiyuu.streaming.audio import AudioChunk
from seiyuu.streaming.errors import EngineCrashed, EngineFailed, InvalidState, Overloaded
from seiyuu.streaming.segment import Segment

pytestmark = [pytest.mark.unit, pytest.mark.asyncio]


async def started(slots: int = 2) -> RemoteEngine:
    engine = process_engine("tone", {"max_sessions": slots})
    await engine.start()
    return engine


async def begin(engine: RemoteEngine) -> Stream:
    return await engine.open(engine.voices()[0], StreamOptions())


async def speak(stream: Stream, text: str) -> list[StreamItem]:
    await stream.push(Segment(text, 0))
    await stream.end()
    return [item async for item in stream]


def worker(engine: RemoteEngine) -> int:
    """The process id of the worker."""
    assert isinstance(engine._link, ProcessLink)
    return engine._link.pid


async def revived(engine: RemoteEngine) -> None:
    assert engine._reviving is not None
    await engine._reviving


async def test_a_killed_worker_fails_its_streams_and_speech_goes_on() -> None:
    """Killed in mid-utterance: the stream fails as retryable, and another worker says the same samples."""
    engine = await started()
    whole = await speak(await begin(engine), "一二三四")
    stream = await begin(engine)
    await stream.push(Segment("一二三四", 0))
    iterator = aiter(stream)
    await anext(iterator)
    os.kill(worker(engine), signal.SIGKILL)
    with pytest.raises(EngineCrashed) as caught:
        async for _ in iterator:
            pass
    assert caught.value.retryable
    await stream.cancel()
    await revived(engine)
    again = await speak(await begin(engine), "一二三四")
    sounds = [
        np.concatenate([item.samples for item in items if isinstance(item, AudioChunk)])
        for items in (whole, again)
    ]
    np.testing.assert_array_equal(*sounds)
    await engine.close()


async def test_a_worker_that_is_not_back_yet_refuses_as_retryable() -> None:
    """Between a death and the next warm worker, a stream is refused and may be asked for again."""
    engine = await started()
    stream = await begin(engine)
    os.kill(worker(engine), signal.SIGKILL)
    with pytest.raises(EngineCrashed):
        async for _ in stream:
            pass
    with pytest.raises(EngineCrashed, match="again"):
        await begin(engine)
    await revived(engine)
    await (await begin(engine)).cancel()
    await engine.close()


async def test_a_closed_engine_leaves_no_process() -> None:
    """After close the worker is gone, and the engine may be started again."""
    engine = await started()
    process = worker(engine)
    await engine.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    with pytest.raises(InvalidState):
        await begin(engine)
    await engine.start()
    assert await speak(await begin(engine), "又来了")
    await engine.close()


async def test_a_worker_that_cannot_load_says_why() -> None:
    """An option that only the worker trips over fails the start, and nothing keeps running."""
    engine = process_engine("tone", {})
    engine._make_link = lambda: ProcessLink("tone", {"no_such_option": 1})
    with pytest.raises(EngineFailed, match="exit status 1"):
        await engine.start()
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "worker-events"]


async def test_an_open_that_is_cancelled_gives_its_slot_back() -> None:
    """Whoever gives up waiting for a slot does not keep it."""
    engine = await started(slots=1)
    opening = asyncio.ensure_future(begin(engine))
    await asyncio.sleep(0)  # the question is on its way
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    stream = await retried(engine)
    await stream.cancel()
    await engine.close()


async def retried(engine: RemoteEngine) -> Stream:
    """The slot is free as soon as the worker has obeyed."""
    for _ in range(100):
        try:
            return await begin(engine)
        except Overloaded:
            continue
    raise AssertionError("the slot was never given back")
