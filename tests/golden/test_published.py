"""Every network reproduces the recorded data of the published one, within 1e-4 and to the code."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from seiyuu.model.indextts2 import features
from seiyuu.model.indextts2.codec import EnhancedCodec, SemanticCodec
from seiyuu.model.indextts2.config import (
    EMOTION_GROUPS,
    CodecConfig,
    ConformerConfig,
    FlowConfig,
    GptConfig,
    ModelConfig,
    RegulatorConfig,
    SemanticConfig,
    SpeakerConfig,
)
from seiyuu.model.indextts2.dit import Estimator
from seiyuu.model.indextts2.emotion import blend, pick_rows
from seiyuu.model.indextts2.flow import FlowJob, FlowSolver
from seiyuu.model.indextts2.gpt import UnifiedVoice
from seiyuu.model.indextts2.layout import complete
from seiyuu.model.indextts2.regulator import (
    LatentLayer,
    LengthRegulator,
    nearest_index,
)
from seiyuu.model.indextts2.semantic import SemanticEncoder
from seiyuu.model.indextts2.speaker import CamPlus
from seiyuu.model.indextts2.stretch import Stretch
from seiyuu.model.layers.sampling import (
    SamplingOptions,
    SamplingState,
    candidates,
    penalise,
    sample,
)
from seiyuu.model.vocoder.bigvgan import BigVGAN

pytestmark = pytest.mark.golden

Open = Callable[[str], Any]

VOICE = GptConfig(
    dim=64,
    layers=3,
    heads=4,
    max_mel=48,
    max_text=24,
    text_tokens=50,
    mel_codes=34,
    start_mel=32,
    stop_mel=33,
    features=40,
    speaker=ConformerConfig(24, 48, 2, 2, 2, 8, 64),
    emotion=ConformerConfig(16, 32, 2, 2, 2, 1, 48),
)


@pytest.fixture(autouse=True)
def _no_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


def test_audio_features(recording: Open) -> None:
    """Resampling, both filter banks, the mel spectrogram and the mask of an odd frame count."""
    data = recording("audio_features")
    wave = data.given["wav22k"]
    wave16 = features.resample(wave, 22_050, 16_000)
    data.check("wav16k", wave16)
    data.check("mel22k", features.mel_spectrogram(wave))
    data.check("fbank", features.fbank(wave16[0]))
    data.check("fbank_mean_sub", features.speaker_features(wave16[0])[0])
    stacked, mask = features.semantic_features(wave16[0])
    data.check("w2v_input_features", stacked)
    assert torch.equal(mask, data.wanted["w2v_attention_mask"].long())


def test_speaker_encoder(recording: Open) -> None:
    """CAMPPlus, after its head, its first block, and whole."""
    data = recording("campplus")
    model = CamPlus(SpeakerConfig(embedding=24, growth=4, channels=16))
    data.fill(model)
    head = model.head(data.given["fbank"].transpose(1, 2))
    data.check("head", head)
    data.check("block1", model.xvector[:2](head))
    data.check("embedding", model(data.given["fbank"]))


def test_semantic_tap(recording: Open) -> None:
    """w2v-bert's seventeenth layer, normalised, with its last frame masked."""
    data = recording("w2v_bert_tap")
    model = SemanticEncoder(SemanticConfig(hidden=32, heads=2, inner=48))
    data.fill(model.encoder)
    model.mean, model.var = data.given["stat_mean"], data.given["stat_var"]
    features, mask = data.given["input_features"], data.given["attention_mask"]
    data.check("spk_cond_emb", model(features, mask))
    hidden = model.encoder(features, attention_mask=mask, output_hidden_states=True).hidden_states
    for index in (0, 1, 17):
        data.check(f"hidden{index}", hidden[index])


CODEC = CodecConfig(codebook=64, hidden=48, width=24, inner=56, layers=3)


def test_semantic_codec(recording: Open) -> None:
    """Encoder, codes, their vectors, and vectors of given codes."""
    data = recording("semantic_codec")
    model = SemanticCodec(CODEC)
    data.fill(model)
    data.check("encoder", model.encoder(data.given["x"].transpose(1, 2)))
    codes, vectors = model.quantize(data.given["x"])
    assert torch.equal(codes, data.wanted["codes"])
    data.check("quantized", vectors)
    data.check("vq2emb", model.embed(data.given["codes"]))


