"""Uploads over HTTP: read within bounds of size and time, and few enough at once that memory is bounded too."""

from __future__ import annotations

import asyncio
import ctypes
import io
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request
from starlette.datastructures import UploadFile

from ...model.clips import MAX_BYTES
from ...model.voice_file import MAX_BYTES as MAX_VOICE_BYTES
from ...streaming.errors import BadMessage

AT_ONCE = 2
"""Uploads worked on at once."""

READ_AT_ONCE = 16
"""Small bodies read at once. They come before their turn is asked for: who sends slowly keeps nobody waiting."""

LARGE_BYTES = 4 << 20
"""From here on an upload has this size's turn to itself: each may take a hundred megabytes until it is judged."""

PATIENCE_S = 120.0
"""A large body that takes longer would keep the other large ones waiting."""

MARGIN = 1 << 16
"""What a form has around its file."""

MOST_BYTES = max(MAX_BYTES, MAX_VOICE_BYTES) + MARGIN


class Uploads:
    """Whose turn it is."""

    def __init__(self) -> None:
        self._worked_on = asyncio.Semaphore(AT_ONCE)
        self._small = asyncio.Semaphore(READ_AT_ONCE)
        self._large = asyncio.Semaphore(1)

    @asynccontextmanager
    async def form(self, request: Request) -> AsyncIterator[dict[str, str | bytes]]:
        """The fields of an upload, as :func:`read_form`, and a turn to work on them until they are small again.

        Raises:
            BadMessage: as there.
        """
        small = 0 < _length(request) < LARGE_BYTES
        async with self._small if small else self._large:
            fields = await read_form(request)
            async with self._worked_on:
                try:
                    yield fields
                finally:
                    await asyncio.to_thread(_give_back)


async def read_form(request: Request) -> dict[str, str | bytes]:
    """Fields of a form, files as bytes; any other body is the clip, or an exported voice if it says it is a zip.

    Raises:
        BadMessage: it is larger than any clip or voice, or takes too long to come.
    """
    if _length(request) > MOST_BYTES:
        raise BadMessage(f"the request is larger than {MOST_BYTES} bytes")
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await _fields(request)
    except TimeoutError as error:
        raise BadMessage(f"the request did not come within {PATIENCE_S:.0f} seconds") from error


async def _fields(request: Request) -> dict[str, str | bytes]:
    kind = request.headers.get("content-type", "")
    if kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
        if not _length(request):  # a form is read whole before anything is known of it
            raise BadMessage("a form says its length beforehand")
        found: dict[str, str | bytes] = {}
        async with request.form(max_files=1, max_fields=16) as form:
            for key, value in form.items():
                found[key] = (
                    await value.read(MOST_BYTES) if isinstance(value, UploadFile) else value
                )
        return found
    fields: dict[str, str | bytes] = dict(request.query_params)
    return {**fields, "voice" if "zip" in kind else "clip": await _body(request)}


async def _body(request: Request) -> bytes:
    body = io.BytesIO()
    async for piece in request.stream():
        body.write(piece)
        if body.tell() > MOST_BYTES:
            raise BadMessage(f"the request is larger than {MOST_BYTES} bytes")
    return body.getvalue()  # which, unlike bytes of an array, is no second copy


def _length(request: Request) -> int:
    """What the request says its body has, 0 if it does not say."""
    return int(request.headers.get("content-length") or 0)


def _give_back() -> None:
    """Freed memory back to the system.

    glibc keeps what its threads freed in an arena of each, so a server that took some large clips would stay at the
    sum of what each thread once needed. Other C libraries give it back by themselves, or cannot be asked.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
