"""The engine: decides which piece of work comes next and carries results from one stage to the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import torch

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
from ..layers.graphs import GraphCache, Recorder
from ..scheduler import attempt
from ..slots import SlotPool
from ..voice import Voice
from ..voice_file import import_voice
from .checkpoint import Checkpoint
from .conditioning import ENGINE, HOP, SAMPLE_RATE, Conditioner
from .decode_stage import DecodeStage
from .decoder import Decoder
from .draw_stage import DrawStage
from .drawing import Drawer
from .flow import FlowSolver
from .job import SpeechJob
from .networks import Networks
from .options import StreamingOptions
from .reader import EmotionReader
from .rehearsal import rehearse
from .stages import Stages
from .text import Tokenizer
from .velocity import graphed

PARTS = (
    "_networks",
    "_conditioner",
    "_decoder",
    "_flow_graphs",
    "_solver",
    "_drawer",
    "_tokenizer",
    "_stages",
)
"""What exists only while the engine is loaded."""
BUCKET = 64
"""Mel frames to a multiple of which recorded batches are padded."""
Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "float32", "bfloat16", "float16"]
T = TypeVar("T")


class IndexTTS2Core:
    """See :class:`~..core.Core`.

    ``model`` is a folder with the official files, or None for the Hugging Face and ModelScope caches. On a GPU the two
    transformers compute in bfloat16 unless ``precision`` says otherwise; on a CPU everything is float32 and
    batches are exact. ``streaming`` may be a table of a configuration file. ``presets`` are voices offered without
    enrolling, as they are or as exported files. ``recorder`` records steps of fixed shape; None is the device's own,
    which a CPU has not.
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
        recorder: Recorder | None = None,
    ) -> None:
        _one_of("device", device, get_args(Device))
        _one_of("precision", precision, get_args(Precision))
        try:
            max_sessions = int(max_sessions)  # the environment gives text
        except ValueError:
            max_sessions = 0
        if max_sessions < 1:
            raise EngineFailed("the option max_sessions is a whole number, at least 1")
        if isinstance(presets, str):
            presets = presets.split(",")
        self._model = model or None
        self._asked = device
        self._precision = precision
        self._options = (
            streaming
            if isinstance(streaming, StreamingOptions)
            else StreamingOptions.of(streaming or {})
        )
        self._presets = tuple(v if isinstance(v, Voice) else _exported(Path(v)) for v in presets)
        self._slots = SlotPool(max_sessions)
        self._recorder = recorder
        self._files: Mapping[str, Path] = {}
        self._reader: EmotionReader | None = None
        self._reading = threading.Lock()
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
            describes=True,
            manners=True,
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
        tokenizer = checkpoint.tokenizer()
        networks = checkpoint.load()
        audio = networks.config.audio
        if (audio.sample_rate, audio.hop) != (SAMPLE_RATE, HOP):
            raise EngineFailed(
                f"the checkpoint's audio is {audio.sample_rate} Hz in hops of {audio.hop}, "
                f"expected {SAMPLE_RATE} Hz in hops of {HOP}"
            )
        self._files = checkpoint.files
        if attempt(torch.OutOfMemoryError, self._start, networks, tokenizer, device):
            self.unload()
            raise EngineFailed(
                f"the device has no room for the model and {self._info.max_sessions} sessions; "
                "a smaller max_sessions or streaming.max_codes needs less"
            )

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

    def _start(self, networks: Networks, tokenizer: Tokenizer, device: torch.device) -> None:
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
        recorded = gpu or self._recorder is not None
        self._decoder = Decoder(
            networks.gpt,
            self._info.max_sessions,
            max_codes=min(options.max_codes, networks.config.gpt.max_mel),
            positions=options.mel_positions,
            exact_batches=not recorded,
            recorder=self._recorder,
        )
        self._flow_graphs = GraphCache(device, recorder=self._recorder)
        self._solver = FlowSolver(
            networks.flow.estimator,
            steps=options.flow_steps,
            guidance=options.guidance,
            dtype=dtype,
            bucket=BUCKET if recorded else 1,
            velocity=graphed(networks.flow.estimator, self._flow_graphs) if recorded else None,
        )
        self._drawer = Drawer(networks, options, GraphCache(device, recorder=self._recorder))
        self._tokenizer = tokenizer
        decode = DecodeStage(self._decoder, options)
        draw = DrawStage(self._decoder, self._solver, self._drawer, options)
        # alone and beside others a stream must give the same samples; on a CPU batching would gain nothing
        self._stages = Stages(decode, draw, options, options.flow_batch if recorded else 1)
        self._loaded = True
        if recorded:
            self._warm()

    def _warm(self) -> None:
        """Record the shapes that speech will need, and speak once, so that nobody waits for what is loaded late."""
        options, config = self._options, self._networks.config
        longest = options.prompt_frames + options.context_frames + options.look_ahead
        longest += max(options.chunk_frames)
        times = range(-(-options.prompt_frames // BUCKET) * BUCKET, longest + BUCKET, BUCKET)
        batches = [n for n in (1, 2, 4, 8, 16) if n <= options.flow_batch]
        self._decoder.warm()
        self._solver.warm(times, batches, config.flow.content, config.flow.style)
        self._drawer.warm()
        rehearse(self, config, options.prompt_frames)

    @property
    def slower(self) -> list[str]:
        """Why steps run plainly that should be replayed from recordings; empty when all is well."""
        if not self._loaded:
            return []
        caches = (self._decoder.graphs, self._flow_graphs, self._drawer.graphs)
        return [cache.failure for cache in caches if cache.failure is not None]

    def unload(self) -> None:
        self._loaded = False
        self._reader = None
        for name in PARTS:
            self.__dict__.pop(name, None)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    @torch.inference_mode()
    def open(self, voice: Voice, options: StreamOptions) -> SpeechJob:
        if not self._loaded:
            raise InvalidState("open before load")
        state = self._fitting(lambda: self._conditioner.place(voice))
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
        return self._fitting(lambda: self._conditioner.enroll(clip, sample_rate, name))

    @torch.inference_mode()
    def manner(self, clip: Samples, sample_rate: int) -> str:
        return self._fitting(lambda: self._conditioner.learn_manner(clip, sample_rate))

    def _fitting(self, work: Callable[[], T]) -> T:
        """What ``work`` gives; ``Overloaded`` where the device has no room for it."""
        made: list[T] = []
        if attempt(torch.OutOfMemoryError, lambda: made.append(work())):
            raise Overloaded(f"the device of the {ENGINE} engine has no memory left for this now")
        return made[0]

    def describe(self, description: str) -> Emotion:
        with self._reading:
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
        return self._stages.step(jobs)


def _one_of(option: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise EngineFailed(f"the option {option} is one of {', '.join(known)}, got {value!r}")


def _exported(path: Path) -> Voice:
    """A voice from its file."""
    try:
        return import_voice(path.read_bytes()).voice
    except (OSError, SeiyuuError) as error:
        raise EngineFailed(f"the voice in {path} cannot be read: {error}") from error
