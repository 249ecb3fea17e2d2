"""Makes the prosody decoder's weights from nothing: corpus, readings, teacher frames, training, export.

``python -m seiyuu.model.compact.training`` runs it with the settings of the shipped weights. Every step keeps what it
made in the cache folder (readings and takes in shards, the network every 250 steps), so a run that was cut off goes on
where it was, and says how far it is. On two logical processors of one busy core it took 36 minutes for the readings of
9,600 lines, 16 for 22 hours of takes, and 35 for 4,000 steps; on a GPU, which is used where there is one, the steps
take less. The shipped weights began to learn while their takes were still being made (10.5 hours of them at first, all
22 from step 1,550 on) and went on after interruptions, so a run in one piece gives other numbers; how good a network
is says ``python -m seiyuu.model.compact.training.compare --network FOLDER``.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Sequence
from pathlib import Path

import platformdirs
import torch

from ..personas import voice_vectors
from ..prepare import prepare
from ..stages import Stages
from .prosody_export import export
from .prosody_fit import Schedule, Trainer
from .readings import SHARD, held_out, make, save
from .taught import Taught, load_takes

log = logging.getLogger(__name__)

LINES, RENDITIONS, STEPS, SEED = 9_600, 2, 4_000, 1
HELD_OUT_LINES = 120


def taught_held_out(stages: Stages, folder: Path, count: int) -> list[Taught]:
    """Takes of ``count`` lines, and of voices, that training never sees."""
    path = folder / "1000.npz"  # a shard like the others, numbered beyond them
    if not path.exists():
        save(path, list(held_out(stages, voice_vectors(), count)))
    return list(load_takes(path, 0))


def main(argv: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "assets")
    parser.add_argument(
        "--cache", type=Path, default=Path(platformdirs.user_cache_dir("seiyuu-training"))
    )
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--renditions", type=int, default=RENDITIONS)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--held-out", type=int, default=HELD_OUT_LINES)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(options.threads)
    began = time.monotonic()
    stages = Stages(prepare(), threads=options.threads)
    folder = options.cache / "readings"
    shards = []
    for shard in make(stages, voice_vectors(), options.lines, folder):
        shards.append(shard)
        log.info("readings %s, %d of %d lines", shard.stem, SHARD * len(shards), options.lines)
    takes: list[Taught] = []
    for rendition in range(options.renditions):
        for shard in shards:
            takes += load_takes(shard, rendition)
            log.info("takes %s, rendition %d", shard.stem, rendition)
    frames = sum(take.length for take in takes)
    log.info(
        "%d takes, %.1f h, after %.0f s", len(takes), frames / 40 / 3600, time.monotonic() - began
    )
    trainer = Trainer(Schedule(options.steps), options.seed)
    checkpoint = options.cache / "prosody.pt"
    if checkpoint.exists():
        trainer.resume(checkpoint)
    trainer.run(takes, taught_held_out(stages, folder, options.held_out), checkpoint)
    export(trainer.average, options.out)
    log.info("done after %.0f s", time.monotonic() - began)


if __name__ == "__main__":
    main()
