"""The solver: many jobs in one batch, each as if alone."""

import pytest
import torch

from seiyuu.model.indextts2.config import FlowConfig
from seiyuu.model.indextts2.dit import Estimator
from seiyuu.model.indextts2.flow import FlowJob, FlowSolver
from seiyuu.model.layers.random import frame_noise

pytestmark = pytest.mark.unit

CONFIG = FlowConfig(hidden=32, heads=2, depth=3, mel_bins=8, content=12, style=6, wavenet_layers=2)


@pytest.fixture(scope="module")
def estimator() -> Estimator:
    """Random weights around one for the scales."""
    torch.set_num_threads(1)
    model = Estimator(CONFIG).eval().requires_grad_(False)
    for seed, value in enumerate(model.parameters()):
        rows = value.numel() // value.shape[-1]
        drawn = frame_noise(seed, 0, torch.arange(rows), value.shape[-1]).reshape(value.shape)
        value.copy_(drawn / max(1, value[0].numel()) ** 0.5)
    return model


def job(seed: int, time: int, prompted: int) -> FlowJob:
    draw = lambda n, width: frame_noise(seed, n, torch.arange(time), width)  # noqa: E731
    return FlowJob(draw(0, 8).T, draw(1, 8).T[:, :prompted], draw(2, 12), draw(3, 6)[0])


SHAPES = [(40, 10), (23, 9), (31, 4)]


def test_rows_of_any_length_at_any_step_equal_single_runs(estimator: Estimator) -> None:
    """Jobs join and leave a shared batch and end with what each gives alone."""
    solver = FlowSolver(estimator, steps=4)
    alone = [solver.solve(job(i, *shape)) for i, shape in enumerate(SHAPES)]
    jobs = [job(i, *shape) for i, shape in enumerate(SHAPES)]
    solver.advance(jobs[:1])
    solver.advance(jobs[:2])
    while not all(map(solver.finished, jobs)):
        solver.advance([j for j in jobs if not solver.finished(j)])
    for wanted, got in zip(alone, jobs, strict=True):
        torch.testing.assert_close(got.drawn, wanted, atol=2e-5, rtol=0)


def test_padding_to_a_bucket_changes_nothing(estimator: Estimator) -> None:
    """Few shapes for recorded graphs, the same mel."""
    plain = FlowSolver(estimator, steps=3).solve(job(5, 33, 8))
    padded = FlowSolver(estimator, steps=3, bucket=32).solve(job(5, 33, 8))
    torch.testing.assert_close(padded, plain, atol=2e-5, rtol=0)


def test_the_prompt_stays_silent_in_the_state(estimator: Estimator) -> None:
    """The prompt's frames are zero at every step and the drawn mel is only what follows it."""
    solver = FlowSolver(estimator, steps=2)
    made = job(1, 20, 7)
    solver.advance([made])
    assert not made.x[:, :7].any()
    assert made.drawn.shape == (8, 13)


def test_low_precision_stays_close(estimator: Estimator) -> None:
    """bfloat16 inside the transformer moves the mel little; the solver itself stays in float32."""
    wanted = FlowSolver(estimator, steps=3).solve(job(2, 24, 6))
    import copy

    low = FlowSolver(copy.deepcopy(estimator), steps=3, dtype=torch.bfloat16).solve(job(2, 24, 6))
    assert low.dtype == torch.float32
    assert float((low - wanted).abs().mean()) < 0.05 * float(wanted.abs().mean())


def test_warming_up_leaves_nothing_behind(estimator: Estimator) -> None:
    """Shapes are run once for their recordings; speech is as before."""
    solver = FlowSolver(estimator, steps=2, bucket=16)
    wanted = solver.solve(job(3, 20, 5))
    solver.warm([20, 40], [1, 3], CONFIG.content, CONFIG.style)
    assert torch.equal(solver.solve(job(3, 20, 5)), wanted)
