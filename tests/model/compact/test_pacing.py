"""The network as it ships, told how long to take: what gives way, and that the length comes out."""

from collections.abc import Callable

import numpy as np
import pytest

from seiyuu.model.compact.clause import MODIFIERS, PAUSES, VOWELS, Clause
from seiyuu.model.compact.engine import CompactCore
from seiyuu.model.compact.personas import voice_vectors
from seiyuu.model.compact.prosody import EmotionState
from seiyuu.model.compact.prosody_ar import NetworkProsody, decide_together
from seiyuu.model.compact.prosody_network import ProsodyNetwork
from seiyuu.model.compact.stages import Stages
from seiyuu.model.engine import Notice, StreamItem, StreamOptions
from seiyuu.model.evaluation.sentences import sentences
from seiyuu.streaming.segment import LANGUAGES, Language, Pace, Segment

from ..jobs import run
from ..listening import sound

pytestmark = pytest.mark.unit

FIRST, REST = "今天的天气很好,我们一起去公园散步,", "然后回家吃饭吧。"
KINDS: dict[str, Callable[[str], bool]] = {
    "pause": lambda symbol: symbol in PAUSES,
    "vowel": lambda symbol: symbol in VOWELS,
    "consonant": lambda symbol: not (symbol in PAUSES or symbol in VOWELS or symbol in MODIFIERS),
}


@pytest.fixture(scope="module")
def clauses(stages: Stages) -> list[Clause]:
    """Neutral readings of a few sentences in every language."""
    from seiyuu.model.compact.training.corpus import Line
    from seiyuu.model.compact.training.readings import neutral

    half = voice_vectors()["zf_xiaoyi"][128:].astype(np.float32)
    lines = [Line(language, text) for language in LANGUAGES for text in sentences(language)[:4]]
    return [clause for line in lines if (clause := neutral(stages, line, half)) is not None]


def stretches(clauses: list[Clause], ratio: float) -> dict[str, float]:
    """By what each kind of sound is longer, over all clauses, when the whole is ``ratio`` times as long."""
    network = ProsodyNetwork.load()
    takes = [NetworkProsody(network, clause, EmotionState.of()) for clause in clauses]
    for take in takes:
        take.steer(round(ratio * take.natural()))
    decide_together(takes, [100_000] * len(takes))
    spoken, natural = dict.fromkeys(KINDS, 0), dict.fromkeys(KINDS, 0)
    for clause, take in zip(clauses, takes, strict=True):
        frames = np.bincount(take.track.token, minlength=len(clause.symbols))
        for token in range(*clause.speech):
            for kind, matches in KINDS.items():
                if matches(clause.symbols[token]):
                    spoken[kind] += int(frames[token])
                    natural[kind] += int(clause.durations[token])
    return {kind: spoken[kind] / natural[kind] for kind in KINDS}


@pytest.mark.parametrize("ratio", [0.75, 0.9, 1.1, 1.25, 1.6])
def test_pauses_give_way_most_and_consonants_least(clauses: list[Clause], ratio: float) -> None:
    """Slower or faster, the pauses change more than the vowels, and these more than the consonants."""
    by = stretches(clauses, ratio)
    change = {kind: abs(np.log(factor)) for kind, factor in by.items()}
    assert change["pause"] > 1.1 * change["vowel"] > 1.1**2 * change["consonant"] > 0
    assert all((factor > 1) == (ratio > 1) for factor in by.values())


def said(core: CompactCore, pace: Pace, *texts: str, steps: int = 0) -> list[StreamItem]:
    """Texts that come one by one: before each but the first as many ``steps`` are taken, 0 for all there are."""
    job = core.open(core.voices()[0], StreamOptions(language="zh", pace=pace))
    items: list[StreamItem] = []
    at = 0
    for text in texts:
        if at:
            items += run(job, steps or 10_000)
        job.push(Segment(text, at))
        at += len(text)
    job.end()
    return items + run(job)


@pytest.mark.parametrize(("ratio", "steps"), [(0.75, 4), (1.0, 0), (1.25, 0), (1.25, 4)])
def test_text_that_comes_late_still_fits(core: CompactCore, ratio: float, steps: int) -> None:
    """The length is met although the second half came when the first was begun, or wholly spoken."""
    free_ms = len(sound(said(core, Pace(), FIRST, REST))) / 24
    pace = Pace("controlled", duration_ms=round(ratio * free_ms))
    items = said(core, pace, FIRST, REST, steps=steps)
    assert abs(len(sound(items)) / 24 - ratio * free_ms) <= 25
    assert not [item for item in items if isinstance(item, Notice)]


def test_text_that_comes_too_late_is_said_to(core: CompactCore) -> None:
    """When most of the time was spent on the first half, the rest is hurried as far as it goes, with a warning."""
    free_ms = len(sound(said(core, Pace(), FIRST, REST))) / 24
    items = said(core, Pace("controlled", duration_ms=round(0.75 * free_ms)), FIRST, REST)
    assert [item.code for item in items if isinstance(item, Notice)] == ["duration_out_of_range"]
    assert len(sound(items)) / 24 < 0.9 * free_ms


@pytest.mark.parametrize("pace", [0.4, 2.5])
@pytest.mark.parametrize("by_ratio", [True, False])
def test_what_nobody_could_follow_is_said_to_be_so(
    core: CompactCore, pace: float, by_ratio: bool
) -> None:
    """Below half and above twice the natural length one warning names the range that can be understood."""
    free_ms = len(sound(said(core, Pace(), FIRST))) / 24
    asked = {"ratio": pace} if by_ratio else {"duration_ms": round(pace * free_ms)}
    items = said(core, Pace("controlled", **asked), FIRST)  # type: ignore[arg-type]
    notices = [item for item in items if isinstance(item, Notice)]
    assert [notice.code for notice in notices] == ["duration_out_of_range"]
    assert "between 0.5 and 2.0 times" in notices[0].message
    assert len(sound(items)) > 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_keeps_to_its_time(core: CompactCore, language: Language) -> None:
    """Slower, faster and as it is, an utterance of two clauses is as long as was asked, to the frame."""
    text = " ".join(sorted(sentences(language), key=len)[:2])

    def length_ms(pace: Pace) -> float:
        job = core.open(core.voices()[0], StreamOptions(language=language, pace=pace))
        job.push(Segment(text, 0))
        job.end()
        return len(sound(run(job))) / 24

    free_ms = length_ms(Pace())
    fast_ms = round(0.75 * free_ms)
    assert abs(length_ms(Pace("controlled", duration_ms=fast_ms)) - fast_ms) <= 25
    assert abs(length_ms(Pace("controlled", ratio=1.25)) - 1.25 * free_ms) <= 25
