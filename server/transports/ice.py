"""Peer connections that reveal no more than the server's own port does.

aiortc asks a public STUN server unless told otherwise, and aioice offers every address of the machine except the
loopback one. Neither is wanted of a server that listens on 127.0.0.1.
"""

from __future__ import annotations

import ipaddress
from contextvars import ContextVar
from typing import Any

_ADDRESSES: ContextVar[list[str] | None] = ContextVar("seiyuu_ice_addresses", default=None)


def loopback(host: str) -> bool:
    """The address is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def make_connection(*, here_only: bool) -> Any:
    """A connection without STUN; ``here_only`` lets it, and what this task begins later, gather 127.0.0.1 alone."""
    from aioice import ice
    from aiortc import RTCConfiguration, RTCPeerConnection

    if not getattr(ice.get_host_addresses, "of_seiyuu", False):
        ice.get_host_addresses = _choosing(ice.get_host_addresses)
    _ADDRESSES.set(["127.0.0.1"] if here_only else None)
    return RTCPeerConnection(RTCConfiguration(iceServers=[]))


def _choosing(usual: Any) -> Any:
    """``aioice`` has no setting for addresses: its function is replaced by one that asks the task that gathers."""

    def addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        chosen = _ADDRESSES.get()
        found: list[str] = usual(use_ipv4, use_ipv6) if chosen is None else chosen
        return found

    addresses.of_seiyuu = True  # type: ignore[attr-defined]
    return addresses
