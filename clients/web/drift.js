// How much faster or slower than real time to play, so that a sender whose clock is another neither piles up nor runs dry.

const DEADBAND_S = 0.02; // smaller differences of depth are jitter, not drift
const MAX_BEND = 0.003; // five cents: nobody hears it
const SETTLE_S = 1.0; // how long the depth at the start of an utterance is watched
const WEIGHT = 0.02; // of one measurement in the mean
const SPAN_S = 10; // in which a difference is made good

export class Drift {
  /** `rate` of the source and of the sound card, samples a second. */
  constructor(rate, cardRate) {
    Object.assign(this, { rate, cardRate });
    this.reset();
  }

  reset() {
    Object.assign(this, { sum: 0, count: 0, base: null, mean: 0 });
  }

  /** So many samples wait, `frames` after the last time. */
  measure(buffered, frames) {
    this.count += frames;
    if (this.count < SETTLE_S * this.cardRate) {
      this.sum += buffered * frames;
    } else {
      this.base ??= this.sum / this.count;
      this.mean = this.mean ? this.mean + WEIGHT * (buffered - this.mean) : buffered;
    }
  }

  /** Enough to keep the depth this utterance began with. */
  get bend() {
    if (this.base === null) return 1;
    const off = this.mean - this.base;
    if (Math.abs(off) < DEADBAND_S * this.rate) return 1;
    return 1 + Math.max(-MAX_BEND, Math.min(MAX_BEND, off / (SPAN_S * this.rate)));
  }
}
