"""Text in, samples out. Knows nothing of sockets.

``engine`` is the contract every engine and host satisfies; ``registry`` opens one by name, importing it late.
``frontend`` turns text into a reading, ``emotion`` a description into an emotion; ``compact`` (CPU), ``indextts2``
(GPU) and ``tone`` (no weights) are the engines; ``clips`` decodes what people send and ``verdict`` judges it,
``speaker`` and ``emotion_encoder`` tell who speaks and how, ``library`` keeps voices and ``known_speaker`` finds whose
clip it is; ``hosts`` are the places where an engine can live; ``layers`` and ``vocoder`` are networks the engines
share. ``Synthesizer`` is all of it from Python, offline.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

# Two libraries keep an id of the device and a log of their use in the user's home as soon as they are imported:
# onnxruntime (1.31) unless this is set before, OpenVINO if it finds its telemetry package, which it can do without.
# What is spoken here is nobody else's business.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
if "openvino" not in sys.modules:
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # makes importing it an ImportError

if TYPE_CHECKING:
    from .synthesizer import Audio, Synthesizer

__all__ = ["Audio", "Synthesizer"]


def __getattr__(name: str) -> object:
    """Import the synthesizer when it is asked for: a server needs none of what it pulls in."""
    if name in __all__:
        from . import synthesizer

        return getattr(synthesizer, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
