"""Reading the official files, whole and broken."""

import io
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from seiyuu.model.indextts2.checkpoint import Checkpoint
from seiyuu.model.indextts2.engine import IndexTTS2Core
from seiyuu.model.indextts2.layout import WEIGHTS, expected
from seiyuu.model.indextts2.locate import SOURCES, caches, locate
from seiyuu.model.indextts2.make_checkpoint import TINY
from seiyuu.model.indextts2.networks import Networks
from seiyuu.model.indextts2.released import read_config
from seiyuu.streaming.errors import EngineFailed

pytestmark = pytest.mark.unit


@pytest.fixture
def copy(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    """The tiny checkpoint in a folder that may be broken."""
    folder = tmp_path / "model"
    shutil.copytree(tiny_checkpoint, folder)
    return folder


def change(path: Path, action: Callable[[Any], object]) -> None:
    content = torch.load(path, weights_only=True)
    action(content)
    torch.save(content, path)


def test_sizes_are_read_from_the_files(tiny_checkpoint: Path) -> None:
    """The configuration written is the one read."""
    assert read_config(locate(tiny_checkpoint, [])) == TINY


def test_every_tensor_lands_where_it_belongs(tiny_checkpoint: Path) -> None:
    """A loaded network holds the file's own numbers, weight norm multiplied out."""
    networks = Checkpoint.find(tiny_checkpoint).load()
    raw = torch.load(tiny_checkpoint / "gpt.pth", weights_only=True)
    assert torch.equal(networks.gpt.mel_head.weight, raw["mel_head.weight"])
    norm = torch.load(tiny_checkpoint / "bigvgan" / "bigvgan_generator.pt", weights_only=True)
    v, g = (norm["generator"][f"conv_pre.weight_{part}"] for part in "vg")
    wanted = v * g / v.flatten(1).norm(dim=1)[:, None, None]
    torch.testing.assert_close(networks.vocoder.conv_pre.weight, wanted)
    report = Checkpoint.find(tiny_checkpoint).inspect()
    assert report == {name: [] for name in (*WEIGHTS, "bpe.model")}


def test_wrappings_seen_in_the_wild_are_taken_off(copy: Path) -> None:
    """A decoder under ``model``, ``module.`` before names, optimiser state beside ``net``, prefixed w2v-bert names."""
    gpt = torch.load(copy / "gpt.pth", weights_only=True)
    torch.save({"model": gpt, "epoch": 3}, copy / "gpt.pth")

    def prefix(content: Any) -> None:
        net = content["net"]
        net["cfm"] = {f"module.{k}": v for k, v in net["cfm"].items()}
        content["optimizer"] = {"state": {}}

    change(copy / "s2mel.pth", prefix)
    from safetensors.torch import load_file, save_file

    bert = copy / "w2v-bert-2.0" / "model.safetensors"
    save_file({f"wav2vec2_bert.{k}": v for k, v in load_file(bert).items()}, bert)
    assert all(not found for found in Checkpoint.find(copy).inspect().values())


def test_missing_files_are_listed_with_their_source(copy: Path) -> None:
    """Every missing file and the repository it is published in."""
    (copy / "gpt.pth").unlink()
    (copy / "campplus_cn_common.bin").unlink()
    with pytest.raises(EngineFailed) as caught:
        locate(copy, [])
    assert "2 of the model's files" in caught.value.message
    assert "gpt.pth  (from IndexTeam/IndexTTS-2)" in caught.value.message
    assert "campplus_cn_common.bin  (from funasr/campplus)" in caught.value.message


def test_a_folder_that_does_not_exist_is_said_so(tmp_path: Path) -> None:
    """Not a list of files, but the folder."""
    with pytest.raises(EngineFailed, match="does not exist"):
        Checkpoint.find(tmp_path / "nowhere")


def test_files_are_found_in_both_hubs_caches(tiny_checkpoint: Path, tmp_path: Path) -> None:
    """Snapshots of one hub and plain folders of the other."""
    for i, source in enumerate(s for s in SOURCES if s.needed):
        owner, name = source.repository.split("/")
        home = (
            tmp_path / f"models--{owner}--{name}" / "snapshots" / "abc"
            if i % 2
            else tmp_path / owner / name.replace(".", "___")
        )
        target = home / source.path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tiny_checkpoint / source.name, target)
    found = locate(None, [tmp_path])
    assert set(found) == {source.name for source in SOURCES if source.needed}


def test_a_wrong_shape_is_named_with_both(copy: Path) -> None:
    """Which file, which tensor, what it has and what it should have."""

    def bend(content: Any) -> None:
        content["mel_head.weight"] = torch.zeros(7, 5)
        del content["final_norm.bias"]

    change(copy / "gpt.pth", bend)
    with pytest.raises(EngineFailed) as caught:
        Checkpoint.find(copy).load()
    assert "gpt.pth: mel_head.weight has shape [7, 5], expected [66, 32]" in caught.value.message
    assert "gpt.pth: final_norm.bias is missing" in caught.value.message
    assert IndexTTS2Core.diagnose(copy)["gpt.pth"] == [
        "final_norm.bias is missing",
        "mel_head.weight has shape [7, 5], expected [66, 32]",
    ]


