"""The command's verbs, on the tone engine, in this process."""

import json
import wave
from pathlib import Path

import pytest

from seiyuu.model.registry import open_engine
from seiyuu.server.cli import main, parser
from seiyuu.server.commands.prosody import engine_flags
from seiyuu.server.config import ServerConfig, load
from seiyuu.streaming.errors import EngineFailed

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def wrong(*words: str) -> int:
    """The exit code of words that are wrong."""
    with pytest.raises(SystemExit) as caught:
        main(words)
    return int(caught.value.code or 0)


def test_every_verb_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """Help names all verbs; wrong words give 2."""
    text = parser().format_help()
    for verb in ("serve", "say", "read", "emotion", "voices", "bench", "doctor"):
        assert verb in text
        with pytest.raises(SystemExit) as caught:
            main([verb, "--help"])
        assert caught.value.code == 0
    assert wrong() == 2
    assert wrong("sya") == 2
    assert "invalid choice: 'sya'" in capsys.readouterr().err


def test_saying_into_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A WAV of 16 bits, an Ogg, and marks in three formats; nothing is printed."""
    for name, marks in (("a.wav", "a.json"), ("b.ogg", "b.srt"), ("c.wav", "c.vtt")):
        assert (
            main(["say", "你好。再见!", "--engine", "tone", "--out", name, "--marks", marks]) == 0
        )
    with wave.open("a.wav") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24_000)
        assert file.getnframes() / 24_000 == pytest.approx(4 * 0.12 + 2 * 0.06, abs=0.021)
    assert (tmp_path / "b.ogg").read_bytes()[:4] == b"OggS"
    marks_ = json.loads((tmp_path / "a.json").read_text())
    assert marks_["text"] == "你好。再见!"
    assert [m["text"] for m in marks_["marks"] if m["kind"] == "word"] == list("你好再见")
    assert (
        (tmp_path / "b.srt")
        .read_text()
        .startswith("1\n00:00:00,000 --> 00:00:00,240\n你好。\n\n2\n")
    )
    assert (tmp_path / "c.vtt").read_text().startswith("WEBVTT\n\n00:00:00.000 --> ")
    out = capsys.readouterr()
    assert (out.out, out.err) == ("", "")


def test_a_long_text_is_several_utterances(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one utterance may not hold is cut at a sentence and goes on, marks counted through."""
    monkeypatch.setenv("SEIYUU_LIMITS_MAX_UTTERANCE_CHARS", "30")
    text = "一二三四五六七八九十。" * 7
    words = ["say", text, "--engine", "tone", "--out", "a.wav", "--marks", "a.json"]
    assert main(words) == 0
    marks = json.loads(Path("a.json").read_text())
    spoken = [m for m in marks["marks"] if m["kind"] == "char"]
    assert "".join(m["text"] for m in spoken) == text.replace("。", "")
    assert all(text[m["char_start"]] == m["text"] for m in spoken)
    assert [m["start_ms"] for m in spoken] == sorted(m["start_ms"] for m in spoken)


