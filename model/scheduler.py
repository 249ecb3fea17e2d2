"""What a step of a batching engine does next: ints and lists, no tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

NeedT = TypeVar("NeedT")
T = TypeVar("T")


class Plan(Generic[NeedT]):
    """A kind of work and the jobs, by their place in the queue, that share it."""

    __slots__ = ("jobs", "need")

    def __init__(self, need: NeedT, jobs: list[int]) -> None:
        self.need = need
        self.jobs = jobs


def plan(needs: Sequence[Sequence[NeedT]], limits: Mapping[NeedT, int]) -> Plan[NeedT] | None:
    """The next work for a queue of jobs, most urgent first.

    ``needs[i]`` is what job ``i`` can make use of, what it waits for first. The first job that needs anything decides
    the kind; every other that can use the same kind joins, up to ``limits``, in order of urgency.
    """
    leader = next((need for need in needs if need), None)
    if leader is None:
        return None
    kind = leader[0]
    joined = [i for i, need in enumerate(needs) if kind in need]
    return Plan(kind, joined[: limits.get(kind, len(joined))])


def divide(
    jobs: Sequence[T], work: Callable[[Sequence[T]], None], too_big: type[Exception]
) -> list[tuple[T, Exception]]:
    """Do ``work`` on a batch; when it is too big, on its halves, and so on. Returns the jobs too big even alone.

    ``work`` must leave its jobs as they were when it fails.
    """
    failure = attempt(too_big, work, jobs)
    if failure is None:
        return []
    if len(jobs) == 1:
        return [(jobs[0], failure)]
    half = len(jobs) // 2
    return divide(jobs[:half], work, too_big) + divide(jobs[half:], work, too_big)


def attempt(
    too_big: type[Exception], work: Callable[..., object], *arguments: object
) -> Exception | None:
    """Do ``work``; the error if it was too big, without the frames that still hold what did not fit."""
    try:
        work(*arguments)
    except too_big as error:
        error.__context__ = None
        return error.with_traceback(None)
    return None
