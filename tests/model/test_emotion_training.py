"""The shipped weights can be made again."""

import json
from importlib.resources import files

import numpy as np
import pytest

from seiyuu.model.emotion.describe import read_emotion
from seiyuu.model.emotion.network import CLASSES, shipped
from seiyuu.model.emotion.training.compose import LANGUAGES, Composer, compose
from seiyuu.model.emotion.training.train import Recipe, descriptions_digest, digest, manifest, train

pytestmark = pytest.mark.unit

TINY = Recipe(count=150, epochs=2, batch=32, seed=7)


def test_composing_is_reproducible() -> None:
    """The same seed writes the same descriptions, another seed others."""
    assert compose(20, 3) == compose(20, 3)
    assert compose(20, 3) != compose(20, 4)


@pytest.mark.parametrize("language", LANGUAGES)
def test_targets_are_distributions_over_all_classes(language: str) -> None:
    """Every description means something, and every class is meant by some."""
    made = list(Composer(language, 1).descriptions(1500))
    totals = np.array([d.target for d in made])
    assert np.allclose(totals.sum(axis=1), 1.0)
    assert set(totals.argmax(axis=1)) == set(range(len(CLASSES)))
    assert all(d.text for d in made)


def test_training_is_reproducible() -> None:
    """The same recipe makes the same weights and names the same data."""
    first, data = train(TINY)
    second, same = train(TINY)
    assert digest(first) == digest(second)
    assert data == same


def test_even_a_tiny_training_learns() -> None:
    """Plain words are read rightly after a moment of training."""
    network, _ = train(TINY)
    assert read_emotion("angry", network).emotion.strongest == "anger"
    assert read_emotion("悲伤", network).emotion.strongest == "sadness"


def test_the_shipped_weights_are_those_of_the_manifest() -> None:
    """The manifest beside the weights names them, their recipe and their data as they are now."""
    path = files("seiyuu.model.emotion") / "data/weights.json"
    held = json.loads(path.read_text(encoding="utf-8"))
    recipe = Recipe(**held["recipe"])
    assert recipe == Recipe()
    assert held == manifest(recipe, shipped(), held["descriptions_sha256"])


def test_the_shipped_weights_were_learned_from_todays_words() -> None:
    """The first descriptions of each language are still those that were learned from: no word file moved since."""
    path = files("seiyuu.model.emotion") / "data/weights.json"
    held = json.loads(path.read_text(encoding="utf-8"))
    assert held["first_descriptions_sha256"] == descriptions_digest(compose(500, Recipe().seed))
