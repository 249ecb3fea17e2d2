"""Intelligibility of clones is told beside that of as many presets, summed over the voices of each language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from seiyuu.model.clips import Clip
from seiyuu.model.compact.training.similarity import Subject
from seiyuu.model.evaluation import cloning
from seiyuu.model.voice import Voice

pytestmark = pytest.mark.unit


def test_clones_and_presets_are_counted_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every voice says as many sentences, there are as many presets as clones, and wrong units are summed."""
    asked: list[tuple[list[str], int]] = []
    lengths: list[int] = []

    def cast(
        core: object, voices: Sequence[Voice], languages: Sequence[str], each: int, progress: object
    ) -> Iterator[dict[str, Any]]:
        asked.append(([voice.name for voice in voices], each))
        for language in languages:
            for place, _ in enumerate(voices):
                yield {"language": language, "wrong": place if language == "zh" else 0, "units": 50}

    def enrol(clip: Clip, name: str) -> SimpleNamespace:
        lengths.append(len(clip.samples))
        return SimpleNamespace(voice=Voice(name, "compact", {}))

    monkeypatch.setattr(cloning, "cast", cast)
    monkeypatch.setattr(cloning, "enrol", enrol)
    silence = np.zeros(15 * 16_000, np.float32)
    people = [Subject(name, Clip(silence, 16_000), silence) for name in ("a", "b", "c")]
    better = [Voice("c", "compact", {})]
    found = cloning.errors(None, people, better, 7, lambda text: None)  # type: ignore[arg-type]
    (clones, each), (refined, each_refined), (presets, each_preset) = asked
    assert clones == ["a", "b", "c"]
    assert refined == ["c"]
    assert len(set(presets)) == 3
    assert each == each_refined == each_preset == 7
    assert lengths == [5 * 16_000] * 3
    assert found["clones"]["zh"] == {"wrong": 3, "units": 150, "error_percent": 2.0}
    assert found["refined"]["ja"] == {"wrong": 0, "units": 50, "error_percent": 0.0}
    assert found["presets"]["en"]["error_percent"] == 0.0
