"""Length regulator: content at the codes' rate to content at the mel frames' rate."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .config import RegulatorConfig


def nearest_index(source: int, target: int) -> Tensor:
    """Which of ``source`` positions each of ``target`` ones copies: floor(j · source / target), scale in float32."""
    scale = torch.tensor(source, dtype=torch.float32) / target
    place = (torch.arange(target, dtype=torch.float32) * scale).floor().long()
    return place.clamp(max=source - 1)


class LatentLayer(nn.Sequential):
    """Decoder states to content space: three linear maps, nothing between them."""

    def __init__(self, widths: tuple[int, int, int, int]) -> None:
        super().__init__(*(nn.Linear(a, b) for a, b in zip(widths, widths[1:], strict=False)))


class LengthRegulator(nn.Module):
    """``forward(content [batch, n, content], index [target])`` gives ``[batch, target, channels]``.

    The norms take their statistics over the whole time axis, so every frame depends, a little, on all.
    """

    def __init__(self, config: RegulatorConfig) -> None:
        super().__init__()
        width = config.channels
        self.content_in_proj = nn.Linear(config.content, width)
        self.model = nn.Sequential()
        for _ in range(4):
            self.model.append(nn.Conv1d(width, width, 3, padding=1))
            self.model.append(nn.GroupNorm(1, width))
            self.model.append(nn.Mish())
        self.model.append(nn.Conv1d(width, width, 1))

    def forward(self, content: Tensor, index: Tensor) -> Tensor:
        x = self.content_in_proj(content)[:, index]
        return self.model(x.transpose(1, 2)).transpose(1, 2)

    def stretch(self, content: Tensor, frames: int) -> Tensor:
        """The whole of ``content`` evenly over ``frames`` mel frames."""
        return self(content, nearest_index(content.shape[1], frames).to(content.device))
