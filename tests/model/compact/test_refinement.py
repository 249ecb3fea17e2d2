"""The second look: the search listens where the prediction points, and keeps only what is heard closer."""

import numpy as np
import pytest

from seiyuu.model.compact.likeness import HOME_WEIGHT, Likeness, Portrait
from seiyuu.model.compact.refinement import _Search

pytestmark = pytest.mark.golden


def portrait_of(z: np.ndarray) -> Portrait:
    """What a voice at ``z`` would be heard like, by the prediction."""
    likeness = Likeness.packaged()
    blank = Portrait(np.zeros(297, np.float32), False)
    heard = likeness.heard(z.astype(np.float32), blank)
    unit = heard[:256] / np.linalg.norm(heard[:256])
    return Portrait(np.concatenate([unit, heard[256:], [0.0]]).astype(np.float32), False)


def test_a_world_that_differs_from_the_prediction_is_found_by_listening() -> None:
    """With a constant error in the prediction, a few listenings come closer than the prediction alone."""
    likeness = Likeness.packaged()
    rng = np.random.default_rng(0)
    error = 0.01 * rng.standard_normal(296).astype(np.float32)
    portrait = portrait_of(rng.standard_normal(40))
    search = _Search(likeness, portrait, np.zeros(40, np.float32))
    heard, places = [], []
    for _ in range(6):
        z = search.propose()
        places.append(z)
        sound = likeness.heard(z, portrait) + error
        search.learn(z, sound)
        heard.append(likeness.distance(sound, portrait))
    assert min(heard) < 0.8 * heard[0]
    assert search.smallest == pytest.approx(
        min(apart + HOME_WEIGHT * float(z @ z) for apart, z in zip(heard, places, strict=True)),
        rel=1e-6,
    )


def test_a_worse_place_is_never_kept() -> None:
    """However bad the world beyond the start, the best place so far stays."""
    likeness = Likeness.packaged()
    portrait = portrait_of(np.zeros(40))
    start = np.full(40, 0.1, np.float32)
    search = _Search(likeness, portrait, start)
    search.learn(start, likeness.heard(start, portrait))
    for _ in range(4):
        z = search.propose()
        search.learn(z, -likeness.heard(z, portrait))
    assert search.best is start


def test_a_voice_that_breaks_is_left_behind() -> None:
    """Where rendering gave nothing that can be compared, the search goes on from the best place, more carefully."""
    likeness = Likeness.packaged()
    portrait = portrait_of(np.full(40, 0.5))
    start = np.zeros(40, np.float32)
    search = _Search(likeness, portrait, start)
    search.learn(start, likeness.heard(start, portrait))
    bold = search.propose()
    search.learn(bold, np.full(296, np.nan, np.float32))
    assert search.best is start
    careful = search.propose()
    assert np.isfinite(careful).all()
    assert np.linalg.norm(careful - start) < np.linalg.norm(bold - start)
