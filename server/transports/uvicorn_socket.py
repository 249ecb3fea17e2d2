"""uvicorn's WebSocket protocol with one thing more: dropping a peer that does not read.

Closing in order waits until the peer has read what is buffered, and one that stopped reading never does; its socket
and its buffers would stay for as long as it likes.
"""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from .websocket import EXPEL

GRACE_S = 2.0
"""How long an expelled peer may take to read what is buffered and the reason behind it."""


class ExpellingWebSocket(WebSocketsSansIOProtocol):
    """Offers :data:`EXPEL` to the application."""

    async def run_asgi(self) -> None:
        self.scope["extensions"][EXPEL] = self.expel  # type: ignore[assignment]
        await super().run_asgi()

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
