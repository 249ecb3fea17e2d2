"""How long sound takes from the server's hand to each kind of listener. Prints a table, asserts no time."""

import asyncio
import json
import time
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from websockets.asyncio.client import connect

from seiyuu.clients.obs import VOICE, remove, set_up, stream_url
from seiyuu.streaming.audio import AudioFormat
from seiyuu.streaming.codecs import make_decoder
from seiyuu.streaming.packet import unpack

pytestmark = pytest.mark.integration

SAID = 8
TEXT = "啊哦呃咦"
QUIET_S = 1.2
LOUD = 0.02

NOTE = """
window.onsets = [];
let quiet = 1e9;
seiyuu.player.addEventListener("block", ({ detail: { samples, frame } }) => {
  const { player } = seiyuu;
  const first = samples.findIndex((x) => Math.abs(x) > 0.02);
  if (first >= 0 && quiet > 24000) {
    const until = (frame - samples.length + first) / player.context.sampleRate - player.context.currentTime;
    onsets.push(performance.timeOrigin + performance.now() + (until + player.latencyS) * 1000);
  }
  quiet = first >= 0 ? 0 : quiet + samples.length;
});
"""


class Onsets:
    """When sound began (ms since the epoch), each time after half a second of silence."""

    def __init__(self) -> None:
        self.found: list[float] = []
        self._loud_at = 0.0

    def hear(self, loud: bool) -> None:
        if loud:
            now = time.time()
            if now - self._loud_at > 0.5:
                self.found.append(now * 1000)
            self._loud_at = now


async def by_socket(url: str, onsets: Onsets) -> None:
    """The packets as a follower gets them."""
    async with connect(f"{url}v1/listen".replace("http", "ws"), proxy=None) as socket:
        async for frame in socket:
            if isinstance(frame, bytes):
                samples = np.frombuffer(unpack(frame).payload, "<i2")
                onsets.hear(bool(np.abs(samples).max() > LOUD * 32768))


async def by_ogg(url: str, onsets: Onsets) -> None:
    """The pages of the Ogg stream, each decoded as it comes: what a player without a buffer hears."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"GET /live/current.ogg HTTP/1.1\r\nHost: {parts.hostname}\r\n\r\n".encode())
    decoder = make_decoder(AudioFormat("opus", 48_000, 20))
    while True:
        await reader.readuntil(b"OggS")
        head = await reader.readexactly(23)  # RFC 3533 §6
        table = await reader.readexactly(head[22])
        body = await reader.readexactly(sum(table))
        if int.from_bytes(head[2:10], "little"):
            onsets.hear(bool(np.abs(decoder.decode(body)).max() > LOUD))


async def by_meter(obs_running: Any, url: str, onsets: Onsets) -> None:
    async for level in obs_running.levels(url, VOICE):
        onsets.hear(level > LOUD)


async def speak_often(url: str) -> None:
    async with connect(f"{url}v1/live".replace("http", "ws"), proxy=None) as socket:
        await socket.send(json.dumps({"type": "session.start", "marks": ["char"]}))
        await socket.recv()
        for _ in range(SAID):
            await asyncio.sleep(QUIET_S)
            await socket.send(json.dumps({"type": "text.delta", "text": TEXT}))
            await socket.send(json.dumps({"type": "text.end"}))
            while '"utterance.ended"' not in str(await socket.recv()):
                pass
        await asyncio.sleep(QUIET_S)


async def test_what_each_way_adds(obs: str, obs_running: Any, server: Any, browser: Any) -> None:
    """Every listener hears every utterance; how long after the packet left is printed."""
    windows = {}
    for transport in ("websocket", "webrtc"):
        browser.switch_to.new_window("window")
        browser.get(f"{server.url}overlay?transport={transport}&captions=off")
        windows[transport] = browser.current_window_handle
    link = await obs_running.opened(obs)
    await set_up(link, stream_url(server.url), captions=False)
    await obs_running.playing(link, VOICE)
    packets, pages, meters = Onsets(), Onsets(), Onsets()
    tasks = [
        asyncio.create_task(by_socket(server.url, packets)),
        asyncio.create_task(by_ogg(server.url, pages)),
        asyncio.create_task(by_meter(obs_running, obs, meters)),
    ]
    first = asyncio.create_task(speak_often(server.url))
    await asyncio.sleep(QUIET_S + 1)  # pages learn the format with the session
    for handle in windows.values():
        browser.switch_to.window(handle)
        browser.execute_script(NOTE)
    await first
    ways = {"Ogg page": pages.found, "OBS meter": meters.found}
    for transport, handle in windows.items():
        browser.switch_to.window(handle)
        ways[f"page, {transport}"] = browser.execute_script("return onsets")
        browser.close()
    browser.switch_to.window(browser.window_handles[0])
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await remove(link)
    await link.__aexit__(None, None, None)
    for way, onsets in ways.items():
        after = [
            min(at - left for left in packets.found if left <= at)
            for at in onsets
            if at >= packets.found[0]
        ]
        shown = " ".join(f"{one:.0f}" for one in sorted(after))
        print(f"{way}: median {median(after):.0f} ms (n = {len(after)}: {shown})")
        assert len(after) >= SAID - 2
