"""Speaking once before anybody listens: libraries load their kernels late, and the first voice should not wait."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from ...streaming.segment import Segment
from ..core import Output
from ..engine import StreamOptions
from ..voice import Voice
from .conditioning import ENGINE
from .config import ModelConfig
from .job import SpeechJob

TEXT = "一二三四五六七八九十"
CHUNKS = 3
"""The first, the second and the steady size."""


class Speaking(Protocol):
    """What the engine's core offers."""

    def open(self, voice: Voice, options: StreamOptions) -> SpeechJob: ...

    def step(self, jobs: list[SpeechJob]) -> list[Output[SpeechJob]]: ...


def rehearse(core: Speaking, config: ModelConfig, prompt_frames: int = 258) -> None:
    """Let nobody say something, a few chunks long; what comes of it is thrown away."""
    job = core.open(nobody(config, prompt_frames), StreamOptions())
    job.push(Segment(TEXT, 0))
    job.end()
    chunks = 0
    while job.ready and job.error is None and chunks < CHUNKS:
        chunks += sum(len(output.items) > 0 for output in core.step([job]))
    job.close()


def nobody(config: ModelConfig, prompt_frames: int) -> Voice:
    """A voice of the right shapes and of no person."""
    gpt, flow = config.gpt, config.flow
    shapes = {
        "latents": (1, gpt.speaker.latents, gpt.dim),
        "own": (1, gpt.dim),
        "style": (1, flow.style),
        "mel": (config.audio.mel_bins, prompt_frames),
        "content": (prompt_frames, config.regulator.channels),
    }
    tensors = {name: np.full(shape, 0.01, np.float32) for name, shape in shapes.items()}
    return Voice("nobody", ENGINE, tensors)
