"""Renders what the voice networks learn from: many made-up speakers, two short sentences each.

::

    python -m seiyuu.model.compact.training.takes OUT --vectors voice_vectors.npz --measured 250
    python -m seiyuu.model.compact.training.takes OUT --vectors voice_vectors.npz --takes 3000

The first run measures the statistics of every clause and keeps them alone; from these :mod:`.fit_statistics` learns
to tell a voice's statistics from its timbre, and with those the second run renders as the engine does. Either takes
about 1.2 s of one core for each take. What ships was learnt from 300 measured clauses (seeds 1 and 4, 150 each) and
1,000 takes (seeds 2, 3 and 11: 700, 100 and 200; those of seed 2 had fewer speakers beyond the packaged voices).
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soxr

from ....streaming.audio import Samples
from ...frontend import read
from ..calibration import Calibrator
from ..decoder import Decoder
from ..prepare import prepare
from ..stages import Stages
from ..statistics import Array
from ..synthesis import Frames, predict, render
from ..timbre_statistics import TimbreStatistics
from ..track import FRAME_SAMPLES, SAMPLE_RATE
from .corpus import lines
from .sentences import SENTENCES
from .voice_space import ACCENT_OF, Speaker, VoiceSpace

log = logging.getLogger(__name__)

SHARD = 50
RATE = 16_000
EDGE_FRAMES = 4
VOICED_HZ = 10.0
LANGUAGE_SHARES = {"en": 0.5, "zh": 0.3, "ja": 0.2}
SENTENCES_EACH = 2
LETTERS = {"en": (24, 60), "zh": (9, 24), "ja": (12, 30)}
"""Letters of a line that takes two to four seconds."""

CORPUS_LINES = 1500


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """What one speaker said: ``audio [n]`` at 16 kHz (none where statistics were measured), the samples of each
    sentence in it, and who says it.
    """

    audio: Samples
    sentences: tuple[int, ...]
    timbre: Array
    pitch_hz: float
    statistics: Array | None = None


class Booth:
    """Where takes are recorded."""

    def __init__(self, statistics: TimbreStatistics | None) -> None:
        parts = prepare()
        self._stages = Stages(parts)
        self._statistics = statistics
        self._calibrator = Calibrator(parts, self._stages) if statistics is None else None
        self._decoder = Decoder(parts) if statistics is not None else None

    def predict(self, text: str, language: str, style: Array) -> Frames:
        return predict(self._stages, read(text, language).phonemes, style)

    def record(self, texts: Sequence[str], language: str, speaker: Speaker, prosody: Array) -> Take:
        """``speaker`` says ``texts`` with the ``prosody`` half of another, at the speaker's own pitch."""
        style = np.concatenate([speaker.timbre, prosody]).astype(np.float32)
        said = at_pitch([self.predict(t, language, style) for t in texts], speaker.pitch_hz)
        if self._calibrator is None:
            spoken = [self.render(frames, speaker.timbre) for frames in said]
            lengths = tuple(len(s) for s in spoken)
            return Take(np.concatenate(spoken), lengths, speaker.timbre, speaker.pitch_hz)
        measured = self._calibrator.measure(said[0], speaker.timbre)
        statistics = np.stack([measured.mean, measured.variance])
        nothing = np.zeros(0, np.float32)
        return Take(nothing, (), speaker.timbre, speaker.pitch_hz, statistics)

    def render(self, frames: Frames, timbre: Array) -> Samples:
        """Frames at 16 kHz without the edges' silence, by the frozen decoder."""
        assert self._decoder is not None
        assert self._statistics is not None
        begin, end = sounding(frames)
        conditioning = self._decoder.condition(timbre, self._statistics.of(timbre))
        audio = render(self._decoder, frames, conditioning)
        part = audio[begin * FRAME_SAMPLES : end * FRAME_SAMPLES]
        resampled: Samples = soxr.resample(part, SAMPLE_RATE, RATE).astype(np.float32)
        return resampled


