"""Text whose every character knows which piece of the source it stands for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class SpannedText:
    """``text[i]`` stands for ``source[starts[i]:ends[i]]``; several characters may share a span.

    Starts and ends never fall, so a slice of it stands for one piece of the source.
    """

    text: str = ""
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    @classmethod
    def whole(cls, source: str) -> SpannedText:
        """Every character stands for itself."""
        size = len(source)
        return cls(source, list(range(size)), list(range(1, size + 1)))

    def __len__(self) -> int:
        return len(self.text)

    def slice(self, start: int, end: int) -> SpannedText:
        return SpannedText(self.text[start:end], self.starts[start:end], self.ends[start:end])

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The source span of ``text[start:end]``, which must not be empty."""
        return self.starts[start], self.ends[end - 1]

    def keep(self, indices: Iterable[int]) -> SpannedText:
        """Only the characters at ``indices``, which must rise."""
        kept = list(indices)
        return SpannedText(
            "".join(self.text[i] for i in kept),
            [self.starts[i] for i in kept],
            [self.ends[i] for i in kept],
        )


class SpannedBuilder:
    """Builds a spanned text from pieces of another one and from what is said instead of them."""

    def __init__(self, origin: SpannedText) -> None:
        self._origin = origin
        self._parts: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []

    def copy(self, start: int, end: int) -> None:
        """Take ``origin.text[start:end]`` as it is."""
        self._parts.append(self._origin.text[start:end])
        self._starts.extend(self._origin.starts[start:end])
        self._ends.extend(self._origin.ends[start:end])

    def say(self, spoken: str, start: int, end: int) -> None:
        """Put ``spoken`` in the place of ``origin.text[start:end]``."""
        first, last = self._origin.span(start, end)
        self._parts.append(spoken)
        self._starts.extend([first] * len(spoken))
        self._ends.extend([last] * len(spoken))

    def append(self, piece: SpannedText) -> None:
        """Take a spanned text of the same origin whole."""
        self._parts.append(piece.text)
        self._starts.extend(piece.starts)
        self._ends.extend(piece.ends)

    def build(self) -> SpannedText:
        return SpannedText("".join(self._parts), self._starts, self._ends)
