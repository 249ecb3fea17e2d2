"""The preset voices: enough of them, each of its own, each complete."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from seiyuu.model.compact.personas import (
    ENGINE,
    LANGUAGES,
    blend,
    gain_of,
    personas,
    statistics_of,
    style_of,
    voice_vectors,
)
from seiyuu.model.compact.statistics import CHANNELS
from seiyuu.model.compact.training.cast import CAST
from seiyuu.model.voice import Voice

pytestmark = pytest.mark.unit


def test_there_are_enough_with_names_of_their_own() -> None:
    """At least twelve, named unlike the packaged voices, described."""
    names = [voice.name for voice in personas()]
    assert len(names) == len(set(names)) >= 12
    assert "hoshino" in names
    assert not set(names) & set(voice_vectors())
    assert all(voice.engine == ENGINE and len(voice.description) > 20 for voice in personas())


def test_the_assets_are_those_of_the_cast() -> None:
    """Whoever changes the cast builds the assets again."""
    assert [voice.name for voice in personas()] == [role.name for role in CAST]
    for voice, role in zip(personas(), CAST, strict=True):
        assert voice.description == role.description
        np.testing.assert_allclose(voice.tensors["timbre"], blend(role.timbre)[:128], atol=1e-6)


def test_each_has_all_it_needs_to_speak_every_language() -> None:
    """A timbre, a native prosody half per language, statistics, a gain."""
    for voice in personas():
        assert voice.languages == LANGUAGES
        for language in LANGUAGES:
            style = style_of(voice, language)
            assert style.shape == (256,)
            assert np.isfinite(style).all()
            assert 0.5 < gain_of(voice, language) < 4.0
        statistics = statistics_of(voice)
        assert statistics.mean.shape == statistics.variance.shape == (CHANNELS,)
        assert np.isfinite(statistics.mean).all()
        assert (statistics.variance >= 0).all()


def test_gain_is_that_of_the_language_spoken() -> None:
    """A language's own where it was measured, the middle of them elsewhere; a voice with one gain has it everywhere."""
    gains = {"gain_zh": 1.0, "gain_en": 2.0, "gain_ja": 4.0}
    voice = Voice("v", ENGINE, {k: np.array([g], np.float32) for k, g in gains.items()})
    assert [gain_of(voice, code) for code in ("zh", "ja")] == [1.0, 4.0]
    assert gain_of(voice, "ko") == gain_of(voice) == 2.0
    clone = Voice("c", ENGINE, {"gain": np.array([1.5], np.float32)})
    assert gain_of(clone, "zh") == gain_of(clone) == 1.5


def test_no_two_are_alike() -> None:
    """Timbres lie at least half as far apart as packaged voices do on average."""
    vectors = voice_vectors()
    packaged = [
        np.linalg.norm(vectors[a][:128] - vectors[b][:128])
        for a, b in itertools.combinations(vectors, 2)
    ]
    for a, b in itertools.combinations(personas(), 2):
        distance = np.linalg.norm(a.tensors["timbre"] - b.tensors["timbre"])
        assert distance > np.mean(packaged) / 2, (a.name, b.name)
        assert a.content_hash != b.content_hash


def test_a_blend_is_the_weighted_mean() -> None:
    """Weights need not sum to one."""
    vectors = voice_vectors()
    mixed = blend({"af_heart": 3.0, "jf_alpha": 1.0})
    np.testing.assert_allclose(
        mixed, 0.75 * vectors["af_heart"] + 0.25 * vectors["jf_alpha"], atol=1e-6
    )
    np.testing.assert_array_equal(blend({"zm_yunxi": 2.0}), vectors["zm_yunxi"])
