"""Trains the network that tells a voice alone from one with a second voice or music beside it.

::

    python -m seiyuu.model.compact.training.fit_second_voice TAKES MOVED PEOPLE MUSIC OUT.npz --each 50

TAKES holds shards of :mod:`.takes`, MOVED speakers of :mod:`.emotion_takes`, PEOPLE recordings of people, MUSIC
recordings of music, one file each; files of people whose names agree up to the first dash are one person. Every other
speaker and piece is learnt from; how often the network is right about the rest is printed. What ships was learnt from
half of 1,000 takes, of 68 speakers with emotion, of 62 recordings of people (prompts and sounds of free programs) and
of 146 pieces of music from free games, of the packages in ``tables/second_voice_sounds.tsv``.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
import torch

from ....streaming.audio import Samples
from ...clips import decode
from ...second_voice import SecondVoice
from ...second_voice_features import FEATURES, features
from ...speaker import RATE
from .augment import add_music, add_noise, phone_band, reverberate

log = logging.getLogger(__name__)

ALONE, VOICE, MUSIC = range(3)
HIDDEN, NETWORKS, FOLDS, ROUNDS = 16, 4, 5, 120
LEVEL = 0.05
SECONDS = (5.0, 12.0)
BELOW_DB = (0, 3, 6, 10)
"""How far a second voice is below the first."""

Change = Callable[[Samples, np.random.Generator], Samples]


@dataclass(frozen=True, slots=True, eq=False)
class Half:
    """Speakers by name, each with what they said at 16 kHz, and pieces of music; ``moved`` speak with emotion."""

    takes: dict[str, Samples]
    moved: dict[str, Samples]
    people: dict[str, Samples]
    music: list[Samples]


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """``inputs [n, 36]``, what each is, under which name, and who speaks."""

    inputs: np.ndarray
    kinds: np.ndarray
    names: np.ndarray
    speakers: np.ndarray


def _slower(samples: Samples, factor: float) -> Samples:
    changed: Samples = soxr.resample(samples, RATE, RATE / factor).astype(np.float32)
    return changed


CHANGES: dict[str, Change] = {
    "clean": lambda x, rng: x,
    "noise 20 dB below": lambda x, rng: add_noise(x, 20.0, rng),
    "noise 10 dB below": lambda x, rng: add_noise(x, 10.0, rng),
    "noise 5 dB below": lambda x, rng: add_noise(x, 5.0, rng),
    "a room": lambda x, rng: reverberate(x, rng.uniform(0.3, 0.6), rng.uniform(-9, 0), rng),
    "a hall": lambda x, rng: reverberate(x, rng.uniform(0.6, 1.0), rng.uniform(-9, 0), rng),
    "telephone": lambda x, rng: phone_band(x),
    "a child's size": lambda x, rng: _slower(x, rng.uniform(1.2, 1.5)),
    "a large and low voice": lambda x, rng: _slower(x, rng.uniform(0.7, 0.85)),
}
FOR_TWO = [
    *["clean"] * 3,
    *("noise 20 dB below", "noise 10 dB below", "a room", "telephone", "a child's size"),
]


def read_half(takes: Path, moved: Path, people: Path, music: Path, which: int) -> Half:
    """Every other speaker and piece, from the first (0) or from the second (1) on."""
    said: dict[str, Samples] = {}
    for path in sorted(takes.rglob("takes-*.npz")):
        with np.load(path) as file:
            ends = np.cumsum(file["lengths"])
            pieces = np.split(file["audio"].astype(np.float32) / 32768, ends[:-1])
        said |= {f"{path.stem}/{number}": piece for number, piece in enumerate(pieces)}
    chosen = [name for number, name in enumerate(said) if number % 2 == which]
    names = sorted({_person(path.stem) for path in people.iterdir()})[which::2]
    recorded = sorted(path for path in people.iterdir() if _person(path.stem) in names)
    return Half(
        {name: said[name] for name in chosen},
        {f"{path.stem}/moved": _emotions(path) for path in sorted(moved.iterdir())[which::2]},
        {path.stem: _read(path) for path in recorded},
        [_read(path) for path in sorted(music.iterdir())[which::2]],
    )


def examples(half: Half, each: int, rng: np.random.Generator) -> Examples:
    """``each`` clips of every kind, of rendered and of recorded speakers."""
    rows = []
    groups = (("rendered", half.takes), ("moved", half.moved), ("recorded", half.people))
    for who, speakers in groups:
        for name, kind, make in _makers(speakers, half.music):
            for _ in range(each):
                speaker = str(rng.choice(list(speakers)))
                clip = make(speaker, _part(speakers[speaker], rng), rng)
                rows.append((features(clip), kind, f"{who}, {name}", _person(speaker)))
            log.info("%s, %s", who, name)
    inputs, kinds, names, said_by = zip(*rows, strict=True)
    return Examples(np.stack(inputs), np.array(kinds), np.array(names), np.array(said_by))


Maker = Callable[[str, Samples, np.random.Generator], Samples]


def _makers(speakers: dict[str, Samples], music: Sequence[Samples]) -> list[tuple[str, int, Maker]]:
    def alone(change: Change) -> Maker:
        return lambda speaker, clip, rng: change(clip, rng)

    def with_another(below_db: float) -> Maker:
        def make(speaker: str, clip: Samples, rng: np.random.Generator) -> Samples:
            others = [name for name in speakers if _person(name) != _person(speaker)]
            other = _part(speakers[str(rng.choice(others))], rng)
            n = min(len(clip), len(other))
            return CHANGES[str(rng.choice(FOR_TWO))](_under(clip[:n], other[:n], below_db), rng)

        return make

    def with_music(below_db: float) -> Maker:
        def make(speaker: str, clip: Samples, rng: np.random.Generator) -> Samples:
            piece = music[int(rng.integers(len(music)))]
            return _under(clip, np.tile(piece, 2)[: len(clip)], below_db)

        return make

    def music_alone(speaker: str, clip: Samples, rng: np.random.Generator) -> Samples:
        return _part(music[int(rng.integers(len(music)))], rng)

    made = [(name, ALONE, alone(change)) for name, change in CHANGES.items()]
    made += [(f"two people, {db} dB", VOICE, with_another(db)) for db in BELOW_DB for _ in range(3)]
    made += [(f"music {db} dB below", MUSIC, with_music(db)) for db in (15, 10, 5, 0)]
    chords = [(db, alone(lambda x, rng, db=db: add_music(x, db, rng))) for db in (15.0, 10.0)]  # type: ignore[misc]
    made += [(f"made-up chords {db:.0f} dB below", MUSIC, make) for db, make in chords]
    # Where nobody speaks the network is asked as well, whether that is music.
    noise_alone = alone(lambda x, rng: add_noise(x, -60.0, rng))
    return [*made, ("music alone", MUSIC, music_alone), ("noise alone", ALONE, noise_alone)]


def train(given: Examples) -> dict[str, np.ndarray]:
    """The arrays of :class:`SecondVoice`."""
    middle, scale = given.inputs.mean(axis=0), given.inputs.std(axis=0) + 1e-6
    arrays = {"middle": middle.astype(np.float32), "scale": scale.astype(np.float32)}
    inputs = torch.tensor(np.clip((given.inputs - middle) / scale, -4, 4), dtype=torch.float32)
    kinds = torch.tensor(given.kinds)
    for number in range(NETWORKS):
        torch.manual_seed(number)
        first, last = torch.nn.Linear(FEATURES, HIDDEN), torch.nn.Linear(HIDDEN, 3)
        weights = [*first.parameters(), *last.parameters()]
        optimiser = torch.optim.AdamW(weights, lr=5e-3, weight_decay=0.03)
        for _ in range(ROUNDS):
            for some in torch.randperm(len(inputs)).split(256):  # type: ignore[no-untyped-call]
                noisy = inputs[some] + 0.1 * torch.randn_like(inputs[some])
                answer = last(torch.tanh(first(noisy)))
                loss = torch.nn.functional.cross_entropy(answer, kinds[some], label_smoothing=0.02)
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimiser.step()
        for layer, made in enumerate((first, last)):
            arrays[f"{number}/weight{layer}"] = made.weight.detach().numpy().T.copy()
            arrays[f"{number}/bias{layer}"] = made.bias.detach().numpy()
    return arrays


def unseen_shares(given: Examples) -> np.ndarray:
    """What networks say that were trained without the speakers of each fold: thresholds are chosen on these."""
    speakers = np.random.default_rng(0).permutation(np.unique(given.speakers))
    fold_of = {speaker: number % FOLDS for number, speaker in enumerate(speakers)}
    folds = np.array([fold_of[speaker] for speaker in given.speakers])
    shares = np.zeros((len(folds), 3))
    for fold in range(FOLDS):
        others = folds != fold
        some = Examples(
            *(values[others] for values in (given.inputs, given.kinds, given.names, given.speakers))
        )
        shares[~others] = SecondVoice(train(some)).shares(given.inputs[~others])
    return shares


def report(given: Examples, shares: np.ndarray, limits: Sequence[float]) -> None:
    """How many of each kind have a share of "voice", and of "music", above each limit."""
    for name in dict.fromkeys(given.names):
        told = shares[given.names == name]
        for kind, word in ((VOICE, "voice"), (MUSIC, "music")):
            above = [f"{100 * np.mean(told[:, kind] > limit):.1f} %" for limit in limits]
            log.info("%s (n = %d): %s above %s in %s", name, len(told), word, limits, above)


def _emotions(path: Path) -> Samples:
    """What a speaker of :mod:`.emotion_takes` said, one emotion after the other."""
    with np.load(path) as file:
        said = [file[name] for name in file.files if name.endswith("/audio")]
    joined: Samples = np.concatenate(said).astype(np.float32) / np.float32(32768)
    return joined


def _person(name: str) -> str:
    """Who speaks in a take, or in a file of that name."""
    return name if "/" in name else name.split("-")[0]


def _under(first: Samples, second: Samples, below_db: float) -> Samples:
    both: Samples = _at_level(first) + _at_level(second) * np.float32(10 ** (-below_db / 20))
    return both


def _at_level(samples: Samples) -> Samples:
    rms = np.sqrt(np.mean(np.square(samples, dtype=np.float64)))
    return (samples * (LEVEL / max(float(rms), 1e-6))).astype(np.float32)


def _part(samples: Samples, rng: np.random.Generator) -> Samples:
    length = min(len(samples), int(rng.uniform(*SECONDS) * RATE))
    begin = int(rng.integers(len(samples) - length + 1))
    return _at_level(samples[begin : begin + length])


def _read(path: Path) -> Samples:
    clip = decode(path.read_bytes())
    samples: Samples = soxr.resample(clip.samples, clip.sample_rate, RATE).astype(np.float32)
    return samples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    for name in ("takes", "moved", "people", "music", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--each", type=int, default=50)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    folders = (arguments.takes, arguments.moved, arguments.people, arguments.music)
    known = examples(read_half(*folders, 0), arguments.each, np.random.default_rng(0))
    arrays = train(known)
    np.savez(arguments.out, **arrays)  # type: ignore[arg-type]
    shares = unseen_shares(known)
    for share in (0.003, 0.01, 0.02):
        limits = [
            np.quantile(shares[known.kinds != kind, kind], 1 - share) for kind in (VOICE, MUSIC)
        ]
        log.info("above voice %.3f, music %.3f: %.1f %% of the others", *limits, 100 * share)
    unseen = examples(read_half(*folders, 1), arguments.each, np.random.default_rng(1))
    report(unseen, SecondVoice(arrays).shares(unseen.inputs), (0.5, 0.7, 0.8, 0.9, 0.95))


if __name__ == "__main__":
    main()
