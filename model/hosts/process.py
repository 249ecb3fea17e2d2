"""An engine in a worker process: its crash is not the server's, nor does it hold the server's interpreter."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Mapping
from typing import Any, cast

from ...streaming.errors import EngineFailed
from ..registry import core_class
from . import pipe
from .calls import Call, Event
from .remote import RemoteEngine

END_S = 10.0
"""How long a worker may take to end after its pipe was closed, before it is killed."""


class ProcessLink:
    """One worker process and the pipes to it."""

    def __init__(self, engine: str, options: Mapping[str, Any]) -> None:
        self._hello = (engine, dict(options))
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._leaving = False
        self._unsent: list[Call] = []

    @property
    def pid(self) -> int:
        """The worker's process id; 0 before :meth:`connect`."""
        return self._process.pid if self._process else 0

    async def connect(self, hear: Callable[[Event], None], lost: Callable[[str], None]) -> None:
        """See :meth:`.remote.Link.connect`."""
        try:
            hello = pipe.frame(self._hello)
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # the working directory is nobody's package
                "-m",
                f"{__package__}.worker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
        except (OSError, TypeError, AttributeError) as error:
            raise EngineFailed(f"cannot start a worker process: {error}") from error
        assert self._process.stdin is not None
        self._process.stdin.write(hello)
        self._reading = asyncio.create_task(self._read(hear, lost), name="worker-events")

    def send(self, call: Call) -> None:
        """See :meth:`.remote.Link.send`."""
        # What one turn of the loop says goes out together, so that no step comes between a text and its end.
        if not self._unsent:
            asyncio.get_running_loop().call_soon(self._flush)
        self._unsent.append(call)

    async def disconnect(self) -> None:
        """See :meth:`.remote.Link.disconnect`."""
        self._leaving = True
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        try:
            async with asyncio.timeout(END_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        if self._reading is not None:
            await self._reading
        with contextlib.suppress(ConnectionError):  # it may have died before all calls were written
            await self._process.stdin.wait_closed()

    def _flush(self) -> None:
        calls, self._unsent = self._unsent, []
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(pipe.frame(calls))

    async def _read(self, hear: Callable[[Event], None], lost: Callable[[str], None]) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        with contextlib.suppress(EOFError):
            while True:
                hear(cast(Event, await pipe.read(self._process.stdout)))
        code = await self._process.wait()
        if not self._leaving:
            lost(f"its process ended with {_said(code)}")


def _said(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit status {code}"


def process_engine(name: str, options: Mapping[str, Any]) -> RemoteEngine:
    """The engine ``name`` in a worker process, not started yet.

    Raises:
        EngineFailed: as :func:`~..registry.core_class`.
    """
    core = core_class(name)(
        **options
    )  # never loaded here: it says what it is and which voices it has
    return RemoteEngine(core.info, core.voices(), lambda: ProcessLink(name, options))
