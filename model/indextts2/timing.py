"""Timing the engine's stages one by one, and a naive run of the same networks beside them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from ...streaming.audio import AudioChunk
from ...streaming.segment import Segment
from ..engine import StreamOptions
from ..layers.sampling import SamplingOptions
from ..voice import Voice
from .conditioning import HOP, SAMPLE_RATE
from .engine import IndexTTS2Core
from .flow import FlowJob, FlowSolver

Spread = dict[str, float]

CONTEXT_CODES = 400
"""Codes in a row while its step is timed: eight seconds into a passage."""
STEADY_FRAMES = 495
"""Prompt, context, chunk and look-ahead of a steady chunk; 301 of them are known."""


def timed(action: Callable[[], object], repeat: int, device: torch.device) -> list[float]:
    """Milliseconds of each of ``repeat`` runs, after two that do not count."""
    found = []
    for i in range(repeat + 2):
        wait(device)
        begun = time.perf_counter()
        action()
        wait(device)
        if i >= 2:
            found.append((time.perf_counter() - begun) * 1000)
    return found


def wait(device: torch.device) -> None:
    """Until the device has done what it was asked."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def spread(values: Sequence[float]) -> Spread:
    """Median, 95th percentile and number; only the number where there is nothing."""
    if not values:
        return {"n": 0}
    return {
        "p50": round(float(np.percentile(values, 50)), 3),
        "p95": round(float(np.percentile(values, 95)), 3),
        "n": len(values),
    }


@torch.inference_mode()
def decode_step(core: IndexTTS2Core, voice: Voice, rows: int, repeat: int) -> Spread:
    """One step of ``rows`` rows, each in the middle of a passage."""
    decoder, state = core._decoder, core._conditioner.place(voice)
    head = decoder.head(core._networks.gpt.conditions(state.latents, state.own))
    room = decoder.state.codes.shape[1] - repeat - 4
    codes = [i % 60 for i in range(max(1, min(CONTEXT_CODES, room)))]
    for row in range(rows):
        decoder.begin(
            row, head, TOKENS, seed=row, purpose=0, options=SamplingOptions(), codes=codes
        )
    return spread(timed(lambda: decoder.step(range(rows)), repeat, decoder.device))


TOKENS = [3 + i % 50 for i in range(40)]


@torch.inference_mode()
def prefill(core: IndexTTS2Core, voice: Voice, repeat: int) -> Spread:
    """Bringing a text of forty tokens into a row."""
    decoder, state = core._decoder, core._conditioner.place(voice)
    head = decoder.head(core._networks.gpt.conditions(state.latents, state.own))

    def begin() -> None:
        decoder.begin(0, head, TOKENS, seed=0, purpose=0, options=SamplingOptions())

    return spread(timed(begin, repeat, decoder.device))


@torch.inference_mode()
def euler_step(core: IndexTTS2Core, voice: Voice, sessions: int, repeat: int) -> Spread:
    """One guided step of ``sessions`` sessions drawing a steady chunk."""
    state = core._conditioner.place(voice)
    content = torch.zeros(STEADY_FRAMES, state.content.shape[1], device=core._decoder.device)
    made = [
        FlowJob(mel(core, STEADY_FRAMES), mel(core, 301), content, state.style)
        for _ in range(sessions)
    ]

    def step() -> None:
        for job in made:
            job.step = 0
        core._solver.advance(made)

    return spread(timed(step, repeat, core._decoder.device))


@torch.inference_mode()
def vocoder(core: IndexTTS2Core, repeat: int) -> dict[int, Spread]:
    """The sizes of chunks in the middle of speech."""
    drawer, device = core._drawer, core._decoder.device
    found = {}
    for frames in sorted(drawer.usual):
        given = mel(core, frames)[None]
        found[frames] = spread(timed(lambda: drawer.vocoder(given), repeat, device))  # noqa: B023
    return found


