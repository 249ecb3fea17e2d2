"""Batched equals alone: whatever is spoken beside an utterance, its frames and samples are the same."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.model.compact.batching import decide_ahead
from seiyuu.model.compact.job import CompactJob
from seiyuu.model.compact.prosody_ar import by_network
from seiyuu.model.compact.prosody_network import ProsodyNetwork
from seiyuu.model.compact.training.prosody_export import export
from seiyuu.model.compact.training.prosody_net import ProsodyNet, Shape
from seiyuu.model.engine import StreamItem, StreamOptions
from seiyuu.streaming.emotion import AXES, Emotion
from seiyuu.streaming.segment import Pace, Segment

from .jobs import NumberWorkshop
from .listening import sound

pytestmark = pytest.mark.unit

SHAPE = Shape(width=64, layers=1, heads=2, hidden=64, window=12)
TEXTS = ("one, two, three, ", "four, five and six", "a longer one, which goes on, and on", "ab")
PACES = (Pace(), Pace("controlled", ratio=0.8), Pace("controlled", duration_ms=3000))


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> ProsodyNetwork:
    """Random weights, of eight bits as those that ship."""
    torch.manual_seed(0)
    folder: Path = tmp_path_factory.mktemp("network")
    export(ProsodyNet(SHAPE).eval(), folder)
    return ProsodyNetwork.load(folder)


class Script:
    """An utterance and what happens to it: text, a turn and the end, each after a number of its own steps."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.pace = PACES[rng.integers(len(PACES))]
        self._texts = [TEXTS[i] for i in rng.integers(len(TEXTS), size=rng.integers(1, 4))]
        self._late = int(rng.integers(0, 8))  # step before which the texts but the first come
        self._turn = int(rng.integers(0, 12))
        self._emotion = Emotion.of(AXES[rng.integers(len(AXES))], float(rng.random()))

    def begin(self, network: ProsodyNetwork) -> CompactJob:
        self.steps, self.items = 0, list[StreamItem]()
        job = CompactJob(NumberWorkshop(by_network(network)), StreamOptions(pace=self.pace))
        job.push(Segment(self._texts[0], 0))
        return job

    def step(self, job: CompactJob, beside: list[CompactJob]) -> None:
        """What is due, then one step of ``job`` with ``beside`` waiting for theirs."""
        if self.steps == self._late:
            at = len(self._texts[0])
            for text in self._texts[1:]:
                job.push(Segment(text, at))
                at += len(text)
            job.end()
        if self.steps == self._turn:
            job.turn(self._emotion, len(sound(self.items)) // 2, 100)
        self.steps += 1
        if job.ready:
            decide_ahead([job, *(other for other in beside if other.ready)])
            self.items += job.step()

    def over(self, job: CompactJob) -> bool:
        return self.steps > max(self._late, self._turn) and not job.ready


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 999), st.lists(st.integers(0, 999), max_size=4), st.integers(0, 99))
def test_company_changes_nothing(
    network: ProsodyNetwork, seed: int, others: list[int], order: int
) -> None:
    """Random utterances, paces, turns and late text beside one: it gives the items it gives alone, to the bit."""
    alone, beside = Script(seed), [Script(seed), *(Script(other) for other in others)]
    job = alone.begin(network)
    while not alone.over(job):
        alone.step(job, [])
    jobs = [script.begin(network) for script in beside]
    rng = np.random.default_rng(order)
    while not beside[0].over(jobs[0]):
        at = int(rng.integers(len(jobs)))
        beside[at].step(jobs[at], [*jobs[:at], *jobs[at + 1 :]])
    np.testing.assert_array_equal(sound(beside[0].items), sound(alone.items))
    assert [type(item) for item in beside[0].items] == [type(item) for item in alone.items]


def test_a_step_for_one_decides_for_all(network: ProsodyNetwork) -> None:
    """The frames that the others wait for are there when their own steps come."""
    jobs = [CompactJob(NumberWorkshop(by_network(network)), StreamOptions()) for _ in range(2)]
    for job in jobs:
        job.push(Segment(TEXTS[2], 0))
        job.step()
    waiting = [job.ahead() for job in jobs]
    assert all(found is not None and found[1] > 0 for found in waiting)
    decide_ahead(jobs)
    assert all(found is not None and found[1] == 0 for found in (job.ahead() for job in jobs))
