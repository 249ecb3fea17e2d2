"""Counter-based random numbers."""

import pytest
import torch

from seiyuu.model.layers.random import frame_noise, philox, uniform

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_philox_gives_its_published_answers(
    counter: list[int], key: list[int], words: list[int]
) -> None:
    """The known-answer vectors of the Random123 distribution."""
    assert philox(torch.tensor(counter), torch.tensor(key)).tolist() == words


def test_noise_is_that_of_the_frame_however_it_is_asked_for() -> None:
    """A frame drawn in another chunk has the same noise."""
    whole = frame_noise(3, 1, torch.arange(50), 80)
    torch.testing.assert_close(frame_noise(3, 1, torch.arange(20, 30), 80), whole[20:30])


def test_noise_is_normal_and_differs_by_seed_and_purpose() -> None:
    """Mean, spread and fourth moment of a standard normal; other seeds give other numbers."""
    drawn = frame_noise(0, 0, torch.arange(4000), 80)
    assert abs(float(drawn.mean())) < 0.01
    assert abs(float(drawn.std()) - 1) < 0.01
    assert abs(float((drawn**4).mean()) - 3) < 0.1
    assert not torch.equal(drawn[:9], frame_noise(1, 0, torch.arange(9), 80))
    assert not torch.equal(drawn[:9], frame_noise(0, 1, torch.arange(9), 80))


def test_uniform_numbers_lie_strictly_inside() -> None:
    """Between 0 and 1, neither included, spread evenly."""
    count = torch.arange(20_000)
    drawn = uniform(torch.full_like(count, 9), count, torch.zeros_like(count))
    assert float(drawn.min()) > 0
    assert float(drawn.max()) < 1
    assert abs(float(drawn.mean()) - 0.5) < 0.01