@pytest.mark.parametrize("name", ["gpt.pth", "semantic_codec/model.safetensors", "feat1.pt"])
@pytest.mark.parametrize("share", [0.5, 0.0])
def test_a_truncated_file_is_named_with_its_size(copy: Path, name: str, share: float) -> None:
    """Cut in half or empty: fetch it again."""
    path = copy / name
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(EngineFailed, match="damaged or cut short; fetch it again") as caught:
        Checkpoint.find(copy).load()
    assert str(path) in caught.value.message


@pytest.mark.parametrize("name", ["gpt.pth", "semantic_codec/model.safetensors", "bpe.model"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
            "pointer of Git LFS",
        ),
        (b"<!DOCTYPE html><title>404</title>", "a web page"),
        (bytes(range(256)) * 20, "damaged or cut short"),
    ],
)
def test_what_lies_there_instead_of_a_file_is_said(
    copy: Path, name: str, content: bytes, message: str
) -> None:
    """A pointer, a page, or rubbish is none of it code that wants to run; engine and doctor say the same."""
    (copy / name).write_bytes(content)
    with pytest.raises(EngineFailed, match=message) as caught:
        IndexTTS2Core(copy, device="cpu").load()
    assert str(copy / name) in caught.value.message
    assert message in IndexTTS2Core.diagnose(copy)[name][0]


def test_a_vocabulary_is_not_empty_and_not_too_large(copy: Path) -> None:
    """The decoder has a row for each piece."""
    from seiyuu.model.indextts2.make_checkpoint import vocabulary

    (copy / "bpe.model").write_bytes(b"")
    assert "empty" in IndexTTS2Core.diagnose(copy)["bpe.model"][0]
    config = (copy / "config.yaml").read_text()
    (copy / "config.yaml").write_text(
        config.replace('"number_text_tokens": 400', '"number_text_tokens": 20')
    )
    (copy / "bpe.model").write_bytes(vocabulary(100))
    with pytest.raises(EngineFailed, match=r"bpe\.model has \d+ pieces, expected 1 to 20"):
        Checkpoint.find(copy).tokenizer()


def test_values_that_are_not_numbers_are_named(copy: Path) -> None:
    """A spoiled tensor would make every sentence fail."""
    change(copy / "gpt.pth", lambda content: content["mel_head.weight"][0].fill_(float("nan")))
    with pytest.raises(EngineFailed, match=r"gpt\.pth: mel_head\.weight holds values that are not"):
        Checkpoint.find(copy).load()


def test_half_precision_files_are_read(copy: Path) -> None:
    """Checkpoints are saved again to save room; sums beyond half precision are no fault."""

    def halve(content: Any) -> None:
        for key, value in content.items():
            content[key] = value.half() if value.is_floating_point() else value
        content["text_embedding.weight"].fill_(100.0)

    change(copy / "gpt.pth", halve)
    assert Checkpoint.find(copy).load().gpt.mel_head.weight.dtype == torch.float32


def test_modelscopes_cache_may_lie_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own variable says where."""
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path))
    assert {tmp_path / "hub" / "models", tmp_path / "models", tmp_path} <= set(caches())


class Explosive:
    """Runs code when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("exploded"),))


class Curious(dict[str, Any]):
    """Harmless, and still no tensor."""


@pytest.mark.parametrize("protocol", [0, 2, 5, None])
@pytest.mark.parametrize("thing", [Explosive, Curious])
def test_a_pickle_that_wants_to_run_code_is_refused(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: int | None, thing: type
) -> None:
    """Nothing runs, and the message says why; ``None`` is torch's own kind of file."""
    monkeypatch.chdir(tmp_path)
    if protocol is None:
        torch.save({"model": thing()}, copy / "gpt.pth")
    else:
        stream = io.BytesIO()
        pickle.dump(thing(), stream, protocol=protocol)
        (copy / "gpt.pth").write_bytes(stream.getvalue())
    with pytest.raises(EngineFailed, match="wants to run code"):
        Checkpoint.find(copy).load()
    assert not (tmp_path / "exploded").exists()


def test_a_file_of_another_layout_is_refused(copy: Path) -> None:
    """Tensors, but not where they should be."""
    torch.save({"weights": torch.zeros(3)}, copy / "s2mel.pth")
    with pytest.raises(EngineFailed, match=r"not laid out like the official s2mel\.pth"):
        Checkpoint.find(copy).load()


@pytest.mark.parametrize(
    ("content", "message"), [("{broken: [", "does not parse"), ("gpt: {}", "lacks a value")]
)
def test_a_broken_configuration_is_refused(copy: Path, content: str, message: str) -> None:
    """Whether it does not parse or lacks something."""
    (copy / "config.yaml").write_text(content)
    with pytest.raises(EngineFailed, match=message):
        Checkpoint.find(copy).load()


def test_no_gpu_is_said_plainly(tiny_checkpoint: Path) -> None:
    """Asked for CUDA where there is none."""
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    with pytest.raises(EngineFailed, match="no CUDA device"):
        IndexTTS2Core(tiny_checkpoint, device="cuda").load()


def test_nothing_needed_is_outside_the_networks() -> None:
    """Every expected tensor belongs to a network that is built."""
    files = expected(Networks.empty(TINY))
    assert set(files) == set(WEIGHTS)
    assert all(files.values())
