"""A peer that speaks: the messages of ``/v1/live`` over the data channel, the sound as RTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import numpy as np
import pytest
from aioice import ice
from aiortc import RTCPeerConnection, RTCSessionDescription

pytestmark = pytest.mark.e2e

PATIENCE_S = 20.0
SDP = {"content-type": "application/sdp"}
TEXT = "你好世界,今天天气很好"


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No candidate of a test leaves this machine."""
    monkeypatch.setattr(ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])


class Driver:
    """A peer connection with a data channel, and everything that came over both."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.connection = RTCPeerConnection()
        self.channel = self.connection.createDataChannel("live")
        self.said: list[dict[str, Any]] = []
        self.loudest = 0.0
        self.place = ""
        self._changed = asyncio.Event()
        self._hearing: asyncio.Task[None] | None = None

    async def connect(self, session: str, **headers: str) -> None:
        self.connection.addTransceiver("audio", direction="recvonly")
        self.channel.on("message", self._message)
        self.connection.on("track", self._track)
        for event in ("open", "close"):
            self.channel.on(event, self._changed.set)
        await self.connection.setLocalDescription(await self.connection.createOffer())
        answer = await self.http.post(
            f"/v1/webrtc?session={session}",
            content=self.connection.localDescription.sdp,
            headers={**SDP, **headers},
        )
        assert answer.status_code == 201, answer.text
        self.place = answer.headers["location"]
        self.tag = answer.headers["etag"]
        await self.connection.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        await self.wait(lambda: self.channel.readyState == "open")

    def send(self, type_: str, **fields: Any) -> None:
        self.channel.send(json.dumps({"type": type_, **fields}))

    def messages(self, type_: str) -> list[dict[str, Any]]:
        return [message for message in self.said if message["type"] == type_]

    async def until(self, type_: str) -> dict[str, Any]:
        await self.wait(lambda: bool(self.messages(type_)))
        return self.messages(type_)[-1]

    async def wait(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def close(self) -> None:
        if self._hearing is not None:
            self._hearing.cancel()
            await asyncio.gather(self._hearing, return_exceptions=True)
        await self.connection.close()

    def _message(self, text: str) -> None:
        self.said.append(json.loads(text))
        self._changed.set()

    def _track(self, track: Any) -> None:
        async def hear() -> None:
            while True:
                frame = await track.recv()
                level = float(np.abs(frame.to_ndarray()).max()) / 32768
                self.loudest = max(self.loudest, level)
                self._changed.set()

        self._hearing = asyncio.create_task(hear())


@asynccontextmanager
async def driver(running: Any, session: str = "new", **headers: str) -> AsyncIterator[Driver]:
    async with httpx.AsyncClient(base_url=running.http) as http:
        one = Driver(http)
        try:
            await one.connect(session, **headers)
            yield one
        finally:
            await one.close()


async def test_a_peer_drives_a_session(running: Any) -> None:
    """Text goes up the channel, sound comes as RTP, marks with it, and the session ends when it is closed."""
    async with driver(running) as peer:
        peer.send("session.start", marks=["char"])
        assert (await peer.until("session.started"))["engine"] == "tone"
        peer.send("emotion.set", emotion="joy")
        peer.send("text.delta", text=TEXT)
        peer.send("text.end")
        await peer.wait(lambda: peer.loudest > 0.1)
        ended = await peer.until("utterance.ended")
        assert ended["reason"] == "end"
        marks = "".join(mark["text"] for mark in peer.messages("mark"))
        assert marks == TEXT.replace(",", "")
        assert peer.messages("emotion.applied")
        assert not peer.messages("audio.rewind")
        peer.send("session.close")
        await peer.wait(lambda: peer.channel.readyState == "closed")
    await running.empty()
    assert len(running.server.peers) == 0


async def test_a_cancel_says_what_was_heard(running: Any) -> None:
    """A barge-in over the channel is answered as on the WebSocket."""
    async with driver(running) as peer:
        peer.send("session.start", marks=["char"])
        peer.send("text.delta", text=TEXT * 4)
        await peer.wait(lambda: len(peer.messages("mark")) > 4)
        peer.send("speech.cancel")
        cancelled = await peer.until("speech.cancelled")
        assert cancelled["heard_text"] + cancelled["unheard_text"] == TEXT * 4
        assert len(cancelled["heard_text"]) >= 4
        assert (await peer.until("utterance.ended"))["reason"] == "cancel"


async def test_a_listener_takes_the_floor(running: Any, raw: Callable[..., Any]) -> None:
    """One who listened to another's session hears its own from ``session.start`` on, and only that."""
    async with raw(running) as speaker:
        started = await speaker.start()
        async with driver(running, started["session"]) as peer:
            await speaker.send("text.delta", text="啊啊")
            await speaker.send("text.end")
            await peer.until("utterance.ended")
            assert peer.loudest > 0.1
            peer.send("session.start")
            mine = await peer.until("session.started")
            assert mine["session"] != started["session"]
            peer.said.clear()
            await speaker.send("text.delta", text="啊啊")
            await speaker.send("text.end")
            await speaker.until("utterance.ended", utterance=2)
            assert not peer.said


