"""uvicorn's WebSocket protocol with two things more: a short way for packets, and dropping a peer that does not read.

A packet is a frame of a few hundred bytes, fifty times a second and session: the way through ASGI's events and the
general frame writer costs more than everything else done for it.

Closing in order waits until the peer has read what is buffered, and one that stopped reading never does; its socket
and its buffers would stay for as long as it likes.
"""

from __future__ import annotations

import struct
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from ...streaming.protocol import Frame
from .websocket import EXPEL, SEND_NOW

SHORT, MEDIUM, LONG = struct.Struct("!BB"), struct.Struct("!BBH"), struct.Struct("!BBQ")
"""Headers of RFC 6455 §5.2 by length of payload."""
GRACE_S = 2.0
"""How long an expelled peer may take to read what is buffered and the reason behind it."""


class LiveSocket(WebSocketsSansIOProtocol):
    """Offers :data:`EXPEL` and :data:`SEND_NOW` to the application. Knows no extension that changes frames."""

    async def run_asgi(self) -> None:
        offered: dict[str, Any] = self.scope["extensions"]
        offered.update({EXPEL: self.expel, SEND_NOW: self.send_now})
        try:
            await super().run_asgi()
        finally:
            offered.clear()  # they hold this socket, which holds them

    def send_now(self, frame: Frame) -> bool:
        """Write one whole unmasked frame (RFC 6455 §5.2), unless the peer is behind or leaving."""
        if not self.writable.is_set() or self.close_sent or self.disconnected:
            return False
        if self.conn.state is not State.OPEN or self.conn.extensions:
            return False
        text = isinstance(frame, str)
        data = frame.encode() if isinstance(frame, str) else frame
        first, length = 0x81 if text else 0x82, len(data)
        if length < 126:
            header = SHORT.pack(first, length)
        elif length < 65536:
            header = MEDIUM.pack(first, 126, length)
        else:
            header = LONG.pack(first, 127, length)
        self.transport.write(header + data)
        return True

    def expel(self, last: str, code: int, reason: str) -> None:
        """Write message and close frame past the flow control, then drop what is not read within the grace."""
        if self.transport.is_closing():
            return
        if not self.close_sent:
            self.conn.send_text(last.encode())
            self.conn.send_close(code, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.writable.set()  # whoever waits in send() is told that nothing more can be sent
        self.disconnected = True
        self.stop_keepalive()
        self.close_timer = self.loop.call_later(GRACE_S, self.transport.abort)
