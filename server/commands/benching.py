"""The work of ``seiyuu bench``: a server of its own process if none is named, and the result printed."""

from __future__ import annotations

import argparse
import asyncio
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from ...clients.bench import Target
from ...streaming.errors import EngineFailed
from .result import give

READY = re.compile(r"\bready url=(http://\S+)")
STOP_S = 10


def measure(arguments: argparse.Namespace) -> int:
    """Run one bench, print its result as JSON, write it where asked."""
    bench = arguments.bench
    if arguments.server:
        target = Target(_live(arguments.server), None, arguments.api_key)
        result = _run(bench.run(target, arguments))
    else:
        with _own_server(arguments, bench.engine) as target:
            result = _run(bench.run(target, arguments))
    give(result, arguments.json)
    return 0


def _run(measuring: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """On the loop the server uses as well: the client must not be what is late."""
    if sys.platform == "win32":
        return asyncio.run(measuring)
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(measuring)


@contextmanager
def _own_server(arguments: argparse.Namespace, engine: str) -> Iterator[Target]:
    """A server process of our own, so that its time and memory are not the client's.

    Raises:
        EngineFailed: it did not start; its own words are the message.
    """
    command = [sys.executable, "-m", "seiyuu.server", "--port", "0"]
    command += ["--engine", arguments.engine or engine]
    for flag in ("config", "prosody"):
        if (value := getattr(arguments, flag)) is not None:
            command += [f"--{flag}", str(value)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said: list[str] = []
        for line in process.stderr:
            said.append(line)
            if found := READY.search(line):
                break
        else:
            raise EngineFailed("the server did not start: " + "".join(said[-5:]).strip())
        # a full pipe would hold up the server at its next line of log
        threading.Thread(target=process.stderr.read, daemon=True).start()
        try:
            yield Target(_live(found[1]), process.pid, None)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _live(url: str) -> str:
    return url.replace("http", "ws", 1) if url.startswith("http") else url