def mel(core: IndexTTS2Core, frames: int) -> Tensor:
    """Quiet mel ``[bins, frames]`` on the device."""
    bins = core._networks.config.audio.mel_bins
    return torch.zeros(bins, frames, device=core._decoder.device) - 5.0


def first_packet(core: IndexTTS2Core, voice: Voice, text: str, seed: int) -> float:
    """Milliseconds from the text to the first samples on the host, nobody else speaking."""
    begun = time.perf_counter()
    job = core.open(voice, StreamOptions(seed=seed))
    job.push(Segment(text, 0))
    job.end()
    try:
        while job.ready:
            for output in core.step([job]):
                if output.error is not None:
                    raise output.error
                if any(isinstance(item, AudioChunk) for item in output.items):
                    return (time.perf_counter() - begun) * 1000
        raise RuntimeError("the text gave no sound")
    finally:
        job.close()


def unhindered(
    core: IndexTTS2Core, voice: Voice, text: str, streams: int, segments: int, deadline: float
) -> dict[str, float]:
    """``streams`` sessions that are read as fast as they speak: compute seconds for an audio second, and the inverse.

    ``deadline`` (of the performance counter) cuts it off.
    """
    begun = time.perf_counter()
    jobs = [core.open(voice, StreamOptions(seed=seed)) for seed in range(streams)]
    for job in jobs:
        for i in range(segments):
            job.push(Segment(text, i * len(text)))
        job.end()
    samples = 0
    try:
        while (ready := [job for job in jobs if job.ready]) and time.perf_counter() < deadline:
            for output in core.step(ready):
                if output.error is not None:
                    raise output.error
                samples += sum(len(i.samples) for i in output.items if isinstance(i, AudioChunk))
    finally:
        for job in jobs:
            job.close()
    wall, audio = time.perf_counter() - begun, samples / SAMPLE_RATE
    return {
        "streams": streams,
        "audio_s": round(audio, 2),
        "rtf": round(wall / audio, 4) if audio else float("nan"),
        "times_real_time": round(audio / wall, 2),
    }


@torch.inference_mode()
def naive(core: IndexTTS2Core, voice: Voice, text: str, *, recorded: bool) -> dict[str, float]:
    """One passage with the same networks, stage after stage: nothing streamed, batched, or, unless ``recorded``,
    replayed from recordings."""
    begun = time.perf_counter()
    state, decoder, networks = core._conditioner.place(voice), core._decoder, core._networks
    ids = [token.id for token in core._tokenizer.tokens(text)]
    stop, limit = networks.config.gpt.stop_mel, core._options.limit(len(ids))
    head = decoder.head(networks.gpt.conditions(state.latents, state.own))
    codes = [decoder.begin(0, head, ids, seed=0, purpose=0, options=core._options.sampling)[0]]
    step = decoder.step if recorded else decoder.plain_step
    while len(codes) < limit and codes[-1] != stop:
        codes.append(step([0])[0][0])
    codes = [code for code in codes if code != stop]
    latents = decoder.latents(0, len(codes))[None].float()
    content = networks.codec.embed(torch.tensor([codes], device=decoder.device))
    frames = max(4, len(codes) * 43 // 25)
    regulated = networks.flow.length_regulator.stretch(
        content + networks.flow.gpt_layer(latents), frames
    )
    whole = torch.cat([state.content, regulated[0]])
    x = torch.randn(state.mel.shape[0], len(whole), device=decoder.device)
    solver: FlowSolver = core._solver if recorded else core._solver.plain()
    drawn = solver.solve(FlowJob(x, state.mel, whole, state.style))
    networks.vocoder(drawn[None]).cpu()
    seconds, audio = time.perf_counter() - begun, frames * HOP / SAMPLE_RATE
    return {
        "first_packet_ms": round(seconds * 1000, 1),
        "audio_s": round(audio, 2),
        "rtf": round(seconds / audio, 4),
    }
