"""One passage: a stretch of text decoded in one go, from its tokens to its samples."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from ...streaming.audio import Samples
from ...streaming.emotion import Emotion
from .marks import Script
from .stretch import Stretch
from .text import Token


@dataclass(slots=True)
class Change:
    """From code number ``code`` on, another emotion vector ``[1, dim]`` holds."""

    code: int
    vector: Tensor


@dataclass(slots=True)
class Passage:
    """Frames are mel frames counted from the beginning of its speech; ``gap`` frames of silence come before it."""

    number: int
    tokens: list[Token]
    script: Script
    gap: int
    emotion: Emotion
    rate: Fraction
    stretch: Stretch = field(init=False)
    at: int | None = None  # utterance frame at which the gap begins
    codes: list[int] = field(default_factory=list)
    done: bool = False  # the decoder came to its end
    attempt: int = 0
    turns: int = 0
    wanted_codes: int | None = None
    vector: Tensor | None = None  # the emotion vector in force where decoding stands
    changes: list[Change] = field(default_factory=list)
    latents: Tensor | None = None  # kept when the slot moves on
    attention: Tensor | None = None
    mel: Tensor | None = None  # committed, [bins, frames]
    content: Tensor | None = None
    chunks: int = 0
    sound: list[Samples] = field(default_factory=list)
    tail: Samples = field(default_factory=lambda: np.zeros(0, np.float32))
    starts: list[int] = field(default_factory=list)  # first codes of the tokens announced
    announced: int = 0  # units of the script announced
    spoken: bool = False  # every frame was emitted

    def __post_init__(self) -> None:
        self.stretch = Stretch(self.rate)

    @property
    def committed(self) -> int:
        return 0 if self.mel is None else self.mel.shape[1]

    @property
    def ids(self) -> list[int]:
        return [token.id for token in self.tokens]

    @property
    def total(self) -> int:
        """Frames of all codes there are."""
        return self.stretch.frames_of(len(self.codes))

    @property
    def natural(self) -> float:
        """Frames of all codes there are at the passage's own pace."""
        return float(len(self.codes) / self.rate)

    @property
    def purpose(self) -> int:
        """Parts this passage's random numbers from those of others, of other attempts and of other turns."""
        return self.number * 4096 + (self.turns % 256) * 16 + self.attempt

    def frame_of(self, code: int) -> int:
        """The first frame made of a code or of one behind it."""
        low, high = 0, self.total + 1
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.stretch.code_at(middle) < code else (low, middle)
        return low

    def commit(self, mel: Tensor, content: Tensor) -> None:
        """Append frames ``mel [bins, n]`` that will not change any more, and their ``content [n, channels]``."""
        self.mel = mel if self.mel is None else torch.cat([self.mel, mel], 1)
        self.content = content if self.content is None else torch.cat([self.content, content], 0)
        self.chunks += 1

    def forget_speech(self) -> None:
        """Back to bare text, to be decoded anew."""
        self.stretch = Stretch(self.rate)
        self.codes.clear()
        self.changes.clear()
        self.sound.clear()
        self.starts.clear()
        self.done = self.spoken = False
        self.vector = self.latents = self.attention = self.mel = self.content = None
        self.tail = np.zeros(0, np.float32)
        self.chunks = self.attempt = self.announced = 0

    def rewind(self, frame: int, hop: int) -> None:
        """Keep ``frame`` frames and the codes they are made of, and forget the rest.

        The samples behind the cut stay as the tail that the next chunk is faded in from.
        """
        assert self.mel is not None
        assert self.content is not None
        kept = self.stretch.index(frame - 1, len(self.codes)) + 1 if frame else 0
        sound = np.concatenate(self.sound) if self.sound else np.zeros(0, np.float32)
        after = sound[frame * hop : (frame + 1) * hop]
        self.tail = after if len(after) else self.tail
        self.sound = [sound[: frame * hop]]
        self.mel, self.content = self.mel[:, :frame], self.content[:frame]
        self.codes = self.codes[:kept]
        self.starts = [code for code in self.starts if code < kept]
        self.announced = sum(unit.first < len(self.starts) for unit in self.script.units)
        self.stretch.bend(frame, self.rate)
        self.changes.clear()
        self.done = self.spoken = False
        self.chunks = 0
        self.turns += 1
