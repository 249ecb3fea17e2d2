"""A reference clip to everything the networks need to sound like it."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ...streaming.audio import Samples
from ...streaming.emotion import Emotion
from ...streaming.errors import BadAudio, UnknownVoice
from ..voice import Voice
from .codec import SemanticCodec
from .config import ModelConfig
from .emotion import blend, pick_rows, weights_of
from .features import FBANK_RATE, mel_spectrogram, resample, semantic_features, speaker_features
from .gpt import UnifiedVoice
from .regulator import LengthRegulator
from .semantic import SemanticEncoder
from .speaker import CamPlus

ENGINE = "indextts2"
SAMPLE_RATE = 22_050
HOP = 256
"""Samples of a mel frame. What the engine tells its host cannot wait for a checkpoint to be read."""
LANGUAGES = ("zh", "en")
MIN_CLIP_S = 1.0
MANNERS_KEPT = 256
QUIET = 10 ** (-50 / 20)


@dataclass(frozen=True, slots=True)
class VoiceState:
    """A voice on the device.

    ``latents [1, n, dim]``, ``own [1, dim]`` its own manner, ``rows [emotions, dim]`` the emotions of the nearest known
    speakers, ``style [style]``, and the prompt: ``mel [bins, P]`` with its ``content [P, channels]``. ``manners`` are
    those of other clips ``[1, dim]``, by their keys.
    """

    key: str
    latents: Tensor
    own: Tensor
    rows: Tensor
    style: Tensor
    mel: Tensor
    content: Tensor
    manners: Mapping[str, Tensor]

    def vector(self, emotion: Emotion) -> Tensor:
        """The decoder's emotion vector ``[1, dim]``; at intensity 0 the voice's own manner.

        A manner learned from a clip is gone towards by the intensity; one that is not known any more leaves the
        emotion to its axes.
        """
        manner = self.manners.get(emotion.manner)
        if manner is not None:
            return self.own + emotion.intensity * (manner - self.own)
        return blend(self.own, self.rows, weights_of(emotion))


class Conditioner:
    """The networks that listen; used when a voice is enrolled and when one is put on the device."""

    def __init__(
        self,
        config: ModelConfig,
        *,
        semantic: SemanticEncoder,
        codec: SemanticCodec,
        speaker: CamPlus,
        regulator: LengthRegulator,
        gpt: UnifiedVoice,
        speakers: Tensor,
        emotions: Tensor,
        prompt_frames: int,
    ) -> None:
        """``speakers [73, style]`` and ``emotions [73, dim]`` are the model's matrices of known deliveries."""
        self._config = config
        self._semantic = semantic
        self._codec = codec
        self._speaker = speaker
        self._regulator = regulator
        self._gpt = gpt
        self._speakers = speakers
        self._emotions = emotions
        self._prompt_frames = prompt_frames
        self._device = speakers.device
        self._known: OrderedDict[str, VoiceState] = OrderedDict()
        self._manners: OrderedDict[str, Tensor] = OrderedDict()

    def enroll(self, clip: Samples, rate: int, name: str) -> Voice:
        """Make a voice of the first 15 s of a clip.

        Raises:
            BadAudio: too short, silent, or not numbers.
        """
        audio = self._config.audio
        heard = checked(clip, rate)[: round(audio.prompt_s * rate)]
        wave = self._tensor(convert(heard, rate, audio.sample_rate))
        wave16 = resample(wave, audio.sample_rate, FBANK_RATE)
        features = self._semantic(*semantic_features(wave16[0]))
        mel = mel_spectrogram(
            wave, rate=audio.sample_rate, window=audio.window, hop=audio.hop, bins=audio.mel_bins
        )
        _, quantised = self._codec.quantize(features)
        content = self._regulator.stretch(quantised, mel.shape[2])
        start, stop = quietest_window(mel[0], self._prompt_frames)
        tensors = {
            "latents": self._gpt.speaker_latents(self._lower(features)),
            "own": self._manner(heard, rate),
            "style": self._speaker(speaker_features(wave16[0])),
            "mel": mel[0, :, start:stop],
            "content": content[0, start:stop],
        }
        arrays = {key: value.float().cpu().numpy() for key, value in tensors.items()}
        return Voice(name, ENGINE, arrays, f"cloned from {len(heard) / rate:.1f} s", LANGUAGES)

    def learn_manner(self, clip: Samples, rate: int) -> str:
        """How a clip is spoken, kept under the key returned; those used least recently are forgotten.

        Raises:
            BadAudio: as :meth:`enroll`.
        """
        heard = checked(clip, rate)[: round(self._config.audio.prompt_s * rate)]
        key = hashlib.sha256(heard.tobytes() + rate.to_bytes(4, "little")).hexdigest()[:32]
        if key not in self._manners:
            self._manners[key] = self._manner(heard, rate)
        self._manners.move_to_end(key)
        if len(self._manners) > MANNERS_KEPT:
            self._manners.popitem(last=False)
        return key

    def place(self, voice: Voice) -> VoiceState:
        """The voice on the device; the last few are kept, found by content, never by name.

        Raises:
            UnknownVoice: its tensors do not fit this checkpoint.
        """
        key = voice.content_hash
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        state = self._place(voice, key)
        self._known[key] = state
        if len(self._known) > 64:
            self._known.popitem(last=False)
        return state

    def _place(self, voice: Voice, key: str) -> VoiceState:
        config = self._config
        wanted: dict[str, tuple[int | None, ...]] = {
            "latents": (1, config.gpt.speaker.latents, config.gpt.dim),
            "own": (1, config.gpt.dim),
            "style": (1, config.flow.style),
            "mel": (config.audio.mel_bins, None),
            "content": (None, config.regulator.channels),
        }
        for part, shape in wanted.items():
            got = voice.tensors[part].shape if part in voice.tensors else ()
            if not _fits(got, shape):
                raise UnknownVoice(
                    f"the voice {voice.name!r} was made for another checkpoint: "
                    f"{part} has shape {list(got)}, expected {list(shape)}"
                )
        t = {part: torch.from_numpy(voice.tensors[part].copy()).to(self._device) for part in wanted}
        picked = pick_rows(t["style"], self._speakers, config.emotion_groups)
        rows = self._emotions[picked.to(self._device)]
        return VoiceState(
            key, t["latents"], t["own"], rows, t["style"][0], t["mel"], t["content"], self._manners
        )

    def _manner(self, heard: Samples, rate: int) -> Tensor:
        """How a clip is spoken; its 16 kHz version is made straight from the clip, unlike the speaker's."""
        wave = self._tensor(convert(heard, rate, FBANK_RATE))
        features = self._semantic(*semantic_features(wave[0]))
        return self._gpt.emotion_vector(self._lower(features)).float()

    def _lower(self, features: Tensor) -> Tensor:
        return features.to(self._gpt.mel_head.weight.dtype)

    def _tensor(self, wave: Samples) -> Tensor:
        return torch.from_numpy(wave)[None].to(self._device)


