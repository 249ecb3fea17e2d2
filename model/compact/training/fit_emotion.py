"""Trains the emotion encoder, with and without gradient reversal, and shows what can be read from each embedding.

::

    python -m seiyuu.model.compact.training.fit_emotion TAKES model/assets/emotion_encoder.npz

Two branches, as in the published system: an emotion embedding that must tell the emotion and must not tell the
speaker, and a timbre embedding that must tell the speaker and must not tell the emotion; each has a classifier of what
it must not tell behind a layer that turns the gradient round. Probes (logistic regressions, fitted afresh on each
frozen embedding) are tested on voices that took no part: the emotion probe on all their takes, the speaker probe on
takes of other emotions than it was fitted on.
"""

from __future__ import annotations

import argparse
import json
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ....streaming.emotion import AXES, NEUTRAL_AXIS
from ...emotion_encoder import EMBEDDING
from ...emotion_features import MANNER, SIZE, emotion_features
from .augment import augment

log = logging.getLogger(__name__)

COPIES = 1
HIDDEN = 64
DROPOUT = 0.3
BLUR = 0.3
"""Noise on the standardised features while learning: a few hundred takes are soon known by heart."""

EPOCHS, BATCH, RATE, DECAY = 80, 64, 3e-3, 0.1
REVERSAL = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """``x [n, 344]`` features, ``strength [n, 8]``, ``emotion [n]`` and ``speaker [n]`` as numbers."""

    x: np.ndarray
    strength: np.ndarray
    emotion: np.ndarray
    speaker: np.ndarray


def heard(folder: Path, pattern: str, copies: int) -> Heard:
    """Features of every take that matches, as it is and in ``copies`` random recordings."""
    parts = []
    for number, path in enumerate(sorted(folder.glob(pattern))):
        kept = folder / "features" / f"{path.stem}-{copies}.npz"
        if not kept.exists():
            kept.parent.mkdir(exist_ok=True)
            np.savez(kept, **_features_of(path, copies, number))  # type: ignore[arg-type]
        with np.load(kept) as file:
            parts.append({**file, "speaker": np.full(len(file["x"]), number)})
    return Heard(**{key: np.concatenate([part[key] for part in parts]) for key in parts[0]})


