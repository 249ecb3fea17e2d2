"""Markers, the rules every test module follows, and an event loop whose time is virtual."""

import asyncio
import os
import selectors
from collections.abc import Callable, Mapping
from importlib.util import find_spec

import pytest
from hypothesis import settings

# A test asserts what happens and never how fast: a busy machine must not fail it.
settings.register_profile("seiyuu", deadline=None)
settings.load_profile("seiyuu")

CATEGORIES = {"unit", "e2e", "golden", "integration", "gpu", "weights", "eval", "bench"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test module without a category: what it needs must be known before it runs."""
    nameless = {
        item.nodeid.split("::")[0]
        for item in items
        if not CATEGORIES & {mark.name for mark in item.iter_markers()}
    }
    if nameless:
        raise pytest.UsageError(f"no category marker in: {', '.join(sorted(nameless))}")
    for item in items:
        if item.get_closest_marker("eval") and not _importable("faster_whisper", "speechmos"):
            item.add_marker(
                pytest.mark.skip(reason="needs the [eval] extra: pip install -e '.[eval]'")
            )
        if item.get_closest_marker("integration") and not os.environ.get("SEIYUU_INTEGRATION"):
            item.add_marker(
                pytest.mark.skip(reason="set SEIYUU_INTEGRATION=1: needs Chromium, OBS or Node")
            )
        if item.get_closest_marker("gpu") and not _cuda():
            item.add_marker(
                pytest.mark.skip(reason="needs a CUDA device and torch that can use it")
            )


def _importable(*modules: str) -> bool:
    return all(find_spec(module) is not None for module in modules)


def _cuda() -> bool:
    if not _importable("torch"):
        return False
    import torch

    return torch.cuda.is_available()


class _JumpingSelector:
    """Waits for nothing: where the loop would sleep until its next timer, the clock jumps there instead."""

    def __init__(self) -> None:
        self._real = selectors.DefaultSelector()
        self.now = 0.0

    def select(self, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._real.select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            # only another thread could still wake the loop: give it real time, then call it a deadlock
            if ready := self._real.select(10):
                return ready
            raise RuntimeError("no timer, no socket, no thread: this test would wait for ever")
        self.now += timeout
        return []

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop on which an hour of conversation takes milliseconds and is the same every time.

    A test that measures real time on a busy machine measures the machine. Here ``loop.time()`` moves only when
    every task waits, and then straight to the next timer.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)  # type: ignore[arg-type]

    def time(self) -> float:
        return self._jumping.now


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "virtual_time: its event loop jumps from timer to timer")


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop a test runs on: real, or with virtual time where it is marked so."""
    if item.get_closest_marker("virtual_time"):
        return {"virtual": VirtualTimeLoop}
    return {"real": asyncio.new_event_loop}
