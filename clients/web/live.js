// A session over a WebSocket, found again after a loss: one that speaks (/v1/live) or one that listens (/v1/listen).

import { unpack } from "./packets.js";

const WAITS_MS = [0, 200, 500, 1000, 2000];
const REFUSED = 1008;

/** Address of a door of this server; the key in the page's own address goes along. */
export function address(path, { socket = false, ...query } = {}) {
  const url = new URL(path, location.href);
  if (socket) url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const key = new URLSearchParams(location.search).get("api_key");
  const all = { ...query, ...(key && { api_key: key }) };
  for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
  return url.href;
}

/**
 * Events: `state` {state: "connecting" | "open" | "lost", code, reason}, `message` (any message of the server) and
 * `packet` (unpacked). It comes back for ever: to its session while the server keeps that, else with a new one.
 * `start` are the fields of `session.start`; without them it only listens.
 */
export class Live extends EventTarget {
  constructor(url, start = null) {
    super();
    this.url = url;
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
    this.socket?.close(1000);
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
      const token = this.started?.resume_token;
      resume = token ? { token, next_seq: this.nextSeq } : null;
      await new Promise((done) => setTimeout(done, WAITS_MS[Math.min(failures, WAITS_MS.length - 1)]));
    }
  }

  /** One connection, from its opening to its end. */
  once(resume) {
    return new Promise((ended) => {
      const socket = new WebSocket(this.url);
      let opened = false;
      socket.binaryType = "arraybuffer";
      this.socket = socket;
      if (resume) this.skip = this.texts;
      else this.forget();
      socket.onopen = () => {
        if (this.start) socket.send(JSON.stringify({ type: "session.start", protocol: 1, ...this.start, ...(resume && { resume }) }));
      };
      socket.onmessage = ({ data }) => {
        if (typeof data !== "string") return this.packet(data);
        const message = JSON.parse(data);
        if (message.type === "session.started") opened = true;
        return this.text(message);
      };
      socket.onclose = ({ code, reason }) => ended({ opened, code, reason });
    });
  }

  text(message) {
    if (message.type === "session.started") {
      this.resumed = this.started?.session === message.session;
      this.started = message;
      this.become("open");
      for (const frame of this.unsent.splice(0)) this.socket.send(frame);
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
    if (this.state === "open") this.socket.send(frame);
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
