"""It speaks: what the compact engine says over a real socket is understood by a speech recogniser."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from seiyuu.clients import connect
from seiyuu.model.evaluation.recogniser import Recogniser, distance, units
from seiyuu.streaming.audio import AudioChunk
from seiyuu.streaming.segment import Language

pytestmark = pytest.mark.eval

SENTENCES: dict[Language, tuple[str, ...]] = {
    "zh": ("欢迎大家来到今天的直播间。", "我们先休息一会儿,喝口水再继续。"),
    "en": ("Welcome back to the stream, everyone.", "Let us take a short break now."),
    "ja": ("今日はとても天気がいいですね。", "少し休んでから続けましょう。"),
}
WRONG = 0.15
"""Share of the units that a small recogniser may get wrong; babble and silence are far above."""


async def test_what_is_said_is_understood(serve: Callable[..., Any]) -> None:
    """Sentences in three languages, cut into pieces, come back as words from a recogniser."""
    running = await serve(engine="compact")
    recogniser = Recogniser()
    async with connect(running.url, realtime=False, marks=()) as host:
        for language, sentences in SENTENCES.items():
            wrong = asked = 0
            for sentence in sentences:
                speech = await host.say()
                for at in range(0, len(sentence), 3):
                    await speech.write(sentence[at : at + 3])
                await speech.end()
                chunks = [item.samples async for item in speech if isinstance(item, AudioChunk)]
                heard = recogniser.transcribe(np.concatenate(chunks), host.sample_rate, language)
                wanted = units(sentence, language)
                wrong += distance(wanted, units(heard, language))
                asked += len(wanted)
            assert wrong <= WRONG * asked, f"{language}: {wrong} of {asked} wrong"
