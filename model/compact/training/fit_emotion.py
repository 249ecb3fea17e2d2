"""Trains the emotion encoder, with and without gradient reversal, and shows what can be read from each embedding.

::

    python -m seiyuu.model.compact.training.fit_emotion TAKES TEST_TAKES model/assets/emotion_encoder.npz

Two branches, as in the published system: an emotion embedding that must tell the emotion and must not tell the
speaker, and a timbre embedding that must tell the speaker and must not tell the emotion; each has a classifier of what
it must not tell behind a layer that turns the gradient round. Probes (logistic regressions, fitted afresh on each
frozen embedding) are tested on voices that took no part: the emotion probe on all their clips, the speaker probe on
clips of other emotions than it was fitted on. A second encoder learns from differences to the same person's neutral
takes. The emotion embedding is the answer itself, eight shares and an intensity.

``TAKES`` are rendered by the engine (:mod:`.emotion_takes`). Speakers are what counts: of 45 made-up ones in no
training the encoder that had heard 30 others knew the emotion of 58 clips in 100, after 60 of 61, after 234 of 75.
"""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ....streaming.emotion import AXES, NEUTRAL_AXIS
from ...emotion_encoder import ALONE, BASIS, BESIDE, CENTRE, EMBEDDING
from ...speaker import D_VECTOR
from .emotion_examples import Heard, beside_neutral, faithful, heard

log = logging.getLogger(__name__)

HIDDEN = (96, 96)
TIMBRE_EMBEDDING = 16
DROPOUT = 0.3
BLUR = 0.25
"""Noise on the standardised features while learning: some hundred takes are soon known by heart."""

EPOCHS, BATCH, RATE, DECAY = 60, 64, 2e-3, 0.05
REVERSAL = 0.5
NETWORKS = 3
"""Networks of each kind; what ships is their mean."""

SENTENCES = (2, 4)
"""Sentences of a clip to test with, four is about twelve seconds."""

SPEAKER_PARTS = 32
"""Directions of the d-vector that the encoder hears: with the voice goes how high and how bright it is when calm."""


class _Reversed(torch.autograd.Function):
    @staticmethod
    def forward(ctx: object, x: torch.Tensor) -> torch.Tensor:
        return x.view_as(x)

    @staticmethod
    def backward(ctx: object, gradient: torch.Tensor) -> torch.Tensor:
        return -gradient


