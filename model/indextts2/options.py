"""How the engine streams: chunk sizes, look-ahead, batching, and the choices the published model leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ...streaming.errors import EngineFailed
from ..layers.sampling import SamplingOptions
from .gpt import CountLayout

TurnMethod = Literal["reprefill", "prefix", "prefix_text"]
"""What is computed anew when the emotion turns.

``reprefill``: everything, as if all had been said under the new emotion. ``prefix``: the conditioning rows alone, text
and codes keep what they saw. ``prefix_text``: conditioning and text rows.
"""

MelPositions = Literal["trained", "reference"]
"""Positions of codes while decoding: 0, 1, 2, … as in training, or 0, 2, 3, … as the published sampler has them.

With ``reference`` the latents are taken in a second pass over the codes so far.
"""


@dataclass(frozen=True, slots=True)
class StreamingOptions:
    """Frames are mel frames (11.6 ms), codes last 1.72 of them (20 ms)."""

    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    mel_positions: MelPositions = "trained"
    turn: TurnMethod = "prefix_text"
    count_layout: CountLayout = "none"
    flow_steps: int = 25
    guidance: float = 0.7
    prompt_frames: int = 258  # 3 s: the flow decoder pays for every prompt frame at every step
    # first, second, and all further chunks; the first lasts until the second is there, also beside twenty others
    chunk_frames: tuple[int, ...] = (43, 86, 172)
    look_ahead: int = (
        22  # drawn with each chunk, drawn again with the next; more than the head's reach of 16
    )
    context_frames: int = 43  # own past given to the flow decoder as prompt
    vocoder_left: int = 20  # rms error below 1e-7 in float32
    vocoder_right: int = 20
    gap_ms: int = 200  # silence between passages, as published
    max_codes: int = 1500
    ahead_codes: int = 50  # decoded beyond what the next chunk needs, while others decode anyway
    decode_burst: int = 16  # decode steps between two looks at the queue
    flow_burst: int = 5  # Euler steps between two looks
    flow_batch: int = 16  # sessions in one Euler step
    first_batch: int = 4  # the same while somebody waits for a first packet: company slows it down
    hold_tokens: int = (
        4  # lines this short are decoded whole before they sound, so that a bad one can be redone
    )
    retries: int = 2
    codes_per_token: int = 30  # more is a runaway: 0.6 s a token
    runaway_slack: int = 60

    def __post_init__(self) -> None:
        if max(self.vocoder_right, 1) > self.look_ahead:
            raise ValueError(
                f"the vocoder's right context ({self.vocoder_right}) and the seam lie inside the look-ahead "
                f"({self.look_ahead})"
            )
        if not self.chunk_frames or min(self.chunk_frames) < 1:
            raise ValueError(f"chunks have one frame at least, got {self.chunk_frames}")
        if (
            self.flow_steps < 1
            or min(self.flow_batch, self.first_batch) < 1
            or self.decode_burst < 1
            or self.flow_burst < 1
        ):
            raise ValueError("steps, bursts and batches are 1 at least")

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> StreamingOptions:
        """Options from a configuration file's table; ``sampling`` is a table inside it.

        Raises:
            EngineFailed: an unknown key, or a value that cannot be.
        """
        values: dict[str, Any] = {
            key: tuple(v) if isinstance(v, list) else v for key, v in given.items()
        }
        try:
            if "sampling" in values:
                values["sampling"] = SamplingOptions(**values["sampling"])
            return cls(**values)
        except (TypeError, ValueError) as error:
            raise EngineFailed(f"the indextts2 engine's options do not fit: {error}") from error

    def limit(self, tokens: int) -> int:
        """Codes after which a passage of ``tokens`` tokens is a runaway."""
        return min(self.max_codes, self.runaway_slack + self.codes_per_token * tokens)
