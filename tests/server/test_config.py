"""Where settings come from, which one wins, and what a mistake is told."""

from pathlib import Path

import pytest

from seiyuu.server.config import ConfigError, Limits, ServerConfig, load

pytestmark = pytest.mark.unit


def write(folder: Path, text: str) -> Path:
    path = folder / "seiyuu.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_said_gives_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without file, environment and flags a server listens on this machine only."""
    monkeypatch.chdir(tmp_path)
    assert load(environ={}) == ServerConfig()
    assert ServerConfig().host == "127.0.0.1"


def test_flags_beat_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    """The nearer to the person, the stronger; tables are merged key by key."""
    path = write(
        tmp_path,
        'port = 1\nhost = "::1"\nengine = "tone"\n[limits]\nmax_lead_ms = 7\nmax_sessions = 3\n',
    )
    environ = {"SEIYUU_PORT": "2", "SEIYUU_HOST": "0.0.0.0", "SEIYUU_LIMITS_MAX_LEAD_MS": "9"}
    config = load(path, environ=environ, flags={"port": 4, "host": None})
    assert (config.port, config.host, config.engine) == (4, "0.0.0.0", "tone")
    assert (config.limits.max_lead_ms, config.limits.max_sessions) == (9, 3)


def test_a_file_in_the_working_directory_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``seiyuu.toml`` here, or the one ``SEIYUU_CONFIG`` names."""
    write(tmp_path, "port = 7")
    monkeypatch.chdir(tmp_path)
    assert load(environ={}).port == 7
    other = tmp_path / "other.toml"
    other.write_text("port = 8")
    assert load(environ={"SEIYUU_CONFIG": str(other)}).port == 8


def test_text_of_the_environment_becomes_what_the_field_holds(tmp_path: Path) -> None:
    """Numbers, truth values, lists and the engine's own options."""
    environ = {
        "SEIYUU_LOG_TEXT": "yes",
        "SEIYUU_API_KEYS": "a, b",
        "SEIYUU_ENGINE_OPTIONS_THREADS": "2",
        "SEIYUU_VENV": "/not/ours",
    }
    config = load(write(tmp_path, ""), environ=environ)
    assert config.log_text is True
    assert config.api_keys == ("a", "b")
    assert config.engine_options == {"threads": "2"}
    assert "a" not in repr(config.api_keys) or "api_keys" not in repr(config)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 1", "did you mean port?"),
        ("[limits]\nmax_sesions = 1", "did you mean limits.max_sessions?"),
        ("zzz = 1", "known: host, port"),
        ('port = "1a"', "port is '1a', expected a whole number"),
        ("port = 70000", "port is 70000, expected 0 to 65535"),
        ("port = true", "port is True, expected a whole number"),
        ('log_level = "loud"', "log_level is 'loud', expected one of debug"),
        ("api_keys = [1]", "expected a list of strings"),
        ('api_keys = [""]', "empty key"),
        ("limits = 3", "limits is a table"),
        ("[limits]\noutbox_ms = 0", "limits.outbox_ms is 0, expected at least 1"),
        ("port = ", "is not TOML"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, said: str) -> None:
    """The message says where it stands, what was got and what was expected."""
    with pytest.raises(ConfigError, match=".") as caught:
        load(write(tmp_path, text), environ={})
    assert said in str(caught.value)


def test_an_unknown_variable_is_an_error(tmp_path: Path) -> None:
    """A variable spelt wrongly would otherwise be ignored in silence."""
    with pytest.raises(ConfigError, match="did you mean port"):
        load(write(tmp_path, ""), environ={"SEIYUU_PROT": "1"})


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A named file must exist."""
    with pytest.raises(ConfigError, match="cannot read"):
        load(tmp_path / "none.toml", environ={})


def test_limits_are_frozen() -> None:
    """Nobody changes them while the server runs."""
    with pytest.raises(AttributeError):
        Limits().outbox_ms = 3  # type: ignore[misc]
