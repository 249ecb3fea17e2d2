"""All networks of one checkpoint, empty or filled."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..vocoder.bigvgan import BigVGAN
from .codec import SemanticCodec
from .config import ModelConfig
from .dit import Estimator
from .gpt import UnifiedVoice
from .regulator import LatentLayer, LengthRegulator
from .semantic import SemanticEncoder
from .speaker import CamPlus


class FlowDecoder(nn.Module):
    """The content of ``s2mel.pth``."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.estimator = Estimator(config.flow)
        self.length_regulator = LengthRegulator(config.regulator)
        self.gpt_layer = LatentLayer(config.regulator.latent_layer)


@dataclass(slots=True)
class Networks:
    """Every network the engine runs, and the two matrices of known deliveries."""

    config: ModelConfig
    gpt: UnifiedVoice
    flow: FlowDecoder
    codec: SemanticCodec
    speaker: CamPlus
    vocoder: BigVGAN
    semantic: SemanticEncoder
    speakers: Tensor
    emotions: Tensor

    @classmethod
    def empty(cls, config: ModelConfig) -> Networks:
        """Networks without values, on the meta device, where sizes cost nothing."""
        v = config.vocoder
        with torch.device("meta"):
            rows = sum(config.emotion_groups)
            return cls(
                config,
                UnifiedVoice(config.gpt),
                FlowDecoder(config),
                SemanticCodec(config.codec),
                CamPlus(config.speaker),
                BigVGAN(v.mel_bins, v.channels, v.rates, v.kernels, v.block_kernels, v.dilations),
                SemanticEncoder(config.semantic),
                torch.empty(rows, config.flow.style),
                torch.empty(rows, config.gpt.dim),
            )

    def to(self, device: torch.device, dtype: torch.dtype) -> None:
        """Move to a device; the autoregressive decoder computes in ``dtype``, the rest in float32.

        (The flow decoder's transformer is lowered later, by its solver.)
        """
        self.gpt.to(device=device, dtype=dtype).eval()
        for part in (self.flow, self.codec, self.speaker, self.vocoder, self.semantic):
            part.to(device).eval()
        self.speakers, self.emotions = self.speakers.to(device), self.emotions.to(device)
