"""Sizes of the networks. The defaults are the released model's; tiny ones serve tests."""

from __future__ import annotations

from dataclasses import dataclass, field

EMOTION_GROUPS = (3, 17, 2, 8, 4, 5, 10, 24)
"""Rows of the emotion matrix per emotion: happy, angry, sad, afraid, disgusted, melancholic, surprised, calm."""


@dataclass(frozen=True, slots=True)
class AudioConfig:
    """The mel spectrogram the flow decoder draws and the vocoder plays."""

    sample_rate: int = 22_050
    hop: int = 256
    window: int = 1024
    mel_bins: int = 80
    prompt_s: float = 15.0


@dataclass(frozen=True, slots=True)
class SemanticConfig:
    """w2v-bert-2.0, run up to the tapped layer."""

    hidden: int = 1024
    layers: int = 17
    heads: int = 16
    inner: int = 4096
    features: int = 160


@dataclass(frozen=True, slots=True)
class CodecConfig:
    """The semantic codec between features and codes."""

    codebook: int = 8192
    hidden: int = 1024
    codebook_dim: int = 8
    width: int = 384
    inner: int = 2048
    layers: int = 12


@dataclass(frozen=True, slots=True)
class ConformerConfig:
    """Encoder of a reference clip, with the perceiver that boils it down to a few latents."""

    width: int = 512
    inner: int = 2048
    heads: int = 8
    blocks: int = 6
    perceiver_heads: int = 8
    latents: int = 32
    latent_dim: int = 1280
    mult: float = 2.0


@dataclass(frozen=True, slots=True)
class GptConfig:
    """The autoregressive decoder from text to codes."""

    dim: int = 1280
    layers: int = 24
    heads: int = 20
    max_mel: int = 1815
    max_text: int = 600
    text_tokens: int = 12_000
    mel_codes: int = 8194
    start_mel: int = 8192
    stop_mel: int = 8193
    start_text: int = 0
    stop_text: int = 1
    features: int = 1024
    speaker: ConformerConfig = field(default_factory=ConformerConfig)
    emotion: ConformerConfig = field(
        default_factory=lambda: ConformerConfig(
            inner=1024, heads=4, blocks=4, perceiver_heads=4, latents=1, latent_dim=1024
        )
    )

    @property
    def condition_rows(self) -> int:
        """Rows before the text: the speaker's latents and two speed rows."""
        return self.speaker.latents + 2


@dataclass(frozen=True, slots=True)
class RegulatorConfig:
    """Stretches codes to mel frames; ``latent_layer`` are the widths from decoder state to content."""

    channels: int = 512
    content: int = 1024
    latent_layer: tuple[int, int, int, int] = (1280, 256, 128, 1024)


@dataclass(frozen=True, slots=True)
class FlowConfig:
    """The flow decoder: a diffusion transformer with a WaveNet head."""

    hidden: int = 512
    heads: int = 8
    depth: int = 13
    mel_bins: int = 80
    content: int = 512
    style: int = 192
    wavenet_layers: int = 8
    wavenet_kernel: int = 5

    @property
    def inner(self) -> int:
        """Width of the gated feed-forward: two thirds of four times the hidden size, up to a multiple of 256."""
        return -(-(8 * self.hidden // 3) // 256) * 256


@dataclass(frozen=True, slots=True)
class SpeakerConfig:
    """CAMPPlus: who speaks, as one vector."""

    bins: int = 80
    embedding: int = 192
    growth: int = 32
    bottleneck: int = 4
    channels: int = 128
    head_channels: int = 32
    blocks: tuple[int, ...] = (12, 24, 16)
    dilations: tuple[int, ...] = (1, 2, 2)


@dataclass(frozen=True, slots=True)
class VocoderConfig:
    """BigVGAN v2, 22 kHz, 80 bands, 256 samples a frame."""

    mel_bins: int = 80
    channels: int = 1536
    rates: tuple[int, ...] = (4, 4, 2, 2, 2, 2)
    kernels: tuple[int, ...] = (8, 8, 4, 4, 4, 4)
    block_kernels: tuple[int, ...] = (3, 7, 11)
    dilations: tuple[int, ...] = (1, 3, 5)


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """All networks of one checkpoint."""

    audio: AudioConfig = field(default_factory=AudioConfig)
    semantic: SemanticConfig = field(default_factory=SemanticConfig)
    codec: CodecConfig = field(default_factory=CodecConfig)
    gpt: GptConfig = field(default_factory=GptConfig)
    regulator: RegulatorConfig = field(default_factory=RegulatorConfig)
    flow: FlowConfig = field(default_factory=FlowConfig)
    speaker: SpeakerConfig = field(default_factory=SpeakerConfig)
    vocoder: VocoderConfig = field(default_factory=VocoderConfig)
    emotion_groups: tuple[int, ...] = EMOTION_GROUPS