def test_enhanced_codec(recording: Open) -> None:
    """Release 2.5's codec at half the rate, both ways."""
    data = recording("enhanced_codec_v25")
    model = EnhancedCodec(CODEC)
    data.fill(model)
    codes, vectors = model.quantize(data.given["x"])
    assert torch.equal(codes, data.wanted["codes"])
    data.check("quantized", vectors)
    data.check("decoded", model.decode(data.given["codes"]))


@pytest.fixture
def voice(recording: Open) -> tuple[UnifiedVoice, Any]:
    """The decoder and its recording."""
    data = recording("unified_voice")
    model = UnifiedVoice(VOICE)
    data.fill(model)
    return model, data


def test_conditioning(voice: tuple[UnifiedVoice, Any]) -> None:
    """Conformers, perceivers, emotion vectors, their mixtures, and the conditioning rows."""
    model, data = voice
    speaker, emotion = data.given["spk_feat"], data.given["emo_feat"]
    data.check("spk_conformer", model.conditioning_encoder(speaker)[0])
    latents = model.speaker_latents(speaker)
    data.check("spk_latents", latents)
    data.check("spk_latents_len25", model.speaker_latents(speaker, torch.tensor([25])))
    data.check("emo_conditioning_base", model.emotion_condition(speaker))
    data.check("emo_conditioning_emo", model.emotion_condition(emotion))
    own, other = model.emotion_vector(speaker), model.emotion_vector(emotion)
    data.check("emovec_base", own)
    data.check("emovec_emo", other)
    merged = own + 0.6 * (other - own)
    data.check("emovec_alpha0.6", merged)
    data.check("conds", model.conditions(latents, merged))


def test_emotion_rows(voice: tuple[UnifiedVoice, Any]) -> None:
    """The rows picked by speaker, and their mixture with the speaker's own manner."""
    _, data = voice
    picked = pick_rows(data.given["style"], data.given["emo_spk_matrix"], EMOTION_GROUPS)
    firsts = torch.tensor([0, *EMOTION_GROUPS[:-1]]).cumsum(0)
    assert torch.equal(picked - firsts, data.wanted["emo_rows"].long())
    rows = data.given["emo_matrix"][picked]
    mixed = blend(data.wanted["emovec_alpha0.6"], rows, data.given["emo_weights"].tolist())
    data.check("emovec_vector_mixed", mixed)


def test_prefix(voice: tuple[UnifiedVoice, Any]) -> None:
    """Conditioning and text rows with their mask, alone and in a padded batch."""
    model, data = voice
    conditions = data.wanted["conds"]
    rows, mask = model.prefix(conditions, data.given["text_ids"])
    data.check("prefix_emb", rows)
    assert torch.equal(mask, data.wanted["prefix_mask"])
    rows, mask = model.prefix(conditions.expand(2, -1, -1), data.given["text_ids_batch2"])
    data.check("prefix_emb_batch2", rows)
    assert torch.equal(mask, data.wanted["prefix_mask_batch2"])


def test_decoder(voice: tuple[UnifiedVoice, Any]) -> None:
    """Hidden states, logits at both kinds of positions, and the latents of the second pass."""
    model, data = voice
    prefix, codes = data.wanted["prefix_emb"], data.given["codes"][0]
    framed = torch.cat([torch.tensor([VOICE.start_mel]), codes, torch.tensor([VOICE.stop_mel])])
    hidden = model.gpt(torch.cat([prefix, model.mel_rows(framed, torch.arange(18))[None]], 1))
    data.check("hidden_after_ln_f", hidden)
    data.check("logits_trained_pos", model.heads(hidden[:, prefix.shape[1] :])[1])
    place = torch.tensor([0, *range(2, 18)])
    hidden = model.gpt(torch.cat([prefix, model.mel_rows(framed[:-1], place)[None]], 1))
    data.check("logits_reference_pos", model.heads(hidden[:, prefix.shape[1] :])[1])
    data.check("latents", model.latents(prefix, codes))


