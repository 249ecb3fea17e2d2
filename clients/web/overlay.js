// The overlay: follows a session that another connection drives, for a browser source.
//
// Settings in the address: session (id, or "current", which is the default), captions (off | heard | ahead),
// mouth (off | on), name (off | on), audio (on | off), font, size (pixels), color, position (bottom | top),
// delay (milliseconds that picture is held back behind the sound), buffer (milliseconds of sound kept against a bad
// network), transport (websocket | webrtc), words (en | zh).

import { Captions } from "./captions.js";
import { Mouth } from "./mouth.js";
import { Player } from "./player.js";
import { Stage } from "./stage.js";
import { peerSession, socketSession, wantedTransport } from "./stages.js";
import { preferred, speakIn } from "./words.js";

const LINGER_MS = 1500;
const TARGET_MS = 60;

const settings = new URLSearchParams(location.search);
const wanted = (name, usual) => settings.get(name) ?? usual;
const find = (id) => document.getElementById(id);

const session = wanted("session", "current");
const delayMs = Number(wanted("delay", "0")) || 0;
const peer = wantedTransport() === "webrtc" ? peerSession({ session, delayMs }) : null;
const live = peer?.live ?? socketSession("/v1/listen", { session });
let player = null;
let stage = null;

speakIn(wanted("words", preferred()));
dress();
if (peer) take(peer.player);
live.addEventListener("message", ({ detail }) => {
  if (detail.type === "session.started") begin(detail);
});
live.open();

function dress() {
  const { style } = document.documentElement;
  if (settings.has("font")) document.body.style.fontFamily = `"${settings.get("font").replaceAll('"', "")}", system-ui, sans-serif`;
  if (settings.has("size")) style.setProperty("--size", `${Math.max(8, Number(settings.get("size")) || 44)}px`);
  if (settings.has("color")) style.setProperty("--accent", settings.get("color"));
  find("box").classList.toggle("top", wanted("position", "bottom") === "top");
  find("captions").hidden = wanted("captions", "heard") === "off";
  find("captions").classList.toggle("ahead", wanted("captions", "heard") === "ahead");
  find("face").hidden = wanted("mouth", "on") === "off";
  find("who").hidden = wanted("name", "on") === "off";
}

/** A session to follow, in its own format; the sound system is built for the first one and kept. */
function begin(started) {
  find("name").textContent = started.voice;
  if (peer || (player && player.rate === started.audio.sample_rate)) return;
  player?.context?.close();
  const targetMs = Math.max(20, Number(wanted("buffer", TARGET_MS)) || TARGET_MS);
  take(new Player({ rate: started.audio.sample_rate, targetMs, delayMs }));
}

function take(one) {
  player = one;
  stage = new Stage(live, player);
  watch();
  start();
}
async function start() {
  await player.start();
  if (wanted("audio", "on") === "off") player.volume = 0;
  find("unlock").hidden = player.running;
  document.addEventListener("pointerdown", () => start(), { once: true });
}

function watch() {
  const mine = stage;
  const captions = new Captions(find("captions"));
  const mouth = new Mouth(find("mouth"));
  let quiet = performance.now();
  mine.addEventListener("utterance", ({ detail }) => captions.show(detail));
  mine.addEventListener("cancelled", ({ detail }) => captions.utterance === detail && captions.over());
  mine.addEventListener("heard", ({ detail: { utterance, ms, level } }) => {
    if (mine !== stage) return;
    const now = performance.now();
    if (utterance) {
      quiet = now;
      spell(utterance);
      captions.grow();
      captions.at(ms);
    }
    find("box").classList.toggle("speaking", now - quiet < LINGER_MS);
    const viseme = utterance?.hasVisemes ? utterance.visemeAt(ms)?.viseme ?? "sil" : null;
    mouth.draw(viseme, level);
  });
  window.seiyuu = { live, player, stage: mine, captions, mouth };
}

/** A listener is not told the text; the marks spell it, and what is between them is taken for a space. */
function spell(utterance) {
  const text = [...utterance.text];
  for (const mark of utterance.letters) {
    while (text.length < mark.char_start) text.push(" ");
    [...mark.text].forEach((character, i) => {
      if (mark.char_start + i >= text.length) text.push(character);
    });
  }
  utterance.text = text.join("");
}
