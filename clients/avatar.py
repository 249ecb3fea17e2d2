"""Keeps an avatar's face with the voice of a session, for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from .face import Face, Look
from .vtube_studio import VtubeStudioError

TICK_S = 1 / 60
RETRY_S = 2.0


class Puppet(Protocol):
    """Something with a face: :class:`~.vmc.Vmc`, :class:`~.vtube_studio.VtubeStudio`."""

    async def show(self, look: Look) -> None: ...

    async def close(self) -> None: ...


async def animate(
    face: Face,
    puppet: Puppet,
    *,
    complain: Callable[[str], None],
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Show the face until cancelled; a puppet that is not there is waited for, and said to be missing once.

    Raises:
        Unauthorized: the puppet's owner refused.
    """
    missing = False
    try:
        while True:
            try:
                await puppet.show(face.look())
            except VtubeStudioError as error:
                if not missing:
                    complain(str(error))
                missing = True
                await pause(RETRY_S)
            else:
                missing = False
                await pause(TICK_S)
    finally:
        await puppet.close()
