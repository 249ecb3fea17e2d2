"""Names of things that must not be mixed up, and the counter that outdates them."""

from __future__ import annotations

import secrets
from typing import NewType

SessionId = NewType("SessionId", str)
UtteranceId = NewType("UtteranceId", int)
"""Number of an utterance inside its session; fits the ``u16`` of the audio packet header."""

MAX_UTTERANCE_ID = 0xFFFF


def new_session_id() -> SessionId:
    """An unguessable name: whoever knows it may listen to ``/live/{session}.ogg``."""
    return SessionId(secrets.token_urlsafe(12))


class Generation:
    """A counter that outdates everything made under an earlier value.

    A barge-in bumps it first: from that moment each queue drops what carries the old number, however late the
    engine hears of the cancel.
    """

    __slots__ = ("_value",)

    def __init__(self) -> None:
        self._value = 0

    @property
    def value(self) -> int:
        return self._value

    def bump(self) -> int:
        """Outdate everything handed out so far and return the new number."""
        self._value += 1
        return self._value
