"""An actor's death is as ordinary as a worker's."""

from collections.abc import Iterator

import pytest

from seiyuu.model.engine import StreamOptions
from seiyuu.model.hosts.ray_actor import RayLink, ray_engine
from seiyuu.streaming.errors import EngineCrashed, EngineFailed
from seiyuu.streaming.segment import Segment

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'seiyuu[ray]'")

pytestmark = [pytest.mark.unit, pytest.mark.asyncio]


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """The cluster of this machine ends with the tests."""
    yield
    ray.shutdown()


async def test_a_killed_actor_fails_its_streams_and_speech_goes_on() -> None:
    """Killed in mid-utterance: the stream fails as retryable, and another actor takes the next."""
    engine = ray_engine("tone", {})
    await engine.start()
    stream = await engine.open(engine.voices()[0], StreamOptions())
    await stream.push(Segment("一二三四", 0))
    iterator = aiter(stream)
    await anext(iterator)
    assert isinstance(engine._link, RayLink)
    ray.kill(engine._link._actor)
    with pytest.raises(EngineCrashed):
        async for _ in iterator:
            pass
    assert engine._reviving is not None
    await engine._reviving
    again = await engine.open(engine.voices()[0], StreamOptions())
    await again.push(Segment("五六", 0))
    await again.end()
    assert [item async for item in again]
    await engine.close()


async def test_a_cluster_that_is_not_there_is_said_to_be_missing() -> None:
    """Asked to join the cluster of this machine where there is none, the start fails and says so."""
    ray.shutdown()
    engine = ray_engine("tone", {}, address="auto")
    with pytest.raises(EngineFailed, match="no Ray cluster at auto"):
        await engine.start()
