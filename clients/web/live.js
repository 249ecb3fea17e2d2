// A session over a link, found again after a loss: one that speaks or one that listens.

import { unpack } from "./packets.js";

const WAITS_MS = [0, 200, 500, 1000, 2000];
const REFUSED = 1008;

/**
 * Events: `state` {state: "connecting" | "open" | "lost", code, reason}, `message` (any message of the server) and
 * `packet` (unpacked). It comes back for ever: to its session while the server keeps that, else with a new one.
 * `start` are the fields of `session.start`; without them it only listens.
 */
export class Live extends EventTarget {
  constructor(connect, start = null) {
    super();
    this.connect = connect;
    this.start = start;
    this.state = "closed";
    this.started = null; // what the server said of the session
    this.resumed = false; // whether that was a session we had before
    this.unsent = [];
    this.forget();
  }

  open() {
    this.run = this.loop();
  }

  /** Ends this session and begins another, with changed words of `session.start`. */
  restart(changes) {
    Object.assign(this.start, changes);
    this.started = null;
    this.unsent = [];
    this.link?.close();
  }

  forget() {
    this.newest = 0;
    this.nextSeq = 0;
    this.texts = 0; // since the last packet: those that are sent again after a resume are known by their count
    this.skip = 0;
  }

  async loop() {
    let resume = null;
    let failures = 0;
    for (;;) {
      this.become("connecting");
      const { opened, code, reason } = await this.once(resume);
      failures = opened ? 0 : failures + 1;
      const hopeless = !opened && (code === REFUSED || failures >= WAITS_MS.length);
      if (hopeless && resume) this.started = null;
      this.become("lost", { code, reason });
      const token = this.connect.resumes && this.started?.resume_token;
      resume = token ? { token, next_seq: this.nextSeq } : null;
      await new Promise((done) => setTimeout(done, WAITS_MS[Math.min(failures, WAITS_MS.length - 1)]));
    }
  }

  /** One connection, from its opening to its end. */
  once(resume) {
    return new Promise((ended) => {
      let opened = false;
      if (resume) this.skip = this.texts;
      else this.forget();
      this.link = this.connect({
        open: () => {
          if (this.start) this.link.send(JSON.stringify({ type: "session.start", protocol: 1, ...this.start, ...(resume && { resume }) }));
        },
        text: (data) => {
          const message = JSON.parse(data);
          if (message.type === "session.started") opened = true;
          this.text(message);
        },
        packet: (data) => this.packet(data),
        close: ({ code, reason }) => ended({ opened, code, reason }),
      });
    });
  }

  text(message) {
    if (message.type === "session.started") {
      this.resumed = this.started?.session === message.session;
      this.started = message;
      this.become("open");
      for (const frame of this.unsent.splice(0)) this.link.send(frame);
    } else if (this.skip > 0) {
      this.skip--;
      return;
    } else {
      this.texts++;
    }
    this.emit("message", message);
  }

  packet(data) {
    if (!this.started) return;
    const packet = unpack(data, this.started.audio.codec);
    this.nextSeq = (packet.seq + 1) >>> 0;
    this.texts = this.skip = 0;
    this.emit("packet", packet);
  }

  /** The number of a new utterance; given here, so that the page knows an utterance before the server does. */
  number() {
    this.newest = (this.newest + 1) % 65536;
    return this.newest;
  }

  say(type, fields = {}) {
    const frame = JSON.stringify({ type, ...fields });
    if (this.state === "open") this.link.send(frame);
    else if (type !== "playback.report") this.unsent.push(frame);
  }

  become(state, why = {}) {
    this.state = state;
    this.emit("state", { state, ...why });
  }

  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
