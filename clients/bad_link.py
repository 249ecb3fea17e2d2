"""A bad network between two peers on this machine: a UDP proxy that loses packets and holds some of them up."""

from __future__ import annotations

import asyncio
import random
import re
from typing import Any

CANDIDATE = re.compile(r"^(a=candidate:\S+ 1 udp \S+ )(\S+) (\d+)( typ host.*)$", re.MULTILINE)


def without_candidates(sdp: str) -> str:
    """A description that names no address, and leaves open whether there are any."""
    named = ("a=candidate:", "a=end-of-candidates")
    lines = (line for line in sdp.splitlines() if not line.startswith(named))
    return "\r\n".join([*lines, ""])


class BadLink:
    """Give it the answer of the far peer: the near one then reaches it through here, and through here alone.

    ``loss`` is the share of packets that vanish in each direction, ``late_ms`` the most that one is held up; packets
    overtake each other.
    """

    def __init__(self, loss: float, late_ms: float, seed: int = 1) -> None:
        self.loss = loss
        self.late_s = late_ms / 1000
        self.lost = 0
        self.passed = 0
        self._random = random.Random(seed)
        self._ends: list[_End] = []

    async def between(self, answer: str) -> str:
        """The answer with its candidates replaced by one of this link.

        Raises:
            ValueError: there is no candidate to reach.
        """
        found = CANDIDATE.search(answer)
        if found is None:
            raise ValueError("the answer names no UDP candidate")
        loop = asyncio.get_running_loop()
        near, far = _End(self), _End(self)
        near.other, far.other = far, near
        far.to = (found[2], int(found[3]))
        await loop.create_datagram_endpoint(lambda: near, ("127.0.0.1", 0))
        await loop.create_datagram_endpoint(lambda: far, ("127.0.0.1", 0))
        self._ends = [near, far]
        mine = f"{found[1]}127.0.0.1 {near.port}{found[4]}"
        lines = without_candidates(answer).splitlines()
        at = next(n for n, line in enumerate(lines) if line.startswith("m=")) + 1
        return "\r\n".join([*lines[:at], lines[at], mine, *lines[at + 1 :], ""])

    def carry(self, data: bytes, end: _End) -> None:
        """A packet on its way out of ``end``."""
        if self._random.random() < self.loss:
            self.lost += 1
            return
        self.passed += 1
        wait_s = self._random.random() * self.late_s
        asyncio.get_running_loop().call_later(wait_s, end.send, data)

    def close(self) -> None:
        """Idempotent."""
        for end in self._ends:
            end.transport.close()


class _End(asyncio.DatagramProtocol):
    """One side of the link; it answers whoever spoke to it first."""

    def __init__(self, link: BadLink) -> None:
        self._link = link
        self.other: _End
        self.to: tuple[str, int] | None = None
        self.transport: asyncio.DatagramTransport

    @property
    def port(self) -> int:
        return int(self.transport.get_extra_info("sockname")[1])

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.to is None:
            self.to = addr
        self._link.carry(data, self.other)

    def send(self, data: bytes) -> None:
        if self.to is not None and not self.transport.is_closing():
            self.transport.sendto(data, self.to)
