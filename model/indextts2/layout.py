"""Which tensors each released file holds, from the networks themselves and a short list of those never used."""

from __future__ import annotations

import torch
from torch import nn

from ..layers.conv import stored_shapes
from ..weights import TensorInfo
from .codec import codec_stack
from .config import ModelConfig
from .networks import Networks

Tensors = dict[str, TensorInfo]

WEIGHTS = (
    "gpt.pth",
    "s2mel.pth",
    "wav2vec2bert_stats.pt",
    "feat1.pt",
    "feat2.pt",
    "w2v-bert-2.0/model.safetensors",
    "semantic_codec/model.safetensors",
    "campplus_cn_common.bin",
    "bigvgan/bigvgan_generator.pt",
)


def _of(module: nn.Module, prefix: str = "") -> Tensors:
    types = {
        key: str(value.dtype).removeprefix("torch.") for key, value in module.state_dict().items()
    }
    return {
        prefix + key: TensorInfo(types.get(key, "float32"), shape)
        for key, shape in stored_shapes(module).items()
    }


def expected(networks: Networks) -> dict[str, Tensors]:
    """Every tensor that is needed, file by file, under its official name."""
    hidden = networks.config.semantic.hidden
    return {
        "gpt.pth": _of(networks.gpt),
        "s2mel.pth": {
            **_of(networks.flow.estimator, "cfm/estimator."),
            **_of(networks.flow.length_regulator, "length_regulator/"),
            **_of(networks.flow.gpt_layer, "gpt_layer/"),
        },
        "wav2vec2bert_stats.pt": {k: TensorInfo("float32", (hidden,)) for k in ("mean", "var")},
        "feat1.pt": {"": TensorInfo("float32", tuple(networks.speakers.shape))},
        "feat2.pt": {"": TensorInfo("float32", tuple(networks.emotions.shape))},
        "w2v-bert-2.0/model.safetensors": {
            k: v
            for k, v in _of(networks.semantic.encoder).items()
            if k != "masked_spec_embed"  # a training mask
        },
        "semantic_codec/model.safetensors": _of(networks.codec),
        "campplus_cn_common.bin": _of(networks.speaker),
        "bigvgan/bigvgan_generator.pt": _of(networks.vocoder),
    }


def unused(config: ModelConfig) -> dict[str, Tensors]:
    """Tensors the official files hold beside those, which speaking never touches."""

    def t(*shape: int, dtype: str = "float32") -> TensorInfo:
        return TensorInfo(dtype, shape)

    gpt, flow = config.gpt, config.flow
    with torch.device("meta"):
        decoder = _of(codec_stack(config.codec), "decoder.")
    return {
        "gpt.pth": {
            "conditioning_encoder.embed.pos_enc.pe": t(1, 5000, gpt.speaker.width),
            "emo_conditioning_encoder.embed.pos_enc.pe": t(1, 5000, gpt.emotion.width),
            "text_head.weight": t(gpt.text_tokens + 1, gpt.dim),
            "text_head.bias": t(gpt.text_tokens + 1),
        },
        "s2mel.pth": {
            "cfm/estimator.input_pos": t(16_384, dtype="int64"),
            "cfm/estimator.x_embedder.bias": t(flow.hidden),
            "cfm/estimator.x_embedder.weight_g": t(flow.hidden, 1),
            "cfm/estimator.x_embedder.weight_v": t(flow.hidden, flow.mel_bins),
            "cfm/estimator.cond_embedder.weight": t(1024, flow.hidden),
            "cfm/estimator.content_mask_embedder.weight": t(1, flow.hidden),
            "length_regulator/embedding.weight": t(2048, config.regulator.channels),
            "length_regulator/mask_token": t(1, config.regulator.channels),
        },
        "w2v-bert-2.0/model.safetensors": {"masked_spec_embed": t(config.semantic.hidden)},
        "semantic_codec/model.safetensors": decoder,
    }


def complete(config: ModelConfig) -> dict[str, Tensors]:
    """All tensors of the official files for a model of these sizes."""
    files, more = expected(Networks.empty(config)), unused(config)
    return {name: {**tensors, **more.get(name, {})} for name, tensors in files.items()}
