"""Descriptions become numbers the same way each time."""

import numpy as np
import pytest

from seiyuu.model.emotion.cues import weigh
from seiyuu.model.emotion.features import BUCKETS, DENSE, dense, hashed
from seiyuu.model.emotion.fold import fold
from seiyuu.model.emotion.lexicon import find

pytestmark = pytest.mark.unit


def pieces(text: str) -> set[int]:
    """Buckets of a text read without the lexicon's emotion words."""
    folded = fold(text)
    return set(hashed(folded, weigh(folded, find(folded))).tolist())


def test_buckets_are_ordered_and_within_the_table() -> None:
    """Each bucket is named once, in order."""
    folded = fold("whispering, 涙声で, 차갑게 冷冷地")
    found = hashed(folded, weigh(folded, find(folded)))
    assert found.dtype == np.int32
    assert list(found) == sorted(set(found.tolist()))
    assert 0 <= found.min() <= found.max() < BUCKETS


def test_a_denied_piece_is_another_piece() -> None:
    """What stands under a negation does not share its buckets with the plain word."""
    assert not pieces("qwerty") & (pieces("not qwerty") - pieces("not"))


def test_words_with_a_common_stem_share_pieces() -> None:
    """An unknown form is met through the letters it shares with a known one."""
    assert pieces("gloomy") & pieces("gloominess")


def test_cues_have_a_fixed_shape_and_say_when_nothing_is_meant() -> None:
    """The last two numbers flag that no emotion is meant, and that one is denied."""
    nothing, denied = fold("qwerty"), fold("not angry")
    assert dense(weigh(nothing, find(nothing))).shape == (DENSE,)
    assert list(dense(weigh(nothing, find(nothing)))[-2:]) == [1.0, 0.0]
    assert list(dense(weigh(denied, find(denied)))[-2:]) == [1.0, 1.0]
