"""The released files' own descriptions of their sizes, read into our configuration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...streaming.errors import EngineFailed
from .config import (
    AudioConfig,
    CodecConfig,
    ConformerConfig,
    FlowConfig,
    GptConfig,
    ModelConfig,
    RegulatorConfig,
    SemanticConfig,
    SpeakerConfig,
    VocoderConfig,
)


def read_config(files: Mapping[str, Path]) -> ModelConfig:
    """Sizes from ``config.yaml`` and the two ``config.json``.

    The published files leave some sizes to the code; a checkpoint of other sizes (a test's) gives those under the
    key ``sizes``.

    Raises:
        EngineFailed: a file does not parse or lacks a value.
    """
    import yaml

    try:
        main = yaml.safe_load(files["config.yaml"].read_text(encoding="utf-8"))
        bert = json.loads(files["w2v-bert-2.0/config.json"].read_text(encoding="utf-8"))
        vocoder = json.loads(files["bigvgan/config.json"].read_text(encoding="utf-8"))
        return _config(main, bert, vocoder)
    except (yaml.YAMLError, ValueError) as error:
        raise EngineFailed(f"a configuration file does not parse: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise EngineFailed(f"the model's configuration lacks a value: {error}") from error


def _config(main: Any, bert: Any, vocoder: Any) -> ModelConfig:
    gpt, s2mel, codec = main["gpt"], main["s2mel"], main["semantic_codec"]
    sizes = main.get("sizes", {})
    mel, dit = s2mel["preprocess_params"], s2mel["DiT"]
    regulator = s2mel["length_regulator"]
    dim = gpt["model_dim"]
    content = regulator["in_channels"]
    return ModelConfig(
        audio=AudioConfig(
            sample_rate=mel["sr"],
            hop=mel["spect_params"]["hop_length"],
            window=mel["spect_params"]["win_length"],
            mel_bins=mel["spect_params"]["n_mels"],
        ),
        semantic=SemanticConfig(
            hidden=bert["hidden_size"],
            heads=bert["num_attention_heads"],
            inner=bert["intermediate_size"],
        ),
        codec=CodecConfig(
            codebook=codec["codebook_size"],
            hidden=codec["hidden_size"],
            codebook_dim=codec["codebook_dim"],
            width=codec["vocos_dim"],
            inner=codec["vocos_intermediate_dim"],
            layers=codec["vocos_num_layers"],
        ),
        gpt=_gpt(gpt, sizes, bert["hidden_size"]),
        regulator=RegulatorConfig(
            channels=regulator["channels"],
            content=content,
            latent_layer=tuple(sizes.get("latent_layer", (dim, 256, 128, content))),
        ),
        flow=FlowConfig(
            hidden=dit["hidden_dim"],
            heads=dit["num_heads"],
            depth=dit["depth"],
            mel_bins=dit["in_channels"],
            content=dit["content_dim"],
            style=s2mel["style_encoder"]["dim"],
            wavenet_layers=s2mel["wavenet"]["num_layers"],
            wavenet_kernel=s2mel["wavenet"]["kernel_size"],
        ),
        speaker=_speaker(s2mel["style_encoder"]["dim"], sizes.get("speaker", {})),
        vocoder=VocoderConfig(
            mel_bins=vocoder["num_mels"],
            channels=vocoder["upsample_initial_channel"],
            rates=tuple(vocoder["upsample_rates"]),
            kernels=tuple(vocoder["upsample_kernel_sizes"]),
            block_kernels=tuple(vocoder["resblock_kernel_sizes"]),
            dilations=tuple(vocoder["resblock_dilation_sizes"][0]),
        ),
        emotion_groups=tuple(main["emo_num"]),
    )


def _speaker(embedding: int, sizes: Mapping[str, Any]) -> SpeakerConfig:
    """The published files give only the embedding's width."""
    fixed: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in sizes.items()}
    return SpeakerConfig(embedding=embedding, **fixed)


def _gpt(gpt: Any, sizes: Any, features: int) -> GptConfig:
    return GptConfig(
        dim=gpt["model_dim"],
        layers=gpt["layers"],
        heads=gpt["heads"],
        max_mel=gpt["max_mel_tokens"],
        max_text=gpt["max_text_tokens"],
        text_tokens=gpt["number_text_tokens"],
        mel_codes=gpt["number_mel_codes"],
        start_mel=gpt["start_mel_token"],
        stop_mel=gpt["stop_mel_token"],
        start_text=gpt["start_text_token"],
        stop_text=gpt["stop_text_token"],
        features=features,
        speaker=_conformer(
            gpt["condition_module"], sizes.get("speaker_latents", 32), gpt["model_dim"]
        ),
        emotion=_conformer(gpt["emo_condition_module"], 1, sizes.get("emotion_latent", 1024)),
    )


