"""Codes to mel to samples, chunk by chunk."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ...streaming.audio import Samples
from ..layers.graphs import GraphCache
from ..layers.random import frame_noise
from ..vocoder.overlap import cross_fade, play_part, to_samples
from .conditioning import VoiceState
from .flow import FlowJob
from .networks import Networks
from .options import StreamingOptions
from .passage import Passage


@dataclass(frozen=True, slots=True)
class Chunk:
    """Frames ``start:stop`` of a passage, drawn together with ``ahead`` frames that only lend their context."""

    start: int
    stop: int
    ahead: int
    content: Tensor
    flow: FlowJob


class Drawer:
    """The flow decoder's inputs and the vocoder, for one chunk at a time."""

    def __init__(
        self, networks: Networks, options: StreamingOptions, graphs: GraphCache | None = None
    ) -> None:
        self._networks = networks
        self._options = options
        self._bins = networks.config.audio.mel_bins
        self.graphs = GraphCache(networks.speakers.device) if graphs is None else graphs
        left, right, sizes = options.vocoder_left, options.vocoder_right, options.chunk_frames
        self.usual = {sizes[0] + right, *(left + size + right for size in sizes)}

    def warm(self) -> None:
        """Record the vocoder at the sizes of chunks in the middle of speech; last ones are of any size."""
        for frames in sorted(self.usual):
            self.vocoder(self._networks.speakers.new_zeros(1, self._bins, frames))

    def vocoder(self, mel: Tensor) -> Tensor:
        """Samples ``[1, frames · hop]`` of ``mel [1, bins, frames]``, through a recording at usual sizes.

        BigVGAN is a thousand small kernels: launched one by one they take longer than they run.
        """
        network = self._networks.vocoder
        if mel.shape[2] not in self.usual:
            return network(mel)
        wave: Tensor = self.graphs(tuple(mel.shape), network, mel)
        return wave.clone()  # the recording writes here again

    def prepare(
        self,
        passage: Passage,
        voice: VoiceState,
        latents: Tensor,
        seed: int,
        span: tuple[int, int, int],
    ) -> Chunk:
        """What the solver needs to draw ``span`` (first frame, last, look-ahead), made of codes and
        their ``latents [n, dim]``.

        Frames already committed are given as further prompt with the content they were drawn with.
        """
        start, stop, ahead = span
        end = stop + ahead
        content = self._content(passage, latents, end)[start:]
        back = min(start, self._options.context_frames)
        prompt, known = [voice.mel], [voice.content]
        if back:
            assert passage.mel is not None
            assert passage.content is not None
            prompt.append(passage.mel[:, start - back :])
            known.append(passage.content[start - back :])
        mel = torch.cat(prompt, 1)
        frames = torch.arange(start, end, device=mel.device)
        noise = frame_noise(seed, passage.number, frames, self._bins).T
        x = torch.cat([torch.zeros_like(mel), noise], 1)
        flow = FlowJob(x, mel, torch.cat([*known, content]), voice.style)
        return Chunk(start, stop, ahead, content[: stop - start], flow)

    def _content(self, passage: Passage, latents: Tensor, end: int) -> Tensor:
        """Content ``[end, channels]`` of the first ``end`` frames, from all codes given."""
        networks = self._networks
        count = len(latents)
        codes = torch.tensor([passage.codes[:count]], device=latents.device)
        mixed = networks.codec.embed(codes) + networks.flow.gpt_layer(latents[None].float())
        index = torch.tensor(passage.stretch.indices(end, count))
        regulated: Tensor = networks.flow.length_regulator(mixed, index.to(latents.device))
        return regulated[0]

    def finish(self, passage: Passage, chunk: Chunk) -> Samples:
        """Commit a chunk's new mel and play it.

        Its first frame is faded in from what the last chunk, or the speech before a turn, went on with.
        """
        new, drawn = chunk.stop - chunk.start, chunk.flow.drawn
        passage.commit(drawn[:, :new], chunk.content)
        assert passage.mel is not None
        whole = torch.cat([passage.mel, drawn[:, new:]], 1)
        more = 1 if chunk.ahead else 0
        wave = play_part(
            self.vocoder,
            whole,
            chunk.start,
            chunk.stop + more,
            self._options.vocoder_left,
            self._options.vocoder_right - more,
        )
        samples = cross_fade(passage.tail, to_samples(wave))
        length = len(samples) * new // (new + more)
        passage.tail = samples[length:]
        return samples[:length]
