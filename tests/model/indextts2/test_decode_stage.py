"""Bursts of decoding when something breaks: one row at a time, whatever it is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from seiyuu.model.indextts2.engine import IndexTTS2Core
from seiyuu.streaming.errors import EngineFailed, Overloaded

from ..listening import sound
from ..speaking import TEXTS, alone, make, run, run_all, say

pytestmark = pytest.mark.unit


@pytest.fixture
def core(tiny_checkpoint: Any, tiny_voice: Any) -> IndexTTS2Core:
    """One that may be broken."""
    made = make(tiny_checkpoint, tiny_voice)
    made.load()
    return made


def test_a_row_whose_numbers_go_wrong_fails_alone(
    core: IndexTTS2Core, shared: IndexTTS2Core
) -> None:
    """NaN in one cache row ends that job; the others give what they give alone, and so does the row's next job."""
    wanted = [alone(shared, TEXTS[1], seed=i) for i in range(3)]
    jobs = [say(core, TEXTS[1], seed=i) for i in range(3)]
    core.step(jobs)
    with torch.inference_mode():
        core._decoder.state.kv.values[:, jobs[1].slot.index, :, :] = torch.nan
    items, errors = run_all(core, *jobs)
    assert list(errors) == [1]
    assert isinstance(errors[1], EngineFailed)
    assert "numbers went wrong" in errors[1].message
    for i in (0, 2):
        np.testing.assert_array_equal(sound(items[i]), wanted[i])
    jobs[1].close()
    again = say(core, TEXTS[1], seed=1)
    assert again.slot.index == jobs[1].slot.index
    np.testing.assert_array_equal(sound(run(core, again)[0]), wanted[1])


def test_a_batch_out_of_memory_goes_on_in_parts(
    core: IndexTTS2Core, shared: IndexTTS2Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where two rows are too many, each is worked on alone, and all are spoken as ever."""
    step = core._decoder.step

    def narrow(rows: Sequence[int]) -> list[tuple[int, bool]]:
        if len(rows) > 1:
            raise torch.OutOfMemoryError("too many rows")
        return step(rows)

    monkeypatch.setattr(core._decoder, "step", narrow)
    jobs = [say(core, "天气真好!", seed=i) for i in range(3)]
    for i, items in enumerate(run(core, *jobs)):
        np.testing.assert_array_equal(sound(items), alone(shared, "天气真好!", seed=i))


def test_memory_that_runs_out_inside_a_step_spoils_nothing(
    core: IndexTTS2Core, shared: IndexTTS2Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of a step's work was done when it failed: the rows go on as if it had not been begun."""
    emit, failures = core._decoder._emit, iter([True, False, False, True] + [False] * 500)

    def failing(first: int, stop: int, *rest: Any) -> Any:
        done = emit(first, stop, *rest)
        if stop - first > 1 and next(failures):
            raise torch.OutOfMemoryError("no room for the result")
        return done

    monkeypatch.setattr(core._decoder, "_emit", failing)
    jobs = [say(core, "天气真好!", seed=i) for i in range(2)]
    for i, items in enumerate(run(core, *jobs)):
        np.testing.assert_array_equal(sound(items), alone(shared, "天气真好!", seed=i))


def test_no_room_to_begin_ends_that_stream_only(
    core: IndexTTS2Core, shared: IndexTTS2Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told to come back later; its neighbour is heard."""
    begin = core._decoder.begin
    jobs = [say(core, "天气真好!", seed=i) for i in range(2)]

    def narrow(row: int, *rest: Any, **more: Any) -> tuple[int, bool]:
        if row == jobs[0].slot.index:
            raise torch.OutOfMemoryError("no room for its text")
        return begin(row, *rest, **more)

    monkeypatch.setattr(core._decoder, "begin", narrow)
    items, errors = run_all(core, *jobs)
    assert list(errors) == [0]
    assert isinstance(errors[0], Overloaded)
    assert errors[0].retryable
    np.testing.assert_array_equal(sound(items[1]), alone(shared, "天气真好!", seed=1))


def test_a_runaway_short_line_is_redone_in_silence(tiny_checkpoint: Any, tiny_voice: Any) -> None:
    """With no room for its codes a short line is tried again with other draws, then taken as it is."""
    core = make(tiny_checkpoint, tiny_voice, codes_per_token=1, runaway_slack=4, retries=2)
    core.load()
    job = say(core, "好")
    tried: list[tuple[int, tuple[int, ...]]] = []
    heard: list[Any] = []
    while job.ready:
        heard += [item for output in core.step([job]) for item in output.items]
        if job.passages:
            tried.append((job.passages[0].attempt, tuple(job.passages[0].codes[:3])))
        if job.passages and job.passages[0].attempt < 2:
            assert not heard
    firsts = {codes for _, codes in tried if len(codes) == 3}
    assert {attempt for attempt, _ in tried} >= {2}
    assert job.passages[0].attempt == 2
    assert len(firsts) >= 1
    starts = [item.start for item in heard if hasattr(item, "samples")]
    assert starts == sorted(set(starts))


def test_what_has_sounded_is_never_redone(tiny_checkpoint: Any, tiny_voice: Any) -> None:
    """A passage that runs away behind its first chunk ends there; nothing is taken back."""
    core = make(tiny_checkpoint, tiny_voice, codes_per_token=5, runaway_slack=20, hold_tokens=0)
    core.load()
    job = say(core, "一二三四五六七八九十百千", seed=2)
    with torch.inference_mode():
        core._networks.gpt.mel_head.bias[core._networks.config.gpt.stop_mel] = -1e4
    items = run(core, job)[0]
    passage = job.passages[0]
    assert (passage.attempt, passage.done) == (0, True)
    assert len(passage.codes) == core._options.limit(len(passage.tokens))
    assert len(sound(items)) > 0
