"""Follows a session for captions and faces, and finds it again for ever."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlencode, urlsplit

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from ..streaming.packet import unpack
from .playout import Playout

RETRY_S = 1.0


def listen_url(server: str, session: str, api_key: str | None) -> str:
    """The door for followers on the server at ``server`` (http or ws)."""
    parts = urlsplit(server if "//" in server else f"//{server}", "http")
    scheme = "wss" if parts.scheme in {"https", "wss"} else "ws"
    query = urlencode({"session": session, **({"api_key": api_key} if api_key else {})})
    return f"{scheme}://{parts.netloc}/v1/listen?{query}"


async def follow(playout: Playout, server: str, session: str, api_key: str | None) -> None:
    """Feed it until cancelled; a server that is not there yet is waited for."""
    url = listen_url(server, session, api_key)
    while True:
        try:
            async with connect(url, proxy=None, compression=None) as socket:
                async for frame in socket:
                    if isinstance(frame, str):
                        playout.message(json.loads(frame))
                    else:
                        playout.packet(unpack(frame))
        except (OSError, InvalidHandshake, ConnectionClosed):
            pass
        await asyncio.sleep(RETRY_S)