@pytest.mark.parametrize(("name", "penalty"), [("greedy_norep", 1.0), ("greedy_rep10", 10.0)])
def test_greedy_ids(voice: tuple[UnifiedVoice, Any], name: str, penalty: float) -> None:
    """Step by step through the cache, at the published positions, the very same codes."""
    model, data = voice
    wanted = data.wanted[name][0].tolist()
    state = model.gpt.init_state(1, 80)
    draws = SamplingState.empty(1, VOICE.mel_codes, torch.device("cpu"))
    draws.begin(0, 0, 0, SamplingOptions(top_k=1, repetition_penalty=penalty), (1, VOICE.start_mel))
    active = torch.tensor([True])
    start = model.mel_rows(torch.tensor([[VOICE.start_mel]]), torch.tensor([[0]]))
    hidden, _ = model.gpt.extend(torch.cat([data.wanted["prefix_emb"], start], 1), state, active)
    got: list[int] = []
    while len(got) < len(wanted):
        logits = model.heads(hidden[:, -1])[1]
        code = sample(logits, draws, active, stop=VOICE.stop_mel, never=VOICE.start_mel)
        row = model.mel_rows(code[:, None], torch.tensor([[len(got) + 2]]))
        got.append(int(code))
        hidden, _ = model.gpt.extend(row, state, active)
    assert got == wanted


def _beam_step(model: UnifiedVoice, prefix: Tensor, beam: list[int]) -> Tensor:
    """Processed log-probabilities of what follows a beam."""
    place = torch.tensor([0, *range(2, len(beam) + 2)])
    rows = model.mel_rows(torch.tensor([VOICE.start_mel, *beam]), place)[None]
    hidden = model.gpt(torch.cat([prefix, rows], 1))
    scores = model.heads(hidden[:, -1])[1].log_softmax(-1)
    used = torch.zeros_like(scores, dtype=torch.bool)
    used[0, [1, VOICE.start_mel, *beam]] = True
    return penalise(scores, used, torch.tensor([10.0]))[0]


def test_beam_ids(voice: tuple[UnifiedVoice, Any]) -> None:
    """A plain beam search of width 3 over the penalised log-probabilities finds the recorded codes."""
    model, data = voice
    wanted = data.wanted["beam3_rep10"][0].tolist()
    prefix = data.wanted["prefix_emb"]
    beams: list[tuple[float, list[int]]] = [(0.0, [])]
    finished: list[tuple[float, list[int]]] = []
    for _ in range(40):
        grown = [
            (total + float(score), [*beam, code])
            for total, beam in beams
            for code, score in enumerate(_beam_step(model, prefix, beam))
        ]
        best = sorted(grown, key=lambda pair: -pair[0])[:6]
        finished += [pair for pair in best[:3] if pair[1][-1] == VOICE.stop_mel]
        finished = sorted(finished, key=lambda pair: -pair[0])[:3]
        beams = [pair for pair in best if pair[1][-1] != VOICE.stop_mel][:3]
        if len(finished) == 3 and finished[-1][0] >= beams[0][0]:
            break
    assert max([*finished, *beams] if len(finished) < 3 else finished)[1] == wanted


@pytest.mark.parametrize(("form", "keep"), [("beam1", 1), ("beam3", 2)])
def test_sampler_filters(voice: tuple[UnifiedVoice, Any], form: str, keep: int) -> None:
    """Penalty, temperature, top-k and top-p leave the same codes with the same scores."""
    _, data = voice
    scores = data.given["sampler_logits"]
    if form == "beam3":
        scores = scores.log_softmax(-1)
    used = torch.zeros_like(scores, dtype=torch.bool)
    used[0, data.given["sampler_history"][0]] = True
    one = torch.ones(1)
    best, ids = candidates(
        penalise(scores, used, 10 * one), 0.8 * one, torch.tensor([10]), 0.8 * one, keep
    )
    got = torch.full_like(scores, -torch.inf).scatter(1, ids, best)
    wanted = data.wanted[f"sampler_scores_{form}"]
    left = torch.isfinite(wanted)
    assert torch.equal(torch.isfinite(got), left)
    torch.testing.assert_close(got[left], wanted[left], atol=1e-4, rtol=0)