def _features_of(path: Path, copies: int, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    rows, strengths, emotions = [], [], []
    with np.load(path) as file:
        content = dict(file)
    for key in (key for key in content if key.endswith("/audio")):
        audio = content[key].astype(np.float32) / 32767
        for copy in range(copies + 1):
            rows.append(emotion_features(augment(audio, rng) if copy else audio))
            strengths.append(content[key.replace("/audio", "/strength")])
            emotions.append(AXES.index(key.split("/")[0]))
    return {"x": np.array(rows), "strength": np.array(strengths), "emotion": np.array(emotions)}


class _Reversed(torch.autograd.Function):
    @staticmethod
    def forward(ctx: object, x: torch.Tensor) -> torch.Tensor:
        return x.view_as(x)

    @staticmethod
    def backward(ctx: object, gradient: torch.Tensor) -> torch.Tensor:
        return -gradient


class Branch(nn.Module):
    """The first ``inputs`` features to an embedding, a head for what it must tell and one for what it must not."""

    def __init__(self, inputs: int, tells: int, hides: int) -> None:
        super().__init__()
        self.inputs = inputs
        self.hidden = nn.Linear(inputs, HIDDEN)
        self.embedding = nn.Linear(HIDDEN, EMBEDDING)
        self.head = nn.Linear(EMBEDDING, tells)
        self.adversary = nn.Sequential(nn.Linear(EMBEDDING, 64), nn.ReLU(), nn.Linear(64, hides))
        self.dropout = nn.Dropout(DROPOUT)

    def embed(self, x: torch.Tensor) -> torch.Tensor:
        hidden = torch.tanh(self.hidden(self.dropout(x[:, : self.inputs])))
        return torch.tanh(self.embedding(self.dropout(hidden)))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        vector = self.embed(x)
        return self.head(vector), self.adversary(_Reversed.apply(vector))  # type: ignore[no-untyped-call]


def train(
    branch: Branch,
    x: torch.Tensor,
    wanted: torch.Tensor,
    hidden: torch.Tensor,
    reversal: float,
    intensity: torch.Tensor | None = None,
) -> None:
    """``wanted`` are the classes to be told, ``hidden`` those not to be told; ``intensity`` takes one output more."""
    extra = 0 if intensity is None else 1
    optimiser = torch.optim.AdamW(branch.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS * -(-len(x) // BATCH))
    branch.train()
    for epoch in range(EPOCHS):
        weight = reversal * min(1.0, 2 * epoch / EPOCHS)
        for rows in torch.split(torch.randperm(len(x)), BATCH):
            optimiser.zero_grad()
            told, leaked = branch(x[rows] + BLUR * torch.randn_like(x[rows]))
            loss = nn.functional.cross_entropy(told[:, : told.shape[1] - extra], wanted[rows])
            if intensity is not None:
                loss = loss + nn.functional.binary_cross_entropy_with_logits(
                    told[:, -1], intensity[rows]
                )
            if reversal:
                # The adversary learns at full strength; only what flows back to the embedding is weighed.
                leak = nn.functional.cross_entropy(leaked, hidden[rows])
                loss = loss + weight * leak
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    branch.eval()


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


def read(
    vectors: np.ndarray, taught: np.ndarray, train_set: Heard, test: Heard
) -> dict[str, float]:
    """What probes read from embeddings of the test voices (``vectors``) and the training voices (``taught``)."""
    both = np.concatenate([taught, vectors])
    emotions = np.concatenate([train_set.emotion, test.emotion])
    rows = np.arange(len(both))
    emotion = probe(both, emotions, rows < len(taught), rows >= len(taught))
    speaker = []
    for fold in range(4):
        asked = np.isin(test.emotion, (2 * fold, 2 * fold + 1))
        speaker.append(probe(vectors, test.speaker, ~asked, asked))
    return {"emotion": emotion, "speaker": float(np.mean(speaker))}


def identity_kept(test: Heard) -> dict[str, float]:
    """Mean cosine of d-vectors between takes of one voice in different emotions, and between voices."""
    vectors = test.x[:, -256:]
    alike = vectors @ vectors.T
    same = test.speaker[:, None] == test.speaker[None]
    other = test.emotion[:, None] != test.emotion[None]
    return {
        "one voice, other emotion": float(alike[same & other].mean()),
        "other voice": float(alike[~same].mean()),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("takes", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--reversal", type=float, default=REVERSAL)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    train_set, test = (
        heard(arguments.takes, "train-*.npz", COPIES),
        heard(arguments.takes, "test-*.npz", 0),
    )
    log.info("%d takes of %d voices", len(train_set.x), train_set.speaker.max() + 1)
    log.info("tested on %d takes of %d others", len(test.x), test.speaker.max() + 1)
    middle, scale = train_set.x.mean(0), train_set.x.std(0) + 1e-3
    x = torch.tensor((train_set.x - middle) / scale, dtype=torch.float32)
    unseen = torch.tensor((test.x - middle) / scale, dtype=torch.float32)
    intensity = torch.tensor(1 - train_set.strength[:, NEUTRAL_AXIS], dtype=torch.float32)
    speaker, emotion = torch.tensor(train_set.speaker), torch.tensor(train_set.emotion)
    speakers = int(speaker.max()) + 1
    result: dict[str, object] = {"timbre": identity_kept(test)}
    log.info("d-vector cosines: %s", json.dumps(result["timbre"]))
    kept: Branch | None = None
    for label, reversal in (("without reversal", 0.0), ("with reversal", arguments.reversal)):
        torch.manual_seed(0)
        feeling = Branch(MANNER, len(AXES) + 1, speakers)
        timbre = Branch(SIZE, speakers, len(AXES))
        train(feeling, x, emotion, speaker, reversal, intensity)
        train(timbre, x, speaker, emotion, reversal)
        with torch.no_grad():
            found = {
                name: read(branch.embed(unseen).numpy(), branch.embed(x).numpy(), train_set, test)
                for name, branch in (("emotion embedding", feeling), ("timbre embedding", timbre))
            }
            direct = float(
                (feeling(unseen)[0][:, : len(AXES)].argmax(1).numpy() == test.emotion).mean()
            )
        result[label] = {**found, "head": direct}
        log.info("%s: %s, head %.3f", label, json.dumps(found), direct)
        kept = feeling
    assert kept is not None
    arrays = {"middle": middle[:MANNER], "scale": scale[:MANNER]}
    for number, layer in enumerate((kept.hidden, kept.embedding, kept.head)):
        arrays[f"weight{number}"] = layer.weight.detach().numpy().T
        arrays[f"bias{number}"] = layer.bias.detach().numpy()
    np.savez_compressed(arguments.out, **{k: v.astype(np.float32) for k, v in arrays.items()})
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
