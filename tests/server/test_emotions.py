"""What a field ``emotion`` means to a server without a reader."""

import pytest

from seiyuu.server.emotions import DescribedEmotions, PointsOnly
from seiyuu.streaming.emotion_spec import ClipEmotion, DescribedEmotion, MixedEmotion, NamedEmotion
from seiyuu.streaming.errors import Unsupported

pytestmark = pytest.mark.unit


async def test_points_are_read() -> None:
    """Names and mixes need no model."""
    named = await PointsOnly().read(NamedEmotion(name="生气", intensity=0.4))
    assert named.emotion.strongest == "anger"
    mixed = await PointsOnly().read(MixedEmotion(mix={"joy": 0.6, "surprise": 0.3}))
    assert mixed.emotion.intensity == pytest.approx(0.9)


@pytest.mark.parametrize("spec", [DescribedEmotion(describe="冷冷地"), ClipEmotion(reference="x")])
async def test_what_needs_a_model_is_refused(spec: DescribedEmotion | ClipEmotion) -> None:
    """Honestly, instead of a guess."""
    with pytest.raises(Unsupported, match="does not read emotions"):
        await PointsOnly().read(spec)


async def test_a_description_brings_its_pace_and_what_to_beware_of() -> None:
    """The pace is the reader's; the caution is about the intensity that counts in the end."""
    reader = DescribedEmotions(PointsOnly())
    slow = await reader.read(DescribedEmotion(describe="慢慢地,悲伤地", intensity=0.5))
    assert slow.emotion.strongest == "sadness"
    assert slow.pace < 1
    assert slow.warnings == ()
    loud = await reader.read(DescribedEmotion(describe="慢慢地,悲伤地", intensity=1.0))
    assert loud.pace == slow.pace
    assert len(loud.warnings) == 1
    assert "1.00" in loud.warnings[0]
