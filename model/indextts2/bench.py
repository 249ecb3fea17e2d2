"""Time the engine on random weights: stages, first packet, sessions at real time, against a cost model and a naive run.

``python -m seiyuu.model.indextts2.bench [--size full|tiny] [--streams 1,8,20,40] [--json FILE]``

Random weights cost what real ones cost, except that they hardly ever end by themselves: passages last until their
limit. Nothing here says how a voice sounds. One call does everything, in under ten minutes on a GPU; on a CPU the tiny
model shows only that the script runs. Results are written as they come: a part that fails or finds no time left
is named as such and takes nothing else with it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...streaming.clock import SystemClock
from ...streaming.segment import Segment
from ..engine import StreamOptions
from ..voice import Voice
from . import timing
from .conditioning import SAMPLE_RATE
from .costs import Prices, simulate
from .engine import IndexTTS2Core
from .job import SpeechJob
from .joins import measure_joins, vocoder_error
from .listeners import Arrival, Listener, attend
from .make_checkpoint import SIZES, make_checkpoint, vocabulary
from .options import StreamingOptions
from .text import Tokenizer

TEXT = "大家好今天我们来玩一个新游戏,"
EVERY_S = 0.05
PROBE_FROM_S, PROBE_EVERY_S = 3.0, 0.7
PROBES = 10

Report = dict[str, Any]


class Findings:
    """A report that is written whenever something was added to it."""

    def __init__(self, file: Path | None, limit_s: float) -> None:
        self.report: Report = {"finished": False}
        self._file = file
        self._begun = time.perf_counter()
        self.deadline = self._begun + limit_s

    def take(self, name: str, action: Callable[[], object], needs_s: float = 0.0) -> None:
        """Add what ``action`` gives, unless less than ``needs_s`` seconds are left; note how long it took."""
        begun = time.perf_counter()
        if self.deadline - begun < needs_s:
            self.report.setdefault("no_time_for", []).append(name)
            self._write()
            return
        try:
            found = action()
        except Exception as error:  # noqa: BLE001  whatever it is, the rest shall still be measured
            self.report.setdefault("failed", {})[name] = f"{type(error).__name__}: {error}"
        else:
            self.report[name] = found
        seconds = time.perf_counter() - begun
        self.report.setdefault("took_s", {})[name] = round(seconds, 1)
        sys.stderr.write(f"{time.perf_counter() - self._begun:6.1f} s  {name} ({seconds:.1f} s)\n")
        self._write()

    def finish(self) -> None:
        """Nothing more will come."""
        self.report["finished"] = True
        self._write()

    def _write(self) -> None:
        if self._file is None:
            return
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(self.report, indent=1), encoding="utf-8")
        os.replace(new, self._file)


# ---- sessions


def arrivals(streams: int, turned: bool) -> list[Arrival]:
    """``streams`` sessions one shortly after another, and then single ones that come and go beside them."""
    speaking = [Arrival(EVERY_S * i, i, turn_s=2.5 if turned else None) for i in range(streams)]
    begin = PROBE_FROM_S + EVERY_S * streams
    probes = [Arrival(begin + PROBE_EVERY_S * i, 1000 + i, probe=True) for i in range(PROBES)]
    return [*speaking, *probes]


def load(
    core: IndexTTS2Core, voice: Voice, streams: int, segments: int, until_s: float, turned: bool
) -> Report:
    """``streams`` sessions that speak ``segments`` clauses each, heard at real time."""

    def begin(arrival: Arrival) -> SpeechJob:
        job = core.open(voice, StreamOptions(seed=arrival.seed))
        for i in range(segments):
            job.push(Segment(TEXT, i * len(TEXT)))
        job.end()
        return job

    gpu = core._decoder.device.type == "cuda"
    if gpu:
        torch.cuda.reset_peak_memory_stats()
    clock = SystemClock()
    begun = clock.now()
    came = attend(core.step, begin, arrivals(streams, turned), clock, time.sleep, until_s)
    report = summary(came, clock.now() - begun)
    if gpu:
        report["peak_memory_gb"] = round(torch.cuda.max_memory_allocated() / 1e9, 2)
    return report


def summary(listeners: Sequence[Listener], wall_s: float) -> Report:
    """What the sessions heard, and those who came beside them."""
    speaking = [x for x in listeners if not x.arrival.probe]
    probes = [x for x in listeners if x.arrival.probe]
    worst = [x.player.worst_s * 1000 for x in speaking]
    audio = sum(x.end for x in speaking) / SAMPLE_RATE
    errors = sorted({x.error for x in listeners if x.error is not None})
    report: Report = {
        "streams": len(speaking),
        "first_packet_ms_all_come_at_once": timing.spread(_firsts(speaking)),
        "first_packet_ms_beside_them": timing.spread(_firsts(probes)),
        "underrun_ms": timing.spread(worst),
        "without_underrun_over_100_ms": sum(w <= 100 for w in worst),
        "without_underrun_over_50_ms": sum(w <= 50 for w in worst),
        "audio_s": round(audio, 1),
        "wall_s": round(wall_s, 1),
    }
    if turns := [x.turn_took * 1000 for x in speaking if x.turn_took is not None]:
        report["turn_to_new_sound_ms"] = timing.spread(turns)
    if errors:
        report["errors"] = errors
    return report


def _firsts(listeners: Sequence[Listener]) -> list[float]:
    return [(x.first - x.asked) * 1000 for x in listeners if x.first is not None]


def simulated(streams: int, segments: int, prices: Prices) -> Report:
    """The same at the prices of the cost model: how the scheduling behaves, on any machine."""
    tokenizer = Tokenizer(vocabulary(200))
    came = simulate(arrivals(streams, turned=False), TEXT, segments, tokenizer, prices=prices)
    report = summary(came, 0.0)
    del report["wall_s"]
    return report


# ---- the whole


def measure(options: argparse.Namespace) -> Report:
    """Everything in one call."""
    torch.manual_seed(0)
    streams = [int(n) for n in options.streams.split(",")]
    findings = Findings(options.json, options.limit_s)
    findings.report.update(_surroundings(options))
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.checkpoint or Path(scratch)
        if options.checkpoint is None:
            findings.take("make_checkpoint", lambda: make_checkpoint(folder, SIZES[options.size]))
        core = IndexTTS2Core(
            folder,
            device=options.device,
            precision=options.precision,
            max_sessions=max(streams) + 4,
            streaming=StreamingOptions(flow_steps=options.steps, max_codes=options.max_codes),
        )
        findings.take("load", core.load)
    if "load" not in findings.report.get("failed", {}):
        _measure_loaded(core, findings, options, streams)
    bandwidth = options.bandwidth * 1e9
    for count in streams:
        findings.take(
            f"simulated_{count}_streams",
            lambda: simulated(count, options.segments, Prices(bandwidth)),  # noqa: B023
        )
    findings.finish()
    return findings.report


def _surroundings(options: argparse.Namespace) -> Report:
    gpu = torch.cuda.is_available() and options.device != "cpu"
    return {
        "hardware": torch.cuda.get_device_name() if gpu else platform.processor() or "CPU",
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "size": options.size if options.checkpoint is None else str(options.checkpoint),
        "flow_steps": options.steps,
        "weights": "random: they cost what real ones cost, and say nothing",
    }


def _measure_loaded(
    core: IndexTTS2Core, findings: Findings, options: argparse.Namespace, streams: Sequence[int]
) -> None:
    repeat, take = options.repeat, findings.take
    clip = (0.1 * np.random.default_rng(0).standard_normal(5 * SAMPLE_RATE)).astype(np.float32)
    voices: list[Voice] = []
    take("enroll_first", lambda: voices.append(core.enroll(clip, SAMPLE_RATE, "bench")))
    if not voices:
        return
    voice = voices[0]
    findings.report["precision"] = str(core._networks.gpt.mel_head.weight.dtype)
    take("steps_not_recorded", lambda: core.slower)
    take("memory_gb", lambda: memory(core))
    take("first_packet_alone_ms", lambda: _first_packets(core, voice, repeat))
    take("one_stream", lambda: timing.unhindered(core, voice, TEXT, 1, 1, findings.deadline))
    take("naive", lambda: _naive(core, voice, recorded=False))
    take("naive_with_recordings", lambda: _naive(core, voice, recorded=True))
    for count in streams:
        take(f"decode_step_{count}_rows_ms", lambda: _decode(core, voice, count, options))  # noqa: B023
    for count in (1, 4, 8, 16):
        take(
            f"euler_step_{count}_sessions_ms",
            lambda: timing.euler_step(core, voice, count, repeat),  # noqa: B023
        )
    take("vocoder_ms", lambda: timing.vocoder(core, repeat))
    take("prefill_ms", lambda: timing.prefill(core, voice, repeat))
    for count in streams:
        for turned in (False, True):
            take(
                f"{count}_streams" + ("_turned" if turned else ""),
                lambda: _load(core, voice, count, turned, findings, options),  # noqa: B023
                needs_s=20.0 if options.size == "full" else 0.0,
            )
    most = max(streams)
    take("all_at_once", lambda: timing.unhindered(core, voice, TEXT, most, 1, findings.deadline))
    take("enroll_ms", lambda: timing.spread(_enrolments(core, clip)))
    take("joins", lambda: measure_joins(core, voice, TEXT))
    take("vocoder_in_chunks_largest_error", lambda: _vocoder_errors(core))
    take("steps_not_recorded_in_the_end", lambda: core.slower)
    take("memory_in_the_end_gb", lambda: memory(core))


def _first_packets(core: IndexTTS2Core, voice: Voice, repeat: int) -> timing.Spread:
    timing.first_packet(core, voice, TEXT, 0)
    return timing.spread([timing.first_packet(core, voice, TEXT, i) for i in range(repeat)])


def _naive(core: IndexTTS2Core, voice: Voice, *, recorded: bool) -> Report:
    """The second of two runs: the first one meets its shapes for the first time."""
    timing.naive(core, voice, TEXT, recorded=recorded)
    return timing.naive(core, voice, TEXT, recorded=recorded)


def _decode(core: IndexTTS2Core, voice: Voice, rows: int, options: argparse.Namespace) -> Report:
    """Measured, and beside it what reading weights and caches takes at the bandwidth given."""
    measured: Report = dict(timing.decode_step(core, voice, rows, options.repeat))
    if options.size == "full":
        prices = Prices(options.bandwidth * 1e9, step_s=0.0)
        measured["cost_model"] = round(prices.decode(rows, timing.CONTEXT_CODES + 77) * 1000, 3)
    return measured


def _load(
    core: IndexTTS2Core,
    voice: Voice,
    count: int,
    turned: bool,
    findings: Findings,
    options: argparse.Namespace,
) -> Report:
    left_s = findings.deadline - time.perf_counter()
    return load(core, voice, count, options.segments, min(60.0, left_s), turned)


def _enrolments(core: IndexTTS2Core, clip: Any) -> list[float]:
    device = core._decoder.device
    return timing.timed(lambda: core.enroll(clip, SAMPLE_RATE, "bench"), 3, device)


@torch.inference_mode()
def _vocoder_errors(core: IndexTTS2Core) -> Report:
    """By frames of context, at the sizes of steady chunks, on noise as loud as speech."""
    bins = core._networks.config.audio.mel_bins
    noise = torch.Generator().manual_seed(0)
    mel = (torch.randn(bins, 400, generator=noise) - 3.0).to(core._decoder.device)
    return {
        str(context): vocoder_error(core._networks.vocoder, mel, 172, context)
        for context in (12, 20, 38)
    }


def memory(core: IndexTTS2Core) -> Report:
    """Held by tensors and by the allocator on a GPU; the process's largest ever on a CPU."""
    if core._decoder.device.type == "cuda":
        return {
            "allocated": round(torch.cuda.memory_allocated() / 1e9, 2),
            "reserved": round(torch.cuda.memory_reserved() / 1e9, 2),
        }
    import resource

    return {"resident": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2)}


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
    parser.add_argument("--repeat", type=int, default=20 if gpu else 3)
    parser.add_argument("--bandwidth", type=float, default=2500.0, help="GB/s of the cost model")
    parser.add_argument("--limit-s", type=float, default=540.0, help="nothing new begins after it")
    parser.add_argument("--json", type=Path, help="written again whenever there is more")
    options = parser.parse_args(arguments)
    report = measure(options)
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return 1 if report.get("failed") else 0


if __name__ == "__main__":
    sys.exit(main())
