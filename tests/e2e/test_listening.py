import asyncio
import io
import json
from collections.abc import Callable
from typing import Any

import av
import httpx
import numpy as np
import pytest
from websockets.asyncio.client import connect

from seiyuu.streaming.packet import unpack

pytestmark = pytest.mark.e2e

PATIENCE_S = 20.0


async def heard(http: httpx.AsyncClient, path: str, until: Callable[[bytes], bool]) -> bytes:
    """The body so far, once it is enough."""
    body = b""
    async with asyncio.timeout(PATIENCE_S), http.stream("GET", path) as response:
        assert response.status_code == 200, await response.aread()
        async for part in response.aiter_bytes():
            body += part
            if until(body):
                return body
    return body


def decoded(body: bytes) -> np.ndarray:
    with av.open(io.BytesIO(body)) as container:
        frames = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    return np.concatenate(frames)


async def somebody_listens(running: Any) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not running.server.broadcast._listeners:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_a_media_player_hears_the_session(running: Any, raw: Callable[..., Any]) -> None:
    """The Ogg stream begins with silence, holds the utterance, and FFmpeg decodes it without a gap."""
    async with raw(running) as speaker, httpx.AsyncClient(base_url=running.http) as http:
        started = await speaker.start()
        path = f"/live/{started['session']}.ogg"
        listening = asyncio.create_task(heard(http, path, lambda body: body.count(b"OggS") > 90))
        await somebody_listens(running)
        await speaker.send("text.delta", text="你好世界")
        await speaker.send("text.end")
        await speaker.until("utterance.ended")
        sound = decoded(await listening)
        assert np.abs(sound).max() > 0.1
        assert len(sound) % 960 in {0, 960 - 312}
    await running.empty()


async def test_current_outlives_its_session(running: Any, raw: Callable[..., Any]) -> None:
    """Who listens to ``current`` hears silence, then one session, then the next, in one stream."""
    async with httpx.AsyncClient(base_url=running.http) as http:
        wanted = asyncio.Event()
        listening = asyncio.create_task(
            heard(http, "/live/current.wav", lambda body: wanted.is_set())
        )
        await somebody_listens(running)
        for voice in ("alto", "soprano"):
            async with raw(running) as speaker:
                await speaker.start(voice=voice)
                await speaker.send("text.delta", text="啊啊啊啊")
                await speaker.send("text.end")
                await speaker.until("utterance.ended")
                await speaker.send("session.close")
        wanted.set()
        sound = np.frombuffer((await listening)[44:][:-4] + b"", "<u1")
        samples = np.frombuffer(sound[: len(sound) // 4 * 4].tobytes(), "<f4")
        hz = ord("啊") % 24
        for base in (220.0, 330.0):
            tone = base * 2 ** (hz / 12)
            at = np.exp(-2j * np.pi * tone * np.arange(4800) / 48_000)
            windows = [
                abs(samples[i : i + 4800] @ at) / 4800 for i in range(0, len(samples) - 4800, 960)
            ]
            assert max(windows) > 0.05
    await running.empty()


async def test_a_page_follows_what_another_connection_drives(
    running: Any, raw: Callable[..., Any]
) -> None:
    """A follower gets the very packets and marks of the session, and is told when it is over."""
    url = running.url.replace("/v1/live", "/v1/listen")
    async with raw(running) as speaker:
        started = await speaker.start(marks=["char"])
        async with connect(f"{url}?session={started['session']}", proxy=None) as page:
            first = json.loads(await page.recv())
            assert first["type"] == "session.started"
            assert "resume_token" not in first
            await speaker.send("text.delta", text="你好世界")
            await speaker.send("text.end")
            await speaker.until("utterance.ended")
            await speaker.send("session.close")
            async with asyncio.timeout(PATIENCE_S):
                got = [
                    json.loads(frame) if isinstance(frame, str) else unpack(frame)
                    async for frame in page
                ]
        packets = [one for one in got if not isinstance(one, dict)]
        assert packets == speaker.packets()
        assert [m["text"] for m in got if isinstance(m, dict) and m["type"] == "mark"] == list(
            "你好世界"
        )
        assert got[-1] == {"type": "session.ended"}


async def test_doors_refuse_who_may_not_listen(serve: Callable[..., Any]) -> None:
    """``current`` asks for the key and for no page of another site; an unknown session is not found."""
    running = await serve(api_keys=("secret",))
    async with httpx.AsyncClient(base_url=running.http) as http:
        assert (await http.get("/live/current.ogg")).status_code == 401
        assert (await http.get("/live/nobody.ogg")).status_code == 404
        assert (await http.get("/live/current.mp3?api_key=secret")).status_code == 404
        foreign = {"sec-fetch-site": "cross-site"}
        refused = await http.get("/live/current.ogg?api_key=secret", headers=foreign)
        assert refused.status_code == 401
