"""Cloning: a clip becomes a voice that is like it, at its pitch, and bad clips become errors."""

from pathlib import Path

import numpy as np
import pytest

from seiyuu.model.clips import Clip, decode
from seiyuu.model.compact.cloning import LEANINGS, MEN_BELOW, enrol, enroll, nearest_native
from seiyuu.model.compact.likeness import FARTHEST, Likeness, Portrait
from seiyuu.model.compact.perceptron import Perceptron
from seiyuu.model.compact.personas import voice_vectors
from seiyuu.model.compact.timbre_statistics import TimbreStatistics
from seiyuu.streaming.errors import BadAudio

pytestmark = pytest.mark.golden

GOLDEN = Path(__file__).parents[2] / "golden"


def clip(name: str = "speech_one") -> Clip:
    """A recorded synthetic voice, whose source the mapping has never met."""
    return decode((GOLDEN / f"{name}.flac").read_bytes())


def test_a_clone_is_heard_like_its_own_clip() -> None:
    """By the prediction, each of two clones is nearer to the clip it was made from than the other clone is."""
    likeness = Likeness.packaged()
    voices = [enrol(clip(name), "x").voice for name in ("speech_one", "speech_two")]
    portraits = [Portrait(voice.tensors["portrait"], False) for voice in voices]
    places = [likeness.coordinates(voice.tensors["timbre"]) for voice in voices]
    apart = [[likeness.distance(likeness.heard(z, p), p) for z in places] for p in portraits]
    assert apart[0][0] < apart[0][1]
    assert apart[1][1] < apart[1][0]


def test_a_clone_has_everything_a_voice_needs() -> None:
    """A prosody and a pitch for each language, statistics, and a name; the same clip gives the same voice."""
    voice = enroll(clip().samples, 16_000, "zhang")
    assert voice.name == "zhang"
    for language in ("zh", "en", "ja", "ko"):
        assert voice.tensors[f"prosody_{language}"].shape == (128,)
        assert abs(voice.tensors[f"pitch_{language}"][0]) < 14
    assert (voice.tensors["variance"] > 0).all()
    assert enroll(clip().samples, 16_000, "other").content_hash == voice.content_hash


def test_clones_keep_the_difference_in_pitch() -> None:
    """The pitch a clone is moved to is the clip's, whatever native voice lends the prosody."""
    high, low = enrol(clip("speech_one"), "a"), enrol(clip("speech_two"), "b")
    assert (
        float(high.voice.tensors["portrait"][-1]) > float(low.voice.tensors["portrait"][-1]) + 0.2
    )


def test_prosody_comes_from_a_native() -> None:
    """A Japanese sentence is spoken with a Japanese voice's prosody."""
    z = np.zeros(40, np.float32)
    assert nearest_native(z, 0.0, "ja").startswith("j")
    assert nearest_native(z, 0.0, "zh").startswith("z")
    assert nearest_native(z, 0.4, "en")[0] in "ab"


@pytest.mark.parametrize("language", sorted(LEANINGS))
def test_a_clone_leans_on_those_who_know_a_language(language: str) -> None:
    """Its timbre there is nearer to the natives of its pitch than its timbre for the rest is."""
    likeness = Likeness.packaged()
    for name in ("speech_one", "speech_two"):
        voice = enrol(clip(name), "x").voice
        low = float(voice.tensors["portrait"][-1]) < MEN_BELOW
        natives = LEANINGS[language].men if low else LEANINGS[language].women
        middle = np.mean([likeness.coordinates(voice_vectors()[n][:128]) for n in natives], axis=0)
        plain, leaning = (
            np.linalg.norm(likeness.coordinates(voice.tensors[key]) - middle)
            for key in ("timbre", f"timbre_{language}")
        )
        assert leaning < 0.9 * plain


def test_silence_is_no_voice() -> None:
    """What cannot be used is an error, not a voice."""
    with pytest.raises(BadAudio):
        enroll(np.zeros(80_000, np.float32), 16_000, "nobody")


def test_approaching_brings_a_timbre_nearer_to_the_clip() -> None:
    """By the prediction, what is heard after the approach is closer than before, and not far from the start."""
    likeness = Likeness.packaged()
    portrait = Portrait(enrol(clip(), "x").voice.tensors["portrait"], False)
    start = np.zeros(40, np.float32)
    reached = likeness.approach(start, portrait)
    before = likeness.distance(likeness.heard(start, portrait), portrait)
    assert likeness.distance(likeness.heard(reached, portrait), portrait) < before
    assert np.linalg.norm(reached) <= FARTHEST + 1e-3


def test_no_clone_goes_where_it_would_not_be_understood() -> None:
    """However far away the approach begins, it ends within the bound."""
    likeness = Likeness.packaged()
    portrait = Portrait(enrol(clip(), "x").voice.tensors["portrait"], False)
    away = likeness.approach(np.full(40, 3.0, np.float32), portrait)
    assert np.linalg.norm(away) == pytest.approx(FARTHEST, abs=1e-3)


def test_the_network_knows_its_gradient() -> None:
    """The gradient with respect to the input is that of finite differences."""
    rng = np.random.default_rng(0)
    sizes = (5, 7, 3)
    arrays = {"middle": rng.normal(size=5), "scale": np.full(5, 2.0)}
    for number, (one, other) in enumerate(zip(sizes, sizes[1:], strict=False)):
        arrays[f"weight{number}"] = rng.normal(size=(one, other))
        arrays[f"bias{number}"] = rng.normal(size=other)
    network = Perceptron({name: value.astype(np.float32) for name, value in arrays.items()})
    x, pull = rng.normal(size=5).astype(np.float32), rng.normal(size=3).astype(np.float32)
    gradient = network.with_gradient(x)[1](pull)
    for at in range(5):
        step = np.zeros(5, np.float32)
        step[at] = 1e-2
        difference = float((network(x + step) - network(x - step)) @ pull) / 2e-2
        assert gradient[at] == pytest.approx(difference, abs=2e-3)


def test_statistics_of_any_timbre_can_be_used() -> None:
    """Variances are positive, however far a timbre lies from the known ones."""
    for scale in (0.0, 1.0, 3.0):
        timbre = np.random.default_rng(1).normal(0, 0.2 * scale, 128).astype(np.float32)
        statistics = TimbreStatistics.packaged().of(timbre)
        assert np.isfinite(statistics.mean).all()
        assert (statistics.variance > 0).all()


def test_the_way_to_a_clip_is_the_steepest() -> None:
    """The slope that timbres are moved along is that of the distance, by finite differences."""
    likeness = Likeness.packaged()
    portrait = Portrait(enrol(clip(), "x").voice.tensors["portrait"], True)
    heard = likeness.heard(np.full(40, 0.3, np.float32), portrait).astype(np.float64)
    slope = likeness._slope(heard, portrait)
    for at in (0, 17, 200, 255, 256, 290):
        step = np.zeros(len(heard))
        step[at] = 1e-3
        there, back = (likeness.distance(heard + s, portrait) for s in (step, -step))
        assert slope[at] == pytest.approx((there - back) / 2e-3, abs=2e-3)
