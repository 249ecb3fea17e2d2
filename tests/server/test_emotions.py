"""What a field ``emotion`` means to a server without a reader."""

import pytest

from seiyuu.server.emotions import PointsOnly
from seiyuu.streaming.emotion_spec import ClipEmotion, DescribedEmotion, MixedEmotion, NamedEmotion
from seiyuu.streaming.errors import Unsupported

pytestmark = pytest.mark.unit


async def test_points_are_read() -> None:
    """Names and mixes need no model."""
    assert (await PointsOnly().read(NamedEmotion(name="生气", intensity=0.4))).strongest == "anger"
    mixed = await PointsOnly().read(MixedEmotion(mix={"joy": 0.6, "surprise": 0.3}))
    assert mixed.intensity == pytest.approx(0.9)


@pytest.mark.parametrize("spec", [DescribedEmotion(describe="冷冷地"), ClipEmotion(reference="x")])
async def test_what_needs_a_model_is_refused(spec: DescribedEmotion | ClipEmotion) -> None:
    """Honestly, instead of a guess."""
    with pytest.raises(Unsupported, match="does not read emotions"):
        await PointsOnly().read(spec)