class Branch(nn.Module):
    """Features to scores and from there to an embedding, with a head behind a turned gradient for what it hides.

    ``answers`` tells that the scores are the eight axes and the intensity; else they are the embedding.
    """

    def __init__(self, x: np.ndarray, tells: int, hides: int, *, answers: bool) -> None:
        super().__init__()
        self.middle = torch.tensor(x.mean(axis=0), dtype=torch.float32)
        self.scale = torch.tensor(x.std(axis=0) + 1e-3, dtype=torch.float32)
        width = EMBEDDING if answers else TIMBRE_EMBEDDING
        sizes = (x.shape[1], *HIDDEN, width)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:], strict=False))
        self.head = nn.Identity() if answers else nn.Linear(width, tells)
        self.adversary = nn.Sequential(nn.Linear(width, 64), nn.ReLU(), nn.Linear(64, hides))
        self.dropout = nn.Dropout(DROPOUT)
        self.answers = answers

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores of what is told, and the embedding."""
        value = ((x - self.middle) / self.scale).clamp(-5, 5)
        if self.training:
            value = value + BLUR * torch.randn_like(value)
        for number, layer in enumerate(self.layers):
            value = layer(self.dropout(torch.tanh(value)) if number else value)
        if not self.answers:
            return self.head(value), torch.tanh(value)
        shares = torch.softmax(value[:, :-1], dim=1)
        return value, torch.cat([shares, torch.sigmoid(value[:, -1:])], dim=1)

    def embed(self, x: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            made: np.ndarray = self(torch.tensor(x, dtype=torch.float32))[1].numpy()
        return made

    def arrays(self, prefix: str) -> dict[str, np.ndarray]:
        """Layers as :class:`...emotion_encoder.EmotionEncoder` reads them."""
        made = {}
        for name, value in self.layers.named_parameters():
            number, kind = name.split(".")
            array = value.detach().numpy()
            made[f"{prefix}/{kind}{number}"] = array.T if kind == "weight" else array
        return made


def train(
    branch: Branch,
    x: np.ndarray,
    told: np.ndarray,
    hidden: np.ndarray,
    reversal: float,
    intensity: np.ndarray | None = None,
) -> Branch:
    """``told`` are the classes to be told, ``hidden`` those not to be told; an ``intensity`` is told beside them."""
    inputs = torch.tensor(x, dtype=torch.float32)
    wanted, secret = torch.tensor(told), torch.tensor(hidden)
    strong = None if intensity is None else torch.tensor(intensity, dtype=torch.float32)
    optimiser = torch.optim.AdamW(branch.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS * -(-len(x) // BATCH))
    branch.train()
    for epoch in range(EPOCHS):
        weight = reversal * min(1.0, 2 * epoch / EPOCHS)
        for rows in torch.split(torch.randperm(len(x)), BATCH):
            optimiser.zero_grad()
            scores, vector = branch(inputs[rows])
            classes = scores if strong is None else scores[:, :-1]
            loss = nn.functional.cross_entropy(classes, wanted[rows])
            if strong is not None:
                loss = loss + nn.functional.binary_cross_entropy_with_logits(
                    scores[:, -1], strong[rows]
                )
            if reversal:
                leaked = branch.adversary(_Reversed.apply(vector))  # type: ignore[no-untyped-call]
                loss = loss + weight * nn.functional.cross_entropy(leaked, secret[rows])
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    return branch.eval()


def probe(x: np.ndarray, y: np.ndarray, fit: np.ndarray, test: np.ndarray) -> float:
    """Accuracy of a logistic regression fitted on some rows and tested on others."""
    values = torch.tensor((x - x[fit].mean(0)) / (x[fit].std(0) + 1e-6), dtype=torch.float32)
    classes = torch.tensor(y)
    model = nn.Linear(x.shape[1], int(y.max()) + 1)
    optimiser = torch.optim.LBFGS(model.parameters(), max_iter=150)

    def step() -> torch.Tensor:
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(model(values[fit]), classes[fit])
        loss = loss + 1e-3 * model.weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(step)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        return float((model(values[test]).argmax(1) == classes[test]).float().mean())


def emotion_branches(examples: Heard, reversal: float) -> list[Branch]:
    """The networks of one kind."""
    speakers = int(examples.speaker.max()) + 1
    intensity = 1 - examples.strength[:, NEUTRAL_AXIS]
    made = []
    for seed in range(NETWORKS):
        torch.manual_seed(seed)
        branch = Branch(examples.x, len(AXES), speakers, answers=True)
        made.append(
            train(branch, examples.x, examples.emotion, examples.speaker, reversal, intensity)
        )
    return made


def answers(branches: list[Branch], x: np.ndarray) -> np.ndarray:
    """The embedding, ``[n, 9]``."""
    mean: np.ndarray = np.mean([branch.embed(x) for branch in branches], axis=0)
    return mean


def directions(examples: Heard) -> tuple[np.ndarray, np.ndarray]:
    """Middle and main directions of the d-vectors, ``[256]`` and ``[256, 32]``, of unit spread together."""
    vectors = examples.who[:, -D_VECTOR:]
    middle = vectors.mean(axis=0)
    _, sizes, axes = np.linalg.svd(vectors - middle, full_matrices=False)
    return middle, axes[:SPEAKER_PARTS].T * np.sqrt(len(vectors)) / sizes[0]


def with_speaker(examples: Heard, middle: np.ndarray, axes: np.ndarray) -> Heard:
    """The manner, and beside it where the speaker lies."""
    parts = (examples.who[:, -D_VECTOR:] - middle) @ axes
    x = np.concatenate([examples.x, parts], axis=1)
    return Heard(x, examples.who, examples.strength, examples.emotion, examples.speaker)


def speaker_read(vectors: np.ndarray, test: Heard) -> float:
    """Share of speakers a probe reads from the embeddings of emotions it was not fitted on."""
    found = []
    for fold in range(4):
        asked = np.isin(test.emotion, (2 * fold, 2 * fold + 1))
        found.append(probe(vectors, test.speaker, ~asked, asked))
    return float(np.mean(found))


def timbre_read(train_set: Heard, test: Heard, reversal: float) -> dict[str, float]:
    """What can be read from a timbre embedding of test voices."""
    torch.manual_seed(0)
    width = test.x.shape[1]  # without the speaker's place, which is part of ``who``
    x, unseen = (
        np.concatenate([part.x[:, :width], part.who], axis=1) for part in (train_set, test)
    )
    branch = Branch(x, int(train_set.speaker.max()) + 1, len(AXES), answers=False)
    train(branch, x, train_set.speaker, train_set.emotion, reversal)
    both = np.concatenate([branch.embed(x), branch.embed(unseen)])
    rows = np.arange(len(both))
    emotions = np.concatenate([train_set.emotion, test.emotion])
    return {
        "emotion": probe(both, emotions, rows < len(x), rows >= len(x)),
        "speaker": speaker_read(both[len(x) :], test),
    }


def identity_kept(test: Heard) -> dict[str, float]:
    """Mean cosine of d-vectors between clips of one voice in different emotions, and between voices."""
    vectors = test.who[:, -256:]
    alike = vectors @ vectors.T
    same = test.speaker[:, None] == test.speaker[None]
    other = test.emotion[:, None] != test.emotion[None]
    return {
        "one voice, other emotion": float(alike[same & other].mean()),
        "other voice": float(alike[~same].mean()),
    }


def confusion(vectors: np.ndarray, test: Heard) -> list[list[int]]:
    """Rows: the emotion meant; columns: the one heard."""
    counts = np.zeros((len(AXES), len(AXES)), int)
    np.add.at(counts, (test.emotion, vectors[:, :-1].argmax(axis=1)), 1)
    made: list[list[int]] = counts.tolist()
    return made


def right(vectors: np.ndarray, test: Heard) -> float:
    return float((vectors[:, :-1].argmax(axis=1) == test.emotion).mean())


def learnt_from(takes: Path) -> dict[str, Heard]:
    """Examples of both kinds."""
    every = heard(takes, "train-*.npz", sentences=(1, 2))
    alone = every.only(faithful(every))
    log.info("%d clips of %d voices", len(alone.x), len(np.unique(alone.speaker)))
    return {ALONE: alone, BESIDE: beside_neutral(alone)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("takes", type=Path)
    parser.add_argument("test_takes", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--reversal", type=float, default=REVERSAL)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    examples = learnt_from(arguments.takes)
    middle, axes = directions(examples[ALONE])
    examples[ALONE] = with_speaker(examples[ALONE], middle, axes)
    tests = {n: heard(arguments.test_takes, "test-*.npz", sentences=(n,)) for n in SENTENCES}
    result: dict[str, object] = {}
    arrays: dict[str, np.ndarray] = {CENTRE: middle, BASIS: axes}
    for label, reversal in (("without reversal", 0.0), ("with reversal", arguments.reversal)):
        for kind, known in examples.items():
            branches = emotion_branches(known, reversal)
            for count, test in tests.items():
                part = _for_test(kind, test, tests[max(SENTENCES)])
                part = with_speaker(part, middle, axes) if kind == ALONE else part
                vectors = answers(branches, part.x)
                told = {"emotion": right(vectors, part), "speaker": speaker_read(vectors, part)}
                result[f"{label}, {kind}, {count} sentences"] = told
                log.info("%s, %s, %d sentences: %s", label, kind, count, json.dumps(told))
                result[f"{label}, {kind}, {count} sentences, confusion"] = confusion(vectors, part)
            arrays[f"{kind}/middle"] = known.x.mean(axis=0)
            arrays[f"{kind}/scale"] = known.x.std(axis=0) + 1e-3
            for number, branch in enumerate(branches):
                arrays.update(branch.arrays(f"{kind}/{number}"))
        last = tests[max(SENTENCES)]
        clips = last.only(last.emotion < len(AXES))
        result[f"{label}, timbre embedding"] = timbre_read(examples[ALONE], clips, reversal)
        log.info("%s, timbre: %s", label, json.dumps(result[f"{label}, timbre embedding"]))
    result["d-vector cosines"] = identity_kept(clips)
    log.info("d-vector cosines: %s", json.dumps(result["d-vector cosines"]))
    kept = {key: value.astype(np.float32) for key, value in arrays.items()}
    np.savez_compressed(arguments.out, **kept)  # type: ignore[arg-type]
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _for_test(kind: str, test: Heard, longest: Heard) -> Heard:
    """Test clips as an encoder of that kind is given them; the reference is as long as the longest."""
    clips = test.only(test.emotion < len(AXES))
    if kind == ALONE:
        return clips
    calm = longest.emotion == len(AXES)
    base = dict(zip(longest.speaker[calm], longest.x[calm], strict=True))
    x = clips.x - np.array([base[speaker] for speaker in clips.speaker])
    return Heard(x, clips.who, clips.strength, clips.emotion, clips.speaker)


if __name__ == "__main__":
    main()
