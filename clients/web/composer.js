// The text field: whole texts at once, or words as they are typed.

const IDLE_MS = 600;
/** A word is finished where one of these stands, or a script without spaces. */
const FINISHED = /^[\s\S]*[\s\p{P}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** Events: `delta` {text, first}, `end`, `refused` (somebody tried to take back what was spoken). */
export class Composer extends EventTarget {
  constructor(field, typing) {
    super();
    Object.assign(this, { field, typing });
    this.sent = ""; // of what stands in the field
    this.composing = false; // an input method is at work; what it shows is not text yet
    field.addEventListener("compositionstart", () => (this.composing = true));
    field.addEventListener("compositionend", () => {
      this.composing = false;
      this.changed();
    });
    field.addEventListener("input", (e) => !e.isComposing && this.changed());
    field.addEventListener("keydown", (e) => this.key(e));
    typing.addEventListener("change", () => this.changed());
  }

  key(event) {
    if (event.key !== "Enter" || event.isComposing || event.shiftKey) return;
    if (event.ctrlKey || event.metaKey || this.typing.checked) {
      event.preventDefault();
      this.finish();
    }
  }

  changed() {
    clearTimeout(this.idle);
    if (this.sent && !this.field.value.startsWith(this.sent)) {
      const rest = this.field.value.slice(common(this.sent, this.field.value));
      this.field.value = this.sent + (this.field.value.length > this.sent.length ? rest : "");
      this.emit("refused");
    }
    if (!this.typing.checked || this.composing) return;
    const [finished] = FINISHED.exec(this.unsent) ?? [""];
    this.send(finished);
    if (this.unsent) this.idle = setTimeout(() => this.send(this.unsent), IDLE_MS);
  }

  get unsent() {
    return this.field.value.slice(this.sent.length);
  }

  send(text) {
    if (!text) return;
    this.emit("delta", { text, first: this.sent === "" });
    this.sent += text;
  }

  /** Speaks what there is and ends the utterance. */
  finish() {
    clearTimeout(this.idle);
    if (!this.field.value.trim()) return;
    this.send(this.unsent);
    const typed = this.typing.checked;
    this.sent = "";
    if (typed) this.field.value = "";
    else if (matchMedia("(hover: hover)").matches) this.field.select(); // on a phone it would call up the keyboard
    this.emit("end");
  }

  /** What was being said was cancelled: the rest of the field is a new text. */
  forget() {
    clearTimeout(this.idle);
    if (this.sent) this.field.value = this.unsent.trimStart();
    this.sent = "";
  }

  /** Puts something in at the cursor, or around what is selected; leaves `blank`, a part of it, to be typed over. */
  insert(before, after = "", blank = "") {
    const { selectionStart: from, selectionEnd: to, value } = this.field;
    this.field.setRangeText(before + value.slice(from, to) + after, from, to, "end");
    this.field.focus();
    const at = blank ? this.field.value.indexOf(blank, to + before.length) : -1;
    if (at >= 0) this.field.setSelectionRange(at, at + blank.length);
    this.field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function common(a, b) {
  let n = 0;
  while (n < a.length && a[n] === b[n]) n++;
  return n;
}
