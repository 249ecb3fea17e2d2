"""Reading the official files into the networks, and saying exactly what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ...streaming.errors import EngineFailed
from ..layers.conv import fold_weight_norm
from ..weights import TensorInfo, faults
from .layout import WEIGHTS, expected
from .locate import locate
from .networks import Networks
from .released import read_config
from .text import Tokenizer
from .weight_files import State, instead, read_pickle, read_safetensors


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The official files, found."""

    files: Mapping[str, Path]

    @classmethod
    def find(cls, model: str | Path | None) -> Checkpoint:
        """Find them; raises ``EngineFailed`` with what is missing (see :func:`~.locate.locate`)."""
        return cls(locate(model))

    def tokenizer(self) -> Tokenizer:
        """The vocabulary of ``bpe.model``; raises ``EngineFailed`` when it is damaged or too large."""
        path, most = self.files["bpe.model"], read_config(self.files).gpt.text_tokens
        try:
            made = Tokenizer(path.read_bytes())
        except (OSError, ValueError, RuntimeError) as error:
            raise EngineFailed(f"{path} is {instead(path)}; fetch it again: {error}") from error
        if not 0 < made.size <= most:
            raise EngineFailed(f"{path} has {made.size} pieces, expected 1 to {most}")
        return made

    def inspect(self) -> dict[str, list[str]]:
        """Faults of each weight file, read without its values; an empty list is a file in order."""
        wanted = expected(Networks.empty(read_config(self.files)))
        report: dict[str, list[str]] = {}
        for name in WEIGHTS:
            try:
                report[name] = faults(wanted[name], _outside(self._state(name, values=False)))
            except EngineFailed as error:
                report[name] = [error.message]
        report["bpe.model"] = []
        try:
            self.tokenizer()
        except EngineFailed as error:
            report["bpe.model"].append(error.message)
        return report

    def load(self) -> Networks:
        """All networks with their values, on the host, in float32.

        Raises:
            EngineFailed: a file is damaged, wants to run code, or lacks tensors; every fault is named.
        """
        networks = Networks.empty(read_config(self.files))
        wanted = expected(networks)
        states: dict[str, State] = {}
        wrong: list[str] = []
        for name in WEIGHTS:
            states[name] = self._state(name, values=True)
            found = faults(wanted[name], _outside(states[name]))
            wrong += [f"\n  {name}: {fault}" for fault in found]
        if wrong:
            raise EngineFailed("the model's files do not fit:" + "".join(wrong))
        for name, state in states.items():
            wrong += [
                f"\n  {name}: {key} holds values that are not numbers"
                for key in _spoiled(state, wanted[name])
            ]
        if wrong:
            raise EngineFailed("the model's files do not fit:" + "".join(wrong))
        _fill_all(networks, states)
        return networks

    def _state(self, name: str, *, values: bool) -> State:
        path = self.files[name]
        raw = (
            read_safetensors(path, values)
            if path.suffix == ".safetensors"
            else read_pickle(path, values)
        )
        try:
            return _flatten(name, raw)
        except (KeyError, TypeError, AttributeError) as error:
            raise EngineFailed(
                f"{path} is not laid out like the official {name}: {error}"
            ) from error


def _flatten(name: str, raw: Any) -> State:
    """One flat dict under the official names."""
    if isinstance(raw, Tensor):
        return {"": raw}
    if name == "gpt.pth":
        raw = raw.get("model", raw)
    elif name == "s2mel.pth":
        net = raw["net"]
        raw = {
            f"{part}/{key.removeprefix('module.')}": value
            for part in ("cfm", "length_regulator", "gpt_layer")
            for key, value in net[part].items()
        }
    elif name.endswith("bigvgan_generator.pt"):
        raw = raw["generator"]
    elif name.startswith("w2v-bert"):
        raw = {key.removeprefix("wav2vec2_bert."): value for key, value in raw.items()}
    return {key: value for key, value in raw.items() if isinstance(value, Tensor)}


def _spoiled(state: State, wanted: Mapping[str, TensorInfo]) -> list[str]:
    """Tensors with values that are not numbers; a sum finds them, and reads the file, which is needed anyway."""
    floats = (key for key in wanted if state[key].is_floating_point())
    return [key for key in floats if not bool(state[key].sum(dtype=torch.float32).isfinite())]


def _outside(state: State) -> dict[str, TensorInfo]:
    return {
        key: TensorInfo(str(value.dtype).removeprefix("torch."), tuple(value.shape))
        for key, value in state.items()
    }


def _fill(module: nn.Module, state: State, prefix: str = "") -> None:
    """Give a hollow module its values; keys it does not know are left out."""
    known = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
    folded = fold_weight_norm(
        {k: v.float() if v.is_floating_point() else v for k, v in known.items()}
    )
    names = module.state_dict().keys()
    module.load_state_dict({k: folded[k] for k in names}, assign=True)
    module.requires_grad_(False)


def _fill_all(networks: Networks, states: Mapping[str, State]) -> None:
    _fill(networks.gpt, states["gpt.pth"])
    s2mel = states["s2mel.pth"]
    _fill(networks.flow.estimator, s2mel, "cfm/estimator.")
    _fill(networks.flow.length_regulator, s2mel, "length_regulator/")
    _fill(networks.flow.gpt_layer, s2mel, "gpt_layer/")
    _fill(networks.codec, states["semantic_codec/model.safetensors"])
    _fill(networks.speaker, states["campplus_cn_common.bin"])
    _fill(networks.vocoder, states["bigvgan/bigvgan_generator.pt"])
    bert = states["w2v-bert-2.0/model.safetensors"]
    mask = networks.semantic.encoder.state_dict().get("masked_spec_embed")
    if mask is not None:  # a training mask, which the file may leave out
        bert = {"masked_spec_embed": torch.zeros(mask.shape), **bert}
    _fill(networks.semantic.encoder, bert)
    statistics = states["wav2vec2bert_stats.pt"]
    networks.semantic.mean = statistics["mean"].float()
    networks.semantic.var = statistics["var"].float()
    networks.speakers = states["feat1.pt"][""].float()
    networks.emotions = states["feat2.pt"][""].float()
