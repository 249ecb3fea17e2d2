"""What the pages look like and how they are used without a mouse."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.integration

TEXT = "大家好 今天我们来玩一个新游戏 你们准备好了吗"
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
"""Every text that can be seen against what lies behind it: WCAG 2.2, success criterion 1.4.3, level AA."""

Wait = Callable[[str], Any]
Speak = Callable[[str], None]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read(studio: Any, wait: Wait, speak: Speak, theme: str) -> None:
    """Contrast is at least 4.5 (3 for large letters) while it speaks, after an interruption, and of every notice."""
    studio.execute_script(f"localStorage['seiyuu.theme'] = '{theme}'")
    try:
        studio.refresh()
        wait("window.seiyuu?.live.state === 'open'")
        studio.execute_script("document.getElementById('clone').open = true")
        speak(TEXT)
        wait("seiyuu.captions.lit > 3")
        assert studio.execute_script(CONTRAST) == []
        studio.find_element("id", "stop").click()
        wait("document.querySelector('#history .unheard')")
        for fine in ("true", "false", "null"):
            studio.execute_script(f"""
              const verdict = document.getElementById("verdict");
              verdict.hidden = false;
              verdict.textContent = "How good the clip is";
              verdict.dataset.fine = "{fine}";
            """)
            assert studio.execute_script(CONTRAST) == []
    finally:
        studio.execute_script("localStorage.clear()")


def test_nothing_is_asked_of_another_host(
    studio: Any, server: Any, wait: Wait, speak: Speak
) -> None:
    """Every file, picture, socket and request of a page that speaks comes from the server that served it."""
    speak(TEXT)
    wait("seiyuu.captions.lit > 2")
    names = studio.execute_script(
        "return performance.getEntriesByType('resource').map((one) => one.name)"
    )
    assert len(names) > 20
    assert [name for name in names if not name.startswith(server.url)] == []


def test_it_can_be_used_without_a_mouse(studio: Any, wait: Wait) -> None:
    """Text, speaking, emotion and voice are reached by keys, and what has the focus says what it is."""
    from selenium.webdriver import ActionChains, Keys

    def press(*keys: str) -> None:
        ActionChains(studio).send_keys(*keys).perform()

    studio.find_element("id", "text").send_keys(TEXT)
    ActionChains(studio).key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(Keys.CONTROL).perform()
    wait("seiyuu.captions.lit > 2")
    press(Keys.F2)
    press(Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_UP)
    applied = wait("seiyuu.stage.current?.emotions.at(-1)")
    assert applied["vector"][0] == 1  # joy is above
    assert studio.execute_script("return document.activeElement.getAttribute('aria-valuenow')")
    press(Keys.ESCAPE)
    wait("document.querySelector('#history .unheard')")
    studio.execute_script("document.querySelector('.voice[tabindex=\"0\"]').focus()")
    before = studio.execute_script("return document.activeElement.dataset.voice")
    press(Keys.ARROW_RIGHT)
    after = studio.execute_script("return document.activeElement.dataset.voice")
    assert after != before
    assert studio.execute_script("return document.activeElement.ariaChecked") == "true"
    nameless = studio.execute_script("""
      const own = (e) => e.ariaLabel || e.textContent.trim() || e.title || e.placeholder;
      const named = (e) => own(e) || e.labels?.[0]?.textContent.trim();
      const all = [...document.querySelectorAll("button, input, select, textarea, [role]")];
      return all.filter((e) => !named(e)).map((e) => e.id || e.outerHTML);
    """)
    assert set(nameless) <= {
        "notice",
        "verdict",
    }  # live regions, empty until there is something to say


def test_hints_are_put_into_the_text(studio: Any) -> None:
    """The pinyin hint stands behind the selected character to be typed over; the language hint goes around it."""
    field = studio.find_element("id", "text")
    field.send_keys("重庆")
    studio.execute_script("document.getElementById('text').setSelectionRange(0, 1)")
    studio.find_element("id", "pinyin").click()
    field.send_keys("chóng")
    assert field.get_attribute("value") == "重(chóng)庆"
    studio.execute_script("""
      document.getElementById("text").setSelectionRange(8, 9);
      const hint = document.getElementById("spoken");
      hint.value = "ja";
      hint.dispatchEvent(new Event("change"));
    """)
    assert field.get_attribute("value") == '重(chóng)<lang xml:lang="ja">庆</lang>'


@pytest.mark.parametrize(("width", "height"), [(390, 1900), (820, 1500), (1440, 1150)])
@pytest.mark.parametrize(("words", "theme"), [("en", "light"), ("zh", "dark")])
def test_pictures_for_the_eye(
    studio: Any,
    wait: Wait,
    speak: Speak,
    save: Speak,
    width: int,
    height: int,
    words: str,
    theme: str,
) -> None:
    """Nothing is wider than the window at any width; what it looks like is kept to be looked at."""
    studio.execute_script(
        f"localStorage['seiyuu.words'] = '{words}'; localStorage['seiyuu.theme'] = '{theme}'"
    )
    try:
        narrow = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        studio.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", narrow)
        studio.refresh()
        wait("window.seiyuu?.live.state === 'open'")
        studio.execute_script("seiyuu.pad.choose('joy', 0.8)")
        speak(TEXT)
        wait("document.querySelectorAll('#history li').length === 1")
        speak(TEXT)
        wait("seiyuu.captions.lit > 9 && seiyuu.stage.current?.number === 2")
        save(f"studio-{width}-{words}-{theme}")
        assert studio.execute_script("return document.documentElement.scrollWidth") <= width
    finally:
        studio.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        studio.execute_script("localStorage.clear()")
