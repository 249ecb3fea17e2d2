"""Bursts of drawing when something breaks: one session at a time, whatever it is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from seiyuu.model.indextts2.engine import IndexTTS2Core
from seiyuu.streaming.emotion import Emotion
from seiyuu.streaming.errors import Overloaded

from ..listening import sound
from ..speaking import alone, make, run_all, say

pytestmark = pytest.mark.unit

TEXT = "天气真好!"


@pytest.fixture
def core(tiny_checkpoint: Any, tiny_voice: Any) -> IndexTTS2Core:
    """One that may be broken, drawing several sessions at once."""
    made = make(tiny_checkpoint, tiny_voice)
    made.load()
    made._stages.flow_batch = 4
    return made


def test_a_session_too_big_even_alone_ends_alone(
    core: IndexTTS2Core, shared: IndexTTS2Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that cannot be drawn is told to come back later; its neighbour is heard."""
    advance = core._solver.advance
    jobs = [say(core, TEXT, seed=i) for i in range(2)]

    def fail(flows: Sequence[Any]) -> None:
        if any(jobs[0].drawing is not None and f is jobs[0].drawing.flow for f in flows):
            raise torch.OutOfMemoryError("no room")
        advance(flows)

    monkeypatch.setattr(core._solver, "advance", fail)
    items, errors = run_all(core, *jobs)
    assert list(errors) == [0]
    assert isinstance(errors[0], Overloaded)
    assert "out of memory" in errors[0].message
    np.testing.assert_allclose(sound(items[1]), alone(shared, TEXT, seed=1), atol=1e-4)


@pytest.mark.parametrize("method", ["prepare", "finish"])
def test_no_room_before_or_behind_the_steps_ends_that_session(
    core: IndexTTS2Core, shared: IndexTTS2Core, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Setting up a chunk and playing it need memory as well."""
    real = getattr(core._drawer, method)
    jobs = [say(core, TEXT, seed=i) for i in range(2)]

    def fail(passage: Any, *rest: Any) -> Any:
        if passage is jobs[0].passages[0]:
            raise torch.OutOfMemoryError("no room")
        return real(passage, *rest)

    monkeypatch.setattr(core._drawer, method, fail)
    items, errors = run_all(core, *jobs)
    assert list(errors) == [0]
    np.testing.assert_allclose(sound(items[1]), alone(shared, TEXT, seed=1), atol=1e-4)


@pytest.mark.parametrize("part", ["flow", "vocoder"])
def test_numbers_that_go_wrong_end_one_session(
    core: IndexTTS2Core, shared: IndexTTS2Core, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """NaN in one session's mel, or in its sound."""
    jobs = [say(core, TEXT, seed=i) for i in range(2)]
    advance, finish = core._solver.advance, core._drawer.finish

    def poison(flows: Sequence[Any]) -> None:
        advance(flows)
        for flow in flows:
            if jobs[0].drawing is not None and flow is jobs[0].drawing.flow:
                flow.x = flow.x * torch.nan

    def spoil(passage: Any, chunk: Any) -> Any:
        samples = finish(passage, chunk)
        return samples * np.float32("nan") if passage is jobs[0].passages[0] else samples

    if part == "flow":
        monkeypatch.setattr(core._solver, "advance", poison)
    else:
        monkeypatch.setattr(core._drawer, "finish", spoil)
    items, errors = run_all(core, *jobs)
    assert list(errors) == [0]
    assert f"the {'flow decoder' if part == 'flow' else 'vocoder'}'s numbers" in errors[0].message
    np.testing.assert_allclose(sound(items[1]), alone(shared, TEXT, seed=1), atol=1e-4)


def test_an_awaited_first_packet_is_drawn_in_small_company(
    tiny_checkpoint: Any, tiny_voice: Any
) -> None:
    """Sessions that were heard already fill the batch only up to the number that costs nothing."""
    core = make(tiny_checkpoint, tiny_voice, first_batch=2)
    core.load()
    core._stages.flow_batch = 4
    sizes: list[int] = []
    advance = core._solver.advance

    def count(flows: Sequence[Any]) -> None:
        sizes.append(len(flows))
        advance(flows)

    core._solver.advance = count  # type: ignore[method-assign]
    jobs = [say(core, "一二三四五六七八九十一二三四五六", seed=i) for i in range(4)]
    while any(job.awaited for job in jobs):
        core.step(sorted((j for j in jobs if j.ready), key=lambda job: not job.awaited))
    assert max(sizes) == 2
    sizes.clear()
    for job in jobs:
        job.turn(Emotion.of("joy"), 0, 0)
        assert job.awaited
        job.awaited = False
    while ready := [job for job in jobs if job.ready]:
        core.step(ready)
    assert max(sizes) > 2