def test_length_regulator(recording: Open) -> None:
    """Latents to content, nearest resizing, and the stretched content of prompt and speech."""
    data = recording("length_regulator")
    config = RegulatorConfig(channels=32, content=48, latent_layer=(64, 24, 12, 48))
    regulator, layer = LengthRegulator(config), LatentLayer(config.latent_layer)
    data.fill(regulator, "length_regulator.")
    data.fill(layer, "gpt_layer.")
    mapped = layer(data.given["latents"])
    data.check("gpt_layer", mapped)
    mixed = data.given["vq_emb"] + mapped
    data.check("S_infer", mixed)
    assert Stretch().frames_of(25) == int(data.wanted["target_len"])
    assert torch.equal(nearest_index(25, 43), data.wanted["nearest_index_25_to_43"])
    data.check("prompt_condition", regulator.stretch(data.given["S_ref"], 57))
    data.check("cond", regulator.stretch(mixed, 43))
    seen = torch.arange(43) < data.given["ylens_batch"][:, None]
    data.check("cond_batch", regulator.stretch(data.given["S_batch"], 43) * seen[..., None])


FLOW = FlowConfig(hidden=64, heads=4, depth=5, mel_bins=20, content=32, style=12, wavenet_layers=3)


@pytest.fixture
def flow(recording: Open) -> tuple[Estimator, Any]:
    """The estimator and its recording."""
    data = recording("cfm")
    model = Estimator(FLOW)
    data.fill(model, "estimator.")
    return model, data


def test_velocity(flow: tuple[Estimator, Any]) -> None:
    """One call, with what lies on its way, alone and in padded batches of both kinds."""
    model, data = flow
    given = data.given
    prompt = torch.zeros_like(given["noise"])
    prompt[:, :, : given["prompt"].shape[2]] = given["prompt"]
    inputs = (given["noise"], prompt, given["mu"], given["style"])
    lengths, time = torch.tensor([64]), model.condition(given["t"])
    data.check("t_embed", model.t_embedder(given["t"]))
    data.check("transformer_in", model.merge(*inputs))
    inside: dict[str, Tensor] = {}
    model.transformer.register_forward_hook(lambda m, i, o: inside.update(transformer_out=o))
    model.conv1.register_forward_hook(lambda m, i, o: inside.update(wavenet_in=o))
    model.wavenet.register_forward_hook(lambda m, i, o: inside.update(wavenet_out=o))
    data.check("velocity", model(*inputs, lengths, time))
    inside["wavenet_in"] = inside["wavenet_in"].transpose(1, 2)
    for name, value in inside.items():
        data.check(name, value)
    batch = [given[f"{name}_batch"] for name in ("x", "prompt_x", "mu", "style", "x_lens")]
    times = model.condition(given["t_batch"])
    data.check("velocity_batch", model(*batch, times, padded_edges=True))
    data.check("velocity_row1_alone", model(*batch, times)[1:, :, :47])


def test_solver(flow: tuple[Estimator, Any]) -> None:
    """Four Euler steps with guidance from given noise, state by state."""
    model, data = flow
    solver = FlowSolver(model, steps=4)
    given = data.given
    job = FlowJob(given["noise"][0].clone(), given["prompt"][0], given["mu"][0], given["style"][0])
    for step in range(4):
        data.check(f"step{step}_x", job.x[None])
        solver.advance([job])
    data.check("euler4", job.x[None])


def test_vocoder(recording: Open) -> None:
    """BigVGAN's wave and its activation alone."""
    data = recording("bigvgan")
    model = BigVGAN(mel_bins=20, channels=96)
    data.fill(model)
    data.check("wav", model(data.given["mel"])[:, None])
    data.check("act_out", model.activation_post(data.given["act_in"]))


@pytest.mark.parametrize(
    ("file", "keys"),
    [
        ("gpt.pth", "gpt"),
        ("s2mel.pth", "s2mel"),
        ("w2v-bert-2.0/model.safetensors", "w2v_bert_17layers"),
        ("semantic_codec/model.safetensors", "semantic_codec"),
        ("campplus_cn_common.bin", "campplus"),
        ("bigvgan/bigvgan_generator.pt", "bigvgan"),
    ],
)
def test_layout_is_the_released_one(official_keys: Open, file: str, keys: str) -> None:
    """At full size our networks name exactly the tensors of the official files, with their shapes and dtypes."""
    ours = {name: (info.dtype, info.shape) for name, info in complete(ModelConfig())[file].items()}
    assert ours == official_keys(keys)
