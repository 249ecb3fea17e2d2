"""A progress bar on a terminal, and nothing anywhere else."""

from __future__ import annotations

import sys
from typing import TextIO

WIDTH = 24


class Progress:
    """Call it with a share 0…1 and what is being done; the line is wiped at 1."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._on = self._stream.isatty()

    def __call__(self, share: float, what: str) -> None:
        if self._on:
            filled = round(min(max(share, 0.0), 1.0) * WIDTH)
            bar = "█" * filled + "░" * (WIDTH - filled)
            self._stream.write(f"\r{bar} {share:4.0%} {what}\x1b[K")
            if share >= 1:
                self._stream.write("\r\x1b[K")
            self._stream.flush()

    def note(self, text: str) -> None:
        """A line that is replaced by the next; an empty one wipes it."""
        if self._on:
            self._stream.write(f"\r{text}\x1b[K")
            self._stream.flush()
