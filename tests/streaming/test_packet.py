"""The audio packet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.streaming.errors import BadMessage
from seiyuu.streaming.ids import UtteranceId
from seiyuu.streaming.packet import HEADER_BYTES, Packet, unpack

pytestmark = pytest.mark.unit

packets = st.builds(
    Packet,
    st.integers(0, 2**16 - 1).map(UtteranceId),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**64 - 1),
    st.binary(max_size=64),
    st.booleans(),
)


@given(packets)
def test_a_packet_survives_the_wire(packet: Packet) -> None:
    """pack and unpack are inverse."""
    assert unpack(packet.pack()) == packet


def test_the_header_is_the_one_of_the_protocol() -> None:
    """Version, flags, utterance, seq and timestamp, big-endian, 16 bytes."""
    packed = Packet(UtteranceId(0x0203), 0x04050607, 0x08090A0B0C0D0E0F, b"xy", last=True).pack()
    assert packed == bytes([1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]) + b"xy"
    assert HEADER_BYTES == 16


def test_flags_without_a_name_are_ignored() -> None:
    """A later version of the server may set them."""
    data = bytearray(Packet(UtteranceId(1), 2, 3, b"").pack())
    data[1] = 0xFE
    assert not unpack(bytes(data)).last


@given(st.binary(max_size=40) | st.binary(max_size=40).map(lambda data: b"\x01" + data))
def test_any_bytes_are_a_packet_or_a_bad_message(data: bytes) -> None:
    """Nothing else comes out."""
    if len(data) >= HEADER_BYTES and data[0] == 1:
        assert unpack(data).payload == data[HEADER_BYTES:]
    else:
        with pytest.raises(BadMessage, match="expected"):
            unpack(data)


@pytest.mark.parametrize(
    ("utterance", "seq", "timestamp"), [(2**16, 0, 0), (0, 2**32, 0), (0, 0, 2**64), (-1, 0, 0)]
)
def test_numbers_that_do_not_fit_are_refused(utterance: int, seq: int, timestamp: int) -> None:
    """The caller learns which number it was."""
    with pytest.raises(ValueError, match="out of range"):
        Packet(UtteranceId(utterance), seq, timestamp, b"").pack()
