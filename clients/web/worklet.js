// The playout buffer, on the audio thread: order, rewinds, cancels, gaps and clock drift.
//
// Packets come with an utterance, a position in samples and a sequence number. Playback of an utterance begins when
// `target` samples of it are here, or all of it. What is missing is bridged by an echo of what came before; a cancel
// fades out; a rewind cross-fades into what comes again. Every 1024 frames the page hears what was played.

const REPORT = 1024;
const FADE_S = 0.005;
const BRIDGE_S = 0.06;
const DEADBAND_S = 0.02; // smaller differences of depth are jitter, not drift
const MAX_BEND = 0.003; // five cents: nobody hears it
const SETTLE_S = 1.0; // how long the depth at the start of an utterance is watched
const REMEMBERED = 64;

class Player extends AudioWorkletProcessor {
  constructor(options) {
    super();
    const { rate, targetMs } = options.processorOptions;
    this.step = rate / sampleRate; // source samples a frame
    this.rate = rate;
    this.target = (rate * targetMs) / 1000;
    this.fade = Math.round(FADE_S * sampleRate);
    this.packets = [];
    this.rewinds = new Map();
    this.gone = [];
    this.utterance = null;
    this.position = 0; // in source samples, may be a fraction
    this.filling = true;
    this.paused = false;
    this.underruns = 0;
    this.concealed = 0;
    this.recent = new Float32Array(Math.round(BRIDGE_S * sampleRate));
    this.recentAt = 0;
    this.echo = 0; // frames of echo given in this gap
    this.past = this.recent;
    this.leaving = null; // what a cancel took away, while it fades out
    this.tail = 0; // the last sample, faded out when sound stops
    this.tailGain = 0;
    this.rise = 1; // gain while fading in
    this.cross = null; // what would have been played, while fading into what came again
    this.depth = { sum: 0, count: 0, base: null, mean: 0 };
    this.block = new Float32Array(REPORT);
    this.filled = 0;
    this.port.onmessage = ({ data }) => this[data.do](data);
  }

  // What the page says.

  put({ packet }) {
    const { utterance, seq, timestamp, samples } = packet;
    const outdated = (this.rewinds.get(utterance) ?? []).some((r) => timestamp >= r.from && before(seq, r.nextSeq));
    const late = utterance === this.utterance && timestamp + samples.length <= this.position;
    if (outdated || late || this.gone.includes(utterance)) return;
    let at = this.packets.length;
    while (at > 0 && before(seq, this.packets[at - 1].seq)) at--;
    if (at > 0 && this.packets[at - 1].seq === seq) return;
    this.packets.splice(at, 0, packet);
  }

  rewind({ utterance, from, nextSeq }) {
    const list = this.rewinds.get(utterance) ?? [];
    this.rewinds.set(utterance, [...list, { from, nextSeq }]);
    if (utterance === this.utterance && from <= this.position) this.cross = { frames: this.ahead(), at: 0 };
    const stays = (p) => p.utterance !== utterance || p.timestamp < from || !before(p.seq, nextSeq);
    this.packets = this.packets.filter(stays);
  }

  drop({ utterance }) {
    if (utterance === this.utterance && !this.filling && !this.paused) this.leaving = { frames: this.ahead(), at: 0 };
    this.packets = this.packets.filter((p) => p.utterance !== utterance);
    if (this.utterance === utterance) this.over();
    else this.forget(utterance);
  }

  reset() {
    this.packets = [];
    this.rewinds.clear();
    this.gone = [];
    this.over();
    this.gone = [];
  }

  pause({ paused }) {
    this.paused = paused;
    if (!paused) this.rise = 0;
  }

  aim({ targetMs }) {
    this.target = (this.rate * targetMs) / 1000;
  }

  // What is played.

  process(_, [[out]]) {
    for (let i = 0; i < out.length; i++) {
      let sample = this.paused ? null : this.next();
      if (sample === null) {
        sample = this.fadedOut();
        this.rise = 0;
      } else {
        if (this.rise < 1) {
          sample = sample * this.rise + this.tail * this.tailGain;
          this.tailGain = Math.max(0, this.tailGain - 1 / this.fade);
          this.rise = Math.min(1, this.rise + 1 / this.fade);
        } else {
          this.tail = sample;
          this.tailGain = 1;
        }
        this.recent[this.recentAt] = sample;
        this.recentAt = (this.recentAt + 1) % this.recent.length;
      }
      out[i] = sample;
      this.block[this.filled++] = sample;
      if (this.filled === REPORT) this.report(i);
    }
    return true;
  }

  /** Silence, after a short way down: through what a cancel took away, or from the last sample. */
  fadedOut() {
    if (this.leaving) {
      const { frames, at } = this.leaving;
      this.leaving.at++;
      if (at < frames.length) return frames[at] * (1 - at / frames.length);
      this.leaving = null;
      this.tailGain = 0;
    }
    this.tailGain = Math.max(0, this.tailGain - 1 / this.fade);
    return this.tail * this.tailGain;
  }

