"""How like a clone is: held-out voices and recorded people, against themselves, the others, presets and chance.

::

    python -m seiyuu.model.compact.training.similarity --takes TAKES --people FOLDER [--refine] [--json FILE]

``FOLDER`` holds a folder of recordings for each person (:func:`people`). Every subject has two clips of other words:
one to enrol from and one to compare with. The d-vector is the network that clones are made with; the second scorer
has no part in that. Figures are means of cosines over the subjects.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from ....streaming.audio import Samples
from ....streaming.emotion import NEUTRAL
from ....streaming.errors import BadAudio
from ...clips import Clip, decode
from ...evaluation.sentences import sentences as unheard
from ...speaker import d_vector
from ...verdict import find_speech
from ...voice import Voice
from ..cloning import enrol
from ..engine import CompactCore
from ..personas import voice_vectors
from ..refinement import Refiner
from ..statistics import Array
from .augment import RATE, add_music, add_noise, phone_band, reverberate
from .emotion_takes import held_out, plain_voice, say
from .second_scorer import CepstralScorer
from .voice_space import ACCENT_OF, HELD_OUT, TIMBRE

log = logging.getLogger(__name__)

REFERENCE_TEXTS = {
    "en": (
        "My grandmother planted these apple trees when she was young. The market opens at seven and closes at noon.",
        "Last summer we drove along the coast for two weeks. Could you hand me the blue cup, please?",
    ),
    "zh": (
        "海边的风很大,我们把帽子都抓紧了。医生让他多喝水,少熬夜。",
        "这家饭馆的饺子远近闻名。前面路口左转就到学校了。",
    ),
    "ja": (
        "庭の桜が今年もきれいに咲きました。次の角を右に曲がってください。",
        "夏休みに祖父の家へ行きました。財布をどこかに忘れてしまった。",
    ),
}
CLONE_TEXT = "The quick brown fox jumps over the lazy dog, and nobody in the garden seems to mind."
CLIP_S = 6.0
CEILING = "ceiling (the person)"


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """Somebody to clone: a clip to enrol from, and speech at 16 kHz of other words to compare with."""

    name: str
    clip: Clip
    other: Samples

    @property
    def spoken(self) -> Samples:
        return find_speech(self.clip).spoken


def packaged(core: CompactCore, clip_s: float = CLIP_S, most: int = len(HELD_OUT)) -> list[Subject]:
    """The voices held out of the training, with a clip of ``clip_s`` and other words beside it."""
    subjects = []
    for voice, _ in islice(held_out(), most):
        language = ACCENT_OF.get(voice.name[0], "en")
        first, last = REFERENCE_TEXTS[language]
        said: list[Samples] = []
        for text in (first, *unheard(language)):
            if sum(map(len, said)) < clip_s * RATE:
                said.append(say(core, voice, text, language, NEUTRAL))
        other = find_speech(Clip(say(core, voice, last, language, NEUTRAL), RATE)).spoken
        clip = Clip(np.concatenate(said)[: int(clip_s * RATE)], RATE)
        subjects.append(Subject(voice.name, clip, other))
    return subjects


def people(folder: Path) -> list[Subject]:
    """One subject for each folder: recordings joined in order of their names until there is enough for two clips."""
    subjects = []
    for person in sorted(path for path in folder.iterdir() if path.is_dir()):
        pieces: list[Samples] = []
        rate, seconds = 0, 0.0
        for path in sorted(person.rglob("*")):
            try:
                clip = decode(path.read_bytes()) if path.is_file() else None
            except BadAudio:
                continue
            if clip is None or clip.seconds < 1.5 or clip.sample_rate != (rate or clip.sample_rate):
                continue
            rate, seconds = clip.sample_rate, seconds + clip.seconds
            pieces.append(clip.samples)
            if seconds > 3 * CLIP_S:
                break
        joined = np.concatenate(pieces)
        border = int(CLIP_S * rate)
        other = find_speech(Clip(joined[border : 3 * border], rate)).spoken
        subjects.append(Subject(person.name, Clip(joined[:border], rate), other))
    return subjects


class Table:
    """Clones of all subjects against all their clips, by one scorer."""

    def __init__(self, name: str, embed: object, subjects: list[Subject]) -> None:
        self.name = name
        self._embed = embed
        self._own = np.stack([embed(s.spoken) for s in subjects])  # type: ignore[operator]
        self._other = np.stack([embed(s.other) for s in subjects])  # type: ignore[operator]
        self.rows: dict[str, dict[str, float]] = {}

    def add(self, label: str, spoken: list[Samples]) -> None:
        vectors = np.stack([self._embed(s) for s in spoken])  # type: ignore[operator]
        against = vectors @ self._own.T
        count = len(vectors)
        self.rows[label] = {
            "own clip": float(np.trace(against) / count),
            "own other words": float(np.mean(np.sum(vectors * self._other, axis=1))),
            "others": float((against.sum() - np.trace(against)) / (count * (count - 1))),
            "identified": float(np.mean(against.argmax(axis=1) == np.arange(count))),
        }

    def line(self, label: str) -> str:
        """A row to read, with the scorer's name."""
        told = "  ".join(f"{key} {value:.3f}" for key, value in self.rows[label].items())
        return f"{told}  by {self.name}"

    def ceiling(self) -> None:
        against = self._other @ self._own.T
        count = len(against)
        self.rows[CEILING] = {
            "own clip": float(np.trace(against) / count),
            "own other words": 1.0,
            "others": float((against.sum() - np.trace(against)) / (count * (count - 1))),
            "identified": float(np.mean(against.argmax(axis=1) == np.arange(count))),
        }


