"""``bench listeners``: many listeners on one session, over WebRTC and Ogg, and one of them on a bad link.

For each listener: how late its packets come against the server's clock, how often a player with a small buffer would
have run dry, and how far the sound's clock moved against the wall's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from .bad_link import BadLink
from .ears import OggEar, PeerEar
from .load import CHARACTER_S, TEXT
from .measures import cpu_seconds, header, percentiles, resident_mb

if TYPE_CHECKING:
    from .bench import Target

UTTERANCE_S = 60.0
WATCH_S = 5.0


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--peers", type=int, default=30, help="WebRTC listeners (30)")
    parser.add_argument("--players", type=int, default=1, help="Ogg listeners (1)")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long they listen (30)")
    parser.add_argument(
        "--loss", type=float, default=0.0, metavar="SHARE", help="lost by a bad link"
    )
    parser.add_argument(
        "--late-ms", type=float, default=0.0, help="its packets are late by up to this"
    )


async def run(target: Target, arguments: argparse.Namespace) -> dict[str, Any]:
    """One session speaks without a pause; the first peer is the one on the bad link, if there is one."""
    bad = bool(arguments.loss or arguments.late_ms)
    base = _http(target.url)
    async with AsyncExitStack() as stack:
        speaker = await stack.enter_async_context(_speaker(target))
        session = await _start(speaker)
        talking = asyncio.create_task(_talk(speaker))
        stack.callback(talking.cancel)
        ears: list[PeerEar | OggEar] = []
        for n in range(arguments.peers):
            link = BadLink(arguments.loss, arguments.late_ms) if bad and n == 0 else None
            ears.append(PeerEar(base, session, link))
        ears += [OggEar(base, session) for _ in range(arguments.players)]
        for ear in ears:
            stack.push_async_callback(ear.close)
            await ear.open()
        cpu_before, began = target.pid and cpu_seconds(target.pid), time.perf_counter()
        memory = await _listen(target, arguments.seconds)
        wall_s = time.perf_counter() - began
        cpu_after = target.pid and cpu_seconds(target.pid)
    good = [ear for n, ear in enumerate(ears) if not (bad and n == 0)]
    return {
        **header("listeners", arguments.engine or "tone"),
        "seconds": round(wall_s, 1),
        "listeners": {"webrtc": arguments.peers, "ogg": arguments.players},
        "webrtc": _summary([ear for ear in good if isinstance(ear, PeerEar)]),
        "ogg": _summary([ear for ear in good if isinstance(ear, OggEar)]),
        "bad_link": _summary(ears[:1]) if bad else None,
        "server_cpu_share": round((cpu_after - cpu_before) / wall_s, 3)
        if cpu_before and cpu_after
        else None,
        "resident_mb": memory,
    }


async def _listen(target: Target, seconds: float) -> dict[str, Any] | None:
    """Wait, and watch the server's memory; its slope leaves out the first tenth, in which buffers fill."""
    seen: list[tuple[float, float]] = []
    began = time.perf_counter()
    while (passed := time.perf_counter() - began) < seconds:
        if target.pid is not None and (memory := resident_mb(target.pid)) is not None:
            seen.append((passed, memory))
        await asyncio.sleep(min(WATCH_S, seconds - passed))
    if len(seen) < 3:
        return None
    steady = np.array([one for one in seen if one[0] >= seconds / 10] or seen)
    slope = float(np.polyfit(steady[:, 0], steady[:, 1], 1)[0]) * 3600 if len(steady) > 1 else 0.0
    return {"first": seen[0][1], "last": seen[-1][1], "slope_mb_per_h": round(slope, 1)}


def _summary(ears: list[Any]) -> dict[str, Any] | None:
    if not ears:
        return None
    lateness = np.concatenate([ear.lateness() for ear in ears])
    return {
        "packets": sum(len(ear.arrived) for ear in ears),
        "missing": sum(ear.missing for ear in ears),
        "late_ms": percentiles((1000 * lateness).tolist(), 2),
        "underruns_60ms": sum(ear.underruns(0.06) for ear in ears),
        "largest_drift_ms": round(max(abs(ear.drift_s()) for ear in ears) * 1000, 2),
    }


def _http(url: str) -> str:
    parts = urlsplit(url)
    scheme = "https" if parts.scheme in {"https", "wss"} else "http"
    return f"{scheme}://{parts.netloc}"


def _speaker(target: Target) -> connect:
    headers = {"Authorization": f"Bearer {target.api_key}"} if target.api_key else {}
    url = target.url if "/v1/live" in target.url else target.url.rstrip("/") + "/v1/live"
    return connect(url, additional_headers=headers, max_size=None, proxy=None)


async def _start(speaker: ClientConnection) -> str:
    await speaker.send(json.dumps({"type": "session.start"}))
    return str(json.loads(await speaker.recv())["session"])


async def _talk(speaker: ClientConnection) -> None:
    """Minute after minute, one utterance ahead of what sounds."""
    text = TEXT * round(UTTERANCE_S / CHARACTER_S / len(TEXT))
    for _ in range(2):
        await _say(speaker, text)
    async for frame in speaker:
        if isinstance(frame, str) and '"utterance.ended"' in frame:
            await _say(speaker, text)


async def _say(speaker: ClientConnection, text: str) -> None:
    await speaker.send(json.dumps({"type": "text.delta", "text": text}))
    await speaker.send(json.dumps({"type": "text.end"}))