def at_pitch(said: Sequence[Frames], pitch_hz: float) -> list[Frames]:
    """The same frames with the median of F0 over all of them moved to ``pitch_hz``."""
    joined = np.concatenate([frames.f0 for frames in said])
    if not (joined > VOICED_HZ).any():
        return list(said)
    factor = np.float32(pitch_hz / float(np.median(joined[joined > VOICED_HZ])))

    def moved(f0: Array) -> Array:
        return np.where(f0 > VOICED_HZ, np.clip(f0 * factor, 55, 620), f0)

    return [replace(frames, f0=moved(frames.f0)) for frames in said]


def sounding(frames: Frames) -> tuple[int, int]:
    """The stretch between the silences at the edges, a little silence kept."""
    ends = np.cumsum(frames.durations)
    first, last = int(ends[0]), int(ends[-3])
    return max(0, first - EDGE_FRAMES), min(int(ends[-1]), last + EDGE_FRAMES)


def pitches_of(booth: Booth, vectors: dict[str, Array]) -> dict[str, float]:
    """Median F0 in Hz of every packaged voice over two sentences in its language, English where it has none."""
    pitches = {}
    for name, vector in vectors.items():
        language = ACCENT_OF.get(name[0], "en")
        curves = [booth.predict(t, language, vector).f0 for t in SENTENCES[language][:2]]
        joined = np.concatenate(curves)
        pitches[name] = float(np.median(joined[joined > VOICED_HZ]))
    return pitches


def texts_of(language: str) -> tuple[str, ...]:
    """What may be said in a language: the sentences, and lines of the corpus of about their length."""
    least, most = LETTERS[language]
    made = (line.text for line in lines(CORPUS_LINES, 5, (language,)))
    return (*SENTENCES[language], *(text for text in made if least <= len(text) <= most))


def takes(booth: Booth, space: VoiceSpace, count: int, seed: int) -> Iterator[Take]:
    """``count`` takes of as many speakers."""
    rng = np.random.default_rng(seed)
    texts = {language: texts_of(language) for language in LANGUAGE_SHARES}
    for _ in range(count):
        language = str(rng.choice(list(texts), p=list(LANGUAGE_SHARES.values())))
        chosen = [str(t) for t in rng.choice(texts[language], SENTENCES_EACH, replace=False)]
        yield booth.record(chosen, language, space.speaker(), space.prosody(language))


def write_shard(path: Path, shard: list[Take]) -> None:
    """One ``npz``: audio joined (16-bit) with its lengths, and what belongs to each take."""
    joined = np.concatenate([take.audio for take in shard])
    content = {
        "audio": np.clip(np.rint(joined * 32767), -32768, 32767).astype(np.int16),
        "lengths": np.array([len(take.audio) for take in shard]),
        "sentences": np.array([take.sentences for take in shard]),
        "timbre": np.stack([take.timbre for take in shard]),
        "pitch_hz": np.array([take.pitch_hz for take in shard], np.float32),
    }
    measured = [take.statistics for take in shard if take.statistics is not None]
    if measured:
        content["statistics"] = np.stack(measured)
    np.savez(path, **content)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("out", type=Path)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--measured", type=int, default=0)
    parser.add_argument("--takes", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    arguments.out.mkdir(parents=True, exist_ok=True)
    measured = arguments.measured > 0
    booth = Booth(None if measured else TimbreStatistics.packaged())
    with np.load(arguments.vectors) as file:
        vectors = {name: file[name].astype(np.float32) for name in file.files}
    space = VoiceSpace(vectors, pitches_of(booth, vectors), arguments.seed)
    shard: list[Take] = []
    count = arguments.measured or arguments.takes
    kind = "measured" if measured else "takes"
    for number, take in enumerate(takes(booth, space, count, arguments.seed), 1):
        shard.append(take)
        if len(shard) == SHARD or number == count:
            write_shard(arguments.out / f"{kind}-{arguments.seed}-{number:05d}.npz", shard)
            log.info("%d of %d", number, count)
            shard = []


if __name__ == "__main__":
    main()
