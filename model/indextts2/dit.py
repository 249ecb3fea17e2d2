"""Diffusion transformer of the flow decoder: which way each mel frame moves (Peebles & Xie 2023; U-ViT skips)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..layers.conv import NormedLinear
from ..layers.norm import RMSNorm
from ..layers.rope import rope_table, rotate
from .config import FlowConfig
from .wavenet import WaveNet


@dataclass(frozen=True, slots=True)
class TimeCondition:
    """All that depends on time alone, first axis the row: made once for a solver's steps, then picked by row."""

    attention: Tensor
    """Scale and shift before each attention, ``[rows, depth, 2, hidden]``."""
    feed_forward: Tensor
    closing: Tensor
    """Scale and shift after the last layer, ``[rows, 2, hidden]``."""
    gates: Tensor
    """Gates of the WaveNet, ``[rows, layers, 2·hidden]``."""
    final: Tensor
    """Shift and scale of the final layer, ``[rows, 2, hidden]``."""

    def rows(self, index: Tensor) -> TimeCondition:
        """The conditions at ``index [batch]``, one per row of a batch."""
        return TimeCondition(*(getattr(self, name)[index] for name in self.__slots__))

    def cast(self, dtype: torch.dtype) -> TimeCondition:
        """In another dtype, but for the final layer's share, which stays in float32."""
        lowered = {name: getattr(self, name).to(dtype) for name in self.__slots__}
        return TimeCondition(**{**lowered, "final": self.final})


class _TimeEmbedder(nn.Module):
    freqs: Tensor

    def __init__(self, hidden: int) -> None:
        super().__init__()
        rate = torch.exp(-torch.log(torch.tensor(10_000.0)) * torch.arange(128) / 128)
        self.register_buffer("freqs", rate)
        self.mlp = nn.Sequential(nn.Linear(256, hidden), nn.SiLU(), nn.Linear(hidden, hidden))

    def forward(self, t: Tensor) -> Tensor:
        angle = 1000.0 * t[:, None] * self.freqs
        wave = torch.cat([angle.cos(), angle.sin()], 1)
        return self.mlp(wave)


