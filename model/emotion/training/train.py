"""Trains the emotion reader's network: ``python -m seiyuu.model.emotion.training.train``.

Multinomial logistic regression with soft targets (cross-entropy), AdaGrad (Duchi et al. 2011) over sparse
pieces. Part of the lexicon's hits are hidden while learning, so that the pieces learn to carry words the lexicon lacks.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..cues import weigh
from ..features import BUCKETS, DENSE, Dense, Indices, dense, hashed
from ..fold import fold
from ..lexicon import find
from ..network import CLASSES, Floats, Network, quantise, to_bytes
from .compose import Description, compose

PACKAGE = Path(__file__).parents[1]
_FIRST = 500
"""Descriptions a language that are composed again, in a moment, to see whether the word files moved."""
_HIDING = (0.0, 0.5, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides the weights besides lexicon, situations and patterns. ``count`` is per language."""

    count: int = 24000
    epochs: int = 5
    batch: int = 256
    rate: float = 1.0
    decay: float = 2e-6
    seed: int = 20


@dataclass(frozen=True, slots=True)
class Examples:
    """Featurised descriptions: ``pieces[at[i]:at[i + 1]]`` are the buckets of the i-th."""

    pieces: Indices
    at: npt.NDArray[np.int64]
    cues: Floats
    targets: Floats


def _featurise(text: str, hide: float, chance: random.Random) -> tuple[Indices, Dense]:
    folded = fold(text)
    hits = [h for h in find(folded) if h.meaning.vector is None or chance.random() >= hide]
    cues = weigh(folded, hits)
    return hashed(folded, cues), dense(cues)


def featurise(descriptions: Sequence[Description], seed: int) -> Examples:
    """Features of every description, with a share of its lexicon hits hidden."""
    chance = random.Random(seed)
    made = [_featurise(d.text, chance.choice(_HIDING), chance) for d in descriptions]
    sizes = np.array([len(pieces) for pieces, _ in made], np.int64)
    return Examples(
        np.concatenate([pieces for pieces, _ in made]),
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        np.stack([cues for _, cues in made]),
        np.array([d.target for d in descriptions], np.float32),
    )


class _Learner:
    """The weights under training and AdaGrad's sums of squares."""

    def __init__(self, recipe: Recipe) -> None:
        self._rate, self._decay = recipe.rate, recipe.decay
        shapes = ((BUCKETS, len(CLASSES)), (DENSE, len(CLASSES)), (len(CLASSES),))
        self.weights = [np.zeros(shape, np.float32) for shape in shapes]
        self._squares = [np.full(shape, 1e-3, np.float32) for shape in shapes]

    def step(self, examples: Examples, rows: npt.NDArray[np.int64]) -> None:
        """One gradient step over the examples numbered ``rows``."""
        spans = [np.arange(examples.at[r], examples.at[r + 1]) for r in rows]
        sizes = np.array([len(s) for s in spans])
        pieces = examples.pieces[np.concatenate(spans)]
        owner = np.repeat(np.arange(len(rows)), sizes)
        value = (1 / np.sqrt(np.maximum(sizes, 1))).astype(np.float32)[owner, None]
        cues = examples.cues[rows]
        table, dense_weights, bias = self.weights
        logits = bias + cues @ dense_weights
        np.add.at(logits, owner, table[pieces] * value)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        error = ((shares - examples.targets[rows]) / np.float32(len(rows))).astype(np.float32)
        used, where = np.unique(pieces, return_inverse=True)
        slope = np.zeros((len(used), len(CLASSES)), np.float32)
        np.add.at(slope, where, error[owner] * value)
        self._move(0, used, slope + self._decay * table[used])
        self._move(1, slice(None), cues.T @ error)
        self._move(2, slice(None), error.sum(axis=0))

    def _move(self, which: int, rows: npt.NDArray[np.int32] | slice, slope: Floats) -> None:
        squares = self._squares[which]
        squares[rows] += slope**2
        self.weights[which][rows] -= self._rate * slope / np.sqrt(squares[rows])


def train(recipe: Recipe) -> tuple[Network, str]:
    """The network a recipe makes, and the SHA-256 of the descriptions it learned from."""
    descriptions = compose(recipe.count, recipe.seed)
    examples = featurise(descriptions, recipe.seed)
    learner, order = _Learner(recipe), np.random.default_rng(recipe.seed)
    for _ in range(recipe.epochs):
        rows = order.permutation(len(descriptions))
        for start in range(0, len(rows), recipe.batch):
            learner.step(examples, rows[start : start + recipe.batch])
    table, cues, bias = learner.weights
    return quantise(table, cues, bias), descriptions_digest(descriptions)


def descriptions_digest(descriptions: Sequence[Description]) -> str:
    """SHA-256 of texts and targets."""
    found = hashlib.sha256()
    for description in descriptions:
        target = " ".join(f"{share:.4f}" for share in description.target)
        found.update(f"{description.text}\t{target}\n".encode())
    return found.hexdigest()


def manifest(recipe: Recipe, network: Network, data: str) -> dict[str, object]:
    """How weights were made, and how to know them."""
    return {
        "made_by": "python -m seiyuu.model.emotion.training.train",
        "recipe": asdict(recipe),
        "descriptions_sha256": data,
        "first_descriptions_sha256": descriptions_digest(compose(_FIRST, recipe.seed)),
        "weights_sha256": digest(network),
    }


def digest(network: Network) -> str:
    """SHA-256 of the weights themselves, whatever file they lie in."""
    found = hashlib.sha256()
    for array in (network.pieces, network.scale, network.cues, network.bias):
        found.update(array.tobytes())
    return found.hexdigest()


def main() -> None:
    """Make the shipped weights and their manifest."""
    parser = argparse.ArgumentParser(description="train the emotion reader's network")
    parser.add_argument("--count", type=int, default=Recipe().count, help="descriptions a language")
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.add_argument("--out", type=Path, default=PACKAGE / "data", help="folder to write to")
    asked = parser.parse_args()
    recipe = Recipe(count=asked.count, seed=asked.seed)
    network, data = train(recipe)
    made = manifest(recipe, network, data)
    (asked.out / "weights.npz").write_bytes(to_bytes(network))
    (asked.out / "weights.json").write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(made, indent=2) + "\n")


if __name__ == "__main__":
    main()
