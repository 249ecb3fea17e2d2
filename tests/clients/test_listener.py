"""The benches' own WebSocket reader."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from seiyuu.clients.listener import Listener
from seiyuu.streaming.ids import UtteranceId
from seiyuu.streaming.packet import Packet

pytestmark = pytest.mark.unit

MESSAGES: list[dict[str, Any]] = [{"type": "session.start"}, {"type": "text.end"}]


class Pipe:
    """The listener's transport: what it writes is the server's to read."""

    def __init__(self) -> None:
        self.server = ServerProtocol(max_size=None)

    def write(self, data: bytes) -> None:
        self.server.receive_data(data)


def connected() -> tuple[Listener, ServerProtocol]:
    """A listener that has shaken hands."""
    pipe = Pipe()
    listener = Listener("ws://127.0.0.1/v1/live", MESSAGES, 24_000, "secret")
    listener.connection_made(pipe)  # type: ignore[arg-type]
    (request,) = pipe.server.events_received()
    assert isinstance(request, Request)
    assert request.headers["Authorization"] == "Bearer secret"
    pipe.server.send_response(pipe.server.accept(request))
    listener.data_received(b"".join(pipe.server.data_to_send()))
    assert pipe.server.state is State.OPEN
    return listener, pipe.server


def test_it_sends_its_messages_after_the_handshake() -> None:
    """In order, each as a text frame."""
    _, server = connected()
    frames = [event for event in server.events_received() if isinstance(event, Frame)]
    assert [json.loads(frame.data) for frame in frames] == MESSAGES


@given(
    st.lists(st.sampled_from(["packet", "long packet", "ping", "mark", "error"]), max_size=12),
    st.lists(st.integers(0, 400), max_size=20),
)
def test_frames_cut_anywhere_are_the_same_frames(kinds: list[str], cuts: list[int]) -> None:
    """Packets of any length are noted with their place, errors kept, pings answered."""
    listener, server = connected()
    list(server.events_received())
    for n, kind in enumerate(kinds):
        if kind.endswith("packet"):
            payload = bytes(70_000 if kind == "long packet" else 90)
            server.send_binary(Packet(UtteranceId(1), n, 480 * n, payload).pack())
        elif kind == "ping":
            server.send_ping(b"?")
        else:
            server.send_text(json.dumps({"type": kind, "n": n}).encode())
    data = b"".join(server.data_to_send())
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    for begin, end in zip(places, places[1:], strict=False):
        listener.data_received(data[begin:end])
    expected = [480 * n for n, kind in enumerate(kinds) if kind.endswith("packet")]
    assert [timestamp for _, timestamp in listener.arrived] == expected
    assert [json.loads(e)["n"] for e in listener.errors] == [
        n for n, kind in enumerate(kinds) if kind == "error"
    ]
    pongs = [e for e in server.events_received() if isinstance(e, Frame)]
    assert [pong.opcode for pong in pongs] == [Opcode.PONG] * kinds.count("ping")


def test_lateness_is_counted_from_the_earliest() -> None:
    """The first burst fills the lead and does not count; the earliest of the rest is in time."""
    listener, _ = connected()
    listener.arrived = [(0.0, 480 * n) for n in range(50)]
    listener.arrived += [(1.0 + 0.02 * n, 480 * n) for n in range(50, 99)]
    assert len(listener.lateness()) == 0
    listener.arrived.append((1.0 + 0.02 * 99 + 0.005, 480 * 99))
    late = listener.lateness()
    assert late[:-1] == pytest.approx(0, abs=1e-9)
    assert late[-1] == pytest.approx(0.005)
