// The Studio: wires the page's parts to one session.

import { Captions } from "./captions.js";
import { Clone } from "./clone.js";
import { Composer } from "./composer.js";
import { History } from "./history.js";
import { Live, address } from "./live.js";
import { Mouth } from "./mouth.js";
import { Pad, colour, describe } from "./pad.js";
import { Player } from "./player.js";
import { Scope } from "./scope.js";
import { Stage } from "./stage.js";
import { showVoices } from "./voices.js";
import { AXES, language, preferred, speakIn, word } from "./words.js";

const RATE = 48000;
const TURN_EVERY_MS = 90; // while the pad is dragged
const MARKS = ["char", "word", "phoneme", "viseme"];

const find = (id) => document.getElementById(id);
const live = new Live(address("/v1/live", { socket: true }), { audio: { codec: "pcm_s16le", sample_rate: RATE, ptime_ms: 20 }, marks: MARKS, lead_ms: 400 });
const player = new Player({ rate: RATE, targetMs: 40 });
const stage = new Stage(live, player);
const captions = new Captions(find("captions"));
const mouth = new Mouth(find("mouth"));
const scope = new Scope(find("scope"), RATE);
const pad = new Pad(find("pad"));
const composer = new Composer(find("text"), find("typing"));
const history = new History(find("history"), find("empty"));
const clone = new Clone(find);
const now_ = { writing: null, feeling: pad.emotion, held: false };

// What the server says.

live.addEventListener("state", ({ detail: { state } }) => showState(state));
live.addEventListener("message", ({ detail }) => {
  if (detail.type !== "session.started" || live.resumed) return;
  now_.writing = null;
  composer.forget();
  find("engine").textContent = `${word("engine")}: ${detail.engine}`;
  showVoices(find("voices"), detail.voice, chooseVoice);
});
stage.addEventListener("utterance", ({ detail }) => captions.show(detail));
stage.addEventListener("onset", ({ detail }) => {
  find("onset").textContent = `${Math.round(detail.onsetMs)} ms`;
});
stage.addEventListener("applied", ({ detail }) => {
  pad.show(detail.emotion.vector, detail.emotion.intensity);
  // At the very beginning it was asked for before anything sounded.
  if (detail.at_ms > 0) find("turned").textContent = `${Math.round(detail.after_ms)} ms`;
  now_.feeling = detail.emotion;
});
stage.addEventListener("over", ({ detail: utterance }) => {
  if (captions.utterance === utterance) captions.over();
  if (now_.writing === utterance.number) stopWriting();
  history.add(utterance);
  buttons();
});
stage.addEventListener("cancelled", ({ detail }) => {
  captions.show(detail);
  captions.over();
});
stage.addEventListener("trouble", ({ detail }) => notice(detail.message));
stage.addEventListener("heard", ({ detail: { utterance, ms, level } }) => {
  if (utterance) {
    captions.at(ms);
    if (utterance.firstPacketMs !== null) find("first").textContent = `${Math.round(utterance.firstPacketMs)} ms`;
  }
  const viseme = utterance?.hasVisemes ? utterance.visemeAt(ms)?.viseme ?? "sil" : null;
  mouth.draw(viseme, level);
  scope.draw(player.frameHeard());
});
player.addEventListener("block", ({ detail }) => {
  scope.feed(detail.samples, detail.frame, now_.feeling);
  find("underruns").textContent = detail.underruns;
});
player.addEventListener("position", ({ detail }) => live.say("playback.report", { utterance: detail.utterance, played_ms: detail.ms }));

// What the user does.

composer.addEventListener("delta", ({ detail: { text, first } }) => {
  player.start();
  if (first) begin();
  const utterance = stage.find(now_.writing);
  utterance.text += text;
  if (captions.utterance === utterance) captions.grow();
  live.say("text.delta", { text, utterance: now_.writing, ...(first && wantedPace()) });
});
composer.addEventListener("end", () => {
  live.say("text.end", { utterance: now_.writing });
  now_.writing = null;
});
composer.addEventListener("refused", () => notice(word("cannot_unsay")));

function begin() {
  now_.writing = live.number();
  stage.find(now_.writing).begunAt = performance.now();
  notice("");
  buttons(true);
}

function wantedPace() {
  const kind = find("pace").value;
  const amount = Number(find("amount").value);
  if (kind === "free" || !(amount > 0)) return {};
  return { pace: { mode: "controlled", [kind]: kind === "ratio" ? amount : Math.round(amount * 1000) } };
}

