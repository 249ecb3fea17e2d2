"""The whole engine on a tiny random checkpoint: text in pieces to audio, turned, timed, batched, and broken."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from seiyuu.model.engine import Notice, StreamItem, StreamOptions, Turned
from seiyuu.model.indextts2.conditioning import HOP, SAMPLE_RATE
from seiyuu.model.indextts2.engine import IndexTTS2Core
from seiyuu.streaming.audio import AudioChunk
from seiyuu.streaming.emotion import Emotion
from seiyuu.streaming.errors import BadAudio, EngineFailed, InvalidState, UnknownVoice, Unsupported
from seiyuu.streaming.segment import Pace, Pause, Segment, Turn
from seiyuu.streaming.timeline import Mark

from ..listening import sound
from ..speaking import TEXTS, alone, make, run, run_all, say

pytestmark = pytest.mark.unit

Make = Callable[..., IndexTTS2Core]


def test_sessions_batched_equal_themselves_alone(shared: IndexTTS2Core) -> None:
    """Four sessions that begin at different times give, sample for sample, what each gives alone."""
    scripts = [TEXTS, ("一二三四五六七八",), ("HELLO WORLD, 12 TESTS",), ("天气真好!",)]
    wanted = [alone(shared, *script, seed=i) for i, script in enumerate(scripts)]
    first = say(shared, *scripts[0], seed=0)
    early = [item for _ in range(3) for out in shared.step([first]) for item in out.items]
    jobs = [first, *(say(shared, *script, seed=i) for i, script in enumerate(scripts) if i)]
    items = run(shared, *jobs)
    items[0] = early + items[0]
    for job, got, want in zip(jobs, items, wanted, strict=True):
        np.testing.assert_array_equal(sound(got), want)
        job.close()
    assert len({len(want) for want in wanted}) > 1


def test_batched_euler_steps_give_the_same_to_rounding(
    tiny_checkpoint: Any, tiny_voice: Any, shared: IndexTTS2Core
) -> None:
    """Drawing several sessions in one padded batch moves nothing beyond 1e-4."""
    core = make(tiny_checkpoint, tiny_voice)
    core.load()
    core._stages.flow_batch = 4
    wanted = [alone(shared, "一二三四五六七八", seed=i) for i in range(3)]
    jobs = [say(core, "一二三四五六七八", seed=i) for i in range(3)]
    for got, want in zip(run(core, *jobs), wanted, strict=True):
        np.testing.assert_allclose(sound(got), want, atol=1e-4)


def test_pieces_of_text_are_spoken_before_the_end_is_known(shared: IndexTTS2Core) -> None:
    """Audio of the first clause comes while the job still waits for more."""
    job = shared.open(shared.voices()[0], StreamOptions())
    job.push(Segment("大家好,", 0))
    items = run(shared, job)[0]
    assert len(sound(items)) > 0
    assert not job.finished
    job.push(Segment("今天", 4))
    job.end()
    items += run(shared, job)[0]
    assert job.finished
    chars = [i.text for i in items if isinstance(i, Mark) and i.kind == "char"]
    assert "".join(chars) == "大家好今天"
    job.close()


def test_first_audio_comes_before_the_passage_is_decoded(shared: IndexTTS2Core) -> None:
    """A chunk leaves while codes are still to come."""
    job = say(shared, "一二三四五六七八九十百千万", seed=2)
    while not any(isinstance(i, AudioChunk) for o in shared.step([job]) for i in o.items):
        pass
    assert not job.passages[0].done
    job.close()


def test_marks_cover_the_text_in_order_and_never_come_late(shared: IndexTTS2Core) -> None:
    """Every character once, rising, none after its audio, none overlapping the next."""
    job = say(shared, *TEXTS, "AND HELLO WORLD 12!")
    items = run(shared, job)[0]
    at = 0
    chars: list[Mark] = []
    for item in items:
        if isinstance(item, AudioChunk):
            at = item.end
        elif isinstance(item, Mark):
            assert item.start >= at
            chars += [item] if item.kind == "char" else []
    assert "".join(mark.text for mark in chars) == "大家好今天我们来玩一个新游戏ANDHELLOWORLD12"
    assert all(a.end <= b.start for a, b in zip(chars, chars[1:], strict=False))
    words = [i.text for i in items if isinstance(i, Mark) and i.kind == "word"]
    assert words[-4:] == ["AND", "HELLO", "WORLD", "12"]
    job.close()


@pytest.mark.parametrize("method", ["reprefill", "prefix", "prefix_text"])
@pytest.mark.parametrize("share", [0.0, 0.4, 0.99])
def test_a_turn_keeps_what_was_heard_and_changes_the_rest(
    tiny_checkpoint: Any, tiny_voice: Any, method: str, share: float
) -> None:
    """At the beginning, in the middle and at the end, each way of turning."""
    core = make(tiny_checkpoint, tiny_voice, turn=method)
    core.load()
    job = say(core, *TEXTS, seed=1)
    items = run(core, job)[0]
    plain = sound(items)
    position = int(len(plain) * share)
    job.turn(Emotion.of("joy"), position, 120)
    more = run(core, job)[0]
    turned = more[0]
    assert isinstance(turned, Turned)
    assert position <= turned.start < position + HOP
    whole = sound([*items, *more])
    np.testing.assert_array_equal(whole[: turned.start], plain[: turned.start])
    rest, before = whole[turned.start :], plain[turned.start :]
    assert len(rest) > 0
    assert len(rest) != len(before) or not np.allclose(rest, before, atol=1e-3)
    assert job.finished


def test_a_turn_reaches_back_into_an_earlier_passage(shared: IndexTTS2Core) -> None:
    """The slot has moved on; what was kept of the passage brings it back."""
    job = say(shared, *TEXTS, seed=3)
    items = run(shared, job)[0]
    first = job.passages[0]
    position = first.committed * HOP // 2
    job.turn(Emotion.of("anger"), position, 0)
    assert first.codes
    assert not job.passages[1].codes
    more = run(shared, job)[0]
    chars = [i.text for i in more if isinstance(i, Mark) and i.kind == "char"]
    assert chars[-11:] == list("今天我们来玩一个新游戏")
    assert len(sound([*items, *more])) > position
    job.close()


def test_the_seam_of_a_turn_does_not_click(shared: IndexTTS2Core) -> None:
    """The step across the seam is no larger than the 99th percentile elsewhere."""
    job = say(shared, TEXTS[1], seed=4)
    items = run(shared, job)[0]
    position = len(sound(items)) // 2
    job.turn(Emotion.of("sadness"), position, 120)
    more = run(shared, job)[0]
    turned = more[0]
    assert isinstance(turned, Turned)
    steps = np.abs(np.diff(sound([*items, *more])))
    assert steps[turned.start - 1] <= np.percentile(steps, 99)
    job.close()


def test_many_turns_leave_no_hole(shared: IndexTTS2Core) -> None:
    """Ten turns while speaking, at the playback position, back and forth."""
    job = say(shared, *TEXTS, seed=5)
    items: list[StreamItem] = []
    for n in range(10):
        for _ in range(4):
            items += [i for o in (shared.step([job]) if job.ready else []) for i in o.items]
        job.turn(Emotion.of(("joy", "anger")[n % 2]), n * 1500, 60)
    items += run(shared, job)[0]
    assert len(sound(items)) > 0
    assert job.finished
    job.close()


def test_emotion_is_heard_and_so_is_its_intensity(shared: IndexTTS2Core) -> None:
    """Another emotion and another intensity are other codes."""
    seen = {
        sound(run(shared, job)[0]).tobytes()
        for emotion in (Emotion.of("joy", 0.3), Emotion.of("joy", 0.9), Emotion.of("anger", 0.9))
        if (job := say(shared, "天气真好!", emotion=emotion)) and shared._slots.give_back(job.slot)
    }
    assert len(seen) == 3


@pytest.mark.parametrize("ratio", [0.75, 0.9, 1.0, 1.1, 1.25])
def test_a_duration_is_met_within_one_frame(shared: IndexTTS2Core, ratio: float) -> None:
    """Asked in milliseconds over two segments, with the silence between them."""
    free = len(alone(shared, *TEXTS, seed=1))
    wanted = round(free * ratio * 1000 / SAMPLE_RATE)
    pace = Pace("controlled", duration_ms=wanted)
    got = len(alone(shared, *TEXTS, seed=1, pace=pace)) * 1000 / SAMPLE_RATE
    assert abs(got - wanted) <= 12


@pytest.mark.parametrize("layout", ["first", "second"])
def test_a_count_can_be_given_to_the_decoder(
    tiny_checkpoint: Any, tiny_voice: Any, layout: str
) -> None:
    """Both published layouts end in time, too."""
    core = make(tiny_checkpoint, tiny_voice, count_layout=layout)
    core.load()
    job = say(core, TEXTS[1], pace=Pace("controlled", duration_ms=1200))
    got = len(sound(run(core, job)[0])) * 1000 / SAMPLE_RATE
    assert job.passages[0].wanted_codes == pytest.approx(60, abs=2)
    assert abs(got - 1200) <= 12


@pytest.mark.parametrize("ratio", [0.8, 1.2])
def test_a_ratio_scales_each_passage(shared: IndexTTS2Core, ratio: float) -> None:
    """The same codes over more or fewer frames."""
    free, scaled = (
        say(shared, TEXTS[1], seed=2),
        say(shared, TEXTS[1], seed=2, pace=Pace("controlled", ratio=ratio)),
    )
    run(shared, free, scaled)
    assert free.passages[0].codes == scaled.passages[0].codes
    assert scaled.passages[0].committed == pytest.approx(free.passages[0].committed * ratio, abs=1)
    free.close()
    scaled.close()


@pytest.mark.parametrize("ratio", [0.75, 1.25])
def test_a_ratio_holds_for_the_whole_with_its_silences(shared: IndexTTS2Core, ratio: float) -> None:
    """Between segments there is silence, and a pause was written: all of it is scaled."""

    def length(**options: Any) -> int:
        job = shared.open(shared.voices()[0], StreamOptions(seed=1, **options))
        job.push(Segment("大家好.", 0))
        job.push(Segment("天气真好,今天好!", 4, pauses=(Pause(9, 600),)))
        job.end()
        made = len(sound(run(shared, job)[0]))
        job.close()
        return made

    free = length()
    error_ms = abs(length(pace=Pace("controlled", ratio=ratio)) - free * ratio) * 1000 / SAMPLE_RATE
    assert error_ms <= 30


def test_a_duration_too_long_for_speech_ends_in_silence(shared: IndexTTS2Core) -> None:
    """Speech is stretched to twice its length at most."""
    job = say(shared, "大家好啊!", seed=1, pace=Pace("controlled", duration_ms=9000))
    items = run(shared, job)[0]
    job.close()
    made = sound(items)
    assert [i.code for i in items if isinstance(i, Notice)] == ["duration_out_of_range"]
    assert abs(len(made) * 1000 / SAMPLE_RATE - 9000) <= 12
    assert not made[-SAMPLE_RATE:].any()


def test_turns_and_pauses_written_in_the_text_cut_it(shared: IndexTTS2Core) -> None:
    """A turn begins a passage of its own; a pause is silence of its length."""
    job = shared.open(shared.voices()[0], StreamOptions())
    joy = Emotion.of("joy")
    job.push(Segment("大家好今天真好", 0, turns=(Turn(3, joy),), pauses=(Pause(5, 500),)))
    job.end()
    run(shared, job)
    assert [p.emotion == joy for p in job.passages] == [False, True, True]
    assert job.passages[2].gap == round(0.5 * SAMPLE_RATE / HOP)
    job.close()


def test_a_runaway_short_line_is_redone_in_silence(tiny_checkpoint: Any, tiny_voice: Any) -> None:
    """With no room for its codes a short line is tried again, then taken as it is; nothing sounded before."""
    core = make(tiny_checkpoint, tiny_voice, codes_per_token=1, runaway_slack=4, retries=2)
    core.load()
    job = say(core, "好")
    items = run(core, job)[0]
    assert job.passages[0].attempt == 2
    starts = [i.start for i in items if isinstance(i, AudioChunk)]
    assert starts == sorted(set(starts))


def test_published_mel_positions_run_too(tiny_checkpoint: Any, tiny_voice: Any) -> None:
    """With latents from a second pass."""
    core = make(tiny_checkpoint, tiny_voice, mel_positions="reference")
    core.load()
    assert len(alone(core, "天气真好!")) > 0


def test_closing_frees_the_slot_at_once(shared: IndexTTS2Core) -> None:
    """A cancelled job needs nothing more, twice closed is closed."""
    free = shared._slots.free
    job = say(shared, TEXTS[1])
    shared.step([job])
    job.close()
    job.close()
    assert not job.ready
    assert shared._slots.free == free


def test_text_it_cannot_speak_fails_its_own_stream(shared: IndexTTS2Core) -> None:
    """Another script is an error with the languages it speaks; signs alone are silence."""
    job = say(shared, "こんにちは")
    _, errors = run_all(shared, job)
    assert isinstance(errors[0], Unsupported)
    job.close()
    assert len(alone(shared, "!?…", "😀")) == 0


@pytest.mark.parametrize(
    ("bad", "rate", "message"),
    [
        (np.zeros(30_000, np.float32), 22_050, "silent"),
        (np.ones(3000, np.float32), 22_050, "at least 1 s"),
        (np.full(30_000, np.nan, np.float32), 22_050, "not numbers"),
        (np.ones((2, 30_000), np.float32), 22_050, "mono"),
        (np.ones(30_000, np.float32), 4000, "8000 samples"),
    ],
)
def test_a_clip_that_cannot_be_used_is_refused(
    shared: IndexTTS2Core, bad: np.ndarray, rate: int, message: str
) -> None:
    """With what is wrong and what would be right."""
    with pytest.raises(BadAudio, match=message):
        shared.enroll(bad, rate, "bad")


def test_enrolling_is_deterministic_and_takes_other_rates(shared: IndexTTS2Core, clip: Any) -> None:
    """The same clip gives the same voice; a studio's rate works as well."""
    assert shared.enroll(clip, 22_050, "a").content_hash == shared.voices()[0].content_hash
    assert shared.enroll(np.repeat(clip, 2), 44_100, "b").tensors["mel"].shape[0] == 80


