// The page's sound: one AudioContext, the playout worklet, and where the listener is.

const REPORT_MS = 200;

/**
 * Plays packets. Events: `block` {samples, frame}, `position` {utterance, ms}, `over` {utterance}.
 * `delayMs` is what the listener's equipment adds behind the browser's own count (a screen, a capture card).
 */
export class Player extends EventTarget {
  constructor({ rate = 48000, targetMs = 60, delayMs = 0 } = {}) {
    super();
    Object.assign(this, { rate, targetMs, delayMs });
    this.context = null;
    this.node = null;
    this.state = null;
    this.waiting = []; // for the worklet to be there
  }

  /** Must follow a gesture of the user, where the browser asks for one. Idempotent. */
  async start() {
    await this.prepare();
    if (this.context.state === "suspended") await Promise.race([this.context.resume(), sleep(300)]);
  }

  /** Builds what can be built before; nothing sounds yet. Idempotent. */
  prepare() {
    this.starting ??= this.build();
    return this.starting;
  }

  get running() {
    return this.context?.state === "running";
  }

  async build() {
    this.context = new AudioContext({ sampleRate: this.rate, latencyHint: "interactive" });
    await this.context.audioWorklet.addModule("/web/worklet.js");
    this.node = new AudioWorkletNode(this.context, "seiyuu-player", {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: { rate: this.rate, targetMs: this.targetMs },
    });
    this.gain = new GainNode(this.context);
    this.node.connect(this.gain).connect(this.context.destination);
    this.node.port.onmessage = ({ data }) => this.heard(data);
    for (const said of this.waiting) this.node.port.postMessage(said);
    this.waiting = [];
  }

  put(packet) {
    this.tell({ do: "put", packet });
  }

  rewind(utterance, from, nextSeq) {
    this.tell({ do: "rewind", utterance, from, nextSeq });
  }

  drop(utterance) {
    this.tell({ do: "drop", utterance });
  }

  reset() {
    this.tell({ do: "reset" });
  }

  pause(paused) {
    this.tell({ do: "pause", paused });
  }

  set volume(value) {
    this.gain?.gain.setTargetAtTime(value, this.context.currentTime, 0.01);
  }

  tell(said) {
    if (this.node) this.node.port.postMessage(said);
    else this.waiting.push(said);
  }

  /** Seconds between the worklet and the listener's ear. */
  get latencyS() {
    const { outputLatency, baseLatency } = this.context;
    return (outputLatency || baseLatency || 0) + this.delayMs / 1000;
  }

  /** Frame of the context that the listener hears now. */
  frameHeard() {
    return (this.context.currentTime - this.latencyS) * this.context.sampleRate;
  }

  /** What the listener hears now: {utterance, ms}, or null. */
  now() {
    const s = this.state;
    if (!s || s.utterance === null || !this.context) return null;
    const since = this.frameHeard() - s.frame;
    const moved = s.playing ? since / this.context.sampleRate : -this.latencyS;
    // The audio thread reports every 21 ms; without a report there is no sound either.
    const ahead = Math.min(moved, 0.1);
    return { utterance: s.utterance, ms: Math.max(0, (s.position / this.rate + ahead) * 1000) };
  }

  heard(data) {
    if (data.over) {
      // The last of it is still on its way through the sound system.
      setTimeout(() => this.emit("over", { utterance: data.utterance }), this.latencyS * 1000);
      if (this.state?.utterance === data.utterance) {
        this.state = { ...this.state, position: data.position, frame: data.frame, playing: true };
      }
      return;
    }
    this.emit("block", { ...data, ms: (data.position / this.rate) * 1000 });
    if (data.utterance === null && this.state?.utterance !== undefined && this.state?.utterance !== null) {
      const gone = this.state;
      setTimeout(() => this.state === gone && (this.state = data), this.latencyS * 1000);
    } else {
      this.state = data;
    }
    this.report();
  }

  /** Tells where the listener is, every now and then. */
  report() {
    const now = this.now();
    if (now && (!this.reported || this.reported.utterance !== now.utterance || now.ms - this.reported.ms >= REPORT_MS)) {
      this.reported = now;
      this.emit("position", now);
    }
  }

  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function sleep(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
