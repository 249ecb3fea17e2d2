// The emotion of the voice: led by the pad, by words or by a clip, whichever was used last.

import { colour, describe } from "./pad.js";
import { word } from "./words.js";

const TURN_EVERY_MS = 90; // while the pad is dragged

/** `feeling` is what the voice has at the moment. */
export class Directing {
  constructor(find, live, stage, pad) {
    Object.assign(this, { find, live, stage, pad });
    this.feeling = pad.emotion;
    this.label = null; // of what leads the voice if it is not the pad
    this.asked = null; // the last emotion.set
    pad.addEventListener("change", () => this.turn());
    pad.addEventListener("settle", () => this.turn());
    stage.addEventListener("applied", ({ detail }) => this.applied(detail));
    find("describe").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = find("description").value.trim();
      if (text) this.lead({ describe: text }, `“${text}”`);
    });
  }

  /** The pad was moved. */
  turn() {
    this.label = null;
    this.pad.leave(false);
    this.show(this.pad.emotion);
    this.turning ??= setTimeout(() => {
      this.turning = null;
      if (this.label) return; // words came after it
      this.ask({ emotion: this.pad.emotion, at: "now", ramp_ms: 120 });
      if (![...this.stage.utterances.values()].some((u) => u.reason === null)) this.feeling = this.pad.emotion;
    }, TURN_EVERY_MS);
  }

  /** Something else than the pad leads; where that is, the voice says when it gets there. */
  lead(emotion, label) {
    this.label = label;
    this.pad.leave(true);
    this.find("feeling").textContent = label;
    this.ask({ emotion, at: "now" });
  }

  ask(fields) {
    this.asked = { fields, at: performance.now() };
    this.live.say("emotion.set", fields);
  }

  /** Another session does not know what was asked of the last one. */
  again() {
    if (this.asked) this.live.say("emotion.set", this.asked.fields);
  }

  applied({ utterance, emotion, at_ms: at, after_ms: after }) {
    const { begunAt } = this.stage.find(utterance);
    // What was asked for before the first word was not a turn in mid-sentence.
    if (at > 0 && this.asked && this.asked.at > (begunAt ?? Infinity)) this.find("turned").textContent = `${Math.round(after)} ms`;
    this.feeling = emotion;
    this.pad.show(emotion.vector, emotion.intensity);
    if (!this.label) return;
    this.pad.put(emotion.vector, emotion.intensity);
    this.pad.leave(false);
    this.show(emotion);
  }

  show({ vector, intensity }) {
    const words = describe(vector, intensity);
    this.find("feeling").textContent = this.label ? `${words} — ${this.label}` : words;
    document.documentElement.style.setProperty("--feeling", colour(vector, intensity));
  }

  rename() {
    this.pad.rename();
    if (!this.label) this.show(this.pad.emotion);
  }

  borrow(clip) {
    this.lead({ reference: clip }, word("emotion_of_clip"));
  }
}