function stopWriting() {
  now_.writing = null;
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
  if (now_.held === on) return;
  now_.held = on;
  player.pause(on);
  live.say(on ? "speech.pause" : "speech.resume");
  find("hold").textContent = word(on ? "go_on" : "pause");
}

function turn(emotion) {
  find("feeling").textContent = describe(emotion.vector, emotion.intensity);
  document.documentElement.style.setProperty("--feeling", colour(emotion.vector, emotion.intensity));
  now_.turning ??= setTimeout(() => {
    now_.turning = null;
    live.say("emotion.set", { emotion: pad.emotion, at: "now", ramp_ms: 120 });
    if (![...stage.utterances.values()].some((u) => u.reason === null)) now_.feeling = pad.emotion;
  }, TURN_EVERY_MS);
}

function chooseVoice(name) {
  live.start.voice = name; // also for a session that has to be begun anew
  live.say("voice.set", { voice: name });
}

pad.addEventListener("change", ({ detail }) => turn(detail));
pad.addEventListener("settle", ({ detail }) => turn(detail));
find("describe").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = find("description").value.trim();
  if (text) live.say("emotion.set", { emotion: { describe: text }, at: "now" });
});
find("speak").addEventListener("click", () => composer.finish());
find("stop").addEventListener("click", interrupt);
find("hold").addEventListener("click", () => hold(!now_.held));
find("pinyin").addEventListener("click", () => composer.insert("", "(pīnyīn)"));
find("tag").addEventListener("click", () => {
  const { vector, intensity } = pad.emotion;
  const strongest = AXES[vector.indexOf(Math.max(...vector))];
  composer.insert(intensity ? `[${strongest}:${intensity.toFixed(1)}]` : "[neutral]");
});
find("language").addEventListener("change", ({ target }) => live.restart({ language: target.value }));
find("pace").addEventListener("change", ({ target }) => {
  find("amount").hidden = target.value === "free";
  find("amount").value = target.value === "ratio" ? "1" : "3";
});
find("volume").addEventListener("input", ({ target }) => (player.volume = Number(target.value)));
find("delay").addEventListener("input", ({ target }) => {
  player.delayMs = Number(target.value);
  find("delayed").textContent = `${target.value} ms`;
});
clone.addEventListener("voice", ({ detail }) => {
  showVoices(find("voices"), detail, chooseVoice);
  chooseVoice(detail);
});
clone.addEventListener("emotion", ({ detail }) => live.say("emotion.set", { emotion: { reference: detail }, at: "now" }));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") interrupt();
  if (event.altKey && /^[1-8]$/.test(event.key)) {
    event.preventDefault();
    pad.choose(AXES[Number(event.key) - 1]);
  }
});
document.addEventListener("pointerdown", () => player.start(), { once: true });

// What the page shows.

function showState(state) {
  find("light").className = `light ${state}`;
  find("state").textContent = word(state);
}

function buttons(speaking = [...stage.utterances.values()].some((u) => u.reason === null || !u.told)) {
  find("stop").disabled = !speaking;
  find("hold").disabled = !speaking;
  if (!speaking) hold(false);
}

function notice(text) {
  find("notice").textContent = text;
  find("notice").hidden = !text;
}

function rename(wanted) {
  localStorage.setItem("seiyuu.words", wanted);
  speakIn(wanted);
  find("words").textContent = wanted === "zh" ? "English" : "中文";
  find("words").lang = wanted === "zh" ? "en" : "zh";
  find("captions").setAttribute("placeholder", word("hint_start"));
  pad.rename();
  showState(live.state);
  find("feeling").textContent = describe(pad.emotion.vector, pad.emotion.intensity);
  if (live.started) find("engine").textContent = `${word("engine")}: ${live.started.engine}`;
}

function dress(theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("seiyuu.theme", theme);
}

find("words").addEventListener("click", () => rename(language === "zh" ? "en" : "zh"));
find("theme").addEventListener("click", () => dress(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
dress(localStorage.getItem("seiyuu.theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
rename(preferred());
live.open();
fetch(address("/v1/engine"))
  .then((answer) => answer.json())
  .then((info) => clone.offer(info));

/** For scripts in the browser's console, and for tests. */
window.seiyuu = { live, player, stage, captions, mouth, pad };
