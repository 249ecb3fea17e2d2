// A voice from a recording: drop or record a clip, say who agreed, and the server makes a voice of it.

import { makeVoice, removeVoice, sendClip, summary } from "./clips.js";
import { Recorder } from "./recorder.js";
import { word } from "./words.js";

const PARTS = ["drop", "file", "record", "clip", "verdict", "enrol", "name", "who", "purpose", "agreed", "make", "borrow", "own", "owned"];

/** Events: `voice` (its name), `gone` (a voice that was removed), `emotion` (a clip to take the emotion from). */
export class Clone extends EventTarget {
  constructor(find) {
    super();
    for (const id of PARTS) this[id] = find(id);
    this.held = null; // id of the clip the server has
    this.recorder = new Recorder((blob) => this.recorded(blob));
    this.file.addEventListener("change", () => this.file.files[0] && this.take(this.file.files[0]));
    this.record.addEventListener("click", () => this.toggle());
    this.enrol.addEventListener("submit", (e) => {
      e.preventDefault();
      this.make_();
    });
    this.borrow.addEventListener("click", () => this.emit("emotion", this.held));
    this.catchDrops();
  }

  catchDrops() {
    const on = (type, act) => this.drop.addEventListener(type, act);
    on("dragover", (e) => {
      e.preventDefault();
      this.drop.classList.add("over");
    });
    on("dragleave", () => this.drop.classList.remove("over"));
    on("drop", (e) => {
      e.preventDefault();
      this.drop.classList.remove("over");
      if (e.dataTransfer.files[0]) this.take(e.dataTransfer.files[0]);
    });
  }

  /** What this engine can do. */
  offer({ cloning }) {
    this.cloning = cloning;
    if (!cloning) this.tell(word("no_cloning"));
    this.allow();
  }

  /** In the language of the page; what the user has written stays. */
  rename() {
    this.record.textContent = word(this.recorder.running ? "recording" : "record");
    if (!this.purpose.dataset.own) this.purpose.value = word("purpose_usual");
    this.purpose.oninput = () => (this.purpose.dataset.own = true);
  }

  allow() {
    this.make.disabled = !this.held || !this.cloning;
    this.borrow.disabled = !this.held;
  }

  async toggle() {
    if (this.recorder.running) return this.recorder.stop();
    try {
      await this.recorder.start();
      this.record.classList.add("on");
    } catch (error) {
      this.tell(word("no_microphone") + error.message, false);
    }
    return this.rename();
  }

  recorded(blob) {
    this.record.classList.remove("on");
    this.rename();
    if (blob.size) this.take(blob);
    else this.tell(word("too_short"), false);
  }

  async take(blob) {
    this.held = null;
    this.allow();
    URL.revokeObjectURL(this.clip.src);
    this.clip.src = URL.createObjectURL(blob);
    this.clip.hidden = false;
    this.tell(word("making"));
    const answer = await sendClip(blob);
    if (answer.error) return this.tell(answer.error, false);
    this.held = answer.id;
    this.allow();
    const fine = answer.verdict.problems.length === 0 && this.cloning;
    return this.tell([summary(answer.verdict), ...(this.cloning ? [] : [word("no_cloning")])].join(" · "), fine);
  }

  async make_() {
    this.make.disabled = true;
    this.tell(word("making"));
    const name = this.name.value.trim();
    const consent = { consent_who: this.who.value, consent_when: new Date().toISOString(), consent_purpose: this.purpose.value };
    const answer = await makeVoice({ name, clip: this.held, ...consent });
    this.allow();
    if (answer.error) return this.tell(answer.error, false);
    this.tell(`${word("voice_made")}${name}. ${word("refining")}`, true);
    this.name.value = "";
    this.agreed.checked = false;
    return this.emit("voice", name);
  }

  /** The voices that were made here, each with a button to remove it. */
  list(voices) {
    const mine = voices.filter((voice) => voice.record);
    this.owned.hidden = mine.length === 0;
    this.own.replaceChildren(...mine.map(({ name }) => this.entry(name)));
  }

  entry(name) {
    const [entry, button] = [document.createElement("li"), document.createElement("button")];
    button.type = "button";
    button.textContent = word("remove");
    button.setAttribute("aria-label", `${word("remove")} ${name}`);
    button.addEventListener("click", async () => {
      if (!confirm(`${name}: ${word("remove_sure")}`)) return;
      const answer = await removeVoice(name);
      this.tell(answer.error ?? word("removed") + name, !answer.error);
      if (!answer.error) this.emit("gone", name);
    });
    entry.append(name, button);
    return entry;
  }

  /** `fine` true is good news, false a problem, left out neither. */
  tell(text, fine = null) {
    this.verdict.textContent = text;
    this.verdict.hidden = !text;
    this.verdict.dataset.fine = fine;
  }

  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
