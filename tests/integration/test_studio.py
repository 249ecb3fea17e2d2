import base64
import json
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import pytest
from websockets.sync.client import connect

from seiyuu.streaming.packet import unpack

pytestmark = pytest.mark.integration

TEXT = "大家好 今天我们来玩一个新游戏 你们准备好了吗"
CLOSE_MS = 60
"""How far captions and mouth may lie from the sound."""

Wait = Callable[[str], Any]
Speak = Callable[[str], None]
Server = Any

SAMPLES = """
const samples = [...seiyuu.stage.utterances.values()].at(-1).samples();
const bytes = new Uint8Array(Int16Array.from(samples, (x) => Math.round(x * 32767)).buffer);
let text = "";
for (const byte of bytes) text += String.fromCharCode(byte);
return btoa(text);
"""


def received(page: Any) -> np.ndarray:
    return np.frombuffer(base64.b64decode(page.execute_script(SAMPLES)), "<i2")


def sent_by(server: Server, text: str) -> np.ndarray:
    """What the server sends for a text, up to the utterance's length."""
    url = server.url.replace("http", "ws") + "v1/live"
    audio = {"codec": "pcm_s16le", "sample_rate": 48_000, "ptime_ms": 20}
    with connect(url, proxy=None) as socket:
        socket.send(json.dumps({"type": "session.start", "audio": audio}))
        socket.send(json.dumps({"type": "text.delta", "text": text}))
        socket.send(json.dumps({"type": "text.end"}))
        payloads = []
        for frame in socket:
            if isinstance(frame, bytes):
                payloads.append(unpack(frame).payload)
            elif (message := json.loads(frame))["type"] == "utterance.ended":
                return np.frombuffer(b"".join(payloads), "<i2")[
                    : round(message["duration_ms"] * 48)
                ]
    raise AssertionError("the server left")


def test_it_speaks_what_the_server_sends(
    studio: Any, server: Server, wait: Wait, speak: Speak
) -> None:
    """What the page received is not silent and is sample for sample what the server renders."""
    speak(TEXT)
    wait("document.querySelectorAll('#history li').length === 1")
    assert studio.execute_script("return seiyuu.player.state.underruns") == 0
    got, expected = received(studio), sent_by(server, TEXT)
    assert np.abs(got).max() > 3000
    np.testing.assert_array_equal(got, expected)


def test_captions_and_mouth_follow_the_sound(studio: Any, wait: Wait, speak: Speak) -> None:
    """Characters light up and the mouth opens within 60 ms of the sound the audio thread played."""
    studio.execute_script("""
      window.found = { onsets: [], lit: [], mouth: [] };
      const { player, stage, captions, mouth } = seiyuu;
      let loud = false, lit = 0, open = false;
      player.addEventListener("block", ({ detail: { samples, frame } }) => {
        for (let i = 0; i < samples.length; i += 48) {
          const now = samples.subarray(i, i + 48).some((x) => Math.abs(x) > 0.01);
          if (now && !loud) found.onsets.push(frame - samples.length + i);
          loud = now;
        }
      });
      stage.addEventListener("heard", () => {
        if (captions.lit > lit) found.lit.push(player.frameHeard());
        lit = captions.lit;
        if (mouth.open > 0.25 && !open) found.mouth.push(player.frameHeard());
        open = mouth.open > 0.15;
      });
    """)
    speak("啊  哦  呃  咦  呜  鱼")
    wait("document.querySelectorAll('#history li').length === 1")
    found = studio.execute_script("return found")
    assert len(found["onsets"]) == 6
    for kind in ("lit", "mouth"):
        off = [min(abs(at - onset) for at in found[kind]) / 48 for onset in found["onsets"]]
        print(f"{kind}: median {median(off):.0f} ms, worst {max(off):.0f} ms")
        assert median(off) <= CLOSE_MS


def test_the_emotion_is_dragged_in_mid_sentence(studio: Any, wait: Wait, speak: Speak) -> None:
    """A drag on the pad while the voice speaks arrives as ``emotion.applied``, and the sound is another."""
    from selenium.webdriver import ActionChains

    speak(TEXT)
    wait("seiyuu.player.now()?.ms > 500")
    pad = studio.find_element("id", "pad")
    drag = ActionChains(studio, duration=80).move_to_element(pad).click_and_hold()
    drag.move_by_offset(60, 40).move_by_offset(0, 20).release().perform()
    applied = wait("seiyuu.stage.current?.emotions.at(-1)")
    assert applied["intensity"] > 0.3
    assert max(applied["vector"]) > 0.5
    wait("document.querySelectorAll('#history li').length === 1")
    assert studio.find_element("id", "turned").text.endswith("ms")


def test_an_interruption_shows_what_was_heard(studio: Any, wait: Wait, speak: Speak) -> None:
    """After the button, heard and unheard text stand in the history and make up the whole."""
    speak(TEXT)
    wait("seiyuu.captions.lit > 3")
    studio.find_element("id", "stop").click()
    wait("document.querySelector('#history .unheard')")
    heard = studio.find_element("css selector", "#history .heard").get_attribute("textContent")
    unheard = studio.find_element("css selector", "#history .unheard").get_attribute("textContent")
    assert heard + unheard == TEXT
    assert len(heard) >= 3
    assert unheard
    wait("!seiyuu.player.state.playing")


def test_a_lost_connection_is_not_heard(
    studio: Any, server: Server, wait: Wait, speak: Speak
) -> None:
    """The socket is closed in mid-sentence; the page comes back to its session and nothing is missing."""
    speak(TEXT)
    wait("seiyuu.player.now()?.ms > 300")
    studio.execute_script("seiyuu.live.link.socket.close()")
    wait("document.querySelectorAll('#history li').length === 1")
    assert studio.execute_script("return seiyuu.live.resumed")
    np.testing.assert_array_equal(received(studio), sent_by(server, TEXT))


def test_words_are_spoken_while_they_are_typed(studio: Any, wait: Wait) -> None:
    """In typing mode sound begins before the line is ended, and Enter ends it."""
    studio.find_element("id", "typing").click()
    field = studio.find_element("id", "text")
    field.send_keys("今天天气真好,")
    wait("seiyuu.player.now()?.ms > 100")
    field.send_keys("我们出去玩吧\n")
    wait("document.querySelectorAll('#history li').length === 1")
    said = studio.find_element("css selector", "#history .said").text
    assert said == "今天天气真好,我们出去玩吧"
    assert field.get_attribute("value") == ""


@pytest.mark.parametrize("transport", ["websocket", "webrtc"])
def test_the_overlay_shows_what_another_page_drives(
    studio: Any, server: Server, wait: Wait, speak: Speak, save: Speak, transport: str
) -> None:
    """A second page follows the Studio's session: captions, an open mouth, and sound."""
    driver = studio.current_window_handle
    session = studio.execute_script("return seiyuu.live.started.session")
    studio.switch_to.new_window("window")
    try:
        studio.get(f"{server.url}overlay?session={session}&transport={transport}&captions=ahead")
        wait("window.seiyuu?.live.state === 'open'")
        overlay = studio.current_window_handle
        studio.switch_to.window(driver)
        speak(TEXT)
        studio.switch_to.window(overlay)
        wait("seiyuu.captions.lit > 2")
        wait("seiyuu.mouth.open > 0.3")
        save(f"overlay-{transport}")
        wait("[...seiyuu.stage.utterances.values()].some((u) => u.told)")
        shown = studio.find_element("id", "captions").get_attribute("textContent")
        assert shown == TEXT
    finally:
        studio.close()
        studio.switch_to.window(driver)
