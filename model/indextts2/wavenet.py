"""WaveNet head of the flow decoder: gated convolutions steered by time (van den Oord et al. 2016)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..layers.conv import NormedConv1d, reflect_pad


class _Wrapped(nn.Module):
    """A convolution two levels down, where the checkpoint keeps it."""

    def __init__(self, conv: nn.Module) -> None:
        super().__init__()
        self.conv = nn.ModuleDict({"conv": conv})

    def forward(self, x: Tensor) -> Tensor:
        return self.conv["conv"](x)


class WaveNet(nn.Module):
    """``forward(x [batch, hidden, time], gates, mask, edges)`` gives the same shape.

    ``gates [batch, layers, 2·hidden]`` is :meth:`gates_of` of the time embedding, ``mask [batch, 1, time]`` 1 where a
    row is real. Reflection happens at ``edges [batch]``, the rows' own lengths, so that a padded row gives
    exactly what it gives alone; None reflects all rows at the padded end.
    """

    def __init__(self, hidden: int, layers: int, kernel: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.pad = kernel // 2
        self.in_layers = nn.ModuleList(
            _Wrapped(NormedConv1d(hidden, 2 * hidden, kernel)) for _ in range(layers)
        )
        self.res_skip_layers = nn.ModuleList(
            _Wrapped(NormedConv1d(hidden, hidden * (2 if i < layers - 1 else 1), 1))
            for i in range(layers)
        )
        self.cond_layer = _Wrapped(NormedConv1d(hidden, 2 * hidden * layers, 1))

    def gates_of(self, time: Tensor) -> Tensor:
        """Gates of time embeddings ``[batch, hidden]``."""
        flat: Tensor = self.cond_layer(time[..., None])[..., 0]
        return flat.unflatten(1, (len(self.in_layers), -1))

    def forward(self, x: Tensor, gates: Tensor, mask: Tensor, edges: Tensor | None) -> Tensor:
        out = torch.zeros_like(x)
        last = len(self.in_layers) - 1
        for i, (inner, outer) in enumerate(zip(self.in_layers, self.res_skip_layers, strict=True)):
            a = inner(reflect_pad(x, self.pad, edges)) + gates[:, i, :, None]
            filtered, gate = a.chunk(2, 1)
            r = outer(torch.tanh(filtered) * torch.sigmoid(gate))
            if i == last:
                out = out + r
            else:
                x = (x + r[:, : self.hidden]) * mask
                out = out + r[:, self.hidden :]
        return out * mask
