"""``bench load``: many sockets at once, and how late each frame comes for it."""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from .listener import Listener
from .measures import cpu_seconds, header, percentiles, pin, resident_mb

if TYPE_CHECKING:
    from .bench import Target

TEXT = "大家好欢迎来到直播间今天我们一起玩一个新的游戏"
CHARACTER_S = 0.12
"""What the tone engine takes for a character; other engines take longer, and just speak on."""
GATE_MS = 3.0
"""What the 99th percentile may be for a number of sockets to be called served."""
PAUSE_S = 1.0
"""Between two numbers of sockets, for the sessions of the last to be cleared away."""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--sockets",
        type=_numbers,
        default=(200,),
        metavar="N[,N…]",
        help="sessions at the same time (200); several numbers are measured in turn",
    )
    parser.add_argument(
        "--seconds", type=float, default=15.0, help="how long all of them speak (15)"
    )
    parser.add_argument("--codec", default="pcm_s16le", help="pcm_s16le, pcm_f32le, mulaw or opus")
    parser.add_argument("--marks", action="store_true", help="ask for word marks as well")


def _numbers(words: str) -> tuple[int, ...]:
    numbers = tuple(int(word) if word.isdecimal() else 0 for word in words.split(","))
    if min(numbers) < 1:
        raise argparse.ArgumentTypeError(f"got {words!r}, expected numbers from 1 up")
    return numbers


async def run(target: Target, arguments: argparse.Namespace) -> dict[str, Any]:
    """Each number of sockets in turn. A server of our own gets one processor, and we the others."""
    pinned = target.pid is not None and pin(target.pid, os.getpid())
    steps = []
    for sockets in arguments.sockets:
        steps.append(await _step(target, arguments, sockets))
        await asyncio.sleep(PAUSE_S)
    served = [step["sockets"] for step in steps if _served(step)]
    return {
        **header("load", arguments.engine or "tone"),
        "codec": arguments.codec,
        "server_on_one_processor": pinned,
        "steps": steps,
        "gate_ms": GATE_MS,
        "sockets_at_gate": max(served, default=0),
    }


def _served(step: dict[str, Any]) -> bool:
    late = step["added_ms_per_frame"]
    return late["n"] > 0 and late["p99"] <= GATE_MS and not step["silent_sockets"]


async def _step(target: Target, arguments: argparse.Namespace, sockets: int) -> dict[str, Any]:
    """Start the sockets a few milliseconds apart and let all of them speak."""
    listeners: list[Listener] = []
    for n in range(sockets):
        listeners.append(await _connect(target, arguments, sockets))
        await asyncio.sleep(0.02 * ((n % 7) + 1) / 7)  # spread over the frame, as listeners are
    cpu_before = target.pid and cpu_seconds(target.pid)
    before, began = sum(len(one.arrived) for one in listeners), time.perf_counter()
    await asyncio.sleep(arguments.seconds)
    wall_s = time.perf_counter() - began
    packets = sum(len(one.arrived) for one in listeners)
    cpu_after = target.pid and cpu_seconds(target.pid)
    memory = None if target.pid is None else resident_mb(target.pid)
    for listener in listeners:
        listener.transport.abort()
    late_ms = np.concatenate([1000 * one.lateness() for one in listeners])
    cpu_s = cpu_after - cpu_before if cpu_before and cpu_after else None
    return {
        "sockets": sockets,
        "packets": packets,
        "silent_sockets": sum(not one.arrived for one in listeners),
        "errors": [error for one in listeners for error in one.errors][:5],
        "added_ms_per_frame": percentiles(late_ms.tolist(), 2),
        "server_cpu_share": cpu_s and round(cpu_s / wall_s, 3),
        "server_us_per_packet": cpu_s and round(1e6 * cpu_s / max(1, packets - before), 1),
        "resident_mb": memory,
    }


async def _connect(target: Target, arguments: argparse.Namespace, sockets: int) -> Listener:
    parts = urlsplit(target.url)
    url = target.url if "/v1/live" in target.url else target.url.rstrip("/") + "/v1/live"
    rate = 48_000 if arguments.codec == "opus" else 24_000
    seconds = arguments.seconds + sockets * 0.02 + 5
    messages: list[dict[str, Any]] = [
        {
            "type": "session.start",
            "audio": {"codec": arguments.codec, "sample_rate": rate},
            "marks": ["word"] if arguments.marks else [],
        },
        {"type": "text.delta", "text": TEXT * (1 + int(seconds / CHARACTER_S / len(TEXT)))},
        {"type": "text.end"},
    ]
    loop = asyncio.get_running_loop()
    _, listener = await loop.create_connection(
        lambda: Listener(url, messages, rate, target.api_key),
        parts.hostname or "127.0.0.1",
        parts.port or 8765,
    )
    return listener
