"""Make a checkpoint of random weights in the official layout, full-size or tiny.

``python -m seiyuu.model.indextts2.make_checkpoint FOLDER [--size full|tiny] [--seed N]``

Random weights cost what real ones cost, so the engine can be timed and tested with them; what they say is noise.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .config import (
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
from .layout import complete
from .released import written

TINY = ModelConfig(
    semantic=SemanticConfig(hidden=32, heads=2, inner=48),
    codec=CodecConfig(codebook=64, hidden=32, width=16, inner=24, layers=2),
    gpt=GptConfig(
        dim=32,
        layers=2,
        heads=2,
        max_mel=400,
        max_text=130,
        text_tokens=400,
        mel_codes=66,
        start_mel=64,
        stop_mel=65,
        features=32,
        speaker=ConformerConfig(24, 32, 2, 1, 2, 4, 32),
        emotion=ConformerConfig(16, 24, 2, 1, 2, 1, 24),
    ),
    regulator=RegulatorConfig(channels=24, content=32, latent_layer=(32, 24, 16, 32)),
    flow=FlowConfig(hidden=32, heads=2, depth=3, content=24, style=16, wavenet_layers=2),
    speaker=SpeakerConfig(embedding=16, growth=4, channels=16, head_channels=4, blocks=(2, 2, 2)),
    vocoder=VocoderConfig(channels=64, block_kernels=(3, 7), dilations=(1,)),
)

SIZES = {"full": ModelConfig(), "tiny": TINY}

_SENTENCES = (
    "大 家 好 , 今 天 我 们 来 玩 一 个 新 游 戏 !",
    "天 气 真 好 我 们 出 去 走 走 吧 .",
    "零 一 二 三 四 五 六 七 八 九 十 百 千 万 点",
    "HELLO WORLD , THIS IS A VOICE THAT SPEAKS WHILE YOU TYPE .",
    "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG , DOESN'T IT ?",
)


def make_checkpoint(folder: Path, config: ModelConfig, seed: int = 0) -> None:
    """Write every official file for a model of these sizes."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, tensors) in enumerate(complete(config).items()):
        generator = torch.Generator().manual_seed(seed * 100 + number)
        state = {
            key: _value(key, info.shape, info.dtype, generator) for key, info in tensors.items()
        }
        _settle(name, state, config)
        _save(folder / name, name, state)
    main, bert, vocoder = written(config)
    (folder / "config.yaml").write_text(
        json.dumps(main, indent=1), encoding="utf-8"
    )  # JSON is YAML
    _write_json(folder / "w2v-bert-2.0" / "config.json", bert)
    _write_json(folder / "bigvgan" / "config.json", vocoder)
    (folder / "bpe.model").write_bytes(vocabulary(min(config.gpt.text_tokens, 200)))


def _value(key: str, shape: tuple[int, ...], dtype: str, generator: torch.Generator) -> Tensor:
    """Random where training would have put something, and of a size that keeps signals alive through the layers."""
    if dtype != "float32":
        return torch.zeros(shape, dtype=getattr(torch, dtype))
    leaf = key.rpartition(".")[2]
    if "filter" in key:
        from ..vocoder.activation import kaiser_sinc

        return kaiser_sinc().clone()
    if leaf == "freqs":
        return torch.exp(-torch.log(torch.tensor(10_000.0)) * torch.arange(shape[0]) / shape[0])
    if leaf in ("running_var", "var"):
        return torch.ones(shape)
    if leaf in ("running_mean", "mean", "bias", "alpha", "beta"):
        return torch.zeros(shape)
    if leaf == "gamma" or leaf == "weight" and len(shape) == 1:
        return torch.ones(shape)
    if leaf == "weight_g":
        return torch.full(shape, 0.7)
    fan_in = torch.Size(shape[1:]).numel() if len(shape) > 1 else 1
    if "gpt.h." in key and len(shape) == 2:
        fan_in = shape[0]
    return torch.randn(shape, generator=generator) / max(1, fan_in) ** 0.5


def _settle(name: str, state: dict[str, Tensor], config: ModelConfig) -> None:
    """Where pure chance gives nothing to hear: time steers the flow around 1, mel lies at a speaking level."""
    if name == "s2mel.pth":
        for key, value in state.items():
            if key.endswith("project_layer.bias"):
                value[: len(value) // 2] = 1.0  # the scale; the rest is the shift
        state["cfm/estimator.conv2.weight"] *= 3.0
    if name == "gpt.pth":
        state["mel_head.weight"] *= 2.0
        state["mel_head.bias"][
            config.gpt.stop_mel
        ] = -3.5  # or few passages would outlive their first codes


def _save(path: Path, name: str, state: Mapping[str, Tensor]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".safetensors":
        from safetensors.torch import save_file

        save_file(dict(state), path)
        return
    content: Any = dict(state)
    if name in ("feat1.pt", "feat2.pt"):
        content = state[""]
    elif name == "s2mel.pth":
        content = {"net": {}}
        for key, value in state.items():
            part, _, rest = key.partition("/")
            content["net"].setdefault(part, {})[rest] = value
    elif path.name == "bigvgan_generator.pt":
        content = {"generator": content}
    torch.save(content, path)


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def vocabulary(size: int) -> bytes:
    """A small SentencePiece model over a few sentences, with the ids of start, stop and unknown where they belong."""
    from sentencepiece import SentencePieceTrainer

    model = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(_SENTENCES * 4),
        model_writer=model,
        vocab_size=size,
        hard_vocab_limit=False,
        bos_id=0,
        eos_id=1,
        unk_id=2,
        minloglevel=2,
    )
    return model.getvalue()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m seiyuu.model.indextts2.make_checkpoint")
    parser.add_argument("folder", type=Path, help="where to write; full size needs 5.5 GB")
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    make_checkpoint(options.folder, SIZES[options.size], options.seed)
    sys.stdout.write(f"wrote a random {options.size} checkpoint to {options.folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