def test_length_emotion_and_voice(tmp_path: Path) -> None:
    """The flags reach the engine."""
    base = ["say", "一二三四五六七八九十", "--engine", "tone", "--out"]
    assert main([*base, "a.wav", "--duration", "2.4"]) == 0
    assert main([*base, "b.wav", "--duration-ratio", "0.5", "--voice", "soprano"]) == 0
    assert main([*base, "c.wav"]) == 0
    assert main([*base, "d.wav", "--emotion", "joy:0.9"]) == 0
    assert main([*base, "e.wav", "--emotion", "joy:0.6,surprise:0.3"]) == 0
    lengths = []
    for name in "abc":
        with wave.open(f"{name}.wav") as file:
            lengths.append(file.getnframes() / 24_000)
    assert lengths == pytest.approx([2.4, 0.6, 1.2], abs=0.03)
    assert Path("c.wav").read_bytes() != Path("d.wav").read_bytes()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["say", "x", "--out", "a.aac"], 2, "expected a name ending in .wav, .ogg or .mp3"),
        (["say", "x", "--out", "a.wav", "--marks", "a.txt"], 2, ".json, .srt or .vtt"),
        (["say", "x", "--emotion", "joy:much", "--out", "a.wav"], 2, "NAME:0.7"),
        (["say", "x", "--emotion", "joy", "--describe", "y"], 2, "give one of"),
        (["say", "x", "--intensity", "2"], 2, "between 0 and 1"),
        (["say", "x", "--intensity", "0.5"], 2, "needs an emotion"),
        (["say", "x", "--duration", "0"], 2, "not a positive number"),
        (
            ["say", "x", "--voice", "nobody", "--engine", "tone", "--out", "a.wav"],
            1,
            "unknown voice",
        ),
        (["say", "x", "--voice", "me.wav", "--engine", "tone", "--out", "a.wav"], 1, "cannot read"),
        (
            ["say", "x", "--emotion", "hungry", "--engine", "tone", "--out", "a.wav"],
            1,
            "unknown emotion",
        ),
        (
            ["say", "x", "--describe", " ", "--engine", "tone", "--out", "a.wav"],
            1,
            "the description is empty",
        ),
        (["say", "x", "--engine", "tune", "--out", "a.wav"], 1, "no engine is named 'tune'"),
        (["say", "x", "--engine", "tone", "--out", "no/where/a.wav"], 1, "no/where/a.wav"),
        (
            ["say", "x", "--engine", "tone", "--config", "none.toml", "--out", "a.wav"],
            1,
            "cannot read",
        ),
        (["voices", "add", "a", "b.wav", "--consent", "me"], 1, "who agreed, when"),
        (["emotion", ""], 1, "the description is empty"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """1 for work that failed, 2 for words that are wrong."""
    try:
        got = main(words)
    except SystemExit as stopped:
        got = int(stopped.code or 0)
    assert got == code
    assert said in capsys.readouterr().err


def test_reading(capsys: pytest.CaptureFixture[str]) -> None:
    """A line a word, or one JSON array."""
    assert main(["read", "你好", "--json"]) == 0
    words = json.loads(capsys.readouterr().out)
    assert [syllable for word in words for syllable in word["reading"]] == ["ni3", "hao3"]
    assert main(["read", "你好"]) == 0
    assert "ni3" in capsys.readouterr().out


def test_emotions_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    """Synonyms of four languages are points in the space."""
    assert main(["emotion", "うれしい", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["vector"]["joy"] == 1.0
    assert main(["emotion", "生气"]) == 0
    assert capsys.readouterr().out.startswith("anger 100%; intensity 0.")


def test_emotions_in_plain_words(capsys: pytest.CaptureFixture[str]) -> None:
    """A description becomes shares, an intensity and a pace; one without emotion is told to name none."""
    assert main(["emotion", "冷冷地嘲讽", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert max(told["vector"], key=told["vector"].get) == "contempt"
    assert set(told) >= {"vector", "intensity", "pace", "confidence"}
    assert main(["emotion", "嗯"]) == 0
    assert "names no emotion" in capsys.readouterr().out


def test_voices_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Name, languages, description."""
    assert main(["voices", "list", "--engine", "tone"]) == 0
    assert capsys.readouterr().out.splitlines()[0].split("\t")[:2] == ["alto", "zh,en,ja,ko"]


def test_a_voice_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Made from a clip, listed, exported, removed, imported; never without consent."""
    monkeypatch.setenv("SEIYUU_LIBRARY", str(tmp_path / "voices"))
    clip = str(Path(__file__).parents[1] / "golden" / "speech_one.flac")
    own = ["voices", "add", "zhang", clip, "--quick", "--consent"]
    assert main([*own, "yes"]) == 1
    assert not (tmp_path / "voices").exists()
    assert main([*own, "Zhang Wei, 2026-05-01, streams"]) == 0
    assert main(["voices", "list"]) == 0
    assert "zhang\t" in capsys.readouterr().out
    assert main(["voices", "export", "zhang", "z.seiyuu-voice"]) == 0
    assert main(["voices", "remove", "zhang"]) == 0
    assert main(["voices", "remove", "zhang"]) == 1
    assert main(["voices", "import", "z.seiyuu-voice"]) == 0
    assert main(["voices", "import", "z.seiyuu-voice"]) == 1


def test_the_notice_is_heard_first_and_is_no_part_of_the_text(tmp_path: Path) -> None:
    """A file with the notice is longer, and its marks are those of the text alone, later."""
    said = ["say", "好", "--language", "zh", "--engine", "tone", "--marks"]
    assert main([*said, "a.json", "--out", "a.wav"]) == 0
    assert main([*said, "b.json", "--out", "b.wav", "--notice"]) == 0
    plain, noticed = (json.loads((tmp_path / f"{name}.json").read_text()) for name in "ab")
    assert [mark["text"] for mark in plain["marks"]] == [mark["text"] for mark in noticed["marks"]]
    assert noticed["marks"][0]["start_ms"] > plain["marks"][0]["start_ms"]


def test_the_doctor_finds_this_installation_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """It names engines, packages, the machine and the sound."""
    main(["doctor"])
    out = capsys.readouterr().out
    for part in (
        "python",
        "packages",
        "engines",
        "machine",
        "cache",
        "sound",
        "tone can be opened",
    ):
        assert part in out


def test_who_decides_prosody_is_a_setting_and_a_flag() -> None:
    """The flag wins over the environment and leaves other options; a word that names nobody is refused."""
    arguments = parser().parse_args(["serve", "--prosody", "rules"])
    environ = {"SEIYUU_ENGINE_OPTIONS_PROSODY": "ar", "SEIYUU_ENGINE_OPTIONS_EMOJI": "name"}
    config = load(environ=environ, flags=engine_flags(arguments))
    assert dict(config.engine_options) == {"prosody": "rules", "emoji": "name"}
    assert load(environ={}, flags=engine_flags(parser().parse_args(["serve"]))) == ServerConfig()
    assert wrong("say", "hello", "--prosody", "guess") == 2
    with pytest.raises(EngineFailed, match="'guess', expected one of: ar, rules"):
        open_engine("compact", prosody="guess")