class _TimeNorm(nn.Module):
    """Root-mean-square norm whose output is scaled by w(t) — not by 1 + w(t) — and shifted by b(t)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.project_layer = nn.Linear(width, 2 * width)
        self.norm = RMSNorm(width)

    def parameters_of(self, time: Tensor) -> Tensor:
        """Scale and shift ``[rows, 2, width]`` of a time embedding."""
        return self.project_layer(time).unflatten(1, (2, -1))

    def forward(self, x: Tensor, wb: Tensor) -> Tensor:
        return wb[:, 0, None] * self.norm(x) + wb[:, 1, None]


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.wqkv = nn.Linear(width, 3 * width, bias=False)
        self.wo = nn.Linear(width, width, bias=False)

    def forward(self, x: Tensor, table: Tensor, seen: Tensor) -> Tensor:
        q, k, v = (
            y.unflatten(-1, (self.heads, -1)).transpose(1, 2) for y in self.wqkv(x).chunk(3, -1)
        )
        y = F.scaled_dot_product_attention(rotate(q, table), rotate(k, table), v, attn_mask=seen)
        return self.wo(y.transpose(1, 2).flatten(2))


class _FeedForward(nn.Module):
    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.w1 = nn.Linear(width, inner, bias=False)
        self.w3 = nn.Linear(width, inner, bias=False)
        self.w2 = nn.Linear(inner, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.w2(F.silu(self.w1(x)) * self.w3(x))


class _Layer(nn.Module):
    def __init__(self, config: FlowConfig) -> None:
        super().__init__()
        width = config.hidden
        self.attention = _Attention(width, config.heads)
        self.feed_forward = _FeedForward(width, config.inner)
        self.attention_norm = _TimeNorm(width)
        self.ffn_norm = _TimeNorm(width)
        self.skip_in_linear = nn.Linear(2 * width, width)

    def forward(
        self, x: Tensor, table: Tensor, seen: Tensor, attend: Tensor, feed: Tensor
    ) -> Tensor:
        x = x + self.attention(self.attention_norm(x, attend), table, seen)
        return x + self.feed_forward(self.ffn_norm(x, feed))


class _Transformer(nn.Module):
    def __init__(self, config: FlowConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.depth))
        self.norm = _TimeNorm(config.hidden)

    def forward(self, x: Tensor, table: Tensor, seen: Tensor, time: TimeCondition) -> Tensor:
        """Layers of the first half hand their outputs to those of the second, last to first."""
        depth = len(self.layers)
        skips: list[Tensor] = []
        for i, layer in enumerate(self.layers):
            if i > depth // 2:
                x = layer.skip_in_linear(torch.cat([x, skips.pop()], -1))  # type: ignore[operator]
            x = layer(x, table, seen, time.attention[:, i], time.feed_forward[:, i])
            if i < depth // 2:
                skips.append(x)
        return self.norm(x, time.closing)


class _FinalLayer(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(width, 2 * width))
        self.linear = NormedLinear(width, width)

    def parameters_of(self, time: Tensor) -> Tensor:
        """Shift and scale ``[rows, 2, width]``, in this order."""
        return self.adaLN_modulation(time).unflatten(1, (2, -1))

    def forward(self, x: Tensor, shift_scale: Tensor) -> Tensor:
        x = F.layer_norm(x, x.shape[-1:], eps=1e-6)
        return self.linear(x * (1 + shift_scale[:, 1, None]) + shift_scale[:, 0, None])


class Estimator(nn.Module):
    """Velocity of a noisy mel spectrogram.

    ``x`` and ``prompt [batch, bins, time]`` (the prompt's frames, zeros behind), ``content [batch, time, content]``,
    ``style [batch, style]``, ``lengths [batch]``, ``time`` one condition a row. Rows of different length
    and at different times share a batch and give what each gives alone.
    """

    def __init__(self, config: FlowConfig) -> None:
        super().__init__()
        width = config.hidden
        self.head_dim = width // config.heads
        merged = 2 * config.mel_bins + width + config.style
        self.t_embedder = _TimeEmbedder(width)
        self.t_embedder2 = _TimeEmbedder(width)
        self.cond_projection = nn.Linear(config.content, width)
        self.cond_x_merge_linear = nn.Linear(merged, width)
        self.transformer = _Transformer(config)
        self.skip_linear = nn.Linear(width + config.mel_bins, width)
        self.conv1 = nn.Linear(width, width)
        self.wavenet = WaveNet(width, config.wavenet_layers, config.wavenet_kernel)
        self.res_projection = nn.Linear(width, width)
        self.final_layer = _FinalLayer(width)
        self.conv2 = nn.Conv1d(width, config.mel_bins, 1)

    def condition(self, t: Tensor) -> TimeCondition:
        """Everything the network derives from times ``t [rows]`` in 0…1."""
        first, second = self.t_embedder(t), self.t_embedder2(t)
        layers = self.transformer.layers
        return TimeCondition(
            attention=torch.stack([x.attention_norm.parameters_of(first) for x in layers], 1),  # type: ignore[operator, union-attr]
            feed_forward=torch.stack([x.ffn_norm.parameters_of(first) for x in layers], 1),  # type: ignore[operator, union-attr]
            closing=self.transformer.norm.parameters_of(first),
            gates=self.wavenet.gates_of(second),
            final=self.final_layer.parameters_of(first),
        )

    def lower(self, dtype: torch.dtype) -> None:
        """Compute in ``dtype`` from now on, but for time and the last layers; :meth:`condition` comes before."""
        for part in (
            self.cond_projection,
            self.cond_x_merge_linear,
            self.transformer,
            self.skip_linear,
            self.conv1,
            self.wavenet,
            self.res_projection,
        ):
            part.to(dtype)

    def merge(self, x: Tensor, prompt: Tensor, content: Tensor, style: Tensor) -> Tensor:
        """Input of the transformer ``[batch, time, hidden]``."""
        person = style[:, None].expand(-1, x.shape[2], -1)
        parts = [x.transpose(1, 2), prompt.transpose(1, 2), self.cond_projection(content), person]
        return self.cond_x_merge_linear(torch.cat(parts, -1))

    def forward(
        self,
        x: Tensor,
        prompt: Tensor,
        content: Tensor,
        style: Tensor,
        lengths: Tensor,
        time: TimeCondition,
        *,
        padded_edges: bool = False,
    ) -> Tensor:
        """Velocity ``[batch, bins, time]``.

        ``padded_edges`` reflects shorter rows at the padded end, as the published batch does; only its recorded data
        need that.
        """
        dtype = self.conv1.weight.dtype
        x, prompt, content, style = (part.to(dtype) for part in (x, prompt, content, style))
        seen = torch.arange(x.shape[2], device=x.device) < lengths[:, None]
        table = rope_table(x.shape[2], self.head_dim, x.device)
        h = self.merge(x, prompt, content, style)
        h = self.transformer(h, table, seen[:, None, None], time)
        h = self.skip_linear(torch.cat([h, x.transpose(1, 2)], -1))
        u = self.conv1(h).transpose(1, 2)
        edges = None if padded_edges else lengths
        u = self.wavenet(u, time.gates, seen[:, None].to(u.dtype), edges)
        y = u.transpose(1, 2) + self.res_projection(h)
        y = self.final_layer(y.float(), time.final)
        return self.conv2(y.transpose(1, 2))
