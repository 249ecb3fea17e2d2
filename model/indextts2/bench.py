"""Time the engine on random weights: stages, first packet, sessions at real time, against a cost model and a naive run.

``python -m seiyuu.model.indextts2.bench [--size full|tiny] [--streams 1,8,20,40] [--json FILE]``

Random weights cost what real ones cost, except that they never end by themselves: passages last until their limit.
Nothing here says how a voice sounds. One call does everything, in under ten minutes on a GPU; on a CPU the tiny
model shows only that the script runs.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...streaming.audio import AudioChunk
from ...streaming.segment import Segment
from ..engine import StreamOptions
from ..layers.sampling import SamplingOptions
from ..voice import Voice
from .conditioning import HOP, SAMPLE_RATE
from .engine import IndexTTS2Core
from .flow import FlowJob
from .job import SpeechJob
from .make_checkpoint import SIZES, make_checkpoint
from .options import StreamingOptions

TEXT = "大家好今天我们来玩一个新游戏"
AHEAD_S = 2.0
"""Audio a session may hold undelivered before it is skipped, as the host has it."""

Report = dict[str, Any]


def timed(action: Callable[[], object], repeat: int) -> list[float]:
    """Milliseconds of each of ``repeat`` runs, after two that do not count."""
    found = []
    for i in range(repeat + 2):
        _wait()
        begun = time.perf_counter()
        action()
        _wait()
        if i >= 2:
            found.append((time.perf_counter() - begun) * 1000)
    return found


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    return {
        "p50": round(float(np.percentile(values, 50)), 3),
        "p95": round(float(np.percentile(values, 95)), 3),
        "n": len(values),
    }


# ---- stages


@torch.inference_mode()
def stages(core: IndexTTS2Core, voice: Voice, batches: Sequence[int], repeat: int) -> Report:
    """Each stage by itself: a decode step, an Euler step, the vocoder."""
    return {
        "decode_step_ms": {b: _decode_step(core, voice, b, repeat) for b in batches},
        "euler_step_ms": {b: _euler_step(core, voice, b, repeat) for b in batches if b <= 16},
        "vocoder_86_frames_ms": spread(
            timed(lambda: core._networks.vocoder(_mel(core, 86)[None]), repeat)
        ),
    }


def _decode_step(core: IndexTTS2Core, voice: Voice, batch: int, repeat: int) -> dict[str, float]:
    """One step of ``batch`` rows with the context of a passage in the middle."""
    decoder, state = core._decoder, core._conditioner.place(voice)
    conditions = core._networks.gpt.conditions(state.latents, state.own)
    head = decoder.head(conditions)
    ids = [3 + i % 50 for i in range(40)]
    codes = [i % 60 for i in range(min(400, decoder.state.codes.shape[1] - repeat - 4))]
    for row in range(batch):
        options = SamplingOptions()
        decoder.begin(row, head, ids, seed=row, purpose=0, options=options, codes=codes)
    return spread(timed(lambda: decoder.step(range(batch)), repeat))


def _euler_step(core: IndexTTS2Core, voice: Voice, batch: int, repeat: int) -> dict[str, float]:
    """One step of ``batch`` sessions drawing 172 frames behind 258 of prompt and 43 of context (T = 495)."""
    state = core._conditioner.place(voice)
    solver = core._solver

    def jobs() -> list[FlowJob]:
        time_ = 495
        width = state.content.shape[1]
        content = torch.zeros(time_, width, device=state.mel.device)
        return [
            FlowJob(_mel(core, time_), _mel(core, 301), content, state.style) for _ in range(batch)
        ]

    made = jobs()

    def step() -> None:
        for job in made:
            job.step = 0
        solver.advance(made)

    return spread(timed(step, repeat))


def _mel(core: IndexTTS2Core, frames: int) -> torch.Tensor:
    bins = core._networks.config.audio.mel_bins
    return torch.zeros(bins, frames, device=core._decoder.device) - 5.0


def cost_model(
    batches: Sequence[int], bandwidth_gbs: float, context: int = 480
) -> dict[str, float]:
    """What a decode step costs at least: weights and caches read once from memory, in half precision."""
    weights, per_position = 0.966e9, 122_880
    return {
        str(b): round((weights + b * context * per_position) / (bandwidth_gbs * 1e9) * 1000, 3)
        for b in batches
    }


# ---- sessions


@dataclass(slots=True)
class _Listener:
    """One session with a player that starts at its first packet and plays in real time."""

    job: SpeechJob
    asked: float
    first: float | None = None
    emitted: int = 0
    worst_underrun_s: float = 0.0
    gaps: list[float] = field(default_factory=list)

    def lead_s(self, now: float) -> float:
        """Seconds emitted ahead of the player."""
        if self.first is None:
            return float("-inf")
        return self.emitted / SAMPLE_RATE - (now - self.first)

    def take(self, chunk: AudioChunk, now: float) -> None:
        if self.first is None:
            self.first = now
        late = (now - self.first) - self.emitted / SAMPLE_RATE
        self.worst_underrun_s = max(self.worst_underrun_s, late)
        self.emitted = chunk.end


def load(core: IndexTTS2Core, voice: Voice, streams: int, segments: int, every_s: float) -> Report:
    """``streams`` sessions that begin one after another and speak ``segments`` clauses each, at real time."""
    begun = time.perf_counter()
    waiting = [begun + i * every_s for i in range(streams)]
    listeners: list[_Listener] = []
    while waiting or any(not x.job.finished for x in listeners):
        now = time.perf_counter()
        while waiting and waiting[0] <= now:
            listeners.append(_Listener(_speak(core, voice, segments, len(waiting)), waiting.pop(0)))
        ready = [x for x in listeners if x.job.ready and x.lead_s(now) < AHEAD_S]
        if not ready:
            time.sleep(0.001)
            continue
        ready.sort(key=lambda x: x.lead_s(now))
        of = {id(x.job): x for x in ready}
        for output in core.step([x.job for x in ready]):
            for item in output.items:
                if isinstance(item, AudioChunk):
                    of[id(output.job)].take(item, time.perf_counter())
            if output.error is not None:
                raise output.error
    wall = time.perf_counter() - begun
    for listener in listeners:
        listener.job.close()
    return _summary(listeners, wall)


def _speak(core: IndexTTS2Core, voice: Voice, segments: int, seed: int) -> SpeechJob:
    job = core.open(voice, StreamOptions(seed=seed))
    for i in range(segments):
        job.push(Segment(TEXT, i * len(TEXT)))
    job.end()
    return job


def _summary(listeners: Sequence[_Listener], wall: float) -> Report:
    audio = sum(x.emitted for x in listeners) / SAMPLE_RATE
    firsts = [(x.first - x.asked) * 1000 for x in listeners if x.first is not None]
    worst = [x.worst_underrun_s * 1000 for x in listeners]
    return {
        "streams": len(listeners),
        "first_packet_ms": spread(firsts),
        "underrun_ms": spread(worst),
        "without_underrun_over_100_ms": sum(w <= 100 for w in worst),
        "audio_s": round(audio, 1),
        "wall_s": round(wall, 1),
        "times_real_time": round(audio / wall, 2),
    }


@torch.inference_mode()
def naive(core: IndexTTS2Core, voice: Voice) -> Report:
    """One passage of the same text with the same networks, stage after stage, nothing streamed, nothing batched."""
    begun = time.perf_counter()
    state, decoder, networks = core._conditioner.place(voice), core._decoder, core._networks
    tokens = core._tokenizer.tokens(TEXT)
    head = decoder.head(networks.gpt.conditions(state.latents, state.own))
    limit = core._options.limit(len(tokens))
    ids = [token.id for token in tokens]
    code, _ = decoder.begin(0, head, ids, seed=0, purpose=0, options=core._options.sampling)
    codes = [code]
    while len(codes) < limit and codes[-1] != networks.config.gpt.stop_mel:
        codes.append(decoder.step([0])[0][0])
    codes = [c for c in codes if c != networks.config.gpt.stop_mel]
    latents = decoder.latents(0, len(codes))[None].float()
    content = networks.codec.embed(torch.tensor([codes], device=decoder.device))
    frames = max(4, len(codes) * 43 // 25)
    content = networks.flow.length_regulator.stretch(
        content + networks.flow.gpt_layer(latents), frames
    )
    whole = torch.cat([state.content, content[0]])
    x = torch.randn(state.mel.shape[0], len(whole), device=decoder.device)
    wave = networks.vocoder(core._solver.solve(FlowJob(x, state.mel, whole, state.style))[None])
    wave.cpu()
    seconds = time.perf_counter() - begun
    audio = frames * HOP / SAMPLE_RATE
    return {
        "first_packet_ms": round(seconds * 1000, 1),
        "audio_s": round(audio, 2),
        "rtf": round(seconds / audio, 4),
    }


# ---- the whole


def measure(options: argparse.Namespace) -> Report:
    """Everything in one call."""
    streams = [int(n) for n in options.streams.split(",")]
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.checkpoint or Path(scratch)
        if options.checkpoint is None:
            make_checkpoint(folder, SIZES[options.size])
        core = IndexTTS2Core(
            folder,
            device=options.device,
            precision=options.precision,
            max_sessions=max(streams),
            streaming=StreamingOptions(flow_steps=options.steps, max_codes=options.max_codes),
        )
        begun = time.perf_counter()
        core.load()
        loading = time.perf_counter() - begun
    clip = (0.1 * np.random.default_rng(0).standard_normal(5 * SAMPLE_RATE)).astype(np.float32)
    enrolling = timed(lambda: core.enroll(clip, SAMPLE_RATE, "bench"), 3)
    voice = core.enroll(clip, SAMPLE_RATE, "bench")
    gpu = core._decoder.device.type == "cuda"
    load(core, voice, min(2, max(streams)), 1, 0.0)  # records the common shapes
    report: Report = {
        "hardware": torch.cuda.get_device_name() if gpu else platform.processor() or "CPU",
        "torch": torch.__version__,
        "precision": str(core._networks.gpt.mel_head.weight.dtype).removeprefix("torch."),
        "size": options.size if options.checkpoint is None else str(options.checkpoint),
        "flow_steps": options.steps,
        "load_s": round(loading, 1),
        "enroll_ms": spread(enrolling),
        **stages(core, voice, streams, options.repeat),
        "naive": naive(core, voice),
    }
    if gpu and options.size == "full":
        report["decode_step_model_ms"] = cost_model(streams, options.bandwidth)
    for count in streams:
        if gpu:
            torch.cuda.reset_peak_memory_stats()
        load(core, voice, count, 1, 0.05)  # the shapes of this many sessions, before it counts
        found = load(core, voice, count, options.segments, 0.05)
        if gpu:
            found["peak_memory_gb"] = round(torch.cuda.max_memory_allocated() / 1e9, 2)
        report.setdefault("sessions", []).append(found)
    return report


def main(arguments: list[str] | None = None) -> int:
    gpu = torch.cuda.is_available()
    parser = argparse.ArgumentParser(prog="python -m seiyuu.model.indextts2.bench")
    parser.add_argument("--size", choices=SIZES, default="full" if gpu else "tiny")
    parser.add_argument("--checkpoint", type=Path, help="official files, instead of random ones")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument(
        "--precision", choices=("auto", "float32", "bfloat16", "float16"), default="auto"
    )
    parser.add_argument("--streams", default="1,8,20,40" if gpu else "1,2")
    parser.add_argument("--segments", type=int, default=2, help="clauses a session speaks")
    parser.add_argument("--steps", type=int, default=25 if gpu else 4, help="Euler steps")
    parser.add_argument("--max-codes", type=int, default=500 if gpu else 150)
    parser.add_argument("--repeat", type=int, default=30 if gpu else 3)
    parser.add_argument("--bandwidth", type=float, default=2900.0, help="GB/s of the cost model")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    report = measure(options)
    text = json.dumps(report, indent=1)
    if options.json is not None:
        options.json.write_text(text, encoding="utf-8")
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
