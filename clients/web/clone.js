// A voice from a recording: drop or record a clip, say who agreed, and the server makes a voice of it.

import { address } from "./live.js";
import { word } from "./words.js";

const LONGEST_MS = 30_000;

/** Events: `voice` (its name) and `emotion` (the id of a clip to take the emotion from). */
export class Clone extends EventTarget {
  constructor(find) {
    super();
    for (const id of ["drop", "file", "record", "clip", "verdict", "enrol", "name", "who", "agreed", "make", "borrow"]) this[id] = find(id);
    this.id_ = null;
    this.file.addEventListener("change", () => this.file.files[0] && this.take(this.file.files[0]));
    this.drop.addEventListener("dragover", (e) => {
      e.preventDefault();
      this.drop.classList.add("over");
    });
    this.drop.addEventListener("dragleave", () => this.drop.classList.remove("over"));
    this.drop.addEventListener("drop", (e) => {
      e.preventDefault();
      this.drop.classList.remove("over");
      if (e.dataTransfer.files[0]) this.take(e.dataTransfer.files[0]);
    });
    this.record.addEventListener("click", () => this.toggle().catch((error) => this.tell(error.message)));
    this.enrol.addEventListener("submit", (e) => {
      e.preventDefault();
      this.makeVoice();
    });
    this.borrow.addEventListener("click", () => this.emit("emotion", this.id_));
  }

  /** What this engine can do. */
  offer({ cloning }) {
    this.cloning = cloning;
    if (!cloning) this.tell(word("no_cloning"));
    this.allow();
  }

  allow() {
    this.make.disabled = !this.id_ || !this.cloning;
    this.borrow.disabled = !this.id_;
  }

  async toggle() {
    if (this.recorder) return this.recorder.stop();
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
    const parts = [];
    this.recorder = new MediaRecorder(stream);
    this.recorder.ondataavailable = ({ data }) => parts.push(data);
    this.recorder.onstop = () => {
      for (const track of stream.getTracks()) track.stop();
      const { mimeType } = this.recorder;
      this.recorder = null;
      this.record.classList.remove("on");
      this.record.textContent = word("record");
      this.take(new Blob(parts, { type: mimeType }));
    };
    this.recorder.start();
    this.record.classList.add("on");
    this.record.textContent = word("recording");
    setTimeout(() => this.recorder?.stop(), LONGEST_MS);
    return undefined;
  }

  async take(blob) {
    this.id_ = null;
    this.allow();
    URL.revokeObjectURL(this.clip.src);
    this.clip.src = URL.createObjectURL(blob);
    this.clip.hidden = false;
    this.tell(word("making"));
    const form = new FormData();
    form.append("clip", blob, "clip");
    const answer = await ask("/v1/clips", form);
    if (answer.error) return this.tell(answer.error);
    this.id_ = answer.id;
    this.allow();
    const { verdict } = answer;
    const advice = verdict?.advice ?? [];
    return this.tell([`${word("clip_ready")}: ${verdict?.summary ?? "✓"}`, ...[advice].flat(), ...(this.cloning ? [] : [word("no_cloning")])].join(" · "));
  }

  async makeVoice() {
    this.make.disabled = true;
    this.tell(word("making"));
    const form = new FormData();
    const now = new Date().toISOString();
    const fields = { name: this.name.value, clip: this.id_, consent_who: this.who.value, consent_when: now, consent_purpose: "speech in this studio" };
    for (const [key, value] of Object.entries(fields)) form.append(key, value);
    const answer = await ask("/v1/voices", form);
    this.allow();
    if (answer.error) return this.tell(answer.error);
    this.tell(word("voice_made") + this.name.value);
    return this.emit("voice", this.name.value);
  }

  tell(text) {
    this.verdict.textContent = text;
    this.verdict.hidden = !text;
  }

  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** The server's answer, or {error} in its own words. */
async function ask(path, form) {
  try {
    const response = await fetch(address(path), { method: "POST", body: form });
    if (response.status === 404 || response.status === 405) return { error: word("no_voice_door") };
    const answer = await response.json();
    return response.ok ? answer : { error: answer.message ?? `${response.status}` };
  } catch (error) {
    return { error: error.message };
  }
}
