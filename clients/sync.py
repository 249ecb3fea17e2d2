"""The blocking twin of the client: the same calls, without ``async`` and ``await``.

::

    with connect("ws://127.0.0.1:8765/v1/live") as host:
        speech = host.say("大家好!")
        for item in speech: ...

A thread of its own runs the event loop; calls may come from any one thread at a time.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar

from ..streaming.messages import SessionStarted, SpeechCancelled, UtteranceEnded
from . import client, speech
from .speech import EmotionLike, Item

T = TypeVar("T")


class Speech:
    """One utterance; see :class:`.speech.Speech`."""

    def __init__(self, host: Host, inner: speech.Speech) -> None:
        self._host = host
        self._inner = inner

    @property
    def cancelled(self) -> SpeechCancelled | None:
        return self._inner.cancelled

    @property
    def ended(self) -> UtteranceEnded | None:
        return self._inner.ended

    def write(self, text: str, **options: Any) -> None:
        self._host.run(self._inner.write(text, **options))

    def flush(self) -> None:
        self._host.run(self._inner.flush())

    def end(self) -> None:
        self._host.run(self._inner.end())

    def emotion(self, emotion: EmotionLike, **options: Any) -> None:
        self._host.run(self._inner.emotion(emotion, **options))

    def pace(self, *, ratio: float | None = None, duration_ms: int | None = None) -> None:
        self._host.run(self._inner.pace(ratio=ratio, duration_ms=duration_ms))

    def played(self, ms: float) -> None:
        self._host.run(self._inner.played(ms))

    def cancel(self, played_ms: float | None = None) -> SpeechCancelled | None:
        return self._host.run(self._inner.cancel(played_ms))

    def __iter__(self) -> Iterator[Item]:
        items = aiter(self._inner)
        while True:
            item = self._host.run(_next(items))
            if item is None:
                return
            yield item


class Host:
    """A virtual host's voice; see :class:`.client.Host`."""

    def __init__(self, inner: client.Host) -> None:
        self._inner = inner
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="seiyuu-sync", daemon=True
        )

    @property
    def session(self) -> SessionStarted | None:
        return self._inner.session

    @property
    def sample_rate(self) -> int:
        return self._inner.sample_rate

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self.run(self._inner.__aenter__())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.run(self._inner.__aexit__(kind, error, trace))
        finally:
            self._stop()

    def say(self, text: str | None = None, **options: Any) -> Speech:
        return Speech(self, self.run(self._inner.say(text, **options)))

    def emotion(self, emotion: EmotionLike, **options: Any) -> None:
        self.run(self._inner.emotion(emotion, **options))

    def voice(self, name: str) -> None:
        self.run(self._inner.voice(name))

    def pause(self) -> None:
        self.run(self._inner.pause())

    def resume(self) -> None:
        self.run(self._inner.resume())

    def cancel(self, played_ms: float | None = None) -> None:
        self.run(self._inner.cancel(played_ms))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the client's loop and wait for it; an interrupt of the wait cancels it."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def connect(url: str = "ws://127.0.0.1:8765/v1/live", **options: Any) -> Host:
    """A host on the server at ``url``; enter it with ``with``. Options as of :func:`.client.connect`."""
    return Host(client.connect(url, **options))


async def _next(items: Any) -> Item | None:
    item: Item | None = await anext(items, None)
    return item
