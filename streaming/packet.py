"""The audio packet: a 16-byte big-endian header, then one encoded frame.

::

    version u8 = 1 | flags u8 | utterance u16 | seq u32 | timestamp u64 | payload
"""

from __future__ import annotations

import struct
from enum import IntFlag
from typing import NamedTuple

from .errors import BadMessage
from .ids import MAX_UTTERANCE_ID, UtteranceId

VERSION = 1
_HEADER = struct.Struct("!BBHIQ")
HEADER_BYTES = _HEADER.size


class Flags(IntFlag):
    """Bits of the second byte; those that are not named are sent as 0 and ignored when read."""

    NONE = 0
    LAST = 1
    """The utterance's last packet."""


class Packet(NamedTuple):
    """One encoded frame with its place.

    ``seq`` counts the packets of the session, ``timestamp`` the samples since the utterance began, at the rate sent.
    After a rewind the timestamps step back and ``seq`` goes on, so that the two renderings cannot be confused.
    """

    utterance: UtteranceId
    seq: int
    timestamp: int
    payload: bytes
    last: bool = False

    def pack(self) -> bytes:
        """Header and payload.

        Raises:
            ValueError: a number does not fit its field.
        """
        if not (
            0 <= self.utterance <= MAX_UTTERANCE_ID
            and 0 <= self.seq < 1 << 32
            and 0 <= self.timestamp < 1 << 64
        ):
            raise ValueError(
                f"packet numbers out of range: utterance {self.utterance}, seq {self.seq}, timestamp {self.timestamp}"
            )
        flags = Flags.LAST if self.last else Flags.NONE
        header = _HEADER.pack(VERSION, flags, self.utterance, self.seq, self.timestamp)
        return header + self.payload


def unpack(data: bytes) -> Packet:
    """Read a binary frame.

    Raises:
        BadMessage: shorter than a header, or of another version.
    """
    if len(data) < HEADER_BYTES:
        raise BadMessage(f"an audio packet has {len(data)} bytes, expected at least {HEADER_BYTES}")
    version, flags, utterance, seq, timestamp = _HEADER.unpack_from(data)
    if version != VERSION:
        raise BadMessage(f"an audio packet has version {version}, expected {VERSION}")
    return Packet(
        UtteranceId(utterance), seq, timestamp, data[HEADER_BYTES:], bool(flags & Flags.LAST)
    )