  /** The next sample, or null where there is silence. */
  next() {
    if (this.filling) {
      if (!this.ready()) return null;
      this.filling = false;
      this.depth = { sum: 0, count: 0, base: null, mean: 0 };
    }
    let head = this.packets[0];
    if (head && head.utterance !== this.utterance) this.begin(head);
    while (head && this.position >= head.timestamp + head.samples.length) {
      this.packets.shift();
      if (head.last) {
        this.over();
        return this.packets.length ? this.next() : null;
      }
      head = this.packets[0];
    }
    if (!head) {
      this.underruns++;
      this.filling = true;
      return null;
    }
    if (this.position < head.timestamp) return this.conceal();
    this.echo = 0;
    const sample = this.crossFaded(this.read(head));
    this.position += this.step * this.bend();
    return sample;
  }

  /** The sample at the position, between two by a cubic when it is not on one (Catmull-Rom). */
  read(head) {
    const at = this.position - head.timestamp;
    const whole = Math.floor(at);
    const part = at - whole;
    if (part < 1e-9) return head.samples[whole];
    const s = (k) => this.sampleAt(head, whole + k);
    const [a, b, c, d] = [s(-1), s(0), s(1), s(2)];
    return b + 0.5 * part * (c - a + part * (2 * a - 5 * b + 4 * c - d + part * (3 * (b - c) + d - a)));
  }

  sampleAt(head, index) {
    if (index < 0) return head.samples[0];
    if (index < head.samples.length) return head.samples[index];
    const next = this.packets[1];
    const follows = next && next.utterance === head.utterance && next.timestamp === head.timestamp + head.samples.length;
    return follows ? next.samples[index - head.samples.length] ?? 0 : head.samples[head.samples.length - 1];
  }

  /** How much faster or slower than real time: enough to keep the depth this utterance began with. */
  bend() {
    const { depth } = this;
    if (depth.count < SETTLE_S * sampleRate) return 1;
    const off = depth.mean - depth.base;
    if (Math.abs(off) < DEADBAND_S * this.rate) return 1;
    return 1 + Math.max(-MAX_BEND, Math.min(MAX_BEND, off / (10 * this.rate)));
  }

  measureDepth(buffered) {
    const { depth } = this;
    if (this.filling || this.utterance === null || this.packets.at(-1)?.last) return;
    depth.count += REPORT;
    if (depth.count < SETTLE_S * sampleRate) {
      depth.sum += buffered * REPORT;
    } else {
      depth.base ??= depth.sum / depth.count;
      depth.mean = depth.mean ? depth.mean + 0.02 * (buffered - depth.mean) : buffered;
    }
  }

  /** Goes on with the past played backwards, which joins it without a step, and fades it out. */
  conceal() {
    this.position += this.step;
    this.concealed++;
    const { length } = this.recent;
    if (this.echo === 0) {
      this.past = Float32Array.from({ length }, (_, k) => this.recent[(this.recentAt + length - 1 - k) % length]);
    }
    if (this.echo >= length) return 0;
    return this.past[this.echo] * (1 - this.echo++ / length);
  }

  /** What would be played in the next few milliseconds. */
  ahead() {
    const frames = [];
    for (let i = 0; i < this.fade; i++) {
      const at = this.position + i * this.step;
      const p = this.packets.find((q) => q.utterance === this.utterance && q.timestamp <= at && at < q.timestamp + q.samples.length);
      if (!p) break;
      frames.push(p.samples[Math.floor(at - p.timestamp)]);
    }
    return frames;
  }

  crossFaded(sample) {
    if (!this.cross) return sample;
    const { frames, at } = this.cross;
    if (at >= frames.length) {
      this.cross = null;
      return sample;
    }
    this.cross.at++;
    const share = at / frames.length;
    return sample * share + frames[at] * (1 - share);
  }

  // Its states.

  ready() {
    const head = this.packets[0];
    if (!head) return false;
    let have = 0;
    for (const p of this.packets) {
      if (p.utterance !== head.utterance) break;
      have += p.samples.length;
      if (p.last) return true;
    }
    return have >= this.target;
  }

  begin(head) {
    if (this.utterance !== null) this.forget(this.utterance);
    this.utterance = head.utterance;
    this.position = head.joined ? head.timestamp : 0;
  }

  over() {
    if (this.utterance !== null) {
      this.say(true);
      this.forget(this.utterance);
    }
    this.utterance = null;
    this.filling = true;
    this.cross = null;
  }

  forget(utterance) {
    this.rewinds.delete(utterance);
    this.gone = [...this.gone.slice(1 - REMEMBERED), utterance];
  }

  // What the page hears.

  report(index) {
    this.filled = 0;
    let buffered = 0;
    for (const p of this.packets) {
      const from = p.utterance === this.utterance ? Math.max(p.timestamp, this.position) : p.timestamp;
      buffered += Math.max(0, p.timestamp + p.samples.length - from);
    }
    this.measureDepth(buffered);
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

/** Serial numbers of 32 bits (RFC 1982). */
function before(a, b) {
  return a !== b && ((b - a) >>> 0) < 2 ** 31;
}

registerProcessor("seiyuu-player", Player);
