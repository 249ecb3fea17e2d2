"""The audible notice of a session: heard once, before everything else, and out of the text's way."""

import asyncio
from typing import Any

import pytest

from seiyuu.model.tone import ToneCore
from seiyuu.streaming.marking import NOTICES, rhythm

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]

TEXT = "大家好今天我们来玩"
CHAR_MS = 120
RHYTHM_MS = 1000 * len(rhythm(24_000)) / 24_000
SPOKEN_MS = CHAR_MS * len(NOTICES["zh"])


async def test_the_first_utterance_alone_is_announced(make_harness: Any) -> None:
    """The session says so at its start; the first utterance is longer by the notice, the second as it was."""
    harness = await make_harness(notice="rhythm")
    peer = await harness.connect(marks=["char"])
    (started,) = peer.messages("session.started")
    assert (started["synthetic"], started["notice"]) == (True, "rhythm")
    for count in (1, 2):
        await peer.say(TEXT)
        await peer.until("utterance.ended", count=count)
    first, second = (m["duration_ms"] for m in peer.messages("utterance.ended"))
    assert first - second == pytest.approx(RHYTHM_MS, abs=1)
    assert second == CHAR_MS * len(TEXT)


async def test_marks_keep_their_place_in_the_text(make_harness: Any) -> None:
    """Every character is marked where it sounds, behind the notice, and the notice has no marks."""
    harness = await make_harness(notice="rhythm")
    peer = await harness.connect(marks=["char"])
    await peer.say(TEXT)
    await peer.until("utterance.ended")
    marks = peer.messages("mark")
    assert "".join(m["text"] for m in marks) == TEXT
    starts = [m["start_ms"] - RHYTHM_MS for m in marks]
    assert starts == pytest.approx([n * CHAR_MS for n in range(len(TEXT))], abs=1)


async def test_a_spoken_notice_is_in_the_language_of_the_text(make_harness: Any) -> None:
    """Chinese text is announced in Chinese, by the engine itself."""
    harness = await make_harness(notice="spoken")
    peer = await harness.connect()
    await peer.say(TEXT)
    ended = await peer.until("utterance.ended")
    assert ended["duration_ms"] >= SPOKEN_MS + CHAR_MS * len(TEXT) - 2 * CHAR_MS


async def test_an_interrupted_notice_comes_again(make_harness: Any) -> None:
    """Nothing of the text was heard before its end; once heard, it does not come again."""
    harness = await make_harness(notice="rhythm")
    peer = await harness.connect()
    await peer.say(TEXT)
    await peer.until("utterance.started")
    await peer.send("speech.cancel", utterance=1, played_ms=RHYTHM_MS / 2)
    cancelled = await peer.until("speech.cancelled")
    assert (cancelled["heard_text"], cancelled["unheard_text"]) == ("", TEXT)
    await peer.say(TEXT)
    ended = await peer.until("utterance.ended", utterance=2)
    assert ended["duration_ms"] == pytest.approx(RHYTHM_MS + CHAR_MS * len(TEXT), abs=1)
    await peer.say(TEXT)
    ended = await peer.until("utterance.ended", utterance=3)
    assert ended["duration_ms"] == CHAR_MS * len(TEXT)


async def test_heard_text_counts_from_behind_the_notice(make_harness: Any) -> None:
    """A barge-in after three characters has heard those three."""
    harness = await make_harness(notice="rhythm")
    peer = await harness.connect()
    await peer.say(TEXT)
    await asyncio.sleep((RHYTHM_MS + 4 * CHAR_MS) / 1000)
    await peer.send("speech.cancel", utterance=1, played_ms=RHYTHM_MS + 3.5 * CHAR_MS)
    cancelled = await peer.until("speech.cancelled")
    assert len(cancelled["heard_text"]) in (3, 4)
    assert cancelled["heard_text"] + cancelled["unheard_text"] == TEXT


async def test_a_turn_of_emotion_reaches_behind_the_notice(make_harness: Any) -> None:
    """Turned during the notice, the text is spoken in the new emotion and nothing is lost."""
    harness = await make_harness(notice="rhythm")
    peer = await harness.connect(marks=["char"])
    await peer.say(TEXT)
    await peer.until("utterance.started")
    await peer.send("emotion.set", emotion="joy")
    applied = await peer.until("emotion.applied")
    assert applied["at_ms"] >= RHYTHM_MS - 1
    ended = await peer.until("utterance.ended")
    assert ended["duration_ms"] >= RHYTHM_MS + 0.5 * CHAR_MS * len(TEXT)


async def test_one_slot_is_enough_for_a_spoken_notice(make_harness: Any, engine_with: Any) -> None:
    """The notice gives its slot back before the text takes one."""
    harness = await make_harness(engine_with(ToneCore(max_sessions=1)), notice="spoken")
    peer = await harness.connect()
    await peer.say(TEXT)
    ended = await peer.until("utterance.ended")
    assert ended["reason"] == "end"
