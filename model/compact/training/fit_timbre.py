"""Trains what cloning needs: features of a clip to a timbre, and a timbre to the features it would have.

::

    python -m seiyuu.model.compact.training.fit_timbre TAKES model/compact/assets/cloning.npz

Each take is heard clean, in the phone band, and as several random recordings. Timbres are told in the main
components of the takes' timbres, whitened. The last tenth of the takes, whose speakers are in no other, says how
much of the variance is told; the voices held out of every blend are judged by :mod:`.similarity`. Hearing 1,000 takes
and training takes about five minutes of one core.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from zlib import crc32

import numpy as np
import torch
from torch import nn

from ....streaming.audio import Samples
from ...speaker import D_VECTOR
from ...voice_features import features
from .augment import augment, phone_band

log = logging.getLogger(__name__)

COPIES = 3
COMPONENTS = 40
HELD_BACK = 0.1
EPOCHS, BATCH, RATE, DECAY = 80, 64, 1.5e-3, 0.02


def heard(folder: Path) -> dict[str, np.ndarray]:
    """Features of all takes, kept in ``folder/features``: clean, phone band and augmented, with their timbres."""
    kept = folder / "features"
    kept.mkdir(exist_ok=True)
    parts = []
    for path in sorted(folder.glob("takes-*.npz")):
        cache = kept / path.name
        if not cache.exists():
            np.savez(cache, **_features_of(path))  # type: ignore[arg-type]
        with np.load(cache) as file:
            parts.append(dict(file))
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def _features_of(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as file:
        audio = file["audio"].astype(np.float32) / 32767
        ends = np.cumsum(file["lengths"])
        timbre, pitch = file["timbre"], file["pitch_hz"]
    rng = np.random.default_rng(crc32(path.name.encode()))
    clean, phone, copies = [], [], []
    for begin, end in zip(np.concatenate([[0], ends[:-1]]), ends, strict=True):
        take: Samples = audio[begin:end]
        clean.append(features(take))
        phone.append(features(phone_band(take)))
        copies.append([features(augment(take, rng)) for _ in range(COPIES)])
    return {
        "clean": np.array(clean),
        "phone": np.array(phone),
        "copies": np.array(copies),
        "timbre": timbre,
        "pitch": np.log2(pitch / 160.0)[:, None],
    }


class Network(nn.Module):
    """The shape of :class:`..perceptron.Perceptron`, to be trained."""

    def __init__(
        self, inputs: np.ndarray, hidden: tuple[int, ...], outputs: int, dropout: float
    ) -> None:
        super().__init__()
        self.middle: torch.Tensor = torch.tensor(inputs.mean(axis=0), dtype=torch.float32)
        self.scale: torch.Tensor = torch.tensor(inputs.std(axis=0) + 1e-3, dtype=torch.float32)
        sizes = (inputs.shape[1], *hidden, outputs)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:], strict=False))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = (x - self.middle) / self.scale
        for layer in self.layers[:-1]:
            x = self.dropout(torch.tanh(layer(self.dropout(x))))
        out: torch.Tensor = self.layers[-1](x)
        return out

    def arrays(self, prefix: str) -> dict[str, np.ndarray]:
        made = {"middle": self.middle.numpy(), "scale": self.scale.numpy()}
        for number, (name, value) in enumerate(self.layers.named_parameters()):
            kind = name.rsplit(".", 1)[-1]
            array = value.detach().numpy()
            half = array.T.astype(np.float16) if kind == "weight" else array
            made[f"{kind}{number // 2}"] = half
        return {f"{prefix}/{name}": value for name, value in made.items()}


def train(network: Network, x: np.ndarray, y: np.ndarray, weight: np.ndarray, epochs: int) -> None:
    """Least squares with ``weight`` per output; AdamW with a cosine schedule."""
    inputs, targets = (torch.tensor(v, dtype=torch.float32) for v in (x, y))
    scale = torch.tensor(weight, dtype=torch.float32)
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    steps = epochs * -(-len(x) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    network.train()
    for _ in range(epochs):
        for rows in torch.split(torch.randperm(len(inputs)), BATCH):
            optimiser.zero_grad()
            error = (network(inputs[rows]) - targets[rows]) * scale
            error.square().mean().backward()
            optimiser.step()
            schedule.step()
    network.eval()


def predict(network: Network, x: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        made: np.ndarray = network(torch.tensor(x, dtype=torch.float32)).numpy()
    return made


def told(truth: np.ndarray, guess: np.ndarray, middle: np.ndarray) -> float:
    """Share of the variance about ``middle`` that a guess tells."""
    return 1 - float(np.sum((truth - guess) ** 2) / np.sum((truth - middle) ** 2))


def fit_inverse(data: dict[str, np.ndarray], border: int) -> tuple[Network, dict[str, np.ndarray]]:
    """Features to whitened timbre components."""
    timbre = data["timbre"]
    middle = timbre[:border].mean(axis=0)
    _, size, axes = np.linalg.svd(timbre[:border] - middle, full_matrices=False)
    axes = axes[:COMPONENTS]
    spread = size[:COMPONENTS] / np.sqrt(border)
    whitened = (timbre - middle) @ axes.T / spread
    variants = [data["clean"], data["phone"], *np.moveaxis(data["copies"], 1, 0)]
    x = np.concatenate([variant[:border] for variant in variants])
    y = np.concatenate([whitened[:border]] * len(variants))
    network = Network(x, (384,), COMPONENTS, 0.25)
    train(network, x, y, spread / spread.mean(), EPOCHS)
    for name, variant in zip(("clean", "phone", "augmented"), variants, strict=False):
        guess = middle + predict(network, variant[border:]) * spread @ axes
        log.info("%s: variance of the timbre told %.3f", name, told(timbre[border:], guess, middle))
    space = {"middle": middle, "axes": axes, "spread": spread}
    return network, {f"space/{key}": value.astype(np.float32) for key, value in space.items()}


def fit_forward(
    data: dict[str, np.ndarray], space: dict[str, np.ndarray], border: int, kind: str
) -> Network:
    """Whitened timbre components and pitch to features, as heard ``kind``."""
    moved = (data["timbre"] - space["space/middle"]) @ space["space/axes"].T
    x = np.concatenate([moved / space["space/spread"], data["pitch"]], axis=1)
    y = data[kind][:, :-1]
    middle = y[:border].mean(axis=0)
    network = Network(x[:border], (256,), y.shape[1], 0.05)
    weight = np.concatenate([np.full(256, 4.0), np.full(y.shape[1] - 256, 0.5)])
    train(network, x[:border], y[:border], weight, EPOCHS * 2)
    guess = predict(network, x[border:])
    for part, name in ((slice(0, 256), "d-vector"), (slice(256, None), "colour")):
        share = told(y[border:, part], guess[:, part], middle[part])
        log.info("%s: variance of the %s told %.3f", kind, name, share)
    unit = guess[:, :256] / np.linalg.norm(guess[:, :256], axis=1, keepdims=True)
    log.info("%s: cosine of told and heard %.3f", kind, np.mean(np.sum(unit * y[border:, :256], 1)))
    return network


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("takes", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.manual_seed(0)
    data = heard(arguments.takes)
    border = int(len(data["timbre"]) * (1 - HELD_BACK))
    log.info("%d takes", len(data["timbre"]))
    inverse, space = fit_inverse(data, border)
    arrays = {**space, **inverse.arrays("timbre")}
    for kind in ("clean", "phone"):
        arrays.update(fit_forward(data, space, border, kind).arrays(kind))
        arrays[f"common/{kind}"] = data[kind][:, :D_VECTOR].mean(axis=0)
    np.savez_compressed(arguments.out, **arrays)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
