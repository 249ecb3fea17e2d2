"""A face over the VMC protocol: OSC on UDP, as VSeeFace, Warudo, VNyan and Virtual Motion Capture listen to it.

Protocol: https://protocol.vmc.info/english (Blend Shape Proxy, Marionette). The names are those of VRM 0, which all
of them take.
"""

from __future__ import annotations

import socket

from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from ..streaming.errors import SeiyuuError
from .face import EXPRESSIONS, VOWELS, Look

PORT = 39539
VALUE = "/VMC/Ext/Blend/Val"
APPLY = "/VMC/Ext/Blend/Apply"
NAMES = {"joy": "Joy", "angry": "Angry", "sorrow": "Sorrow", "fun": "Fun"}


def bundle(look: Look, *, expressions: bool) -> bytes:
    """One frame: every shape, zeros too, and then their application."""
    builder = OscBundleBuilder(IMMEDIATELY)
    values = {vowel: look.vowels[vowel] for vowel in VOWELS}
    if expressions:
        values |= {NAMES[name]: look.expressions[name] for name in EXPRESSIONS}
    for name, value in values.items():
        message = OscMessageBuilder(VALUE)
        message.add_arg(name, "s")
        message.add_arg(float(value), "f")
        builder.add_content(message.build())
    builder.add_content(OscMessageBuilder(APPLY).build())
    return bytes(builder.build().dgram)


class Vmc:
    """Sends looks to whoever listens at ``host``; nobody there is no error, as UDP has none."""

    def __init__(self, host: str = "127.0.0.1", port: int = PORT, *, expressions: bool = True):
        try:
            family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        except (OSError, OverflowError) as error:
            raise SeiyuuError(f"no machine is found at {host}:{port}: {error}") from error
        self._address = address
        self._expressions = expressions
        self._socket = socket.socket(family, kind)
        self._socket.setblocking(False)

    async def show(self, look: Look) -> None:
        """Send one frame; what does not fit into the buffer at once is dropped, the next is there soon."""
        try:
            self._socket.sendto(bundle(look, expressions=self._expressions), self._address)
        except OSError:  # full, or the network is gone for a while
            return

    async def close(self) -> None:
        """Shut the mouth. Idempotent."""
        if self._socket.fileno() >= 0:
            rest = Look(dict.fromkeys(VOWELS, 0.0), dict.fromkeys(EXPRESSIONS, 0.0), 0.0)
            await self.show(rest)
            self._socket.close()
