"""Who may connect: an API key if any is configured, and no web page of another site.

A browser sends the page's origin with every WebSocket it opens. A server on someone's own machine must not be
driven by whatever page they look at, so an origin is let in only if it is the server's own or configured. That the
two names are equal is not enough: a hostile name can be made to point at 127.0.0.1 (DNS rebinding), so a name of
one's own must be an address, ``localhost`` or this machine's.
"""

from __future__ import annotations

import hmac
import ipaddress
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from ..streaming.errors import Unauthorized


class Access:
    """Decides by the headers of a request; programs that send no ``Origin`` need only the key."""

    def __init__(
        self, api_keys: tuple[str, ...] = (), allowed_origins: tuple[str, ...] = ()
    ) -> None:
        self._keys = tuple(key.encode() for key in api_keys)
        self._origins = frozenset(origin.rstrip("/").lower() for origin in allowed_origins)
        name = socket.gethostname().lower()
        self._own_names = frozenset({"localhost", name, f"{name}.local"})

    def check(self, headers: Mapping[str, str], query: Mapping[str, str]) -> None:
        """Let the request through or raise.

        The key is taken from ``Authorization: Bearer``, ``X-API-Key`` or, because a browser can set neither on a
        WebSocket, the query parameter ``api_key``.

        Raises:
            Unauthorized: the key is missing or wrong, or the origin is another site.
        """
        origin = headers.get("origin")
        if origin is not None and not self._is_own(origin.lower(), headers.get("host", "").lower()):
            raise Unauthorized(
                f"pages of {origin[:80]} may not use this server; add it to allowed_origins if they should"
            )
        if self._keys and not self._knows(_key_in(headers, query)):
            raise Unauthorized("the API key is missing or wrong")

    def _knows(self, key: str) -> bool:
        given = key.encode("utf-8", "surrogatepass")
        found = [hmac.compare_digest(given, known) for known in self._keys]  # all: equal time
        return any(found)

    def _is_own(self, origin: str, host: str) -> bool:
        if origin.rstrip("/") in self._origins:
            return True
        try:
            parts = urlsplit(origin)
            name = parts.hostname or ""
        except ValueError:
            return False
        return parts.netloc == host and (name in self._own_names or _is_address(name))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _key_in(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return headers.get("x-api-key") or query.get("api_key", "")
