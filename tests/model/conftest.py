"""A tiny random checkpoint in the official layout, made once, and engines on it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every official file at a tiny size."""
    torch = pytest.importorskip("torch")
    from seiyuu.model.indextts2.make_checkpoint import TINY, make_checkpoint

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("indextts2")
    make_checkpoint(folder, TINY)
    return folder


@pytest.fixture(scope="session")
def clip() -> Any:
    """Two seconds at 22,050 Hz that are loud here and quiet there."""
    rng = np.random.default_rng(0)
    loudness = 0.2 * (1 + np.sin(np.arange(44_100) / 3000))
    return (rng.standard_normal(44_100) * loudness).astype(np.float32)


@pytest.fixture(scope="session")
def tiny_voice(tiny_checkpoint: Path, clip: Any) -> Any:
    """A voice enrolled on the tiny checkpoint."""
    from seiyuu.model.indextts2.engine import IndexTTS2Core

    core = IndexTTS2Core(tiny_checkpoint, device="cpu", max_sessions=1)
    core.load()
    return core.enroll(clip, 22_050, "tiny")


@pytest.fixture(scope="session")
def tiny_core(tiny_checkpoint: Path, tiny_voice: Any) -> Callable[..., Any]:
    """Makes cores on the tiny checkpoint, not loaded yet, with chunks small enough for short texts to have several."""
    from seiyuu.model.indextts2.engine import IndexTTS2Core
    from seiyuu.model.indextts2.options import StreamingOptions

    def make(slots: int = 3, **changes: Any) -> Any:
        options: dict[str, Any] = {
            "flow_steps": 2,
            "chunk_frames": (20, 40, 60),
            "prompt_frames": 40,
            "context_frames": 12,
            "vocoder_left": 12,
            "vocoder_right": 12,
            "max_codes": 200,
            "codes_per_token": 8,
            "runaway_slack": 30,
        }
        streaming = StreamingOptions(**(options | changes))
        return IndexTTS2Core(
            tiny_checkpoint,
            device="cpu",
            max_sessions=slots,
            streaming=streaming,
            presets=(tiny_voice,),
        )

    return make
