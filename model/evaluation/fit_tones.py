"""Teach the judge of tones: ``python -m seiyuu.model.evaluation.fit_tones [--lines 220]``; needs torch.

Lines of this project's own corpus, spoken by the presets that are not held out, each once; the network learns the
tone asked of each syllable from what the tracker measured. Writes ``data/tones.npz`` and prints the error on lines and
voices that it was not taught.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..compact.engine import CompactCore
from ..compact.training.corpus import lines
from ..frontend import read
from .report import speak
from .tones import Features, rows, semitones_of, syllables_of

HELD_OUT = ("hoshino", "wanqing", "kaito", "oliver")
"""Presets the judge never hears: those are the ones to measure it on."""

SEED = 20261
LONGEST = 45
HIDDEN = 96
STEPS = 600
TAUGHT_SHARE = 0.9

Example = tuple[Features, int]


def examples(core: CompactCore, first: int, last: int) -> list[list[Example]]:
    """Rows and tones of each line ``first:last`` of the corpus, every line in the next voice."""
    voices = [voice for voice in core.voices() if voice.name not in HELD_OUT]
    found = []
    for i, line in enumerate(lines(last, seed=SEED, languages=("zh",))):
        if i < first or len(line.text) > LONGEST:
            continue
        spoken = speak(core, voices[i % len(voices)], line.text, "zh")
        syllables = syllables_of(read(line.text, "zh"), spoken.marks)
        rate = core.info.sample_rate
        heard = rows(semitones_of(spoken.samples, rate), rate, syllables)
        found.append(
            [
                (row, s.tone)
                for s, row in zip(syllables, heard, strict=True)
                if row is not None and s.tone
            ]
        )
    return found


def fit(taught: Sequence[Example], asked: Sequence[Example]) -> tuple[dict[str, Any], float]:
    """The network's arrays as :class:`~..compact.perceptron.Perceptron` takes them, and its error on ``asked``."""
    import torch

    torch.manual_seed(SEED)
    rows_in = np.array([row for row, _ in taught])
    middle, scale = rows_in.mean(axis=0), rows_in.std(axis=0) + 1e-3
    x = torch.tensor((rows_in - middle) / scale, dtype=torch.float32)
    y = torch.tensor([tone - 1 for _, tone in taught])
    layers = [
        torch.nn.Linear(x.shape[1], HIDDEN),
        torch.nn.Linear(HIDDEN, HIDDEN),
        torch.nn.Linear(HIDDEN, 4),
    ]
    dropout = torch.nn.Dropout(0.3)
    net = torch.nn.Sequential(
        layers[0], torch.nn.Tanh(), dropout, layers[1], torch.nn.Tanh(), dropout, layers[2]
    )
    steps = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(steps, STEPS)
    loss_of = torch.nn.CrossEntropyLoss(label_smoothing=0.05)
    for _ in range(STEPS):
        batch = torch.randint(len(x), (256,))
        # The tracker errs, and voices differ: a little noise keeps the network from learning either by heart.
        loss = loss_of(net(x[batch] + 0.1 * torch.randn_like(x[batch])), y[batch])
        steps.zero_grad()
        loss.backward()
        steps.step()
        decay.step()
    arrays: dict[str, Any] = {"middle": middle, "scale": scale}
    for n, layer in enumerate(layers):
        arrays[f"weight{n}"] = layer.weight.detach().numpy().T
        arrays[f"bias{n}"] = layer.bias.detach().numpy()
    arrays = {name: np.asarray(value, np.float32) for name, value in arrays.items()}
    net.eval()
    unseen = torch.tensor((np.array([r for r, _ in asked]) - middle) / scale, dtype=torch.float32)
    told = net(unseen).argmax(dim=1).numpy() + 1
    return arrays, float(np.mean(told != np.array([tone for _, tone in asked])))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--lines", type=int, default=220)
    count = parser.parse_args().lines
    core = CompactCore(threads=1)
    core.load()
    found = examples(core, 0, count)
    border = int(len(found) * TAUGHT_SHARE)
    taught = [example for line in found[:border] for example in line]
    asked = [example for line in found[border:] for example in line]
    arrays, error = fit(taught, asked)
    np.savez_compressed(Path(__file__).parent / "data" / "tones.npz", **arrays)
    sys.stdout.write(
        f"{len(taught)} syllables taught, {len(asked)} of other lines: {100 * error:.1f} % wrong\n"
    )


if __name__ == "__main__":
    main()
