"""Emotions asked for and not yet reported: which one took effect where."""

from __future__ import annotations

from dataclasses import dataclass

from ..streaming.emotion import Emotion


@dataclass(frozen=True, slots=True)
class Request:
    """``since`` is when it was asked for (clock); ``char`` its place, None if that is where the listener is."""

    emotion: Emotion
    since: float
    char: int | None = None


class Requests:
    """Of one utterance, in the order they were asked for."""

    def __init__(self) -> None:
        self._placed: list[Request] = []
        self._live: list[Request] = []

    def add(self, emotion: Emotion, since: float, char: int | None = None) -> None:
        """Note one; a place that is asked for twice is reported for the later."""
        if char is None:
            self._live.append(Request(emotion, since))
            return
        self._placed = [request for request in self._placed if request.char != char]
        self._placed.append(Request(emotion, since, char))
        self._placed.sort(key=lambda request: request.char or 0)

    def turned(self, emotion: Emotion) -> Request | None:
        """The engine turned: the newest live request for this emotion; older ones were overtaken by it."""
        for index in range(len(self._live) - 1, -1, -1):
            if self._live[index].emotion == emotion:
                found = self._live[index]
                del self._live[: index + 1]
                return found
        return None

    def reached(self, char: int) -> list[Request]:
        """Speech has come to ``char``: the placed requests it has passed."""
        passed = [r for r in self._placed if r.char is not None and r.char <= char]
        del self._placed[: len(passed)]
        return passed

    def rest(self) -> list[Request]:
        """What never sounded in this utterance, oldest first."""
        return [*self._placed, *self._live]
