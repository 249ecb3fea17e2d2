"""A loaded core on the tiny checkpoint."""

from typing import Any

import pytest


@pytest.fixture(scope="session")
def shared(tiny_checkpoint: Any, tiny_voice: Any) -> Any:
    """One that no test changes."""
    from ..speaking import make

    core = make(tiny_checkpoint, tiny_voice)
    core.load()
    return core
