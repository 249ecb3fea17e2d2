// Joins a session and the sound of the page: what arrives, what is heard, and what the listener sees of it.

import { level } from "./mouth.js";
import { Utterance } from "./utterance.js";

const AUDIBLE = 10 ** (-50 / 20);
const KEPT = 100;

/**
 * Events: `heard` {utterance, ms, level} once a picture frame, `utterance`, `applied`, `cancelled`, `over`
 * {utterance}, and `trouble` {code, message}.
 */
export class Stage extends EventTarget {
  constructor(live, player) {
    super();
    Object.assign(this, { live, player });
    this.utterances = new Map();
    this.blocks = []; // {frame, level} of what was played lately
    this.current = null;
    live.addEventListener("message", ({ detail }) => this.message(detail));
    live.addEventListener("packet", ({ detail }) => this.packet(detail));
    player.addEventListener("block", ({ detail }) => this.block(detail));
    player.addEventListener("over", ({ detail }) => this.finished(detail.utterance));
    const draw = () => {
      this.look();
      requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
  }

  get rate() {
    return this.player.rate;
  }

  /** The utterance of that number; made when it is first spoken of. */
  find(number) {
    let found = this.utterances.get(number);
    if (!found) {
      found = new Utterance(number, this.rate);
      found.voice = this.live.started?.voice ?? "";
      this.utterances.set(number, found);
      if (this.utterances.size > KEPT) this.utterances.delete(this.utterances.keys().next().value);
    }
    return found;
  }

  packet(packet) {
    const utterance = this.find(packet.utterance);
    // Joined in the middle: there is nothing before this to wait for.
    packet.joined = utterance.pieces.length === 0 && packet.timestamp > 0;
    utterance.sound(packet);
    this.player.put(packet);
  }

  message(message) {
    const number = message.utterance;
    switch (message.type) {
      case "session.started":
        if (!this.live.resumed) this.begin();
        break;
      case "utterance.started":
        this.find(number).firstPacketMs = message.first_packet_ms;
        break;
      case "mark":
        this.find(number).mark(message);
        break;
      case "audio.rewind":
        this.find(number).rewind(message.from_timestamp);
        this.player.rewind(number, message.from_timestamp, message.next_seq);
        break;
      case "emotion.applied":
        this.find(number).applied(message);
        this.emit("applied", message);
        break;
      case "speech.cancelled":
        this.cancelled(message);
        break;
      case "utterance.ended":
        this.ended(message);
        break;
      case "warning":
      case "error":
        this.emit("trouble", message);
    }
  }

  /** Another session: numbers begin again. */
  begin() {
    this.player.reset();
    this.utterances = new Map();
    this.current = null;
  }

  cancelled(message) {
    const utterance = this.find(message.utterance);
    this.player.drop(message.utterance);
    utterance.heard = { text: message.heard_text, unheard: message.unheard_text, ms: message.heard_ms };
    if (!utterance.text) utterance.text = message.heard_text + message.unheard_text;
    this.emit("cancelled", utterance);
  }

  ended(message) {
    const utterance = this.find(message.utterance);
    utterance.durationMs = message.duration_ms;
    utterance.requestedMs = message.requested_ms ?? null;
    utterance.reason = message.reason;
    if (message.reason !== "end" || utterance.pieces.length === 0) this.player.drop(message.utterance);
    this.finish(utterance);
  }

  finished(number) {
    const utterance = this.utterances.get(number);
    if (utterance) utterance.played = true;
    if (utterance) this.finish(utterance);
  }

  /** Over when the server says so and the last of it was heard, whichever is later. */
  finish(utterance) {
    if (utterance.reason === null || utterance.told) return;
    if (utterance.reason === "end" && utterance.pieces.length && !utterance.played) return;
    utterance.told = true;
    this.emit("over", utterance);
  }

  block({ samples, frame, utterance: number }) {
    this.blocks.push({ frame, level: level(samples) });
    if (this.blocks.length > 64) this.blocks.shift();
    const utterance = this.utterances.get(number);
    if (utterance && this.player.records) utterance.sound({ timestamp: utterance.length, samples });
    if (utterance && utterance.onsetMs === null && utterance.begunAt !== null) {
      const first = samples.findIndex((x) => Math.abs(x) > AUDIBLE);
      if (first >= 0) {
        const until = (frame - samples.length + first) / this.player.context.sampleRate - this.player.context.currentTime;
        utterance.onsetMs = performance.now() + (until + this.player.latencyS) * 1000 - utterance.begunAt;
        this.emit("onset", utterance);
      }
    }
  }

  /** The level of what the listener hears now. */
  level() {
    const frame = this.player.frameHeard();
    const block = this.blocks.find((one) => one.frame >= frame) ?? this.blocks.at(-1);
    return block && block.frame > frame - 4096 ? block.level : 0;
  }

  look() {
    if (!this.player.context) return;
    const now = this.player.now();
    const utterance = now && this.utterances.get(now.utterance);
    if (utterance && utterance !== this.current && !utterance.played) {
      this.current = utterance;
      this.emit("utterance", utterance);
    }
    if (!utterance) this.current = null;
    this.emit("heard", { utterance: utterance ?? null, ms: now?.ms ?? 0, level: this.level() });
  }

  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
