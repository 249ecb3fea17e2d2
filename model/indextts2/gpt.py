"""The autoregressive decoder: conditioning and text in, semantic codes and their latents out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..layers.transformer import CausalTransformer
from .config import GptConfig
from .conformer import Conformer
from .perceiver import Perceiver

CountLayout = Literal["none", "first", "second"]
"""Which of the two speed rows carries the number of codes wanted: both layouts have been published."""


class _Positions(nn.Module):
    def __init__(self, length: int, dim: int) -> None:
        super().__init__()
        self.emb = nn.Embedding(length, dim)

    def forward(self, index: Tensor) -> Tensor:
        return self.emb(index)


class UnifiedVoice(nn.Module):
    """The network of ``gpt.pth``, less its text head, which speaking never uses.

    Everything is batch-first; a *row* is one position of the sequence
    ``[conditioning][start text stop][start_mel, codes …]``.
    """

    def __init__(self, config: GptConfig) -> None:
        super().__init__()
        dim = config.dim
        self.config = config
        self.conditioning_encoder = Conformer(config.speaker, config.features)
        self.perceiver_encoder = Perceiver(config.speaker)
        self.emo_conditioning_encoder = Conformer(config.emotion, config.features)
        self.emo_perceiver_encoder = Perceiver(config.emotion)
        self.emovec_layer = nn.Linear(config.emotion.latent_dim, dim)
        self.emo_layer = nn.Linear(dim, dim)
        self.speed_emb = nn.Embedding(2, dim)
        self.text_embedding = nn.Embedding(config.text_tokens + 1, dim)
        self.text_pos_embedding = _Positions(config.max_text + 2, dim)
        self.mel_embedding = nn.Embedding(config.mel_codes, dim)
        self.mel_pos_embedding = _Positions(config.max_mel + 3, dim)
        self.gpt = CausalTransformer(dim, config.heads, config.layers)
        self.final_norm = nn.LayerNorm(dim)
        self.mel_head = nn.Linear(dim, config.mel_codes)

    def speaker_latents(self, features: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Who speaks, ``[batch, latents, dim]``, from ``features [batch, time, features]``."""
        return self.perceiver_encoder(*self.conditioning_encoder(features, lengths))

    def emotion_condition(self, features: Tensor) -> Tensor:
        """How a clip is spoken, before it is mapped to the decoder's space."""
        return self.emo_perceiver_encoder(*self.emo_conditioning_encoder(features))[:, 0]

    def emotion_vector(self, features: Tensor) -> Tensor:
        """How a clip is spoken, ``[batch, dim]``."""
        return self.emo_layer(self.emovec_layer(self.emotion_condition(features)))

    def conditions(
        self,
        latents: Tensor,
        emotion: Tensor,
        codes: int | None = None,
        layout: CountLayout = "none",
    ) -> Tensor:
        """Conditioning rows ``[batch, latents + 2, dim]``: the emotion added to every latent, two speed rows.

        With a ``layout`` other than "none", one speed row is replaced by the position embedding of the number of
        ``codes`` wanted.
        """
        speed = self.speed_emb.weight.flip(0).expand(len(latents), -1, -1)
        if codes is not None and layout != "none":
            index = torch.tensor(min(codes, self.config.max_mel + 2), device=latents.device)
            count = self.mel_pos_embedding(index).expand(len(latents), 1, -1)
            constant = self.speed_emb.weight[0].expand(len(latents), 1, -1)
            speed = torch.cat([count, constant] if layout == "first" else [constant, count], 1)
        return torch.cat([latents + emotion[:, None], speed], 1)

    def text_rows(self, ids: Sequence[int]) -> Tensor:
        """Rows ``[1, len(ids) + 2, dim]`` of a text, between its start and its stop."""
        config = self.config
        framed = [config.start_text, *ids, config.stop_text]
        index = torch.tensor([framed], device=self.text_embedding.weight.device)
        place = torch.arange(len(framed), device=index.device)
        return self.text_embedding(index) + self.text_pos_embedding(place)

    def prefix(self, conditions: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Everything before the first code for padded ``ids [batch, length]``, and its mask.

        Start and stop ids inside the text are dropped; shorter rows are padded with zeros on the left. The mask
        ``[batch, rows + 1]`` also counts the start-of-speech row that follows.
        """
        special = (self.config.start_text, self.config.stop_text)
        length = conditions.shape[1] + ids.shape[1] + 2
        rows, masks = [], []
        for condition, line in zip(conditions, ids.tolist(), strict=True):
            text = self.text_rows([i for i in line if i not in special])[0]
            row = torch.cat([condition, text])
            padding = length - len(row)
            rows.append(F.pad(row, (0, 0, padding, 0)))
            masks.append(F.pad(torch.ones(len(row) + 1, dtype=torch.int64), (padding, 0)))
        return torch.stack(rows), torch.stack(masks)

    def mel_rows(self, codes: Tensor, positions: Tensor) -> Tensor:
        """Rows of codes at mel positions, both of any one shape."""
        return self.mel_embedding(codes) + self.mel_pos_embedding(positions)

    def heads(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Latents and float32 logits of hidden states: a second norm follows the transformer's own."""
        latents = self.final_norm(hidden)
        return latents, self.mel_head(latents).float()

    def latents(self, prefix: Tensor, codes: Tensor) -> Tensor:
        """Latents ``[1, n, dim]`` of ``codes [n]`` in one pass at trained positions.

        The latent of a code is the state that predicted it, so the first sits on the start-of-speech row.
        """
        start = codes.new_tensor([self.config.start_mel])
        rows = self.mel_rows(
            torch.cat([start, codes[:-1]]), torch.arange(len(codes), device=codes.device)
        )
        hidden = self.gpt(torch.cat([prefix, rows[None]], 1))
        return self.final_norm(hidden[:, prefix.shape[1] :])
