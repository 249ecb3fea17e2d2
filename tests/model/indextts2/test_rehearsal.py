"""The engine as a GPU runs it, with recorded steps, on a CPU: everything is replayed, and nothing sounds different."""

from typing import Any

import numpy as np
import pytest
import torch

from seiyuu.model.indextts2.config import ModelConfig
from seiyuu.model.indextts2.decoder import Decoder
from seiyuu.model.indextts2.engine import IndexTTS2Core
from seiyuu.model.indextts2.flow import FlowJob, FlowSolver
from seiyuu.model.indextts2.networks import Networks
from seiyuu.streaming.emotion import Emotion

from ..listening import sound
from ..speaking import TEXTS, alone, make, run, say
from ..tracing import TracingRecorder

pytestmark = pytest.mark.unit

RECORDED: dict[str, Any] = {"flow_batch": 2, "first_batch": 2, "prompt_frames": 172}


@pytest.fixture(scope="module")
def recorder() -> TracingRecorder:
    return TracingRecorder()


@pytest.fixture(scope="module")
def core(tiny_checkpoint: Any, tiny_voice: Any, recorder: TracingRecorder) -> IndexTTS2Core:
    """Warm: its steps of usual shape are recorded, and nobody has spoken."""
    made = make(tiny_checkpoint, tiny_voice, slots=2, core={"recorder": recorder}, **RECORDED)
    made.load()
    return made


def test_everything_that_repeats_can_be_recorded(
    core: IndexTTS2Core, recorder: TracingRecorder
) -> None:
    """Decode steps, Euler steps and the vocoder ask nothing of the host; the rehearsal left every slot free."""
    assert core.slower == []
    assert recorder.recorded > 10
    assert all(len(c) for c in (core._decoder.graphs, core._flow_graphs, core._drawer.graphs))
    assert core._slots.free == 2


def test_recorded_steps_say_what_plain_ones_say(
    core: IndexTTS2Core, shared: IndexTTS2Core, recorder: TracingRecorder
) -> None:
    """Two sessions at once, codes for codes and samples within 1e-4 of a session alone without recordings."""
    before, fresh = recorder.replayed, recorder.recorded
    jobs = [say(core, TEXTS[1], seed=i) for i in range(2)]
    for i, items in enumerate(run(core, *jobs)):
        np.testing.assert_allclose(sound(items), alone(shared, TEXTS[1], seed=i), atol=1e-4)
        jobs[i].close()
    assert recorder.replayed > before + 100
    assert recorder.recorded - fresh <= 2


def test_a_turn_works_on_recorded_steps(core: IndexTTS2Core) -> None:
    """Head and codes of a row change under the recordings, which go on reading the same places."""
    job = say(core, *TEXTS, seed=1)
    items = run(core, job)[0]
    plain = sound(items)
    job.turn(Emotion.of("joy"), len(plain) // 2, 120)
    turned = sound([*items, *run(core, job)[0]])
    half = len(plain) // 2
    np.testing.assert_array_equal(turned[:half], plain[:half])
    assert not np.array_equal(turned[half : half + 4000], plain[half : half + 4000])
    job.close()


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_speaks(tiny_checkpoint: Any, tiny_voice: Any, precision: str) -> None:
    """Every place where two dtypes meet, as on a GPU; samples are float32 and finite."""
    options = {"precision": precision, "recorder": TracingRecorder()}
    core = make(tiny_checkpoint, tiny_voice, slots=1, core=options, **RECORDED, turn="reprefill")
    core.load()
    assert core._decoder.state.kv.keys.dtype == getattr(torch, precision)
    job = say(core, TEXTS[1], seed=1)
    items = run(core, job)[0]
    job.turn(Emotion.of("anger"), len(sound(items)) // 2, 120)
    made = sound([*items, *run(core, job)[0]])
    assert made.dtype == np.float32
    assert np.isfinite(made).all()
    assert np.abs(made).max() > 0
    assert core.slower == []


def test_an_engine_that_cannot_record_speaks_all_the_same(
    tiny_checkpoint: Any, tiny_voice: Any, shared: IndexTTS2Core
) -> None:
    """Slower, with the reason at hand."""

    def refuse(function: Any, inputs: Any) -> Any:
        function(*inputs)
        raise RuntimeError("operation not permitted when stream is capturing")

    core = make(tiny_checkpoint, tiny_voice, slots=1, core={"recorder": refuse}, **RECORDED)
    core.load()
    assert core.slower == ["operation not permitted when stream is capturing"] * 3
    np.testing.assert_allclose(
        alone(core, TEXTS[1], seed=1), alone(shared, TEXTS[1], seed=1), atol=1e-4
    )


@torch.inference_mode()
def test_full_size_networks_fit_together() -> None:
    """Shapes of the released sizes through every network that runs while speaking, without values or memory."""
    config = ModelConfig()
    networks = Networks.empty(config)
    meta = torch.device("meta")
    decoder = Decoder(networks.gpt.to(torch.bfloat16), 8, exact_batches=False)
    code, good = decoder._step(0, 8, torch.ones(8, dtype=torch.bool, device=meta), 512)
    assert (code.shape, good.shape) == ((8,), (8,))
    assert decoder.state.latents.shape == (8, 1500, 1280)
    solver = FlowSolver(networks.flow.estimator, dtype=torch.bfloat16, bucket=64)
    x, content = torch.empty(80, 495, device=meta), torch.empty(495, 512, device=meta)
    jobs = [FlowJob(x, x[:, :301], content, torch.empty(192, device=meta)) for _ in range(3)]
    solver.advance(jobs)
    assert jobs[0].drawn.shape == (80, 194)
    assert networks.vocoder(torch.empty(1, 80, 212, device=meta)).shape == (1, 212 * 256)
    mixed = networks.codec.embed(torch.empty(1, 40, dtype=torch.int64, device=meta))
    mixed = mixed + networks.flow.gpt_layer(decoder.state.latents[:1, :40].float())
    index = torch.empty(68, dtype=torch.int64, device=meta)
    assert networks.flow.length_regulator(mixed, index).shape == (1, 68, 512)