def speech_of(core: CompactCore, voice: Voice, narrow: bool) -> Samples:
    spoken = find_speech(Clip(say(core, voice, CLONE_TEXT, "en", NEUTRAL), RATE)).spoken
    return phone_band(spoken) if narrow else spoken


def presets(core: CompactCore) -> list[tuple[Voice, Samples]]:
    """Every packaged voice that blends may contain, and a sentence of it."""
    made = []
    for name, vector in voice_vectors().items():
        if name not in HELD_OUT:
            voice = plain_voice(name, vector[:TIMBRE], {"en": vector[TIMBRE:]})
            made.append((voice, speech_of(core, voice, False)))
    return made


def compare(
    core: CompactCore,
    subjects: list[Subject],
    choice: list[tuple[Voice, Samples]],
    scorers: dict[str, object],
    refiner: Refiner | None,
    narrow: bool,
) -> list[Table]:
    tables = [Table(name, embed, subjects) for name, embed in scorers.items()]

    def add(label: str, spoken: list[Samples]) -> None:
        for table in tables:
            table.add(label, spoken)
            log.info("    %-24s %s", label, table.line(label))

    rng = np.random.default_rng(1)
    ready = [phone_band(s) if narrow else s for _, s in choice]
    vectors: Array = np.stack([d_vector(s) for s in ready])
    add("random preset", [ready[rng.integers(len(ready))] for _ in subjects])
    nearest = [ready[int((vectors @ d_vector(s.spoken)).argmax())] for s in subjects]
    add("nearest preset", nearest)
    begun = time.process_time()
    clones = [enrol(s.clip, s.name).voice for s in subjects]
    log.info("enrolled in %.2f CPU-s each", (time.process_time() - begun) / len(subjects))
    add("clone at once", [speech_of(core, voice, narrow) for voice in clones])
    if refiner is not None:
        begun = time.process_time()
        clones = [refiner.refine(voice) for voice in clones]
        log.info("refined in %.1f CPU-s each", (time.process_time() - begun) / len(subjects))
        add("clone refined", [speech_of(core, voice, narrow) for voice in clones])
    for table in tables:
        table.ceiling()
    return tables


def likeness(
    core: CompactCore, subjects: list[Subject], change: Callable[[Samples], Samples]
) -> tuple[float, int]:
    """Mean cosine of d-vectors between clones of changed clips and the same people saying other words, and how many
    clips were refused.
    """
    alike: list[float] = []
    for subject in subjects:
        try:
            voice = enrol(Clip(change(subject.clip.samples), RATE), subject.name).voice
        except BadAudio:
            continue
        alike.append(float(d_vector(speech_of(core, voice, False)) @ d_vector(subject.other)))
    return float(np.mean(alike or [0.0])), len(subjects) - len(alike)


def conditions(core: CompactCore, subjects: list[Subject]) -> dict[str, float]:
    """Likeness (d-vector, other words) of clones made at once from clips of various lengths and quality."""
    rng = np.random.default_rng(2)
    made: dict[str, Callable[[Samples], Samples]] = {
        "as it is": lambda x: x,
        "3 s": lambda x: x[: 3 * RATE],
        "5 s": lambda x: x[: 5 * RATE],
        "noise 10 dB below": lambda x: add_noise(x, 10.0, rng),
        "music 10 dB below": lambda x: add_music(x, 10.0, rng),
        "telephone": phone_band,
        "room": lambda x: reverberate(x, 0.4, -6.0, rng),
    }
    result = {}
    for label, change in made.items():
        result[label], refused = likeness(core, subjects, change)
        log.info("    %-20s %.3f  (%d refused)", label, result[label], refused)
    return result


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--takes", type=Path, required=True)
    parser.add_argument("--people", type=Path)
    parser.add_argument("--refine", action="store_true")
    parser.add_argument("--conditions", action="store_true", help="clips of various quality")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    core = CompactCore(threads=1)
    core.load()
    if arguments.conditions:
        conditions(core, packaged(core))
        return
    refiner = Refiner() if arguments.refine else None
    scorers: dict[str, object] = {
        "d-vector": d_vector,
        "second scorer": CepstralScorer(arguments.takes).embed,
    }
    choice = presets(core)
    groups: dict[str, tuple[list[Subject], bool]] = {}
    if arguments.people:
        # Their recordings come from telephones: the clones are compared through one.
        groups["recorded people"] = (people(arguments.people), True)
    groups["held-out packaged voices"] = (packaged(core), False)
    result = {}
    for title, (subjects, narrow) in groups.items():
        log.info("\n%s (n = %d)", title, len(subjects))
        for table in compare(core, subjects, choice, scorers, refiner, narrow):
            log.info("    %-24s %s", CEILING, table.line(CEILING))
            result[f"{title}: {table.name}"] = table.rows
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
