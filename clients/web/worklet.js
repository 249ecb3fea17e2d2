// The playout buffer, on the audio thread: order, rewinds, cancels, gaps and clock drift.
//
// Packets come with an utterance, a position in samples and a sequence number. Playback of an utterance begins when
// `target` samples of it are here, or all of it. What is missing is bridged by an echo of what came before; a cancel
// fades out; a rewind cross-fades into what comes again. Every 1024 frames the page hears what was played.

import { Drift } from "./drift.js";
import { Queue } from "./queue.js";
import { Cross, Echo, Edge } from "./seams.js";

const REPORT = 1024;
const FADE_S = 0.005;

class Player extends AudioWorkletProcessor {
  constructor(options) {
    super();
    const { rate, targetMs } = options.processorOptions;
    this.step = rate / sampleRate; // source samples a frame
    this.target = (rate * targetMs) / 1000;
    this.fade = Math.round(FADE_S * sampleRate);
    this.queue = new Queue();
    this.drift = new Drift(rate, sampleRate);
    this.echo = new Echo(sampleRate);
    this.edge = new Edge(this.fade);
    this.cross = null;
    this.utterance = null;
    this.position = 0; // in source samples, may be a fraction
    this.filling = true;
    this.paused = false;
    this.underruns = 0;
    this.concealed = 0;
    this.block = new Float32Array(REPORT);
    this.filled = 0;
    this.port.onmessage = ({ data }) => this[data.do](data);
  }

  // What the page says.

  put({ packet }) {
    this.queue.put(packet, this.utterance, this.position);
  }

  rewind({ utterance, from, nextSeq }) {
    if (utterance === this.utterance && from <= this.position) this.cross = new Cross(this.ahead());
    this.queue.rewind(utterance, from, nextSeq);
  }

  drop({ utterance }) {
    if (utterance === this.utterance && !this.filling && !this.paused) this.edge.leave(this.ahead());
    this.queue.drop(utterance);
    if (this.utterance === utterance) this.over();
    else this.queue.forget(utterance);
  }

  reset() {
    this.queue.clear();
    this.over();
    this.queue.clear();
  }

  pause({ paused }) {
    this.paused = paused;
    if (!paused) this.edge.rise = 0;
  }

  // What is played.

  process(_, [[out]]) {
    for (let i = 0; i < out.length; i++) {
      const sample = this.paused ? null : this.next();
      out[i] = sample === null ? this.edge.silence() : this.edge.sound(sample);
      if (sample !== null) this.echo.keep(out[i]);
      this.block[this.filled++] = out[i];
      if (this.filled === REPORT) this.report(i);
    }
    return true;
  }

  /** The next sample, or null where there is silence. */
  next() {
    const { queue } = this;
    if (this.filling) {
      if (!queue.ready(this.target)) return null;
      this.filling = false;
      this.drift.reset();
    }
    if (queue.head && queue.head.utterance !== this.utterance) this.begin(queue.head);
    while (queue.head && this.position >= queue.head.timestamp + queue.head.samples.length) {
      const { last } = queue.packets.shift();
      if (last) {
        this.over();
        return queue.head ? this.next() : null;
      }
    }
    if (!queue.head) {
      this.underruns++;
      this.filling = true;
      return null;
    }
    if (this.position < queue.head.timestamp) {
      this.position += this.step;
      this.concealed++;
      return this.echo.next();
    }
    this.echo.end();
    const sample = queue.read(this.position);
    this.position += this.step * this.drift.bend;
    if (this.cross?.over) this.cross = null;
    return this.cross ? this.cross.mix(sample) : sample;
  }

  /** What would be played in the next few milliseconds. */
  ahead() {
    return this.queue.ahead(this.utterance, this.position, this.fade, this.step);
  }

  begin(head) {
    if (this.utterance !== null) this.queue.forget(this.utterance);
    this.utterance = head.utterance;
    this.position = head.joined ? head.timestamp : 0;
  }

  over() {
    if (this.utterance !== null) {
      this.say(true);
      this.queue.forget(this.utterance);
    }
    this.utterance = null;
    this.filling = true;
    this.cross = null;
  }

  // What the page hears.

  report(index) {
    this.filled = 0;
    const buffered = this.queue.buffered(this.utterance, this.position);
    if (!this.filling && this.utterance !== null && !this.queue.packets.at(-1)?.last) this.drift.measure(buffered, REPORT);
    this.say(false, buffered, currentFrame + index + 1);
  }

  say(over, buffered = 0, frame = currentFrame) {
    const samples = over ? null : this.block.slice();
    this.port.postMessage({
      over,
      frame, // of the context, at which `position` is reached
      utterance: this.utterance,
      position: Math.min(this.position, Number.MAX_SAFE_INTEGER),
      playing: this.utterance !== null && !this.filling && !this.paused,
      buffered,
      underruns: this.underruns,
      concealed: this.concealed,
      samples,
    });
  }
}

registerProcessor("seiyuu-player", Player);