def _conformer(module: Any, latents: int, latent_dim: int) -> ConformerConfig:
    return ConformerConfig(
        width=module["output_size"],
        inner=module["linear_units"],
        heads=module["attention_heads"],
        blocks=module["num_blocks"],
        perceiver_heads=module["attention_heads"],
        latents=latents,
        latent_dim=latent_dim,
        mult=module["perceiver_mult"],
    )


def written(config: ModelConfig) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The inverse of :func:`read_config`: contents of ``config.yaml``, w2v-bert's and BigVGAN's ``config.json``."""
    main = {
        "gpt": _written_gpt(config.gpt),
        "semantic_codec": _written_codec(config.codec),
        "s2mel": _written_s2mel(config),
        "emo_num": list(config.emotion_groups),
        "sizes": _written_sizes(config),
    }
    bert = {
        "hidden_size": config.semantic.hidden,
        "num_attention_heads": config.semantic.heads,
        "intermediate_size": config.semantic.inner,
    }
    v = config.vocoder
    vocoder = {
        "num_mels": v.mel_bins,
        "upsample_initial_channel": v.channels,
        "upsample_rates": list(v.rates),
        "upsample_kernel_sizes": list(v.kernels),
        "resblock_kernel_sizes": list(v.block_kernels),
        "resblock_dilation_sizes": [list(v.dilations) for _ in v.block_kernels],
    }
    return main, bert, vocoder


def _written_gpt(gpt: GptConfig) -> dict[str, Any]:
    return {
        "model_dim": gpt.dim,
        "layers": gpt.layers,
        "heads": gpt.heads,
        "max_mel_tokens": gpt.max_mel,
        "max_text_tokens": gpt.max_text,
        "number_text_tokens": gpt.text_tokens,
        "number_mel_codes": gpt.mel_codes,
        "start_mel_token": gpt.start_mel,
        "stop_mel_token": gpt.stop_mel,
        "start_text_token": gpt.start_text,
        "stop_text_token": gpt.stop_text,
        "condition_type": "conformer_perceiver",
        "condition_module": _module(gpt.speaker),
        "emo_condition_module": _module(gpt.emotion),
    }


def _written_codec(codec: CodecConfig) -> dict[str, Any]:
    return {
        "codebook_size": codec.codebook,
        "hidden_size": codec.hidden,
        "codebook_dim": codec.codebook_dim,
        "vocos_dim": codec.width,
        "vocos_intermediate_dim": codec.inner,
        "vocos_num_layers": codec.layers,
    }


def _written_s2mel(config: ModelConfig) -> dict[str, Any]:
    audio, flow = config.audio, config.flow
    spectrum = {
        "n_fft": audio.window,
        "win_length": audio.window,
        "hop_length": audio.hop,
        "n_mels": audio.mel_bins,
    }
    return {
        "preprocess_params": {"sr": audio.sample_rate, "spect_params": spectrum},
        "style_encoder": {"dim": flow.style},
        "length_regulator": {
            "channels": config.regulator.channels,
            "in_channels": config.regulator.content,
        },
        "DiT": {
            "hidden_dim": flow.hidden,
            "num_heads": flow.heads,
            "depth": flow.depth,
            "in_channels": flow.mel_bins,
            "content_dim": flow.content,
        },
        "wavenet": {
            "hidden_dim": flow.hidden,
            "num_layers": flow.wavenet_layers,
            "kernel_size": flow.wavenet_kernel,
        },
    }


def _written_sizes(config: ModelConfig) -> dict[str, Any]:
    """What the published files leave to the code."""
    speaker = config.speaker
    return {
        "latent_layer": list(config.regulator.latent_layer),
        "speaker_latents": config.gpt.speaker.latents,
        "emotion_latent": config.gpt.emotion.latent_dim,
        "speaker": {
            "growth": speaker.growth,
            "channels": speaker.channels,
            "head_channels": speaker.head_channels,
            "blocks": list(speaker.blocks),
            "dilations": list(speaker.dilations),
        },
    }


def _module(config: ConformerConfig) -> dict[str, Any]:
    return {
        "output_size": config.width,
        "linear_units": config.inner,
        "attention_heads": config.heads,
        "num_blocks": config.blocks,
        "input_layer": "conv2d2",
        "perceiver_mult": config.mult,
    }