def _fits(got: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    """Whether a shape is the wanted one, None standing for any size."""
    return len(got) == len(wanted) and all(b in (None, a) for a, b in zip(got, wanted, strict=True))


def checked(clip: Samples, rate: int) -> Samples:
    """A clip that can be listened to: mono float32, long enough, audible."""
    heard = np.ascontiguousarray(clip, dtype=np.float32)
    if heard.ndim != 1:
        raise BadAudio(f"a clip is mono, got an array of shape {heard.shape}")
    if rate < 8000:
        raise BadAudio(f"a clip needs 8000 samples a second at least, got {rate}")
    if not np.isfinite(heard).all():
        raise BadAudio("the clip holds values that are not numbers")
    if len(heard) < MIN_CLIP_S * rate:
        raise BadAudio(
            f"the clip lasts {len(heard) / rate:.1f} s, at least {MIN_CLIP_S:.0f} s is needed and 5 s are better"
        )
    if float(np.abs(heard).max()) < QUIET:
        raise BadAudio("the clip is silent")
    return heard


def convert(wave: Samples, rate: int, new_rate: int) -> Samples:
    """Another rate, at the quality the published loader uses."""
    if rate == new_rate:
        return wave
    import soxr

    resampled: Samples = soxr.resample(wave, rate, new_rate, quality="HQ").astype(np.float32)
    return resampled


def quietest_window(mel: Tensor, frames: int) -> tuple[int, int]:
    """The stretch of at most ``frames`` frames of ``mel [bins, time]`` with the quietest cuts."""
    if mel.shape[1] <= frames:
        return 0, mel.shape[1]
    energy = mel.mean(0)
    cuts = energy[: -frames + 1 or None] + energy[frames - 1 :]
    start = int(cuts.argmin())
    return start, start + frames
