"""What a batching engine does next."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.model.scheduler import divide, plan

pytestmark = pytest.mark.unit


def test_the_most_urgent_job_decides_and_others_join() -> None:
    """Everyone who can use the same kind of work comes along."""
    chosen = plan([["decode"], ["draw", "decode"], ["draw"]], {})
    assert chosen is not None
    assert (chosen.need, chosen.jobs) == ("decode", [0, 1])


def test_jobs_without_need_are_passed_over() -> None:
    """The first job that needs anything leads; with none there is no plan."""
    chosen = plan([[], ["draw"], ["decode", "draw"]], {})
    assert chosen is not None
    assert (chosen.need, chosen.jobs) == ("draw", [1, 2])
    assert plan([[], []], {}) is None


def test_a_batch_is_cut_to_its_limit_by_urgency() -> None:
    """The least urgent stay behind."""
    chosen = plan([["draw"]] * 5, {"draw": 2})
    assert chosen is not None
    assert chosen.jobs == [0, 1]


class TooBigError(Exception):
    """Stands for a device out of memory."""


@given(st.integers(1, 20), st.integers(0, 8))
def test_a_batch_too_big_survives_in_parts(size: int, fits: int) -> None:
    """Every job is worked on once as long as one fits; with room for none, all are named."""
    done: list[int] = []

    def work(jobs: Sequence[int]) -> None:
        if len(jobs) > fits:
            raise TooBigError
        done.extend(jobs)

    lost = divide(list(range(size)), work, TooBigError)
    assert sorted(done) == ([] if fits == 0 else list(range(size)))
    assert [job for job, _ in lost] == (list(range(size)) if fits == 0 else [])


def test_other_errors_are_not_swallowed() -> None:
    """Only being too big is survived."""

    def work(jobs: Sequence[int]) -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        divide([1, 2], work, TooBigError)
