// The packets that wait to be played: in order, without those that a rewind or a cancel has outdated.

const REMEMBERED = 64;

export class Queue {
  constructor() {
    this.packets = [];
    this.rewinds = new Map(); // utterance → [{from, nextSeq}]
    this.gone = []; // utterances that are over
  }

  get head() {
    return this.packets[0];
  }

  /** Takes a packet, in any order and twice if need be; `playing` and `position` tell what comes too late. */
  put(packet, playing, position) {
    const { utterance, seq, timestamp, samples } = packet;
    const outdated = (this.rewinds.get(utterance) ?? []).some((r) => timestamp >= r.from && before(seq, r.nextSeq));
    const late = utterance === playing && timestamp + samples.length <= position;
    if (outdated || late || this.gone.includes(utterance)) return;
    let at = this.packets.length;
    while (at > 0 && before(seq, this.packets[at - 1].seq)) at--;
    if (at > 0 && this.packets[at - 1].seq === seq) return;
    this.packets.splice(at, 0, packet);
  }

  rewind(utterance, from, nextSeq) {
    this.rewinds.set(utterance, [...(this.rewinds.get(utterance) ?? []), { from, nextSeq }]);
    this.packets = this.packets.filter((p) => p.utterance !== utterance || p.timestamp < from || !before(p.seq, nextSeq));
  }

  drop(utterance) {
    this.packets = this.packets.filter((p) => p.utterance !== utterance);
  }

  /** The utterance is over; stragglers of it are not played. */
  forget(utterance) {
    this.rewinds.delete(utterance);
    this.gone = [...this.gone.slice(1 - REMEMBERED), utterance];
  }

  clear() {
    this.packets = [];
    this.rewinds.clear();
    this.gone = [];
  }

  /** Whether there is enough to begin with: `target` samples of the first utterance, or all of it. */
  ready(target) {
    let have = 0;
    for (const p of this.packets) {
      if (p.utterance !== this.head.utterance) break;
      have += p.samples.length;
      if (p.last) return true;
    }
    return this.packets.length > 0 && have >= target;
  }

  /** Samples that wait, from a position in the utterance that is playing. */
  buffered(playing, position) {
    let sum = 0;
    for (const p of this.packets) {
      const from = p.utterance === playing ? Math.max(p.timestamp, position) : p.timestamp;
      sum += Math.max(0, p.timestamp + p.samples.length - from);
    }
    return sum;
  }

  /** What would be played from a position on, as far as it is here and `count` goes, `step` samples a frame. */
  ahead(utterance, position, count, step) {
    const frames = [];
    for (let i = 0; i < count; i++) {
      const at = position + i * step;
      const p = this.packets.find((q) => q.utterance === utterance && q.timestamp <= at && at < q.timestamp + q.samples.length);
      if (!p) break;
      frames.push(p.samples[Math.floor(at - p.timestamp)]);
    }
    return frames;
  }

  /** The sample of the first packet at a place, between two by a cubic when it is not on one (Catmull-Rom). */
  read(position) {
    const at = position - this.head.timestamp;
    const whole = Math.floor(at);
    const part = at - whole;
    if (part < 1e-9) return this.head.samples[whole];
    const [a, b, c, d] = [this.sample(whole - 1), this.sample(whole), this.sample(whole + 1), this.sample(whole + 2)];
    return b + 0.5 * part * (c - a + part * (2 * a - 5 * b + 4 * c - d + part * (3 * (b - c) + d - a)));
  }

  sample(index) {
    const [head, next] = this.packets;
    if (index < 0) return head.samples[0];
    if (index < head.samples.length) return head.samples[index];
    const follows = next && next.utterance === head.utterance && next.timestamp === head.timestamp + head.samples.length;
    return follows ? next.samples[index - head.samples.length] ?? 0 : head.samples[head.samples.length - 1];
  }
}

/** Serial numbers of 32 bits (RFC 1982). */
export function before(a, b) {
  return a !== b && ((b - a) >>> 0) < 2 ** 31;
}
