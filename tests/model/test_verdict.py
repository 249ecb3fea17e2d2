"""The verdict on a clip: what is wrong with it and what to do about it."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seiyuu.model.clips import Clip, decode
from seiyuu.model.denoise import denoise
from seiyuu.model.verdict import Verdict, find_speech, judge
from seiyuu.streaming.audio import Samples
from seiyuu.streaming.errors import BadAudio

from ..sound_files import together

pytestmark = pytest.mark.golden

GOLDEN = Path(__file__).parents[1] / "golden"
RATE = 16_000


def speech(name: str = "speech_one") -> Samples:
    """A recorded synthetic voice at 16 kHz."""
    return decode((GOLDEN / f"{name}.flac").read_bytes()).samples


def verdict(samples: Samples, rate: int = RATE) -> Verdict:
    clip = Clip(samples.astype(np.float32), rate)
    return judge(clip, find_speech(clip))


def codes(samples: Samples, rate: int = RATE) -> dict[str, str]:
    """Problems found, with their severity."""
    return {problem.code: problem.severity for problem in verdict(samples, rate).problems}


def noise_of(samples: Samples, below_db: float) -> Samples:
    """White noise so far below a sound."""
    noise = np.random.default_rng(0).standard_normal(len(samples))
    level = np.sqrt(np.mean(samples**2)) * 10 ** (-below_db / 20)
    return (noise * level).astype(np.float32)


def music(seconds: float) -> Samples:
    """Held chords."""
    at = np.arange(int(seconds * RATE)) / RATE
    tones = [np.sin(2 * np.pi * hz * k * at) / k for hz in (220, 277, 330) for k in (1, 2, 3, 4)]
    return (0.1 * np.sum(tones, axis=0)).astype(np.float32)


def test_a_good_clip_has_no_problems() -> None:
    """Clean speech of one person is taken as it is."""
    found = verdict(speech())
    assert found.usable
    assert [problem.code for problem in found.problems] == []
    assert found.speech_s == pytest.approx(4.1, abs=0.6)
    assert found.bandwidth_hz > 6000


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (np.zeros(5 * RATE), "silent"),
        (np.zeros(0), "silent"),
        (noise_of(np.full(5 * RATE, 0.1), 0), "no speech"),
        (music(5), "music"),
        (speech()[8000:8000 + RATE // 5], "speech"),
        (np.clip(speech() * 40, -1, 1), "full scale"),
        (np.concatenate([speech("speech_one"), speech("speech_two")]), "several people"),
    ],
    ids=["silence", "nothing", "noise", "music", "0.2 s", "clipped", "two people"],
)  # fmt: skip
def test_a_bad_clip_is_refused_with_advice(samples: Samples, said: str) -> None:
    """The error says what is wrong and what to do."""
    with pytest.raises(BadAudio, match=said) as caught:
        verdict(np.asarray(samples)).require_usable()
    assert ": " in str(caught.value)


def test_what_is_only_poor_is_taken_with_a_warning() -> None:
    """Noise at 10 dB, a telephone, a whisper-quiet or a short clip can be used."""
    clean = speech()
    assert codes(clean + noise_of(clean, 10)).get("noise") == "warning"
    assert codes(clean[::2].copy(), 8000).get("narrow_band") == "warning"
    assert codes(clean * 0.01).get("quiet") == "warning"
    assert codes(clean[: 2 * RATE]).get("short") == "warning"


@pytest.mark.parametrize("below_db", [0, 3])
def test_two_people_at_the_same_time_are_noticed(below_db: float) -> None:
    """Both of one pitch range, neither of them waiting for the other."""
    found = verdict(together(speech("speech_calm"), speech("speech_sadness"), below_db))
    assert any("at the same time" in problem.message for problem in found.problems)


def test_music_under_speech_is_a_warning() -> None:
    """It is named, nobody is said to speak beside, and the clip can be used."""
    found = codes(together(speech("speech_calm"), music(6), 10))
    assert found.get("music") == "warning"
    assert "several_speakers" not in found


def test_the_verdict_tells_numbers_for_the_wire() -> None:
    """What goes to the client is plain JSON with a sentence for each problem."""
    told = verdict(speech()[: 2 * RATE]).to_json()
    assert told["usable"] is True
    assert {"code", "severity", "message", "advice"} == set(told["problems"][0])


def test_noise_reduction_turns_noise_down_and_leaves_speech() -> None:
    """Steady noise falls by 6 dB or more where nobody speaks; clean speech stays what it was."""
    clean = speech()
    noise = noise_of(clean, 15)
    cleaned = denoise(clean + noise, noise[:RATE])
    edge = slice(0, 3000)
    assert np.mean(cleaned[edge] ** 2) < 0.25 * np.mean((clean + noise)[edge] ** 2)
    error = np.mean((denoise(clean) - clean) ** 2) / np.mean(clean**2)
    assert error < 0.02
    assert len(cleaned) == len(clean)


@settings(max_examples=25, deadline=None)
@given(
    arrays(np.float32, st.integers(0, 12_000), elements=st.floats(-1, 1, width=32)),
    st.sampled_from([6000, 8000, 44_100]),
)
def test_any_sound_gets_a_verdict(samples: Samples, rate: int) -> None:
    """Whatever the samples, judging ends with finite numbers."""
    found = verdict(samples, rate)
    assert np.isfinite(
        [found.level_db, found.snr_db, found.bandwidth_hz, found.clipped_share]
    ).all()
