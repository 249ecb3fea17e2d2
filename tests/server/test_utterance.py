"""Engines that fail: retried while nobody heard anything, told afterwards, others undisturbed."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from seiyuu.model.core import Output
from seiyuu.model.tone import ToneCore, ToneJob
from seiyuu.streaming.errors import EngineCrashed, EngineFailed, SeiyuuError

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]

TEXT = "大家好今天我们来玩一个新游戏"


class FailingCore(ToneCore):
    """Each job whose text holds a bang fails, the first ``times`` of them, when ``after`` steps were made."""

    def __init__(
        self, error: SeiyuuError, *, times: int = 99, after: int = 0, slots: int = 8
    ) -> None:
        super().__init__(max_sessions=slots)
        self._error = error
        self._times = times
        self._after = after
        self._steps: dict[int, int] = {}

    def step(self, jobs: Sequence[ToneJob]) -> list[Output[ToneJob]]:
        outputs = []
        for job in jobs:
            made = self._steps[id(job)] = self._steps.get(id(job), 0) + 1
            bang = any(c == "!" for c, *_ in job._waiting)
            if bang and made > self._after and self._times > 0:
                self._times -= 1
                outputs.append(Output(job, error=self._error))
            else:
                outputs.append(Output(job, job.step()))
        return outputs


async def test_a_crash_before_the_first_packet_is_not_heard(
    make_harness: Any, engine_with: Any
) -> None:
    """The utterance is begun anew, from its first character, once."""
    harness = await make_harness(engine_with(FailingCore(EngineCrashed("gone"), times=2)))
    peer, calm = await harness.connect(), await harness.connect()
    await peer.say(TEXT + "!")
    await calm.say(TEXT + "!")
    ended = await peer.until("utterance.ended", reason="end")
    await calm.until("utterance.ended", reason="end")
    assert ended["duration_ms"] == len(TEXT) * 120 + 60
    assert [p.timestamp for p in peer.packets()] == [n * 480 for n in range(len(peer.packets()))]
    assert not peer.messages("error")
    assert b"seiyuu_engine_retries_total 2.0" in harness.server.metrics.exposition()
    assert harness.server.why_not_ready() is None


async def test_a_crash_after_it_ends_the_utterance(make_harness: Any, engine_with: Any) -> None:
    """Nobody hears a word twice: the error is told, the next utterance is spoken."""
    core = FailingCore(EngineCrashed("gone"), times=1, after=3)
    harness = await make_harness(engine_with(core))
    peer = await harness.connect()
    await peer.say("一" * 40 + "!")
    await peer.say("还在")
    error = await peer.until("error")
    assert (error["code"], error["retryable"], error["utterance"]) == ("engine_crashed", True, 1)
    assert (await peer.until("utterance.ended"))["reason"] == "error"
    await peer.until("utterance.ended", utterance=2, reason="end")


async def test_a_failure_that_stays_is_told(make_harness: Any, engine_with: Any) -> None:
    """After some attempts, or at once if it cannot help; the server says it is not well."""
    for error, code in (
        (EngineCrashed("gone"), "engine_crashed"),
        (EngineFailed("bad"), "internal"),
    ):
        harness = await make_harness(engine_with(FailingCore(error)))
        peer = await harness.connect()
        await peer.say("一!")
        assert (await peer.until("error"))["code"] == code
        assert (await peer.until("utterance.ended"))["reason"] == "error"
        assert harness.server.why_not_ready() == str(error)
        assert harness.engine.opened == (4 if error.retryable else 1)
        await peer.say("好")
        await peer.until("utterance.ended", utterance=2, reason="end")
        assert harness.server.why_not_ready() is None


class BuggyCore(ToneCore):
    """Raises what no engine should."""

    def open(self, voice: Any, options: Any) -> Any:
        raise ZeroDivisionError("oops")


async def test_a_bug_stays_inside(make_harness: Any, engine_with: Any) -> None:
    """The client hears one sentence without the internals, and the session lives."""
    harness = await make_harness(engine_with(BuggyCore()))
    peer = await harness.connect()
    await peer.say("一")
    error = await peer.until("error")
    assert error["code"] == "internal"
    assert "oops" not in error["message"]
    await peer.until("utterance.ended", reason="error")


async def test_one_slot_is_enough_for_a_session(make_harness: Any, engine_with: Any) -> None:
    """An utterance that is only listened to gives its slot to the next one of its session."""
    harness = await make_harness(engine_with(ToneCore(max_sessions=1)))
    peer = await harness.connect()
    for n in range(3):
        await peer.say(TEXT, utterance=n + 1)
    await peer.until("utterance.ended", utterance=3, reason="end")
    assert not peer.messages("error")
    starts = [t for t, w in peer.got if getattr(w, "timestamp", None) == 0]
    assert starts[1] - starts[0] <= len(TEXT) * 0.12 + 0.05


async def test_a_full_engine_is_waited_for_and_then_told(
    make_harness: Any, engine_with: Any
) -> None:
    """More places than slots: who finds none for a while hears ``overloaded``, and may try again."""
    harness = await make_harness(engine_with(ToneCore(max_sessions=1)), max_sessions=2)
    one, two = await harness.connect(), await harness.connect()
    await one.say(TEXT * 10)
    await one.until("utterance.started")
    await two.say(TEXT)
    error = await two.until("error")
    assert (error["code"], error["retryable"]) == ("overloaded", True)
    await one.send("speech.cancel")
    await asyncio.sleep(0.1)
    await two.say(TEXT)
    await two.until("utterance.ended", utterance=2, reason="end")
