"""A voice of this engine in the library: enrolled once, conditioned once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seiyuu.model.consent import Consent
from seiyuu.model.engine import StreamOptions
from seiyuu.model.library import VoiceLibrary

pytestmark = pytest.mark.unit

CONSENT = Consent("the authors", "2026-01-01", "tests")


def test_the_second_use_costs_nothing(tiny_core: Callable[..., Any], tmp_path: Path) -> None:
    """Another server finds the conditioning in the folder; what was used once comes from memory and device."""
    core = tiny_core(slots=2)
    core.load()
    clip = 0.2 * np.random.default_rng(0).standard_normal(44_100).astype(np.float32)
    made = core.enroll(clip, 22_050, "zhang")
    VoiceLibrary(str(tmp_path)).add(made, CONSENT)
    library = VoiceLibrary(str(tmp_path))
    found = library.get("zhang")
    assert found.content_hash == made.content_hash
    first = core.open(found, StreamOptions())
    (stored,) = tmp_path.rglob("voice.safetensors")
    stored.unlink()
    again = library.get("zhang")
    assert core._conditioner.place(again) is core._conditioner.place(found)
    first.close()
    core.unload()
