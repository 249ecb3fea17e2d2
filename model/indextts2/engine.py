"""The engine: decides which piece of work comes next and carries results from one stage to the other."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from ...streaming.audio import Samples
from ...streaming.emotion import Emotion
from ...streaming.errors import (
    EngineFailed,
    InvalidState,
    Overloaded,
    SeiyuuError,
    Unsupported,
)
from ..core import Output
from ..engine import EngineInfo, StreamOptions
from ..scheduler import divide, plan
from ..slots import SlotPool
from ..voice import Voice
from ..voice_file import import_voice
from .alignment import sharpen, starts
from .checkpoint import Checkpoint
from .conditioning import ENGINE, Conditioner
from .decoder import Decoder, Head
from .drawing import Drawer
from .flow import FlowSolver
from .guard import astray, stop_bias
from .job import Need, SpeechJob
from .networks import Networks
from .options import StreamingOptions
from .passage import Passage
from .reader import EmotionReader
from .text import Tokenizer
from .velocity import graphed

SAMPLE_RATE = 22_050
HOP = 256
Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "float32", "bfloat16", "float16"]


@dataclass(slots=True, eq=False)
class _Row:
    """A job in a burst of decoding, and how many codes it may still take."""

    job: SpeechJob
    passage: Passage
    left: int


class IndexTTS2Core:
    """See :class:`~..core.Core`.

    ``model`` is a folder with the official files, or None for the Hugging Face and ModelScope caches. On a GPU the two
    transformers compute in bfloat16 unless ``precision`` says otherwise; on a CPU everything is float32 and
    batches are exact. ``streaming`` may be a table of a configuration file. ``presets`` are voices offered without
    enrolling, as they are or as exported files.
    """

    def __init__(
        self,
        model: str | Path | None = None,
        *,
        device: Device = "auto",
        precision: Precision = "auto",
        max_sessions: int = 20,
        streaming: StreamingOptions | Mapping[str, Any] | None = None,
        presets: Sequence[Voice | str | Path] = (),
    ) -> None:
        self._model = model
        self._asked = device
        self._precision = precision
        self._options = (
            streaming
            if isinstance(streaming, StreamingOptions)
            else StreamingOptions.of(streaming or {})
        )
        self._presets = tuple(v if isinstance(v, Voice) else _exported(Path(v)) for v in presets)
        self._slots = SlotPool(max_sessions)
        self._heads: OrderedDict[tuple[object, ...], Head] = OrderedDict()
        self._files: Mapping[str, Path] = {}
        self._reader: EmotionReader | None = None
        self._loaded = False
        self._info = EngineInfo(
            name=ENGINE,
            sample_rate=SAMPLE_RATE,
            hop=HOP,
            languages=("zh", "en"),
            experimental_languages=(),
            max_sessions=max_sessions,
            alignment="word",
            emotion=True,
            duration_control=True,
            cloning=True,
        )

    @property
    def info(self) -> EngineInfo:
        return self._info

    def voices(self) -> tuple[Voice, ...]:
        return self._presets

    @torch.inference_mode()
    def load(self) -> None:
        """Read the checkpoint; raises ``EngineFailed`` with what is missing, odd, or damaged, file by file."""
        device = self._device()
        checkpoint = Checkpoint.find(self._model)
        networks = checkpoint.load()
        audio = networks.config.audio
        if (audio.sample_rate, audio.hop) != (SAMPLE_RATE, HOP):
            raise EngineFailed(
                f"the checkpoint's audio is {audio.sample_rate} Hz in hops of {audio.hop}, "
                f"expected {SAMPLE_RATE} Hz in hops of {HOP}"
            )
        self._files = checkpoint.files
        self._start(networks, checkpoint.vocabulary(), device)

    def _device(self) -> torch.device:
        present = torch.cuda.is_available()
        if self._asked == "cuda" and not present:
            raise EngineFailed(
                "no CUDA device was found; device='cpu' runs, far slower than real time"
            )
        return torch.device("cuda" if present and self._asked != "cpu" else "cpu")

    def _dtype(self, device: torch.device) -> torch.dtype:
        if self._precision == "auto":
            return torch.bfloat16 if device.type == "cuda" else torch.float32
        dtype: torch.dtype = getattr(torch, self._precision)
        return dtype

    def _start(self, networks: Networks, vocabulary: bytes, device: torch.device) -> None:
        options, gpu = self._options, device.type == "cuda"
        dtype = self._dtype(device)
        networks.to(device, dtype)
        self._networks = networks
        self._conditioner = Conditioner(
            networks.config,
            semantic=networks.semantic,
            codec=networks.codec,
            speaker=networks.speaker,
            regulator=networks.flow.length_regulator,
            gpt=networks.gpt,
            speakers=networks.speakers,
            emotions=networks.emotions,
            prompt_frames=options.prompt_frames,
        )
        self._decoder = Decoder(
            networks.gpt,
            self._info.max_sessions,
            max_codes=min(options.max_codes, networks.config.gpt.max_mel),
            positions=options.mel_positions,
            exact_batches=not gpu,
        )
        self._solver = FlowSolver(
            networks.flow.estimator,
            steps=options.flow_steps,
            guidance=options.guidance,
            dtype=dtype,
            bucket=64 if gpu else 1,
            velocity=graphed(networks.flow.estimator) if gpu else None,
        )
        # alone and beside others a stream must give the same samples; on a CPU batching would gain nothing
        self._flow_batch = options.flow_batch if gpu else 1
        self._drawer = Drawer(networks, options)
        self._tokenizer = Tokenizer(vocabulary)
        if gpu:
            self._warm()
        self._loaded = True

    def _warm(self) -> None:
        """Record the shapes that speech will need."""
        options, config = self._options, self._networks.config
        behind = options.prompt_frames + options.look_ahead
        first, *others = options.chunk_frames
        times = {behind + first, *(behind + options.context_frames + n for n in others)}
        batches = [n for n in (1, 2, 4, 8, 16) if n <= self._flow_batch]
        self._decoder.warm()
        self._solver.warm(sorted(times), batches, config.flow.content, config.flow.style)

    def unload(self) -> None:
        self._loaded = False
        self._reader = None
        self._heads.clear()
        for name in ("_networks", "_conditioner", "_decoder", "_solver", "_drawer", "_tokenizer"):
            self.__dict__.pop(name, None)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    @torch.inference_mode()
    def open(self, voice: Voice, options: StreamOptions) -> SpeechJob:
        if not self._loaded:
            raise InvalidState("open before load")
        state = self._conditioner.place(voice)
        slot = self._slots.take()
        if slot is None:
            raise Overloaded(
                f"all {self._info.max_sessions} slots of the {ENGINE} engine are taken"
            )
        return SpeechJob(
            slot,
            state,
            options,
            self._tokenizer,
            self._options,
            HOP,
            SAMPLE_RATE,
            self._slots.give_back,
        )

    @property
    def enrols_apart(self) -> bool:
        return False

    @torch.inference_mode()
    def enroll(self, clip: Samples, sample_rate: int, name: str) -> Voice:
        return self._conditioner.enroll(clip, sample_rate, name)

    @torch.inference_mode()
    def with_manner(
        self, voice: Voice, clip: Samples, sample_rate: int, amount: float = 1.0
    ) -> Voice:
        """``voice`` speaking in the manner of another person's clip; ``amount`` 0…1 is how far it goes."""
        return self._conditioner.with_manner(voice, clip, sample_rate, amount)

    def describe(self, description: str) -> Emotion:
        """The emotion a description asks for, by the reader that comes with the checkpoint.

        Raises:
            Unsupported: the checkpoint has no reader.
            UnknownEmotion: the description is empty.
        """
        if self._reader is None:
            folder = self._files.get("qwen0.6bemo4-merge")
            if folder is None:
                raise Unsupported(
                    "descriptions need the emotion reader of the checkpoint (qwen0.6bemo4-merge)"
                )
            self._reader = EmotionReader(folder, self._decoder.device.type)
        return self._reader.read(description)

    @classmethod
    def diagnose(cls, model: str | Path | None = None) -> dict[str, list[str]]:
        """Faults of each weight file, by name, without loading it; files in order have none.

        Raises:
            EngineFailed: files are missing; the message lists them and where they are published.
        """
        return Checkpoint.find(model).inspect()

    @torch.inference_mode()
    def step(self, jobs: Sequence[SpeechJob]) -> list[Output[SpeechJob]]:
        """Admit, then say, decode or draw: what the most urgent job waits for, with all that can share it."""
        chosen = plan([job.needs() for job in jobs], {Need.DRAW: self._flow_batch})
        if chosen is None:
            return []
        picked = [jobs[i] for i in chosen.jobs]
        if chosen.need is Need.SAY:
            return [Output(job, job.say(), job.error) for job in picked]
        if chosen.need is Need.DECODE:
            return self._decode(picked)
        return self._draw(picked)

    # ---- decoding

    def _decode(self, jobs: Sequence[SpeechJob]) -> list[Output[SpeechJob]]:
        """A burst of codes; it ends early when the most urgent job has what it waits for.

        What each job may take is asked once: a step is shorter than asking forty jobs again.
        """
        rows = [_Row(job, *job.decoding(ahead=True)) for job in jobs]
        _, urgent = jobs[0].decoding(ahead=False)
        failed: list[Output[SpeechJob]] = []
        for _ in range(min(self._options.decode_burst, urgent or self._options.decode_burst)):
            able = [row for row in rows if row.left > 0 and not row.passage.done]
            if not able or rows[0] not in able:
                break
            failed += self._decode_once(able)
        return failed

    def _decode_once(self, rows: Sequence[_Row]) -> list[Output[SpeechJob]]:
        """One code for each job: those that begin or turn one by one, the others in one batch."""
        results: dict[int, tuple[int, bool]] = {}
        steady: list[_Row] = []
        for row in rows:
            job, passage = row.job, row.passage
            vector = job.vector_due(passage)
            if job.holder is passage and passage.vector is not None and vector is None:
                steady.append(row)
            else:
                results[id(row)] = self._enter(job, passage, vector)

        def work(part: Sequence[_Row]) -> None:
            drawn = self._decoder.step([row.job.slot.index for row in part])
            results.update(zip(map(id, part), drawn, strict=True))

        lost = divide(steady, work, torch.OutOfMemoryError) if steady else []
        outputs = [_failure(row.job, "the device ran out of memory") for row, _ in lost]
        for row in rows:
            row.left -= 1
            if id(row) in results and not self._accept(row.job, row.passage, *results[id(row)]):
                self._decoder.scrub(row.job.slot.index)
                outputs.append(_failure(row.job, "the decoder's numbers went wrong"))
            if row.job.error is not None:
                row.left = 0
        return outputs

    def _enter(self, job: SpeechJob, passage: Passage, vector: Tensor | None) -> tuple[int, bool]:
        """Bring a passage into its slot, or turn it there; draws one code."""
        row = job.slot.index
        if job.holder is not passage:
            self._leave(job)
        continues = job.holder is passage and passage.vector is not None
        if vector is None and passage.vector is None:
            vector = job.voice.vector(passage.emotion)
            passage.wanted_codes = job.codes_budgeted(passage)
        passage.vector = vector if vector is not None else passage.vector
        assert passage.vector is not None
        head = self._head(job, passage)
        if continues and passage.codes and self._options.turn != "reprefill":
            with_text = self._options.turn == "prefix_text"
            return self._decoder.turn(
                row, head, passage.ids, len(passage.codes), passage.purpose, with_text=with_text
            )
        drawn = self._decoder.begin(
            row,
            head,
            passage.ids,
            seed=job.seed,
            purpose=passage.purpose,
            options=self._options.sampling,
            codes=passage.codes,
        )
        if job.holder is not passage and passage.latents is not None:
            assert passage.attention is not None
            kept = len(passage.codes)
            self._decoder.restore(row, passage.latents[:kept], passage.attention[:kept])
        job.holder = passage
        return drawn

    def _leave(self, job: SpeechJob) -> None:
        """Keep what the slot knows of a passage before another one takes it."""
        left = job.holder
        if left is not None and left.vector is not None:
            row, count = job.slot.index, len(left.codes)
            left.latents = self._decoder.latents(row, count).clone()
            left.attention = self._decoder.attention(row, count, len(left.tokens)).clone()

    def _head(self, job: SpeechJob, passage: Passage) -> Head:
        """Keys and values of the conditioning rows; those of recent voices and emotions are kept."""
        assert passage.vector is not None
        key = (job.voice.key, passage.wanted_codes, tuple(passage.vector[0].tolist()))
        if key in self._heads:
            self._heads.move_to_end(key)
            return self._heads[key]
        gpt = self._networks.gpt
        conditions = gpt.conditions(
            job.voice.latents, passage.vector, passage.wanted_codes, self._options.count_layout
        )
        head = self._decoder.head(conditions)
        self._heads[key] = head
        if len(self._heads) > 128:
            self._heads.popitem(last=False)
        return head

    def _accept(self, job: SpeechJob, passage: Passage, code: int, good: bool) -> bool:
        """Take one code; False when the row is broken."""
        if not good:
            return False
        if code == self._networks.config.gpt.stop_mel:
            passage.done = True
        else:
            passage.codes.append(code)
        lost = astray(passage, self._options)
        if lost and not passage.committed and passage.attempt < self._options.retries:
            attempt = passage.attempt + 1
            passage.forget_speech()
            passage.attempt = attempt
        elif lost or len(passage.codes) >= self._options.limit(len(passage.tokens)):
            passage.done = True
        elif passage.wanted_codes and (bias := stop_bias(passage)) is not None:
            self._decoder.bias_stop(job.slot.index, bias)
        return True

    # ---- drawing

    def _draw(self, jobs: Sequence[SpeechJob]) -> list[Output[SpeechJob]]:
        """A few Euler steps for all; those that come to their end are played."""
        outputs: list[Output[SpeechJob]] = []
        active: list[SpeechJob] = []
        for job in jobs:
            if job.drawing is None and not self._prepare(job):
                outputs.append(Output(job, job.drawn(np.zeros(0, np.float32), True, [])))
            else:
                active.append(job)
        for _ in range(self._options.flow_burst):
            unfinished = [job for job in active if not self._is_drawn(job)]
            if not unfinished:
                break
            for job, _error in divide(unfinished, self._advance, torch.OutOfMemoryError):
                active.remove(job)
                outputs.append(_failure(job, "the device ran out of memory"))
        return outputs + [self._play(job) for job in active if self._is_drawn(job)]

    def _is_drawn(self, job: SpeechJob) -> bool:
        return job.drawing is not None and self._solver.finished(job.drawing.flow)

    def _advance(self, jobs: Sequence[SpeechJob]) -> None:
        self._solver.advance([job.drawing.flow for job in jobs if job.drawing is not None])

    def _prepare(self, job: SpeechJob) -> bool:
        """Set up the next chunk; False when there is nothing in it."""
        span = job.chunk()
        assert span is not None
        start, stop, ahead = span
        if stop <= start:
            return False
        passage = job.current
        needed = len(passage.codes)
        if ahead:
            needed = min(passage.stretch.codes_for(stop + ahead), needed)
        latents = self._latents(job, passage)[:needed]
        job.drawing = self._drawer.prepare(passage, job.voice, latents, job.seed, span)
        return True

    def _latents(self, job: SpeechJob, passage: Passage) -> Tensor:
        """Latents of all codes: from the decode steps, or, where those saw other positions, from a second pass."""
        if self._options.mel_positions == "reference":
            gpt = self._networks.gpt
            assert passage.vector is not None
            conditions = gpt.conditions(job.voice.latents, passage.vector)
            dtype = gpt.mel_head.weight.dtype
            prefix = torch.cat([conditions.to(dtype), gpt.text_rows(passage.ids)], 1)
            codes = torch.tensor(passage.codes, device=prefix.device)
            return gpt.latents(prefix, codes)[0]
        if job.holder is passage:
            return self._decoder.latents(job.slot.index, len(passage.codes))
        assert passage.latents is not None
        return passage.latents

    def _play(self, job: SpeechJob) -> Output[SpeechJob]:
        """Commit a drawn chunk, and give its samples and marks."""
        chunk, job.drawing = job.drawing, None
        assert chunk is not None
        if not bool(torch.isfinite(chunk.flow.drawn).all()):
            return _failure(job, "the flow decoder's numbers went wrong")
        passage = job.current
        try:
            samples = self._drawer.finish(passage, chunk)
        except torch.OutOfMemoryError:
            return _failure(job, "the device ran out of memory")
        last = chunk.ahead == 0
        return Output(job, job.drawn(samples, last, self._starts(job, passage, last)))

    def _starts(self, job: SpeechJob, passage: Passage, last: bool) -> list[int]:
        """First codes of the passage's tokens, as far as they can be told."""
        count, tokens = len(passage.codes), len(passage.tokens)
        if job.holder is passage:
            attention = self._decoder.attention(job.slot.index, count, tokens)
        else:
            assert passage.attention is not None
            attention = passage.attention[:count, :tokens]
        scores = sharpen(attention.float().cpu().numpy())
        return starts(scores, fixed=passage.starts, finished=last)


def _exported(path: Path) -> Voice:
    """A voice from its file."""
    try:
        return import_voice(path.read_bytes()).voice
    except (OSError, SeiyuuError) as error:
        raise EngineFailed(f"the voice in {path} cannot be read: {error}") from error


def _failure(job: SpeechJob, why: str) -> Output[SpeechJob]:
    """The end of one job alone."""
    job.error = EngineFailed(f"the {ENGINE} engine failed while speaking: {why}")
    return Output(job, error=job.error)
