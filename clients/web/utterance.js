// What the page knows of one utterance: its text, its sound as it was heard, its marks, and what happened to it.

export class Utterance {
  constructor(number, rate) {
    this.number = number;
    this.rate = rate;
    this.text = "";
    this.pieces = []; // {timestamp, samples}, in order of position
    this.marks = [];
    this.emotions = []; // {atMs, afterMs, vector, intensity, char}
    this.begunAt = null; // when its first text was sent
    this.firstPacketMs = null; // as the server measured it
    this.onsetMs = null; // from the first text sent to the first audible sample at the ear
    this.requestedMs = null;
    this.durationMs = null;
    this.reason = null;
    this.heard = null; // {text, unheard, ms} after a cancel
    this.voice = "";
    this.made = new Date();
  }

  sound(packet) {
    const { length } = this.pieces;
    if (length && packet.timestamp <= this.pieces[length - 1].timestamp) this.cut(packet.timestamp);
    this.pieces.push({ timestamp: packet.timestamp, samples: packet.samples });
  }

  /** What lies behind a position was made again: sound, marks and turns of emotion from there on are void. */
  rewind(from) {
    this.cut(from);
    const ms = (from / this.rate) * 1000;
    this.marks = this.marks.filter((mark) => mark.start_ms < ms);
    this.emotions = this.emotions.filter((one) => one.atMs < ms);
  }

  cut(from) {
    this.pieces = this.pieces.filter((piece) => piece.timestamp < from);
  }

  mark(message) {
    this.marks.push(message);
  }

  applied({ at_ms, after_ms, char, emotion }) {
    this.emotions.push({ atMs: at_ms, afterMs: after_ms, char, vector: emotion.vector, intensity: emotion.intensity });
  }

  /** The finest marks of text there are, in order. */
  get letters() {
    const chars = this.marks.filter((mark) => mark.kind === "char");
    return chars.length ? chars : this.marks.filter((mark) => mark.kind === "word");
  }

  /** How many code points of the text were heard at a position: all before the mark that comes next. */
  heardChars(ms) {
    let heard = 0;
    for (const mark of this.letters) if (mark.start_ms <= ms) heard = Math.max(heard, mark.char_end);
    return heard;
  }

  /** The viseme in force at a position, or null if the engine gives none. */
  visemeAt(ms) {
    let found = null;
    for (const mark of this.marks) {
      if (mark.kind !== "viseme" && mark.kind !== "phoneme") continue;
      if (mark.viseme && mark.start_ms <= ms && ms < mark.end_ms) found = mark;
    }
    return found;
  }

  get hasVisemes() {
    return this.marks.some((mark) => mark.viseme);
  }

  /** How many samples of it are here, from its beginning on. */
  get length() {
    const last = this.pieces[this.pieces.length - 1];
    return last ? last.timestamp + last.samples.length : 0;
  }

  /** The emotion in force at a position, or null if none was applied before it. */
  emotionAt(ms) {
    return this.emotions.filter((one) => one.atMs <= ms).at(-1) ?? null;
  }

  /** All of its sound, cut where the listener was if it was cancelled. */
  samples() {
    let { length } = this;
    if (this.durationMs !== null) length = Math.min(length, Math.round((this.durationMs * this.rate) / 1000));
    const all = new Float32Array(length);
    for (const { timestamp, samples } of this.pieces) {
      if (timestamp < length) all.set(samples.subarray(0, length - timestamp), timestamp);
    }
    return all;
  }
}
