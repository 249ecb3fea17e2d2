"""An engine in a Ray actor: on a machine of a cluster, while the server that asks stays where its listeners are.

One actor per server, owned by it: it ends with its owner. https://docs.ray.io/en/latest/ray-core/actors.html
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from ...streaming.errors import EngineFailed
from ..registry import core_class
from .calls import Call, Event
from .inline import InlineEngine
from .remote import RemoteEngine
from .servant import Servant


class EngineActor:
    """What runs in the cluster."""

    def __init__(self, engine: str, options: Mapping[str, Any]) -> None:
        self._made: asyncio.Queue[Event] = asyncio.Queue()  # bounded by the lanes of the engine
        self._servant = Servant(InlineEngine(core_class(engine)(**options)), self._made.put_nowait)

    async def hear(self, calls: list[Call]) -> None:
        """Obey; the caller waits for the return before it says more, which keeps the order."""
        self._servant.hear(calls)

    async def events(self) -> AsyncIterator[list[Event]]:
        """What the engine has to say, as it comes."""
        while True:
            together = [await self._made.get()]
            while not self._made.empty():
                together.append(self._made.get_nowait())
            yield together


_THREAD = ThreadPoolExecutor(1, "ray")
"""Ray's own processes end with the *thread* that started them (PR_SET_PDEATHSIG), so that one lives as long as this
program; and outside the main thread Ray leaves the handling of SIGTERM to the server."""
END_S = 10.0
"""How long the end of an actor may take to be known."""


class RayLink:
    """One actor. ``address`` "" starts a cluster of this machine alone, "auto" joins the one running here."""

    def __init__(
        self, engine: str, options: Mapping[str, Any], *, address: str = "", gpus: int = 0
    ) -> None:
        self._hello = (engine, dict(options))
        self._address = address
        self._gpus = gpus
        self._actor: Any = None
        self._unsent: list[Call] = []
        self._more = asyncio.Event()
        self._leaving = False  # or it has left by itself: its end is no news
        self._tasks: list[asyncio.Task[None]] = []

    async def connect(self, hear: Callable[[Event], None], lost: Callable[[str], None]) -> None:
        """See :meth:`.remote.Link.connect`."""
        loop = asyncio.get_running_loop()
        try:
            self._actor = await loop.run_in_executor(_THREAD, self._create)
        except ModuleNotFoundError as error:
            raise EngineFailed(
                "an engine in a Ray actor needs Ray: pip install 'seiyuu[ray]'"
            ) from error
        except Exception as error:  # Ray raises many kinds, builtin ones among them
            raise EngineFailed(f"no Ray cluster at {self._address or 'hand'}: {error}") from error

        def gone(reason: str) -> None:
            if not self._leaving:
                self._leaving = True
                lost(reason)

        self._tasks = [
            asyncio.create_task(self._read(hear, gone), name="actor-events"),
            asyncio.create_task(self._write(gone), name="actor-calls"),
        ]

    def send(self, call: Call) -> None:
        """See :meth:`.remote.Link.send`."""
        self._unsent.append(call)
        self._more.set()

    async def disconnect(self) -> None:
        """See :meth:`.remote.Link.disconnect`."""
        self._leaving = True
        if self._actor is None:
            return
        import ray

        with contextlib.suppress(ray.exceptions.RayError):  # dead already
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(_THREAD, ray.kill, self._actor)
        self._actor = None
        # Ray answers what is still asked with an error, from a thread of its own, and stops answering anybody if the
        # loop that asked is closed by then: hear it out.
        self._more.set()
        _, left = await asyncio.wait(self._tasks, timeout=END_S)
        for task in left:
            task.cancel()

    def _create(self) -> Any:
        import ray

        if not ray.is_initialized():
            ray.init(address=self._address or None, include_dashboard=False)
        return (
            ray.remote(EngineActor)
            .options(num_cpus=1, num_gpus=self._gpus, max_concurrency=1000)
            .remote(*self._hello)
        )

    async def _read(self, hear: Callable[[Event], None], lost: Callable[[str], None]) -> None:
        import ray

        try:
            async for together in self._actor.events.remote():
                for event in cast(list[Event], await together):
                    hear(event)
        except ray.exceptions.RayError as error:
            lost(_first_line(error))

    async def _write(self, lost: Callable[[str], None]) -> None:
        import ray

        try:
            while True:
                await self._more.wait()
                if self._leaving:
                    return
                self._more.clear()
                calls, self._unsent = self._unsent, []
                await self._actor.hear.remote(calls)
        except ray.exceptions.RayError as error:
            lost(_first_line(error))


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]


def ray_engine(
    name: str, options: Mapping[str, Any], *, address: str = "", gpus: int = 0
) -> RemoteEngine:
    """The engine ``name`` in an actor that takes ``gpus`` of them, not started yet.

    Raises:
        EngineFailed: as :func:`~..registry.core_class`.
    """
    core = core_class(name)(
        **options
    )  # never loaded here: it says what it is and which voices it has
    return RemoteEngine(
        core.info, core.voices(), lambda: RayLink(name, options, address=address, gpus=gpus)
    )
