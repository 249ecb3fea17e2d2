"""A real server and a real browser; both are looked for, and what is missing is the reason to skip."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PATIENCE_S = 40


class Server:
    """``seiyuu.server`` with the tone engine in a process of its own."""

    def __init__(self, library: Path) -> None:
        environ = {key: value for key, value in os.environ.items() if key != "SEIYUU_INTEGRATION"}
        environ |= {"SEIYUU_LOG_FORMAT": "json", "SEIYUU_LIBRARY": str(library)}
        command = [sys.executable, "-m", "seiyuu.server", "--engine", "tone", "--port", "0"]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environ)
        assert self._process.stderr is not None
        self.url = ""
        for line in self._process.stderr:
            if '"url"' in line:
                self.url = line.split('"url"')[1].split('"')[1]
                break
        # Nobody may wait for us to read the log.
        self._reader = threading.Thread(target=self._process.stderr.read, daemon=True)
        self._reader.start()
        assert self.url, "the server did not start"

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        assert self._process.stderr is not None
        self._process.stderr.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    one = Server(tmp_path_factory.mktemp("library"))
    yield one
    one.stop()


@pytest.fixture(scope="session")
def obs_running() -> Any:
    """What tests need of a running OBS (:mod:`obs_running`); tests are no package that could be imported from."""
    path = Path(__file__).parent / "obs_running.py"
    spec = importlib.util.spec_from_file_location("obs_running", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def obs(tmp_path_factory: pytest.TempPathFactory, obs_running: Any) -> Iterator[str]:
    """The address of an OBS with an empty scene collection."""
    with obs_running.running_obs(tmp_path_factory.mktemp("obs")) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium without a window, which plays to a sound card that is not there."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    paths = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
    for name, path in paths.items():
        if path is None:
            pytest.skip(f"{name} is not installed (apt-get install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = paths["chromium"]
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--autoplay-policy=no-user-gesture-required",
        "--lang=en",
        "--hide-scrollbars",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
    ):
        options.add_argument(flag)
    service = webdriver.ChromeService(paths["chromedriver"])
    driver = webdriver.Chrome(options=options, service=service)
    driver.set_script_timeout(PATIENCE_S)
    yield driver
    driver.quit()


ARTEFACTS = Path(__file__).resolve().parents[2] / "artefacts"


@pytest.fixture
def save(browser: Any) -> Callable[[str], None]:
    """Keeps a picture of the page, to be looked at."""

    def picture(name: str) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        browser.save_screenshot(str(ARTEFACTS / f"{name}.png"))

    return picture


@pytest.fixture
def studio(browser: Any, server: Server, wait: Callable[[str], Any]) -> Any:
    """The Studio, connected."""
    browser.set_window_size(1280, 1000)
    browser.get(server.url)
    wait("window.seiyuu?.live.state === 'open'")
    return browser


@pytest.fixture
def speak(browser: Any) -> Callable[[str], None]:
    """Types a text into the Studio and presses the button."""

    def say(text: str) -> None:
        browser.find_element("id", "text").send_keys(text)
        browser.find_element("id", "speak").click()

    return say


@pytest.fixture
def wait(browser: Any) -> Callable[[str], Any]:
    """Waits until an expression of the page is true, and gives its value."""
    from selenium.webdriver.support.ui import WebDriverWait

    def until(expression: str) -> Any:
        waiting = WebDriverWait(browser, PATIENCE_S, poll_frequency=0.05)
        return waiting.until(lambda d: d.execute_script(f"return {expression}"), expression)

    return until
