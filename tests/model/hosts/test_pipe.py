"""Frames on a pipe: whole values come out, however the bytes were cut."""

import asyncio
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.model.hosts import pipe

pytestmark = pytest.mark.unit

values = st.lists(
    st.one_of(st.binary(max_size=300), st.text(max_size=50), st.integers()), max_size=5
)


@given(values)
def test_a_file_gives_back_what_was_framed(sent: list[object]) -> None:
    """Values come back in order, and then the end."""
    file = io.BytesIO(b"".join(map(pipe.frame, sent)))
    assert [pipe.read_blocking(file) for _ in sent] == sent
    with pytest.raises(EOFError):
        pipe.read_blocking(file)


@given(values, st.lists(st.integers(1, 64), min_size=1, max_size=20))
def test_a_stream_gives_back_what_was_framed_in_any_pieces(
    sent: list[object], cuts: list[int]
) -> None:
    """Cut anywhere, the same values come back, and then the end."""

    async def received() -> list[object]:
        reader = asyncio.StreamReader()
        data, at = b"".join(map(pipe.frame, sent)), 0
        while at < len(data):
            size = cuts[at % len(cuts)]
            reader.feed_data(data[at : at + size])
            at += size
        reader.feed_eof()
        got = [await pipe.read(reader) for _ in sent]
        with pytest.raises(EOFError):
            await pipe.read(reader)
        return got

    assert asyncio.run(received()) == sent


def test_a_pipe_closed_within_a_frame_is_an_end() -> None:
    """Half a value is no value."""
    half = pipe.frame("hello")[:-1]
    with pytest.raises(EOFError, match="within"):
        pipe.read_blocking(io.BytesIO(half))
