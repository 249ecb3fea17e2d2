"""Opus packets as an Ogg stream (RFC 3533, RFC 7845), one page a packet, for live listeners."""

from __future__ import annotations

import struct

from .marking import Marking

OPUS_HZ = 48_000
"""RFC 7845 §4: granule positions count at 48 kHz whatever went in."""
PRE_SKIP = 312
"""What libopus puts before the sound, in samples at 48 kHz: its look-ahead of 6.5 ms."""
PADDING_BYTES = 4_096
"""A demuxer names no format before it has 2 KB; silence would take it over a second to send them (RFC 7845 §5.2 lets
the comment header be padded)."""
_BEGIN = 2
_MAX_LACING = 255


def _table() -> tuple[int, ...]:
    rows = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
        rows.append(value & 0xFFFFFFFF)
    return tuple(rows)


_CRC = _table()


def checksum(page: bytes) -> int:
    """RFC 3533 §6: CRC-32 with the polynomial 0x04c11db7, not reflected, no final inversion."""
    value = 0
    for byte in page:
        value = ((value << 8) & 0xFFFFFFFF) ^ _CRC[(value >> 24) ^ byte]
    return value


def _counted(text: bytes) -> bytes:
    return struct.pack("<I", len(text)) + text


class OggOpus:
    """One listener's stream; feed it packets of 20 ms as they come."""

    def __init__(self, serial: int, *, channels: int = 1, input_hz: int = OPUS_HZ) -> None:
        self._serial = serial
        self._channels = channels
        self._input_hz = input_hz
        self._sequence = 0
        self._granule = 0

    def headers(self) -> bytes:
        """The two header pages; the second is padded so that players begin at once."""
        head = struct.pack(
            "<8sBBHIhB", b"OpusHead", 1, self._channels, PRE_SKIP, self._input_hz, 0, 0
        )
        vendor = b"seiyuu"
        comments = [f"{key}={value}".encode() for key, value in Marking().tags().items()]
        tags = b"OpusTags" + _counted(vendor) + struct.pack("<I", len(comments))
        tags += b"".join(map(_counted, comments))
        return self._page(head, 0, _BEGIN) + self._page(tags + bytes(PADDING_BYTES), 0)

    def page(self, packet: bytes, samples: int) -> bytes:
        """A packet and the samples at 48 kHz it stands for, lost ones before it included."""
        self._granule += samples
        return self._page(packet, self._granule)

    def _page(self, packet: bytes, granule: int, kind: int = 0) -> bytes:
        lacing = bytes([_MAX_LACING] * (len(packet) // _MAX_LACING) + [len(packet) % _MAX_LACING])
        if len(lacing) > _MAX_LACING:
            raise ValueError(f"a packet has {len(packet)} bytes, more than fits in a page")
        head = struct.pack(
            "<4sBBqIIIB", b"OggS", 0, kind, granule, self._serial, self._sequence, 0, len(lacing)
        )
        self._sequence += 1
        page = head + lacing + packet
        return page[:22] + struct.pack("<I", checksum(page)) + page[26:]
