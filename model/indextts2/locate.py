"""Where the official files lie: in a folder, or in the caches of Hugging Face and ModelScope."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...streaming.errors import EngineFailed

MAIN = "IndexTeam/IndexTTS-2"


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its name in the main folder's tree, and the repository it is published in."""

    name: str
    repository: str
    path: str
    needed: bool = True


SOURCES: tuple[Source, ...] = (
    Source("config.yaml", MAIN, "config.yaml"),
    Source("gpt.pth", MAIN, "gpt.pth"),
    Source("s2mel.pth", MAIN, "s2mel.pth"),
    Source("bpe.model", MAIN, "bpe.model"),
    Source("wav2vec2bert_stats.pt", MAIN, "wav2vec2bert_stats.pt"),
    Source("feat1.pt", MAIN, "feat1.pt"),
    Source("feat2.pt", MAIN, "feat2.pt"),
    Source("w2v-bert-2.0/config.json", "facebook/w2v-bert-2.0", "config.json"),
    Source("w2v-bert-2.0/model.safetensors", "facebook/w2v-bert-2.0", "model.safetensors"),
    Source(
        "semantic_codec/model.safetensors", "amphion/MaskGCT", "semantic_codec/model.safetensors"
    ),
    Source("campplus_cn_common.bin", "funasr/campplus", "campplus_cn_common.bin"),
    Source("bigvgan/config.json", "nvidia/bigvgan_v2_22khz_80band_256x", "config.json"),
    Source(
        "bigvgan/bigvgan_generator.pt",
        "nvidia/bigvgan_v2_22khz_80band_256x",
        "bigvgan_generator.pt",
    ),
    Source("qwen0.6bemo4-merge", MAIN, "qwen0.6bemo4-merge", needed=False),
)


def caches() -> list[Path]:
    """Folders in which the two hubs keep what they downloaded."""
    from huggingface_hub import constants

    # each hub's own variable says where it keeps them; huggingface_hub reads its own
    told = os.environ.get("MODELSCOPE_CACHE")
    modelscope = Path(told) if told else Path.home() / ".cache" / "modelscope"
    homes = [modelscope / "hub" / "models", modelscope / "hub", modelscope / "models", modelscope]
    return [Path(constants.HF_HUB_CACHE), *homes]


def _homes(repository: str, roots: Sequence[Path]) -> Iterator[Path]:
    """Folders of a repository's files, in both hubs' layouts, newest snapshot first."""
    owner, name = repository.split("/")
    for root in roots:
        snapshots = root / f"models--{owner}--{name}" / "snapshots"
        if snapshots.is_dir():
            yield from sorted(snapshots.iterdir(), key=lambda p: p.stat().st_mtime, reverse=True)
        yield root / owner / name
        yield root / owner / name.replace(".", "___")  # ModelScope's spelling of a dot


def locate(model: str | Path | None, roots: Sequence[Path] | None = None) -> dict[str, Path]:
    """The path of each file, by its name.

    ``model`` is a folder laid out like the names of :data:`SOURCES`; auxiliary files that are not in it are looked for
    in the caches. None looks everywhere in the caches (``roots``).

    Raises:
        EngineFailed: files are missing; the message lists them with the repository that has each.
    """
    if model is not None and not Path(model).is_dir():
        raise EngineFailed(f"the model folder {str(model)!r} does not exist")
    roots = caches() if roots is None else roots
    found: dict[str, Path] = {}
    missing: list[Source] = []
    for source in SOURCES:
        places = [Path(model) / source.name, Path(model) / source.path] if model is not None else []
        if model is None or source.repository != MAIN:
            places += [home / source.path for home in _homes(source.repository, roots)]
        path = next((place for place in places if place.exists()), None)
        if path is not None:
            found[source.name] = path
        elif source.needed:
            missing.append(source)
    if missing:
        where = f"in {model} and " if model is not None else ""
        lines = "".join(f"\n  {s.name}  (from {s.repository})" for s in missing)
        raise EngineFailed(
            f"{len(missing)} of the model's files were found neither {where}in the caches:{lines}\n"
            "get them with: hf download REPOSITORY, and mind the licence of the weights"
        )
    return found
