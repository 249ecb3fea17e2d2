"""Reading weight files that may be anything: tensors only, nothing is run, and what is wrong is said."""

from __future__ import annotations

import pickle
import pickletools
import warnings
import zipfile
from pathlib import Path
from typing import IO, Any

import torch
from torch import Tensor

from ...streaming.errors import EngineFailed

State = dict[str, Tensor]


def read_pickle(path: Path, values: bool) -> Any:
    """A torch pickle, tensors only; without ``values`` the tensors are empty."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # an unusual protocol is no news, what is in the file is
            return torch.load(
                path,
                map_location="cpu" if values else "meta",
                weights_only=True,
                mmap=_zipped(path),
            )
    except pickle.UnpicklingError as error:
        if _names_code(path):
            raise EngineFailed(
                f"{path} wants to run code while it is read, and was refused: a weight file holds tensors only"
            ) from error
        raise EngineFailed(f"{path} is {instead(path)}; fetch it again") from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        size = path.stat().st_size
        raise EngineFailed(
            f"{path} ({size:,} bytes) is {instead(path)}; fetch it again: {error}"
        ) from error


def _names_code(path: Path) -> bool:
    """Whether it is a whole pickle that asks for more than tensors are made of; nothing of it is run."""
    try:
        if not _zipped(path):
            with path.open("rb") as file:
                return _asks(file)
        with zipfile.ZipFile(path) as parts:
            name = next(name for name in parts.namelist() if name.endswith("data.pkl"))
            with parts.open(name) as file:
                return _asks(file)
    except (OSError, zipfile.BadZipFile, StopIteration):
        return False


def _asks(file: IO[bytes]) -> bool:
    named: list[str] = []
    strings: list[str] = []
    try:
        for opcode, argument, _ in pickletools.genops(file):
            if opcode.name == "GLOBAL":
                named.append(str(argument).split(" ", 1)[0])
            elif opcode.name == "STACK_GLOBAL":
                named.append(strings[-2] if len(strings) > 1 else "")
            elif isinstance(argument, str):
                strings.append(argument)
    except Exception:  # noqa: BLE001  not a pickle, in whichever way
        return False
    return any(module.split(".")[0] not in ("torch", "collections") for module in named)


def instead(path: Path) -> str:
    """What lies there instead of a weight file, judged by its beginning."""
    with path.open("rb") as file:
        head = file.read(64).lstrip()
    if head.startswith(b"version https://git-lfs"):
        return "a pointer of Git LFS, not the file it points to"
    if head[:1] == b"<":
        return "a web page"
    return "damaged or cut short"


def _zipped(path: Path) -> bool:
    """Whether the pickle is of the kind that can be mapped instead of read."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def read_safetensors(path: Path, values: bool) -> State:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            if values:
                return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a dict
            return {name: _hollow(file.get_slice(name)) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        size = path.stat().st_size
        raise EngineFailed(
            f"{path} ({size:,} bytes) is {instead(path)}; fetch it again: {error}"
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
