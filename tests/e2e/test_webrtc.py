import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest
from aioice import ice
from aiortc import RTCPeerConnection, RTCSessionDescription

from seiyuu.server.transports.webrtc import without_names

pytestmark = pytest.mark.e2e

PATIENCE_S = 20.0


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No candidate of a test leaves this machine."""
    monkeypatch.setattr(ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])


async def offered() -> tuple[RTCPeerConnection, Any, str]:
    connection = RTCPeerConnection()
    connection.addTransceiver("audio", direction="recvonly")
    channel = connection.createDataChannel("live")
    await connection.setLocalDescription(await connection.createOffer())
    return connection, channel, connection.localDescription.sdp


SDP = {"content-type": "application/sdp"}


async def test_a_peer_hears_the_session_and_its_messages(
    running: Any, raw: Callable[..., Any]
) -> None:
    """A WHEP peer gets sound that is not silent, marks over the data channel, and leaves nothing behind."""
    async with raw(running) as speaker, httpx.AsyncClient(base_url=running.http) as http:
        started = await speaker.start(marks=["char"])
        connection, channel, sdp = await offered()
        said: list[str] = []
        channel.on("message", said.append)
        tracks: asyncio.Queue[Any] = asyncio.Queue()
        connection.on("track", tracks.put_nowait)
        answer = await http.post(
            f"/v1/webrtc?session={started['session']}", content=sdp, headers=SDP
        )
        assert answer.status_code == 201
        found = {
            line.split()[4] for line in answer.text.splitlines() if line.startswith("a=candidate:")
        }
        assert found == {"127.0.0.1"}
        await connection.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        async with asyncio.timeout(PATIENCE_S):
            track = await tracks.get()
            await track.recv()
            while channel.readyState != "open":
                await track.recv()
            await speaker.send("text.delta", text="你好世界,你好世界")
            await speaker.send("text.end")
            loudest = 0.0
            while loudest < 0.1 or not any('"mark"' in message for message in said):
                frame = await track.recv()
                loudest = max(loudest, float(np.abs(frame.to_ndarray()).max()) / 32768)
        assert frame.sample_rate == 48_000
        where = answer.headers["location"]
        assert (await http.delete(where)).status_code == 200
        assert (await http.delete(where)).status_code == 404
        await connection.close()
        assert len(running.server.peers) == 0


async def test_what_is_no_offer_is_refused(running: Any) -> None:
    """A wrong type is 415, a wrong body 406, an unknown session 404, and none of them leaves a peer."""
    connection, _, sdp = await offered()
    async with httpx.AsyncClient(base_url=running.http) as http:
        assert (await http.post("/v1/webrtc", content=sdp)).status_code == 415
        assert (await http.post("/v1/webrtc", content="nonsense", headers=SDP)).status_code == 406
        unknown = await http.post("/v1/webrtc?session=nobody", content=sdp, headers=SDP)
        assert unknown.status_code == 404
        assert (await http.get("/v1/webrtc")).status_code == 405
    await connection.close()
    assert len(running.server.peers) == 0


async def test_enough_is_enough(serve: Callable[..., Any]) -> None:
    """Peers over the limit are told to come back; a place that is given up can be had again."""
    running = await serve(limits={"max_peers": 1})
    first, _, sdp = await offered()
    async with httpx.AsyncClient(base_url=running.http) as http:
        one = await http.post("/v1/webrtc", content=sdp, headers=SDP)
        assert one.status_code == 201
        assert (await http.post("/v1/webrtc", content=sdp, headers=SDP)).status_code == 503
        await http.delete(one.headers["location"])
        again = await http.post("/v1/webrtc", content=sdp, headers=SDP)
        assert again.status_code == 201
    await first.close()


def test_hidden_candidates_are_left_out() -> None:
    """Only candidates behind an mDNS name are taken out of an offer."""
    plain = "a=candidate:1 1 udp 2113937151 192.0.2.7 50000 typ host"
    hidden = "a=candidate:2 1 udp 2113937151 4f1c-aa.local 50001 typ host"
    end = "a=end-of-candidates"
    found = without_names("\r\n".join(["v=0", hidden, plain, end, ""]))
    assert found.split("\r\n") == ["v=0", plain, ""]
    shown = "\r\n".join(["v=0", plain, end, ""])
    assert without_names(shown) == shown