def test_a_voice_of_another_checkpoint_is_refused(shared: IndexTTS2Core) -> None:
    """Its shapes are compared, and named."""
    voice = shared.voices()[0]
    odd = type(voice)("odd", voice.engine, {**voice.tensors, "own": np.zeros((1, 7), np.float32)})
    with pytest.raises(UnknownVoice, match=r"own has shape \[1, 7\], expected \[1, 32\]"):
        shared.open(odd, StreamOptions())


def test_a_core_opens_nothing_before_it_is_loaded(tiny_core: Make) -> None:
    """And nothing after it was unloaded."""
    core = tiny_core()
    with pytest.raises(InvalidState):
        core.open(core.voices()[0], StreamOptions())
    core.load()
    core.unload()
    with pytest.raises(InvalidState):
        core.open(core.voices()[0], StreamOptions())


def test_another_audio_rate_is_refused(
    tiny_checkpoint: Any, tmp_path: Any, tiny_voice: Any
) -> None:
    """The engine's rate is fixed by what it tells its host."""
    import shutil

    folder = tmp_path / "model"
    shutil.copytree(tiny_checkpoint, folder)
    config = folder / "config.yaml"
    config.write_text(config.read_text().replace("22050", "24000"))
    with pytest.raises(EngineFailed, match="24000 Hz"):
        make(folder, tiny_voice).load()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"modle": "x"}, "no option 'modle'; did you mean model?"),
        ({"device": "gpu"}, "device is one of auto, cpu, cuda, got 'gpu'"),
        ({"precision": "fp16"}, "precision is one of auto, float32, bfloat16, float16"),
        ({"max_sessions": "many"}, "max_sessions is a whole number"),
        ({"presets": "lost.seiyuu-voice"}, "the voice in lost.seiyuu-voice cannot be read"),
        ({"streaming": {"flow_step": 3}}, "options do not fit"),
    ],
)
def test_options_that_cannot_be_are_named(options: dict[str, Any], message: str) -> None:
    """As a configuration file or the environment may give them."""
    from seiyuu.model.registry import open_engine

    with pytest.raises(EngineFailed, match=re.escape(message)):
        open_engine("indextts2", **options)


def test_options_come_as_text_from_the_environment(tmp_path: Any) -> None:
    """A number is a number."""
    assert IndexTTS2Core(str(tmp_path), max_sessions="7").info.max_sessions == 7  # type: ignore[arg-type]


def test_a_device_too_small_for_the_model_is_said_so(
    tiny_core: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what needs less; nothing stays behind."""
    from seiyuu.model.indextts2 import engine

    def full(*_: Any, **__: Any) -> Any:
        raise torch.OutOfMemoryError("no room")

    monkeypatch.setattr(engine, "Decoder", full)
    core = tiny_core()
    with pytest.raises(EngineFailed, match="no room for the model and 3 sessions"):
        core.load()
    assert not hasattr(core, "_networks")
