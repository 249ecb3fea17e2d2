"""Tiny seeded networks give what they gave when all of them reproduced the published data.

``python tests/golden/test_frozen.py`` writes ``frozen.safetensors`` anew; do that only while ``test_published.py``
passes with the recorded data at hand, and say so in ``MANIFEST``.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from seiyuu.model.indextts2 import features
from seiyuu.model.indextts2.codec import EnhancedCodec, SemanticCodec
from seiyuu.model.indextts2.decoder import Decoder
from seiyuu.model.indextts2.dit import Estimator
from seiyuu.model.indextts2.flow import FlowJob, FlowSolver
from seiyuu.model.indextts2.gpt import UnifiedVoice
from seiyuu.model.indextts2.make_checkpoint import TINY
from seiyuu.model.indextts2.regulator import LatentLayer, LengthRegulator
from seiyuu.model.indextts2.semantic import SemanticEncoder
from seiyuu.model.indextts2.speaker import CamPlus
from seiyuu.model.layers.random import frame_noise
from seiyuu.model.layers.sampling import SamplingOptions
from seiyuu.model.vocoder.bigvgan import BigVGAN

pytestmark = pytest.mark.golden

FROZEN = Path(__file__).with_name("frozen.safetensors")
TOLERANCE = 1e-4

Outputs = dict[str, Tensor]


def noise(seed: int, *shape: int) -> Tensor:
    """Normal numbers that are the same on every machine and with every version of torch."""
    rows = torch.Size(shape[:-1]).numel()
    return frame_noise(seed, 0, torch.arange(rows), shape[-1]).reshape(shape)


def seeded(module: nn.Module) -> nn.Module:
    """Every weight from its place in the list: small, around 1 for scales."""
    for seed, (name, value) in enumerate(module.state_dict().items()):
        if not value.is_floating_point() or name.endswith(("filter", "freqs", "mean", "var")):
            continue
        fan_in = value[0].numel() if value.dim() > 1 else 4
        drawn = noise(seed, *value.shape) / max(fan_in, 1) ** 0.5
        scale = value.dim() == 1 and name.endswith(("weight", "gamma"))
        value.copy_(1 + 0.1 * drawn if scale else drawn)
    return module.eval()


def _audio() -> Outputs:
    wave = 0.3 * noise(1, 1, 6000).cumsum(1).sin()
    wave16 = features.resample(wave, 22_050, 16_000)
    stacked, mask = features.semantic_features(wave16[0])
    return {
        "resampled": wave16[:, ::4],
        "mel": features.mel_spectrogram(wave)[:, ::2],
        "fbank": features.fbank(wave16[0])[:, ::2],
        "stacked": stacked[..., ::4],
        "mask": mask,
    }


def _listening() -> Outputs:
    semantic = seeded(SemanticEncoder(TINY.semantic))
    speaker = seeded(CamPlus(TINY.speaker))
    codec, enhanced = seeded(SemanticCodec(TINY.codec)), seeded(EnhancedCodec(TINY.codec))
    x = noise(2, 1, 20, TINY.codec.hidden)
    codes, vectors = codec.quantize(x)  # type: ignore[operator]
    half, _ = enhanced.quantize(x)  # type: ignore[operator]
    return {
        "semantic": semantic(noise(3, 1, 18, 160), torch.ones(1, 18, dtype=torch.int64)),
        "speaker": speaker(noise(4, 1, 120, 80)),
        "codes": codes,
        "vectors": vectors,
        "half_codes": half,
        "decoded": enhanced.decode(half),  # type: ignore[operator]
    }


def _decoding() -> Outputs:
    model = seeded(UnifiedVoice(TINY.gpt))
    assert isinstance(model, UnifiedVoice)
    clip = noise(5, 1, 31, TINY.gpt.features)
    latents, emotion = model.speaker_latents(clip), model.emotion_vector(clip)
    conditions = model.conditions(latents, emotion)
    prefix, _ = model.prefix(conditions, torch.tensor([[9, 4, 33, 17, 2, 60]]))
    given = torch.arange(12) * 5
    decoder = Decoder(model, 2, max_codes=40)
    head = decoder.head(conditions)
    code, good = decoder.begin(
        1, head, [9, 4, 33, 17, 2, 60], seed=7, purpose=1, options=SamplingOptions()
    )
    drawn = [code]
    while good and len(drawn) < 24:
        ((code, good),) = decoder.step([1])
        drawn.append(code)
    return {
        "latents": latents,
        "emotion": emotion,
        "conditions": conditions,
        "code_latents": model.latents(prefix, given),
        "logits": model.heads(model.gpt(prefix))[1][:, -3:],
        "drawn": torch.tensor(drawn),
    }


def _drawing() -> Outputs:
    flow = TINY.flow
    regulator, layer = (
        seeded(LengthRegulator(TINY.regulator)),
        seeded(LatentLayer(TINY.regulator.latent_layer)),
    )
    content = layer(noise(6, 1, 25, TINY.gpt.dim))
    stretched = regulator.stretch(content, 43)  # type: ignore[operator]
    estimator = seeded(Estimator(flow))
    assert isinstance(estimator, Estimator)
    solver = FlowSolver(estimator, steps=3)
    mel = noise(7, flow.mel_bins, 10)
    job = FlowJob(noise(8, flow.mel_bins, 43), mel, stretched[0], noise(9, 1, flow.style)[0])
    vocoder = seeded(BigVGAN(channels=64))
    vocoder.conv_post.weight *= 0.01  # type: ignore[operator]  # keeps the wave inside −1…1
    return {
        "content": stretched,
        "mel": solver.solve(job),
        "wave": vocoder(noise(10, 1, 80, 6)),
    }


CASES: dict[str, Callable[[], Outputs]] = {
    "audio": _audio,
    "listening": _listening,
    "decoding": _decoding,
    "drawing": _drawing,
}


@pytest.fixture(autouse=True)
def _no_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


@pytest.mark.parametrize("case", CASES)
def test_networks_give_what_they_gave(case: str) -> None:
    """Floats within 1e-4, integers exactly."""
    frozen = {
        key.partition(".")[2]: value
        for key, value in load_file(FROZEN).items()
        if key.startswith(f"{case}.")
    }
    got = CASES[case]()
    assert got.keys() == frozen.keys()
    for name, wanted in frozen.items():
        if wanted.is_floating_point():
            torch.testing.assert_close(got[name], wanted, atol=TOLERANCE, rtol=0, msg=name)
        else:
            assert torch.equal(got[name], wanted), name


if __name__ == "__main__":
    torch.set_num_threads(1)
    with torch.no_grad():
        content = {
            f"{case}.{name}": value.contiguous()
            for case, run in CASES.items()
            for name, value in run().items()
        }
    save_file(content, FROZEN)
    sys.stdout.write(f"wrote {FROZEN}: {FROZEN.stat().st_size:,} bytes\n")
