"""The worker of a process host: ``python -m seiyuu.model.hosts.worker``, spoken to over its standard input and output.

The first frame names the engine and its options; calls follow. It ends with its input, so that no worker outlives its
parent however that died.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from typing import BinaryIO, cast

from ..registry import core_class
from . import pipe
from .calls import Call, Event
from .inline import InlineEngine
from .servant import Servant


def main() -> None:
    """Serve the parent until it closes the pipe."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    # Ctrl-C reaches the whole group; the parent finishes what is being said and then closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    calls = sys.stdin.buffer
    # What libraries print must not end up among the frames.
    events = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    asyncio.run(serve(calls, events))


async def serve(calls: BinaryIO, events: BinaryIO) -> None:
    """Obey ``calls`` and write ``events`` until ``calls`` ends."""
    loop = asyncio.get_running_loop()
    name, options = cast(tuple[str, dict[str, object]], pipe.read_blocking(calls))
    engine = InlineEngine(core_class(name)(**options))
    over = loop.create_future()

    def tell(event: Event) -> None:
        # The parent always reads, and what waits for a stream's reader is bounded by its lane: this never blocks long.
        events.write(pipe.frame(event))

    servant = Servant(engine, tell)

    def listen() -> None:
        try:
            while True:
                together = cast(list[Call], pipe.read_blocking(calls))
                loop.call_soon_threadsafe(servant.hear, together)
        except EOFError:
            loop.call_soon_threadsafe(over.set_result, None)

    threading.Thread(target=listen, name="calls", daemon=True).start()
    await over
    await servant.leave()
    await engine.close()


if __name__ == "__main__":
    main()
