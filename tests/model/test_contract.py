"""The engine contract, once for every engine and every host that runs without weights or a device."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
import pytest_asyncio

from seiyuu.model.compact.engine import CompactCore
from seiyuu.model.core import Output
from seiyuu.model.engine import Engine, Stream, StreamItem, StreamOptions, Turned
from seiyuu.model.hosts.inline import InlineEngine
from seiyuu.model.hosts.process import process_engine
from seiyuu.model.hosts.ray_actor import ray_engine
from seiyuu.model.tone import ToneCore, ToneJob
from seiyuu.model.voice import Voice
from seiyuu.streaming.audio import AudioChunk, Samples
from seiyuu.streaming.emotion import Emotion
from seiyuu.streaming.errors import (
    EngineFailed,
    InvalidState,
    Overloaded,
    UnknownVoice,
    Unsupported,
)
from seiyuu.streaming.segment import Pace, Segment
from seiyuu.streaming.timeline import Mark

from .listening import sound as samples_of

pytestmark = [pytest.mark.unit, pytest.mark.asyncio(loop_scope="module")]

SLOTS = 3
OPENED: list[Stream] = []
"""What a test opened; the fixture gives the slots back."""


def tone(request: pytest.FixtureRequest) -> Engine:
    del request
    return InlineEngine(ToneCore(max_sessions=SLOTS))


def tone_process(request: pytest.FixtureRequest) -> Engine:
    """In a worker process."""
    del request
    return process_engine("tone", {"max_sessions": SLOTS})


def tone_ray(request: pytest.FixtureRequest) -> Engine:
    """In an actor of a cluster of this machine alone."""
    del request
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'seiyuu[ray]'")
    return ray_engine("tone", {"max_sessions": SLOTS})


def compact(request: pytest.FixtureRequest) -> Engine:
    """The real weights."""
    del request
    return InlineEngine(CompactCore(max_sessions=SLOTS))


def indextts2(request: pytest.FixtureRequest) -> Engine:
    """Random weights at a tiny size."""
    return InlineEngine(request.getfixturevalue("tiny_core")(slots=SLOTS))


@pytest_asyncio.fixture(
    params=[tone, tone_process, tone_ray, compact, indextts2],
    ids=["tone-inline", "tone-process", "tone-ray", "compact-inline", "indextts2-inline"],
    scope="module",
    loop_scope="module",
)
async def started(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    """Each engine, started once."""
    made: Engine = request.param(request)
    await made.start()
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def engine(started: Engine) -> AsyncIterator[Engine]:
    """A started engine with three slots, all free again afterwards."""
    yield started
    while OPENED:
        await OPENED.pop().cancel()


async def begin(engine: Engine, **options: object) -> Stream:
    stream = await engine.open(engine.voices()[0], StreamOptions(**options))  # type: ignore[arg-type]
    OPENED.append(stream)
    return stream


async def speak(stream: Stream, *texts: str) -> list[StreamItem]:
    """Push ``texts`` as segments, end, and return every item."""
    at = 0
    for text in texts:
        await stream.push(Segment(text, at))
        at += len(text)
    await stream.end()
    return [item async for item in stream]


async def sound_of(engine: Engine, text: str, **options: object) -> np.ndarray:
    """The samples of ``text`` spoken alone, its slot given back."""
    stream = await begin(engine, **options)
    sound = samples_of(await speak(stream, text))
    await stream.cancel()
    return sound


async def test_audio_and_marks_come_in_sample_order(engine: Engine) -> None:
    """Chunks follow each other without a hole and no mark is later than its audio."""
    items = await speak(await begin(engine), "大家好,", "今天我们来玩一个新游戏!")
    at = 0
    for item in items:
        if isinstance(item, AudioChunk):
            assert item.start == at
            at = item.end
        elif isinstance(item, Mark):
            assert item.start >= at
    assert at > 0
    spoken = [item.text for item in items if isinstance(item, Mark) and item.kind == "char"]
    assert "".join(spoken) == "大家好今天我们来玩一个新游戏"


async def test_the_same_text_gives_the_same_samples(engine: Engine) -> None:
    """Without a seed speech is deterministic, whatever runs beside it."""
    alone = await sound_of(engine, "你好世界")
    first, second = await begin(engine), await begin(engine)
    together, other = await asyncio.gather(speak(first, "你好世界"), speak(second, "别的话在这里"))
    np.testing.assert_array_equal(samples_of(together), alone)
    assert len(samples_of(other)) != len(alone)


async def test_a_stream_without_text_waits(engine: Engine) -> None:
    """Starvation is not an error: the iterator gives what there is and waits for more."""
    stream = await begin(engine)
    await stream.push(Segment("你好", 0))
    iterator = aiter(stream)
    item = await anext(iterator)
    assert isinstance(item, Mark)
    await stream.push(Segment("世界", 2))
    await stream.end()
    rest = [item async for item in iterator]
    assert [m.text for m in rest if isinstance(m, Mark) and m.kind == "char"][-2:] == ["世", "界"]


async def test_an_empty_stream_ends(engine: Engine) -> None:
    """No text at all gives no item and an end."""
    assert await speak(await begin(engine)) == []


async def test_push_after_end_is_refused(engine: Engine) -> None:
    """Text after the end is a bug of the caller."""
    stream = await begin(engine)
    await stream.end()
    await stream.end()
    with pytest.raises(InvalidState):
        await stream.push(Segment("x", 0))


async def test_a_full_engine_refuses_and_recovers(engine: Engine) -> None:
    """One stream more than there are slots is refused; a cancel makes room."""
    streams = [await begin(engine) for _ in range(SLOTS)]
    with pytest.raises(Overloaded):
        await begin(engine)
    await streams[0].cancel()
    await begin(engine)


async def test_nothing_follows_a_cancel(engine: Engine) -> None:
    """After cancel the iterator ends, even with text still queued, and cancel may be repeated."""
    stream = await begin(engine)
    await stream.push(Segment("很长的一句话" * 20, 0))
    iterator = aiter(stream)
    await anext(iterator)
    await stream.cancel()
    await stream.cancel()
    assert [item async for item in iterator] == []


async def test_a_reader_that_stops_does_not_run_the_engine(engine: Engine) -> None:
    """Backpressure: what is made without being taken is bounded, and others go on."""
    slow = await begin(engine)
    await slow.push(Segment("这句话没有人听" * 200, 0))
    await slow.end()
    for _ in range(3):  # other lanes turn over many steps meanwhile
        stream = await begin(engine)
        assert len(samples_of(await speak(stream, "说完就走"))) > 0
        await stream.cancel()
    waiting = 0
    iterator = aiter(slow)
    first = await anext(iterator)
    assert first is not None
    waiting = sum(
        len(item.samples) for item in slow._pending._items if isinstance(item, AudioChunk)
    )  # type: ignore[attr-defined]
    assert waiting < 6 * engine.info.sample_rate


async def test_a_turn_rewrites_what_was_not_heard(engine: Engine) -> None:
    """After a turn, audio before its position is kept and everything behind it is another."""
    plain = await sound_of(engine, "一二三四五六七八")
    stream = await begin(engine)
    items = await speak(stream, "一二三四五六七八")
    position = engine.info.sample_rate // 2 + 7
    await stream.turn(Emotion.of("joy"), from_sample=position)
    more = [item async for item in stream]
    turned = next(item for item in more if isinstance(item, Turned))
    assert position <= turned.start < position + engine.info.hop
    assert turned.emotion.strongest == "joy"
    sound = samples_of([*items, *more])
    np.testing.assert_array_equal(sound[: turned.start], plain[: turned.start])
    after, before = sound[turned.start :], plain[turned.start :]
    assert len(after) != len(before) or not np.allclose(after, before, atol=0.01)


async def test_turns_in_a_row_leave_no_hole(engine: Engine) -> None:
    """Ten turns at once: the newest wins and the samples still follow each other."""
    stream = await begin(engine)
    await stream.push(Segment("一二三四五六七八九十", 0))
    await stream.end()
    for n in range(10):
        await stream.turn(Emotion.of(("joy", "anger")[n % 2]), from_sample=n * 1000)
    items = [item async for item in stream]
    samples_of(items)
    assert [i for i in items if isinstance(i, Turned)][-1].emotion.strongest == "anger"


@pytest.mark.parametrize("ratio", [0.75, 1.0, 1.25])
async def test_a_controlled_pace_is_met(engine: Engine, ratio: float) -> None:
    """Asked for a duration, the engine delivers it within 25 ms."""
    text = "今天天气真好我们出去走走吧"
    free = len(await sound_of(engine, text))
    per_ms = engine.info.sample_rate / 1000
    wanted = round(free * ratio / per_ms)
    pace = Pace("controlled", duration_ms=wanted)
    got = len(await sound_of(engine, text, pace=pace))
    assert abs(got / per_ms - wanted) <= 25


async def test_a_voice_of_another_engine_is_refused(engine: Engine) -> None:
    """A voice belongs to the engine that made it."""
    voice = engine.voices()[0]
    stranger = type(voice)(voice.name, "other", voice.tensors)
    with pytest.raises(UnknownVoice):
        await engine.open(stranger, StreamOptions())
    await begin(engine)


class SlowToEnrol(ToneCore):
    """Enrols only after somebody was heard speaking."""

    def __init__(self) -> None:
        super().__init__()
        self._info = replace(self._info, cloning=True)
        self.begun, self.heard = threading.Event(), threading.Event()

    def enroll(self, clip: Samples, sample_rate: int, name: str) -> Voice:
        self.begun.set()
        assert self.heard.wait(60)
        return Voice(name, "tone", {"hz": np.array([220.0], np.float32)})


async def test_enrolling_holds_up_nobody_who_speaks() -> None:
    """Where making a voice needs nothing of the device thread, streams go on meanwhile."""
    core = SlowToEnrol()
    engine = InlineEngine(core)
    await engine.start()
    enrolling = asyncio.create_task(engine.enroll(np.zeros(9, np.float32), 16_000, name="zhang"))
    await asyncio.to_thread(core.begun.wait, 60)
    stream = await engine.open(engine.voices()[0], StreamOptions())
    await stream.push(Segment("still speaking", 0))
    await stream.end()
    assert [item async for item in stream]
    assert not enrolling.done()
    core.heard.set()
    assert (await enrolling).name == "zhang"
    await engine.close()


class FailingCore(ToneCore):
    """Fails in the step of any job whose text holds a bang."""

    def step(self, jobs: Sequence[ToneJob]) -> list[Output[ToneJob]]:
        outputs = []
        for job in jobs:
            if any(character == "!" for character, *_ in job._waiting):
                job._waiting.clear()
                outputs.append(Output(job, error=EngineFailed("bang")))
            else:
                outputs.append(Output(job, job.step()))
        return outputs


async def test_one_failing_stream_does_not_disturb_another() -> None:
    """An error ends its own stream, frees its slot at cancel, and leaves the others speaking."""
    engine = InlineEngine(FailingCore(max_sessions=2))
    await engine.start()
    good, bad = await begin(engine), await begin(engine)
    await bad.push(Segment("!", 0))
    with pytest.raises(EngineFailed, match="bang"):
        [item async for item in bad]
    assert len(samples_of(await speak(good, "好好说话"))) > 0
    await bad.cancel()
    await begin(engine)
    await engine.close()


class DyingCore(ToneCore):
    """Its thread dies on the first step."""

    def step(self, jobs: Sequence[ToneJob]) -> list[Output[ToneJob]]:
        raise SystemExit("gone")


async def test_a_dead_thread_fails_every_stream_as_retryable() -> None:
    """When the engine's thread dies, each open stream hears of it and new ones are refused."""
    engine = InlineEngine(DyingCore(max_sessions=2))
    await engine.start()
    stream = await begin(engine)
    await stream.push(Segment("你好", 0))
    with pytest.raises(EngineFailed) as caught:
        [item async for item in stream]
    assert caught.value.retryable
    assert caught.value.code == "engine_crashed"
    await stream.cancel()
    await engine.close()


async def test_what_an_engine_cannot_read_it_says(engine: Engine) -> None:
    """An engine without a reader of descriptions, or without manners, refuses; one with manners learns them."""
    clip = (0.2 * np.sin(np.arange(40_000) / 9)).astype(np.float32)
    with pytest.raises(Unsupported):
        await engine.describe("冷冷地嘲讽")  # the tiny checkpoint lacks the reader's files
    if not engine.info.manners:
        with pytest.raises(Unsupported):
            await engine.manner(clip, 22_050)
    else:
        key = await engine.manner(clip, 22_050)
        assert key
        assert await engine.manner(clip, 22_050) == key
