"""Fits a voice's frozen statistics to its timbre, from takes that kept theirs.

::

    python -m seiyuu.model.compact.training.fit_statistics TAKES model/compact/assets/timbre_statistics.npz

Ridge regression into the main components of the statistics (means, and logarithms of variances, each channel weighed
by its spread over the takes); the last tenth of the takes says how much of the variance is told.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import numpy as np

log = logging.getLogger(__name__)

COMPONENTS = 40
RIDGE = 3.0
SMALLEST = 1e-8


def load(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Timbres ``[n, 128]`` and statistics ``[n, 2 · 18698]`` (means, then logarithms of variances)."""
    timbres, statistics = [], []
    for path in sorted(folder.glob("measured-*.npz")):
        with np.load(path) as file:
            timbres.append(file["timbre"])
            both = file["statistics"].astype(np.float32)
        both[:, 1] = np.log(np.maximum(both[:, 1], SMALLEST))
        statistics.append(both.reshape(len(both), -1))
    return np.concatenate(timbres), np.concatenate(statistics)


def fit(timbres: np.ndarray, statistics: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``weight [128, k]``, ``basis [k, channels]`` and ``centre`` of the linear map."""
    middle, centre = timbres.mean(axis=0), statistics.mean(axis=0)
    scale = statistics.std(axis=0) + 1e-4
    moved = timbres - middle
    inverse = np.linalg.inv(moved.T @ moved + RIDGE * np.eye(timbres.shape[1]))
    full = inverse @ moved.T @ ((statistics - centre) / scale)
    left, size, right = np.linalg.svd(full, full_matrices=False)
    weight = left[:, :COMPONENTS] * size[:COMPONENTS]
    basis = right[:COMPONENTS] * scale
    return weight, basis, centre - (middle @ weight) @ basis


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("takes", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    timbres, statistics = load(arguments.takes)
    border = len(timbres) * 9 // 10
    weight, basis, centre = fit(timbres[:border], statistics[:border])
    scale = statistics[:border].std(axis=0) + 1e-4
    error = (centre + timbres[border:] @ weight @ basis - statistics[border:]) / scale
    spread = (statistics[border:] - statistics[:border].mean(axis=0)) / scale
    told = 1 - float(np.mean(error**2) / np.mean(spread**2))
    log.info("%d takes, variance told on the last tenth: %.3f", len(timbres), told)
    weight, basis, centre = fit(timbres, statistics)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        arguments.out,
        weight=weight.astype(np.float32),
        basis=basis.astype(np.float16),
        centre=centre.astype(np.float32),
    )


if __name__ == "__main__":
    main()
