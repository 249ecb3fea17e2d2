"""The pages over WebRTC, and players that know nothing of this server but WHEP."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest

pytestmark = pytest.mark.integration

TEXT = "大家好 今天我们来玩一个新游戏 你们准备好了吗"
CLOSE_MS = 60
"""How far captions may lie from the sound."""
WHEP_CLIENT = "@binbat/whip-whep@1.1.1-sdp-trickle-throw"
INSTALL_S = 120

Wait = Callable[[str], Any]
Speak = Callable[[str], None]

WATCH = """
window.found = { onsets: [], lit: [] };
const { player, stage, captions } = seiyuu;
let loud = false, quiet = 0, lit = 0;
player.addEventListener("block", ({ detail: { samples, frame } }) => {
  for (let i = 0; i < samples.length; i += 48) {
    const now = samples.subarray(i, i + 48).some((x) => Math.abs(x) > 0.02);
    quiet = now ? 0 : quiet + 1;
    if (now && !loud) found.onsets.push(frame - samples.length + i);
    if (now || quiet > 40) loud = now;
  }
});
stage.addEventListener("heard", () => {
  if (captions.lit > lit) found.lit.push(player.frameHeard());
  lit = captions.lit;
});
"""


@pytest.fixture
def rtc_studio(browser: Any, server: Any, wait: Wait) -> Any:
    """The Studio, its session driven over WebRTC."""
    browser.set_window_size(1280, 1000)
    browser.get(f"{server.url}?transport=webrtc")
    wait("window.seiyuu?.live.state === 'open'")
    return browser


def test_the_studio_speaks_over_webrtc(rtc_studio: Any, wait: Wait, speak: Speak) -> None:
    """Text goes up the data channel and sound comes back: loud, as long as it should be, with lit captions."""
    rtc_studio.execute_script(WATCH)
    speak("啊   哦   呃   咦   呜   鱼")
    wait("document.querySelectorAll('#history li').length === 1")
    found = rtc_studio.execute_script("return found")
    assert len(found["onsets"]) == 6
    off = [min(abs(at - onset) for at in found["lit"]) / 48 for onset in found["onsets"]]
    print(f"lit over WebRTC: median {median(off):.0f} ms, worst {max(off):.0f} ms")
    assert median(off) <= CLOSE_MS
    heard_s, loudest = rtc_studio.execute_script("""
      const [utterance] = [...seiyuu.stage.utterances.values()];
      const samples = utterance.samples();
      return [samples.length / 48000 - utterance.durationMs / 1000, samples.reduce((a, b) => Math.max(a, b), 0)];
    """)
    assert abs(heard_s) < 0.1
    assert loudest > 0.1


def test_it_is_turned_and_interrupted_over_webrtc(
    rtc_studio: Any, wait: Wait, speak: Speak
) -> None:
    """An emotion chosen in mid-sentence is applied; the button says what was heard."""
    speak(TEXT)
    wait("seiyuu.captions.lit > 3")
    rtc_studio.execute_script("seiyuu.pad.choose('anger', 0.9)")
    applied = wait("seiyuu.stage.current?.emotions.at(-1)")
    assert applied["vector"][1] == 1
    rtc_studio.find_element("id", "stop").click()
    wait("document.querySelector('#history .unheard')")
    parts = [
        rtc_studio.find_element("css selector", f"#history .{kind}").get_attribute("textContent")
        for kind in ("heard", "unheard")
    ]
    assert "".join(parts) == TEXT
    assert len(parts[0]) >= 3


def test_a_lost_peer_comes_back(rtc_studio: Any, wait: Wait, speak: Speak) -> None:
    """When its connection is gone the page makes another, and speaks again in the emotion it had."""
    rtc_studio.execute_script("seiyuu.pad.choose('joy', 0.8)")
    first = rtc_studio.execute_script("return seiyuu.live.started.session")
    rtc_studio.execute_script("seiyuu.live.link.close()")
    wait(f"seiyuu.live.started?.session !== '{first}' && seiyuu.live.state === 'open'")
    speak(TEXT)
    wait("seiyuu.captions.lit > 3")
    wait("seiyuu.stage.current?.emotions.at(-1)?.vector[0] === 1")


def test_chromium_hears_over_webrtc(studio: Any, wait: Wait, speak: Speak) -> None:
    """A peer connection made by hand receives sound that is not silent, and marks on its data channel."""
    studio.execute_script("""
      window.peer = new RTCPeerConnection();
      window.said = [];
      peer.addTransceiver("audio", { direction: "recvonly" });
      peer.createDataChannel("live").onmessage = ({ data }) => said.push(JSON.parse(data).type);
      peer.ontrack = ({ streams, track }) => {
        window.sink = new Audio();
        sink.srcObject = streams[0] ?? new MediaStream([track]);
        sink.play();
      };
      (async () => {
        await peer.setLocalDescription(await peer.createOffer());
        const session = seiyuu.live.started.session;
        const answer = await fetch(`/v1/webrtc?session=${session}`, {
          method: "POST", headers: { "content-type": "application/sdp" }, body: peer.localDescription.sdp });
        window.place = answer.headers.get("location");
        await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
      })();
    """)
    wait("peer.connectionState === 'connected'")
    speak(TEXT)
    energy = studio.execute_async_script("""
      const done = arguments[0];
      const look = async () => {
        for (const { type, totalAudioEnergy } of (await peer.getStats()).values())
          if (type === "inbound-rtp" && totalAudioEnergy > 0.005 && said.includes("mark"))
            return done(totalAudioEnergy);
        setTimeout(look, 100);
      };
      look();
    """)
    assert energy > 0.005
    gone = studio.execute_async_script(
        "fetch(place, { method: 'DELETE' }).then((r) => arguments[0](r.status))"
    )
    assert gone == 200


@pytest.fixture(scope="session")
def whep_client(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of somebody else's WHEP client, from npm."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder: Path = tmp_path_factory.mktemp("npm")
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", WHEP_CLIENT]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not install {WHEP_CLIENT} in time")
    if done.returncode:
        pytest.skip(f"npm cannot install {WHEP_CLIENT}: {done.stderr.strip()[-200:]}")
    return (folder / "node_modules" / "@binbat" / "whip-whep" / "whep.js").read_text("utf-8")


def test_a_foreign_whep_client_plays_the_session(
    studio: Any, whep_client: str, wait: Wait, speak: Speak
) -> None:
    """A client from npm connects, is heard to receive sound, trickles its candidates and leaves in order."""
    session = studio.execute_script("return seiyuu.live.started.session")
    # Run from outside: the page's policy lets in no script that is not the server's.
    studio.execute_script(
        re.sub(r"^export ", "", whep_client, flags=re.MULTILINE)
        + """
        window.fetched = [];
        const plain = window.fetch;
        window.fetch = async (url, options) => {
          const answer = await plain(url, options);
          fetched.push([options?.method ?? "GET", answer.status]);
          return answer;
        };
        window.foreign = new RTCPeerConnection();
        foreign.addTransceiver("audio", { direction: "recvonly" });
        foreign.ontrack = ({ track }) => {
          window.sink = new Audio();
          sink.srcObject = new MediaStream([track]);
          sink.play();
        };
        window.whep = new WHEPClient();
        const place = `${location.origin}/v1/webrtc?session=${arguments[0]}`;
        whep.view(foreign, place, "").catch((error) => (window.failed = `${error}`));
        """,
        session,
    )
    wait("foreign.connectionState === 'connected' || window.failed")
    assert studio.execute_script("return window.failed ?? null") is None
    speak(TEXT)
    energy = studio.execute_async_script("""
      const done = arguments[0];
      const look = async () => {
        for (const { type, totalAudioEnergy } of (await foreign.getStats()).values())
          if (type === "inbound-rtp" && totalAudioEnergy > 0.005) return done(totalAudioEnergy);
        setTimeout(look, 100);
      };
      look();
    """)
    assert energy > 0.005
    studio.execute_async_script("whep.stop().then(() => arguments[0]())")
    fetched = studio.execute_script("return fetched")
    assert ["POST", 201] in fetched
    assert ["DELETE", 200] in fetched
    assert all(status < 300 for _, status in fetched)
