// The Studio: wires the page's parts to one session.

import { address } from "./address.js";
import { Captions } from "./captions.js";
import { Clone } from "./clone.js";
import { Composer } from "./composer.js";
import { Directing } from "./directing.js";
import { offerHints } from "./hints.js";
import { History } from "./history.js";
import { Mouth } from "./mouth.js";
import { Pace } from "./pace.js";
import { Pad } from "./pad.js";
import { Player } from "./player.js";
import { Scope } from "./scope.js";
import { Stage } from "./stage.js";
import { peerSession, socketSession, wantedTransport } from "./stages.js";
import { View } from "./view.js";
import { renameVoices, showVoices } from "./voices.js";
import { AXES, word } from "./words.js";

const RATE = 48000;
const MARKS = ["char", "word", "phoneme", "viseme"];
const REFUSED = 1008;

const find = (id) => document.getElementById(id);
const start = { audio: { codec: "pcm_s16le", sample_rate: RATE, ptime_ms: 20 }, marks: MARKS, lead_ms: 400 };
const { live, player } =
  wantedTransport() === "webrtc"
    ? peerSession({ start })
    : { live: socketSession("/v1/live", { start }), player: new Player({ rate: RATE, targetMs: 40 }) };
const stage = new Stage(live, player);
const captions = new Captions(find("captions"));
const mouth = new Mouth(find("mouth"));
const scope = new Scope(find("scope"), RATE);
const pad = new Pad(find("pad"));
const composer = new Composer(find("text"), find("typing"));
const history = new History(find("history"), find("empty"));
const clone = new Clone(find);
const pace = new Pace(find("pace"), find("amount"));
const directing = new Directing(find, live, stage, pad);
offerHints(find, composer, pad);
const view = new View(find, () => {
  directing.rename();
  clone.rename();
  renameVoices(find("voices"));
});
let writing = null; // number of the utterance that is being typed
let held = false;

// What the server says.

live.addEventListener("state", ({ detail }) => {
  view.show(detail);
  if (detail.state === "lost" && detail.code === REFUSED) delete live.start.voice; // it may be gone
});
live.addEventListener("message", ({ detail }) => {
  if (detail.type !== "session.started" || live.resumed) return;
  writing = null;
  composer.forget();
  buttons();
  view.name(detail.engine);
  directing.again();
  listVoices(detail.voice);
});
stage.addEventListener("utterance", ({ detail }) => captions.show(detail));
stage.addEventListener("onset", ({ detail }) => (find("onset").textContent = `${Math.round(detail.onsetMs)} ms`));
stage.addEventListener("over", ({ detail: utterance }) => {
  if (captions.utterance === utterance) captions.over();
  if (writing === utterance.number) stopWriting();
  history.add(utterance);
  buttons();
});
stage.addEventListener("cancelled", ({ detail }) => {
  captions.show(detail);
  captions.over();
});
stage.addEventListener("trouble", ({ detail }) => view.notice(detail.message));
stage.addEventListener("heard", ({ detail: { utterance, ms, level } }) => {
  if (utterance) {
    captions.at(ms);
    if (utterance.firstPacketMs !== null) find("first").textContent = `${Math.round(utterance.firstPacketMs)} ms`;
  }
  const viseme = utterance?.hasVisemes ? utterance.visemeAt(ms)?.viseme ?? "sil" : null;
  mouth.draw(viseme, level);
  scope.draw(player.frameHeard());
});
player.addEventListener("block", ({ detail: { samples, frame, utterance, ms, underruns } }) => {
  scope.feed(samples, frame, stage.utterances.get(utterance)?.emotionAt(ms) ?? directing.feeling);
  find("underruns").textContent = underruns;
});
player.addEventListener("position", ({ detail }) => live.say("playback.report", { utterance: detail.utterance, played_ms: detail.ms }));

// What the user says.

composer.addEventListener("delta", ({ detail: { text, first } }) => {
  player.start();
  if (first) begin();
  const utterance = stage.find(writing);
  utterance.text += text;
  if (captions.utterance === utterance) captions.grow();
  live.say("text.delta", { text, utterance: writing, ...(first && pace.wanted()) });
});
composer.addEventListener("end", () => {
  live.say("text.end", { utterance: writing });
  writing = null;
});
composer.addEventListener("refused", () => view.notice(word("cannot_unsay")));

function begin() {
  writing = live.number();
  stage.find(writing).begunAt = performance.now();
  view.notice("");
  buttons(true);
}

function stopWriting() {
  writing = null;
  composer.forget();
}

function interrupt() {
  if (find("stop").disabled) return;
  const now = player.now();
  live.say("speech.cancel", now && { played_ms: now.ms });
  if (now) player.drop(now.utterance);
  hold(false);
  stopWriting();
}

function hold(on) {
  if (held === on) return;
  held = on;
  player.pause(on);
  live.say(on ? "speech.pause" : "speech.resume");
  find("hold").textContent = word(on ? "go_on" : "pause");
}

function chooseVoice(name) {
  live.start.voice = name; // also for a session that has to be begun anew
  live.say("voice.set", { voice: name });
}

async function listVoices(current) {
  clone.list(await showVoices(find("voices"), current, chooseVoice));
}

function buttons(speaking = [...stage.utterances.values()].some((u) => u.reason === null || !u.told)) {
  find("stop").disabled = !speaking;
  find("hold").disabled = !speaking;
  if (!speaking) hold(false);
}

find("speak").addEventListener("click", () => composer.finish());
find("stop").addEventListener("click", interrupt);
find("hold").addEventListener("click", () => hold(!held));
find("language").addEventListener("change", ({ target }) => live.restart({ language: target.value }));
find("transport").value = wantedTransport();
find("transport").addEventListener("change", ({ target }) => {
  const url = new URL(location.href);
  url.searchParams.set("transport", target.value);
  location.assign(url);
});
find("volume").addEventListener("input", ({ target }) => (player.volume = Number(target.value)));
find("delay").addEventListener("input", ({ target }) => {
  player.delayMs = Number(target.value);
  find("delayed").textContent = `${target.value} ms`;
});
clone.addEventListener("voice", ({ detail }) => {
  chooseVoice(detail);
  listVoices(detail);
});
clone.addEventListener("gone", ({ detail }) => {
  if (live.start.voice === detail) delete live.start.voice;
  listVoices(live.start.voice ?? live.started.voice);
});
clone.addEventListener("emotion", ({ detail }) => directing.borrow(detail));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") interrupt();
  if (event.key === "F2") find("pad").focus();
  if (event.altKey && /^[1-8]$/.test(event.key)) {
    event.preventDefault();
    pad.choose(AXES[Number(event.key) - 1]);
  }
});
document.addEventListener("pointerdown", () => player.start(), { once: true });

view.begin();
player.prepare();
live.open();
fetch(address("/v1/engine"))
  .then((answer) => answer.json())
  .then((info) => clone.offer(info));

/** For scripts in the browser's console, and for tests. */
window.seiyuu = { live, player, stage, captions, mouth, pad };