async def test_what_a_peer_says_wrong_is_answered(running: Any) -> None:
    """A bad message is one error and the session goes on; the first message must be ``session.start``."""
    async with driver(running) as peer:
        peer.send("session.start", voice="nobody at all")
        assert (await peer.until("error"))["code"] == "unknown_voice"
        await peer.wait(lambda: peer.channel.readyState == "closed")
    async with driver(running) as peer:
        peer.send("session.start")
        await peer.until("session.started")
        peer.channel.send("{")
        assert (await peer.until("error"))["code"] == "bad_message"
        peer.send("text.delta", text="啊")
        peer.send("text.end")
        await peer.until("utterance.ended")


async def test_a_key_is_asked_for(serve: Callable[..., Any], raw: Callable[..., Any]) -> None:
    """Without the server's key nobody starts a session, not even one who may listen by a session's id."""
    running = await serve(api_keys=("secret",))
    async with httpx.AsyncClient(base_url=running.http) as http:
        refused = await http.post("/v1/webrtc?session=new", content="v=0", headers=SDP)
        assert refused.status_code == 401
    async with driver(running, **{"x-api-key": "secret"}) as host:
        host.send("session.start")
        session = (await host.until("session.started"))["session"]
        async with driver(running, session) as listener:
            listener.send("session.start")
            assert (await listener.until("error"))["code"] == "unauthorized"
        assert len(running.server.sessions.live) == 1


async def test_a_lost_peer_can_be_found_again(running: Any, raw: Callable[..., Any]) -> None:
    """A session whose connection broke waits, and goes on over another transport; one that was left ends."""
    async with driver(running) as peer:
        peer.send("session.start")
        started = await peer.until("session.started")
        ours = running.server.peers.find(peer.place.rpartition("/")[2])
        await running.server.peers.close(ours, said_goodbye=False)
    assert len(running.server.sessions.live) == 1
    async with raw(running) as socket:
        resume = {"token": started["resume_token"], "next_seq": 0}
        again = await socket.start(resume=resume)
        assert again["session"] == started["session"]
        await socket.send("session.close")
    async with driver(running) as peer:
        peer.send("session.start")
        await peer.until("session.started")
        assert (await peer.http.delete(peer.place)).status_code == 200
        await running.empty()


async def test_whep_answers_what_comes_later(running: Any) -> None:
    """Candidates are taken, another ICE session is 422, another entity tag 412, another type 415."""
    async with driver(running) as peer:
        frag = {"content-type": "application/trickle-ice-sdpfrag"}
        ufrag = next(
            line
            for line in peer.connection.localDescription.sdp.splitlines()
            if line.startswith("a=ice-ufrag:")
        )
        candidate = "a=candidate:9 1 udp 2113937151 127.0.0.1 9 typ host"
        hidden = "a=candidate:8 1 udp 2113937151 4f1c-aa.local 9 typ host"
        body = f"{ufrag}\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n{candidate}\r\n{hidden}\r\n"
        patch = peer.http.patch
        assert (await patch(peer.place, content=body, headers=frag)).status_code == 204
        tagged = {**frag, "if-match": peer.tag}
        assert (await patch(peer.place, content=body, headers=tagged)).status_code == 204
        wrong = {**frag, "if-match": '"other"'}
        assert (await patch(peer.place, content=body, headers=wrong)).status_code == 412
        restart = body.replace(ufrag, "a=ice-ufrag:zzzz")
        assert (await patch(peer.place, content=restart, headers=frag)).status_code == 422
        broken = body.replace("udp", "")
        assert (await patch(peer.place, content=broken, headers=frag)).status_code == 400
        assert (await patch(peer.place, content=body)).status_code == 415
        before = await peer.http.options("/v1/webrtc", headers={"origin": "https://a.example"})
        assert before.status_code == 204
        assert "PATCH" in before.headers["access-control-allow-methods"]
        assert peer.connection.connectionState == "connected"
