"""One clause on its way to sound: frames go in at the end, samples come out of any window, the tail can be taken back.

A clause is taken to go on in silence beyond both of its ends, held there at its first and last frame, so that a
window at an edge is a window like any other.
"""

from __future__ import annotations

import numpy as np

from ...streaming.audio import Samples
from ...streaming.errors import InvalidState
from .decoder import FRAME_CONTEXT, FRAME_WINDOW, GENERATOR_CONTEXT, LOOK_AHEAD, Decoder
from .source import FRAME_SAMPLES
from .statistics import Conditioning

HURRIED = 2
"""Windows at the beginning, and after a truncation, for which no more frames are asked for than they need: the
listener has next to nothing ahead then, and deciding frames takes time as well."""

_NEW_FRAMES = FRAME_WINDOW - 2 * FRAME_CONTEXT


class Rendering:
    """Frames of 25 ms appended as they are decided, rendered as they are wanted.

    ``render(a, b)`` gives the same samples, to the precision of the decoder, however the frames were appended and
    whatever was rendered before: stream = offline.
    """

    def __init__(self, decoder: Decoder, voice: Conditioning) -> None:
        self._decoder = decoder
        self._voice = voice
        self._source = decoder.source()
        self._content = np.zeros((512, 0), np.float32)
        self._f0 = np.zeros(0, np.float32)
        self._energy = np.zeros(0, np.float32)
        # Column 0 is the first half of frame -GENERATOR_CONTEXT.
        self._features = np.zeros((512, 0), np.float32)
        self._ended = False
        self._hurried = HURRIED  # windows still to be rendered before there is a cushion

    @property
    def frames(self) -> int:
        """Frames appended."""
        return self._content.shape[1]

    @property
    def ready(self) -> int:
        """Frames ``0:ready`` can be rendered: all of an ended clause, else all but the last 13."""
        return self.frames if self._ended else max(0, self.frames - LOOK_AHEAD)

    def wanted(self, stop: int) -> int:
        """Frames that should be appended before ``0:stop`` is rendered.

        At first no more than it takes, so that sound comes soon; then enough to fill a run of the first network.
        """
        least = stop + LOOK_AHEAD
        if self._hurried:
            return least
        missing = least - FRAME_CONTEXT - self._features_end()
        runs = -(-missing // _NEW_FRAMES)
        return max(least, self._features_end() + runs * _NEW_FRAMES + FRAME_CONTEXT)

    def append(self, content: Samples, f0: Samples, energy: Samples) -> None:
        """Add frames: ``content [512, k]``, ``f0 [2k]`` in Hz, ``energy [2k]``.

        Raises:
            InvalidState: the clause was ended, or the lengths do not agree.
        """
        if self._ended:
            raise InvalidState("frames appended to an ended clause")
        if not len(f0) == len(energy) == 2 * content.shape[1]:
            raise InvalidState(
                f"{content.shape[1]} frames of content need {2 * content.shape[1]} values of F0 and energy, "
                f"got {len(f0)} and {len(energy)}"
            )
        self._content = np.concatenate([self._content, content.astype(np.float32)], axis=1)
        self._f0 = np.concatenate([self._f0, f0.astype(np.float32)])
        self._energy = np.concatenate([self._energy, energy.astype(np.float32)])
        self._source.append(f0)

    def truncate(self, frames: int) -> None:
        """Forget the frames from ``frames`` on; others may be appended in their place.

        What is rendered from 13 frames before ``frames`` on may then differ from what it was: cross-fade over the
        border where both were heard. The pitch goes on in phase.
        """
        self._ended, self._hurried = False, HURRIED
        self._content = self._content[:, :frames]
        self._f0, self._energy = self._f0[: 2 * frames], self._energy[: 2 * frames]
        self._source.truncate(frames)
        self._features = self._features[:, : 2 * max(0, frames - FRAME_CONTEXT + GENERATOR_CONTEXT)]

    def end(self) -> None:
        """No more frames."""
        self._ended = True

    def render(self, start: int, stop: int) -> Samples:
        """Samples of frames ``start:stop``, ``[600 * (stop - start)]``; cheapest in lengths the decoder likes.

        Raises:
            InvalidState: frames that are not :attr:`ready`.
        """
        if not 0 <= start <= stop <= self.ready:
            raise InvalidState(
                f"frames {start}:{stop} cannot be rendered, {self.ready} of {self.frames} are ready"
            )
        pieces = []
        while start < stop:
            size = self._decoder.emit_size(stop - start)
            taken = min(size, stop - start)
            pieces.append(self._window(start, size, taken)[: FRAME_SAMPLES * taken])
            start += taken
        self._hurried = max(0, self._hurried - 1)
        return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)

    def _window(self, start: int, size: int, taken: int) -> Samples:
        # A window longer than what is taken reaches beyond what is known; what it holds there is cut off by the
        # caller, and the frames kept do not hear it.
        first, last = start - GENERATOR_CONTEXT, start + size + GENERATOR_CONTEXT
        heard = start + taken + GENERATOR_CONTEXT
        self._compute_features(min(heard, self._known_features()))
        columns = 2 * (
            np.clip(np.arange(first, last), None, self._features_end() - 1) + GENERATOR_CONTEXT
        )
        features = self._features[:, np.stack([columns, columns + 1], axis=1).reshape(-1)]
        return self._decoder.samples(features, self._source.spectrum(first, last), self._voice)

    def _features_end(self) -> int:
        return self._features.shape[1] // 2 - GENERATOR_CONTEXT

    def _known_features(self) -> int:
        """Frame up to which features have all the context they hear."""
        return self.frames + GENERATOR_CONTEXT if self._ended else self.frames - FRAME_CONTEXT

    def _compute_features(self, stop: int) -> None:
        while self._features_end() < stop:
            start = self._features_end() - FRAME_CONTEXT
            at = np.clip(np.arange(start, start + FRAME_WINDOW), 0, self.frames - 1)
            halves = np.stack([2 * at, 2 * at + 1], axis=1).reshape(-1)
            made = self._decoder.features(
                self._content[:, at], self._f0[halves], self._energy[halves], self._voice
            )
            kept = min(_NEW_FRAMES, self._known_features() - self._features_end())
            made = made[:, 2 * FRAME_CONTEXT : 2 * (FRAME_CONTEXT + kept)]
            self._features = np.concatenate([self._features, made], axis=1)
