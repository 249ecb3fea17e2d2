"""Choosing how the decoder runs."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import openvino
import pytest

from seiyuu.model.compact.decoder import Decoder, best_precision
from seiyuu.model.compact.prepare import Parts
from seiyuu.model.compact.statistics import Conditioning
from seiyuu.model.compact.synthesis import Frames, render
from seiyuu.streaming.errors import EngineFailed

from .conftest import snr_db

pytestmark = pytest.mark.golden


@pytest.mark.parametrize(
    ("capabilities", "precision"), [(["FP32", "BF16", "INT8"], "bf16"), (["FP32", "INT8"], "f32")]
)
def test_precision_follows_what_the_cpu_can(
    monkeypatch: pytest.MonkeyPatch, capabilities: list[str], precision: str
) -> None:
    """Asked of the runtime, not guessed from a name."""

    class Core:
        def get_property(self, device: str, name: str) -> list[str]:
            assert (device, name) == ("CPU", "OPTIMIZATION_CAPABILITIES")
            return capabilities

    monkeypatch.setattr(openvino, "Core", Core)
    assert best_precision() == precision


def test_the_best_precision_sounds_like_float32(
    parts: Parts, decoder: Decoder, frames: Frames, conditioning: Conditioning
) -> None:
    """bfloat16, where the CPU has it, differs by less than -15 dB; float32 by nothing."""
    best = Decoder(parts, emit_frames=(8,))
    wanted, got = (render(d, frames, conditioning) for d in (decoder, best))
    assert snr_db(wanted, got) > 15


def test_the_smallest_length_that_holds_is_taken(decoder: Decoder) -> None:
    """Beyond the largest, the largest."""
    assert [decoder.emit_size(n) for n in (1, 4, 5, 8, 9, 100)] == [4, 4, 8, 8, 8, 8]


def test_the_sound_has_speech_level(
    decoder: Decoder, frames: Frames, conditioning: Conditioning
) -> None:
    """Neither silence nor clipping, and no number that is none."""
    samples = render(decoder, frames, conditioning)
    assert samples.dtype == np.float32
    assert np.isfinite(samples).all()
    assert 0.05 < np.abs(samples).max() < 1.0


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system tells no affinity")
def test_decoding_binds_its_thread_to_no_processor(
    decoder: Decoder, frames: Frames, conditioning: Conditioning
) -> None:
    """Several processes on one machine would all be bound to the same one."""
    before = os.sched_getaffinity(0)
    render(decoder, frames, conditioning)
    assert os.sched_getaffinity(0) == before


def test_networks_that_cannot_be_read_are_one_clear_error(parts: Parts, tmp_path: Path) -> None:
    """With the part's name."""
    (tmp_path / "tables.npz").write_bytes(parts.tables.read_bytes())
    (tmp_path / "frames.xml").write_text("not a network")
    with pytest.raises(EngineFailed, match="cannot read the decoder's frames network"):
        Decoder(Parts(tmp_path))
