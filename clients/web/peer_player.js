// The sound of a peer connection, with the face of a Player: the browser buffers and conceals, the page only listens.

import { Place } from "./place.js";
import { Player } from "./player.js";

const BUFFER_MS = 40; // what the browser's jitter buffer holds, until it says
const ASK_MS = 500;
const TAIL_MS = 120; // of an utterance's end, for what the network held up

/** Events and members as of Player; `hear` takes the stream of a connection. */
export class PeerPlayer extends Player {
  constructor({ delayMs = 0 } = {}) {
    super({ rate: 48000, delayMs });
    this.bufferMs = BUFFER_MS;
    this.place = new Place();
    this.state = { underruns: 0 };
    this.records = true; // there are no packets to keep: what is played is what there is
    this.element = new Audio(); // without an element that plays it, Chromium gives a remote stream no sound
    this.element.muted = true;
  }

  async build() {
    this.context = new AudioContext({ sampleRate: this.rate, latencyHint: "interactive" });
    await this.context.audioWorklet.addModule("/web/tap.js");
    this.node = new AudioWorkletNode(this.context, "seiyuu-tap", { outputChannelCount: [1], channelCount: 1, channelCountMode: "explicit" });
    this.gain = new GainNode(this.context);
    this.node.connect(this.gain).connect(this.context.destination);
    this.node.port.onmessage = ({ data }) => this.block(data);
    setInterval(() => this.ask(), ASK_MS);
    if (this.stream) this.plug();
  }

  hear(stream, receiver) {
    Object.assign(this, { stream, receiver });
    this.asked = null;
    this.place.forget();
    if (this.node) this.plug();
  }

  plug() {
    this.source?.disconnect();
    this.element.srcObject = this.stream;
    this.element.play().catch(() => {});
    this.source = new MediaStreamAudioSourceNode(this.context, { mediaStream: this.stream });
    this.source.connect(this.node);
  }

  /** A message came; over a data channel that takes a millisecond or two. */
  message(message) {
    if (!this.context) return;
    const at = performance.now() + this.wayMs;
    this.place.hear(message, at);
    if (message.type === "utterance.ended") {
      const wait = message.reason === "end" ? this.wayMs + TAIL_MS : 0;
      setTimeout(() => this.emit("over", { utterance: message.utterance }), wait);
    }
  }

  /** From a message to the ear of the listener. */
  get wayMs() {
    return this.bufferMs + this.latencyS * 1000;
  }

  now() {
    return this.context && this.place.now(performance.now());
  }

  block({ samples, frame }) {
    // Those samples are heard when the sound system is done with them.
    const playing = this.place.now(performance.now() + this.latencyS * 1000);
    this.emit("block", { samples, frame, utterance: playing?.utterance ?? null, ms: playing?.ms ?? 0, underruns: this.state.underruns });
    this.report();
  }

  /** How long the browser's buffer holds sound back, and how much it had to make up. */
  async ask() {
    for (const found of (await this.receiver?.getStats())?.values() ?? []) {
      if (found.type !== "inbound-rtp") continue;
      const { jitterBufferDelay: delay, jitterBufferEmittedCount: count, concealmentEvents, silentConcealedSamples } = found;
      if (this.asked && count > this.asked.count) this.bufferMs = ((delay - this.asked.delay) / (count - this.asked.count)) * 1000;
      if (this.asked) this.state = { underruns: concealmentEvents - this.asked.first, silent: silentConcealedSamples };
      this.asked = { delay, count, first: this.asked?.first ?? concealmentEvents };
    }
  }

  // The server holds, drops and makes again; here is nothing that could.
  put() {}
  rewind() {}
  drop() {}
  pause() {}

  reset() {
    this.place.forget();
  }
}
