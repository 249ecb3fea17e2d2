"""Uploads: how many are read at once, how long, and how much of them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from seiyuu.server.transports.uploads import (
    AT_ONCE,
    LARGE_BYTES,
    MOST_BYTES,
    PATIENCE_S,
    Uploads,
    read_form,
)
from seiyuu.streaming.errors import BadMessage

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]


def request(pieces: Any = (), *, length: int | None = None, kind: str = "") -> Request:
    """A request whose body comes in ``pieces``, an async iterator or a list."""
    headers = [(b"content-type", kind.encode())]
    headers += [] if length is None else [(b"content-length", str(length).encode())]

    async def each() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    coming = pieces if hasattr(pieces, "__anext__") else each()

    async def receive() -> dict[str, Any]:
        piece = await anext(coming, None)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    scope = {"type": "http", "method": "POST", "headers": headers, "query_string": b"name=x"}
    return Request(scope, receive)


async def most_at_once(lengths: list[int | None]) -> int:
    """How many of these uploads had their turn together."""
    uploads, inside, most = Uploads(), 0, 0

    async def upload(length: int | None) -> None:
        nonlocal inside, most
        async with uploads.form(request(length=length)):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(1)
            inside -= 1

    await asyncio.gather(*map(upload, lengths))
    return most


async def test_large_uploads_come_one_after_the_other() -> None:
    """And so does what does not say how large it is; small ones go beside them."""
    assert await most_at_once([LARGE_BYTES, None, LARGE_BYTES]) == 1
    assert await most_at_once([1000] * 5) == AT_ONCE
    assert await most_at_once([None, 1000, None, 1000]) == AT_ONCE


@pytest.mark.parametrize("length", [1000, LARGE_BYTES])
async def test_who_sends_slowly_keeps_no_small_one_waiting(length: int) -> None:
    """While the bodies of others do not come, a small upload is worked on at once."""

    async def body() -> AsyncIterator[bytes]:
        yield b"RIFF"
        await asyncio.Event().wait()

    uploads = Uploads()

    async def slow() -> None:
        async with uploads.form(request(body(), length=length)):
            raise AssertionError("it never came")

    waiting = [asyncio.create_task(slow()) for _ in range(2 * AT_ONCE)]
    await asyncio.sleep(1)
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with uploads.form(request([b"RIFF"], length=4)) as form:
        # Within its turn: the clock leaps while the thread at its end gives memory back.
        assert form["clip"] == b"RIFF"
        assert loop.time() - began < 1
    for task in waiting:
        task.cancel()
    ends = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(end) for end in ends} <= {asyncio.CancelledError, BadMessage}


async def test_a_turn_ends_with_its_error() -> None:
    """The next one is not kept waiting by what went wrong."""
    uploads = Uploads()
    for _ in range(3):
        with pytest.raises(BadMessage):
            async with uploads.form(request()):
                raise BadMessage("wrong")


@given(st.lists(st.binary(max_size=40), max_size=12))
async def test_a_body_is_put_together(pieces: list[bytes]) -> None:
    """However it was cut; what the address says stands beside it."""
    assert await read_form(request(pieces)) == {"name": "x", "clip": b"".join(pieces)}
    told = await read_form(request(pieces, kind="application/zip"))
    assert told == {"name": "x", "voice": b"".join(pieces)}


async def test_what_says_it_is_too_large_is_not_read() -> None:
    """Nothing of it is asked for."""

    async def body() -> AsyncIterator[bytes]:
        raise AssertionError("read")
        yield b""

    with pytest.raises(BadMessage, match="larger than"):
        await read_form(request(body(), length=MOST_BYTES + 1))


async def test_a_body_that_does_not_come_is_given_up() -> None:
    """After a patience that keeps the turn free for others."""

    async def body() -> AsyncIterator[bytes]:
        yield b"RIFF"
        await asyncio.Event().wait()

    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(BadMessage, match="did not come"):
        await read_form(request(body()))
    assert loop.time() - began == pytest.approx(PATIENCE_S)
