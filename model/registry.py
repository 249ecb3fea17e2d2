"""Engines by name, imported only when one is opened: a server without torch can still name all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from inspect import Parameter, signature
from typing import Any, Literal

from ..streaming.errors import EngineFailed
from .engine import Engine
from .voice import Voice

CORES: Mapping[str, tuple[str, str]] = {
    "compact": (".compact.engine", "CompactCore"),
    "indextts2": (".indextts2.engine", "IndexTTS2Core"),
    "tone": (".tone", "ToneCore"),
}
"""Name → module (relative to this package) and class of its core."""

REFINERS: Mapping[str, tuple[str, str]] = {
    "compact": (".compact.refinement", "refine_in_background"),
}
"""Engines whose enrolled voices get better by a second, slower look: module and function, for a worker process."""

EXTRAS: Mapping[str, str] = {"indextts2": "gpu"}
"""Engines whose libraries are an extra of the distribution."""


def core_class(name: str) -> Callable[..., Any]:
    """The core of the engine ``name``.

    Raises:
        EngineFailed: no engine of that name, or its libraries are not installed.
    """
    if name not in CORES:
        raise EngineFailed(f"no engine is named {name!r}, expected one of: {', '.join(CORES)}")
    module, attribute = CORES[name]
    try:
        return getattr(import_module(module, __package__), attribute)  # type: ignore[no-any-return]
    except ModuleNotFoundError as error:
        extra = EXTRAS.get(name)
        advice = f"; install it with: pip install 'seiyuu[{extra}]'" if extra else ""
        raise EngineFailed(f"the {name} engine needs the module {error.name!r}{advice}") from error


def refiner(name: str) -> Callable[[Voice], Voice] | None:
    """What makes an enrolled voice of the engine ``name`` better, or None if nothing does."""
    if name not in REFINERS:
        return None
    module, attribute = REFINERS[name]
    return getattr(import_module(module, __package__), attribute)  # type: ignore[no-any-return]


def _check(name: str, options: Mapping[str, Any]) -> None:
    """A misspelt option is told with the nearest one there is."""
    taken = signature(core_class(name)).parameters
    if any(parameter.kind is Parameter.VAR_KEYWORD for parameter in taken.values()):
        return
    for option in options:
        if option not in taken:
            near = get_close_matches(option, taken, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it has: {', '.join(taken)}"
            raise EngineFailed(f"the {name} engine has no option {option!r}; {hint}")


@dataclass(frozen=True, slots=True)
class Home:
    """Where an engine lives: on a thread of this process, in a worker process, or in a Ray actor.

    ``ray_address`` is the cluster's, "auto" for the one running on this machine, empty for one of its own;
    ``ray_gpus`` how many GPUs the actor takes there.
    """

    kind: Literal["thread", "process", "ray"] = "thread"
    ray_address: str = ""
    ray_gpus: int = 0


def open_engine(name: str, home: Home = Home(), /, **options: Any) -> Engine:  # noqa: B008  frozen
    """An engine at its ``home``, not started yet; ``options`` are its core's own.

    Raises:
        EngineFailed: as :func:`core_class`.
    """
    _check(name, options)
    if home.kind == "process":
        from .hosts.process import process_engine

        return process_engine(name, options)
    if home.kind == "ray":
        from .hosts.ray_actor import ray_engine

        return ray_engine(name, options, address=home.ray_address, gpus=home.ray_gpus)
    from .hosts.inline import InlineEngine

    return InlineEngine(core_class(name)(**options))
