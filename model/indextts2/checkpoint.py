"""Reading the official files into the networks, and saying exactly what is wrong with them."""

from __future__ import annotations

import pickle
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

State = dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The official files, found."""

    files: Mapping[str, Path]

    @classmethod
    def find(cls, model: str | Path | None) -> Checkpoint:
        """Find them; raises ``EngineFailed`` with what is missing (see :func:`~.locate.locate`)."""
        return cls(locate(model))

    def vocabulary(self) -> bytes:
        """The content of ``bpe.model``."""
        return self.files["bpe.model"].read_bytes()

    def inspect(self) -> dict[str, list[str]]:
        """Faults of each weight file, read without its values; an empty list is a file in order."""
        wanted = expected(Networks.empty(read_config(self.files)))
        report: dict[str, list[str]] = {}
        for name in WEIGHTS:
            try:
                report[name] = faults(wanted[name], _outside(self._state(name, values=False)))
            except EngineFailed as error:
                report[name] = [error.message]
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
        _fill_all(networks, states)
        return networks

    def _state(self, name: str, *, values: bool) -> State:
        path = self.files[name]
        raw = (
            _read_safetensors(path, values)
            if path.suffix == ".safetensors"
            else _read_pickle(path, values)
        )
        try:
            return _flatten(name, raw)
        except (KeyError, TypeError, AttributeError) as error:
            raise EngineFailed(
                f"{path} is not laid out like the official {name}: {error}"
            ) from error


def _read_pickle(path: Path, values: bool) -> Any:
    """A torch pickle, tensors only; without ``values`` the tensors are empty."""
    try:
        return torch.load(
            path, map_location="cpu" if values else "meta", weights_only=True, mmap=_zipped(path)
        )
    except pickle.UnpicklingError as error:
        if "Weights only load failed" in str(error) or "Unsupported" in str(error):
            raise EngineFailed(
                f"{path} wants to run code while it is read, and was refused: a weight file holds tensors only"
            ) from error
        raise EngineFailed(f"{path} is damaged: {error}") from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        size = path.stat().st_size
        raise EngineFailed(
            f"{path} ({size:,} bytes) is damaged or cut short; fetch it again: {error}"
        ) from error


def _zipped(path: Path) -> bool:
    """Whether the pickle is of the kind that can be mapped instead of read."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def _read_safetensors(path: Path, values: bool) -> State:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            if values:
                return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a dict
            return {name: _hollow(file.get_slice(name)) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        size = path.stat().st_size
        raise EngineFailed(
            f"{path} ({size:,} bytes) is damaged or cut short; fetch it again: {error}"
        ) from error


_SAFETENSORS_DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
}


def _hollow(part: Any) -> Tensor:
    dtype = _SAFETENSORS_DTYPES.get(part.get_dtype(), torch.uint8)
    return torch.empty(part.get_shape(), dtype=dtype, device="meta")


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
