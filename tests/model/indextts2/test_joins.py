"""How well chunks hang together, measured."""

from typing import Any

import pytest
import torch

from seiyuu.model.indextts2.engine import IndexTTS2Core
from seiyuu.model.indextts2.joins import compare, measure_joins, vocoder_error
from seiyuu.model.layers.random import frame_noise
from seiyuu.model.vocoder.bigvgan import BigVGAN

pytestmark = pytest.mark.unit

MEL = frame_noise(1, 0, torch.arange(60), 8).T


def test_the_same_mel_differs_nowhere() -> None:
    """And steps at the joins are what they are in one piece."""
    found = compare(MEL, MEL, [20, 40])
    assert (found["frames"], found["joins"]) == (60, 2)
    assert found["difference_at_joins"] == found["difference_elsewhere"] == 0.0
    assert found["step_at_joins"] == found["step_whole_at_joins"] > 0


def test_a_jump_at_a_join_shows_there_only() -> None:
    """Everything behind it lies one higher: the step is larger at that place alone."""
    smooth = torch.linspace(0, 1, 60).expand(8, -1)
    broken = smooth + (torch.arange(60) >= 30)
    found = compare(broken, smooth, [30])
    assert found["step_at_joins"] == pytest.approx(1 + 1 / 59, abs=1e-3)
    assert found["step_elsewhere"] == pytest.approx(1 / 59, abs=1e-3)
    assert found["difference_at_joins"] == pytest.approx(0.5, abs=0.01)


def test_chunks_of_an_engine_are_compared_with_one_piece(shared: IndexTTS2Core) -> None:
    """The same codes twice; the options are the old ones afterwards."""
    options = shared._options
    found = measure_joins(shared, shared.voices()[0], "今天我们来玩一个新游戏!", seed=2)
    assert shared._options is options
    assert found["joins"] >= 2
    assert found["difference_elsewhere"] > 0
    assert found["step_at_joins"] < 2 * found["step_whole_at_joins"]


@pytest.fixture(scope="module")
def vocoder() -> Any:
    """A narrow BigVGAN of the real depth, kernels and rates, so that it reaches as far as the real one."""
    torch.set_num_threads(1)
    made = BigVGAN(mel_bins=8, channels=64).eval().requires_grad_(False)
    for seed, value in enumerate(made.parameters()):
        rows = value.numel() // value.shape[-1]
        drawn = frame_noise(seed, 0, torch.arange(rows), value.shape[-1]).reshape(value.shape)
        value.copy_(0.7 * drawn / value[0].numel() ** 0.5 if value.dim() > 1 else 0 * drawn)
    return made


def test_the_vocoder_in_chunks_equals_the_vocoder_at_once(vocoder: Any) -> None:
    """Within 1e-4 with the engine's context of twenty frames; without any it does not."""
    mel = frame_noise(3, 0, torch.arange(90), 8).T
    assert vocoder_error(vocoder, mel, 30, 20) < 1e-4
    assert vocoder_error(vocoder, mel, 30, 0) > 1e-3
