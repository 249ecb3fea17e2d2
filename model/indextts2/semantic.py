"""w2v-bert-2.0 up to the layer whose output the model was trained on."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from .config import SemanticConfig


def _hf_config(config: SemanticConfig) -> Any:
    from transformers import Wav2Vec2BertConfig

    return Wav2Vec2BertConfig(
        hidden_size=config.hidden,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        intermediate_size=config.inner,
        feature_projection_input_dim=config.features,
        add_adapter=False,
        apply_spec_augment=False,
        position_embeddings_type="relative_key",
        left_max_position_embeddings=64,
        right_max_position_embeddings=8,
        conv_depthwise_kernel_size=31,
        hidden_act="swish",
        layer_norm_eps=1e-5,
    )


class SemanticEncoder(nn.Module):
    """``forward(features [1, frames, 160], mask [1, frames])`` gives normalised features ``[1, frames, hidden]``.

    The encoder has no closing norm, so a network of 17 layers ends exactly at the tap. Mean and variance come
    from a file of their own.
    """

    mean: Tensor
    var: Tensor

    def __init__(self, config: SemanticConfig) -> None:
        super().__init__()
        from transformers import Wav2Vec2BertModel

        self.encoder = Wav2Vec2BertModel(_hf_config(config))
        self.register_buffer("mean", torch.zeros(config.hidden))
        self.register_buffer("var", torch.ones(config.hidden))

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        output = self.encoder(features, attention_mask=mask)
        hidden: Tensor = output.last_hidden_state
        return (hidden - self.mean) / self.var.sqrt()
