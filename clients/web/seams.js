// Sound that stops, starts, is missing or comes again, without a click.

const BRIDGE_S = 0.06;

/** What was played lately, given backwards: it joins what was there without a step, and fades out. */
export class Echo {
  constructor(rate) {
    this.recent = new Float32Array(Math.round(BRIDGE_S * rate));
    this.at = 0;
    this.given = 0;
    this.past = this.recent;
  }

  keep(sample) {
    this.recent[this.at] = sample;
    this.at = (this.at + 1) % this.recent.length;
  }

  /** The gap is over. */
  end() {
    this.given = 0;
  }

  next() {
    const { length } = this.recent;
    if (this.given === 0) this.past = Float32Array.from({ length }, (_, k) => this.recent[(this.at + length - 1 - k) % length]);
    if (this.given >= length) return 0;
    return this.past[this.given] * (1 - this.given++ / length);
  }
}

/** The way down and up again over `frames`. */
export class Edge {
  constructor(frames) {
    this.frames = frames;
    this.tail = 0; // the last sample, faded out when sound stops
    this.tailGain = 0;
    this.rise = 1; // gain while fading in
    this.leaving = null; // what a cancel took away, while it fades out
  }

  leave(samples) {
    this.leaving = { samples, at: 0 };
  }

  /** A sample where there is sound. */
  sound(sample) {
    if (this.rise >= 1) {
      this.tail = sample;
      this.tailGain = 1;
      return sample;
    }
    const mixed = sample * this.rise + this.tail * this.tailGain;
    this.tailGain = Math.max(0, this.tailGain - 1 / this.frames);
    this.rise = Math.min(1, this.rise + 1 / this.frames);
    return mixed;
  }

  /** A sample where there is none: silence, after a short way down through what was taken away, or from the last. */
  silence() {
    this.rise = 0;
    if (this.leaving) {
      const { samples, at } = this.leaving;
      this.leaving.at++;
      if (at < samples.length) return samples[at] * (1 - at / samples.length);
      this.leaving = null;
      this.tailGain = 0;
    }
    this.tailGain = Math.max(0, this.tailGain - 1 / this.frames);
    return this.tail * this.tailGain;
  }
}

/** From what would have been played into what came again. */
export class Cross {
  constructor(samples) {
    Object.assign(this, { samples, at: 0 });
  }

  get over() {
    return this.at >= this.samples.length;
  }

  mix(sample) {
    const share = this.at / this.samples.length;
    return sample * share + this.samples[this.at++] * (1 - share);
  }
}
