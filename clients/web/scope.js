// What is heard, drawn as it goes by: waveform, pitch, and a band in the colour of the emotion.

import { colour } from "./pad.js";

const SPAN_S = 6;
const LOWEST_HZ = 70;
const HIGHEST_HZ = 600;
const VOICED = 0.6; // correlation from which a sound has a pitch
const CURVE = { least: 3, most: 20 }; // height of the emotion curve, for none and full intensity
const THIN = 4; // pitch is looked for at a quarter of the rate

/** Feed it blocks of what the worklet played; it keeps the last seconds of them. */
export class Scope {
  constructor(canvas, rate) {
    this.canvas = canvas;
    this.rate = rate;
    this.columns = []; // {frame, low, high, hz, vector, intensity}
    this.window = new Float32Array(2048 / THIN);
  }

  feed(samples, frame, emotion) {
    let [low, high] = [0, 0];
    for (const x of samples) {
      if (x < low) low = x;
      if (x > high) high = x;
    }
    const half = this.window.length / 2;
    this.window.copyWithin(0, half);
    for (let i = 0; i < half; i++) {
      let sum = 0;
      for (let k = 0; k < THIN; k++) sum += samples[i * THIN + k] ?? 0;
      this.window[half + i] = sum / THIN;
    }
    const hz = high - low > 0.02 ? pitch(this.window, this.rate / THIN) : null;
    this.columns.push({ frame, low, high, hz, ...emotion });
    const oldest = frame - SPAN_S * this.rate;
    while (this.columns.length && this.columns[0].frame < oldest) this.columns.shift();
  }

  /** `frame` is what the listener hears now, at the right edge. */
  draw(frame) {
    const { canvas } = this;
    const ratio = devicePixelRatio || 1;
    const [w, h] = [canvas.clientWidth, canvas.clientHeight];
    if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
      canvas.width = Math.round(w * ratio);
      canvas.height = Math.round(h * ratio);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, w, h);
    const style = getComputedStyle(canvas);
    const x = (at) => w - ((frame - at) / (SPAN_S * this.rate)) * w;
    const middle = (h - CURVE.most) * 0.5;
    const step = Math.max(1, (1024 / (SPAN_S * this.rate)) * w);
    pen.fillStyle = style.getPropertyValue("--line");
    pen.fillRect(0, middle - 0.5, w, 1);
    const tints = new Map();
    const heard = this.columns.filter((column) => column.frame <= frame);
    for (const [n, column] of heard.entries()) {
      const at = x(column.frame);
      const name = colour(column.vector, column.intensity).slice(4, -1);
      if (!tints.has(name)) tints.set(name, style.getPropertyValue(name));
      pen.fillStyle = tints.get(name);
      const tall = Math.max(1, Math.min(2, column.high - column.low) * middle * 0.95);
      pen.fillRect(at, middle - tall / 2, Math.max(1, step * 0.72), tall);
      // The curve of emotion: its strength as height, without a seam to the next column.
      const until = n + 1 < heard.length ? x(heard[n + 1].frame) : at + step;
      const high = CURVE.least + (CURVE.most - CURVE.least) * column.intensity;
      pen.fillRect(Math.floor(at), h - high, Math.ceil(until) - Math.floor(at), high);
    }
    this.drawPitch(pen, x, h - CURVE.most, frame, style.color);
  }

  drawPitch(pen, x, h, frame, ink) {
    const range = Math.log2(HIGHEST_HZ / LOWEST_HZ);
    pen.strokeStyle = ink;
    pen.lineWidth = 1.75;
    pen.lineJoin = "round";
    pen.beginPath();
    let before = null;
    for (const column of this.columns) {
      if (column.frame > frame) break;
      if (column.hz === null) {
        before = null;
        continue;
      }
      const y = (h - 8) * (1 - Math.log2(column.hz / LOWEST_HZ) / range) + 3;
      // A leap of more than half an octave is another sound, or a mistake.
      if (before !== null && Math.abs(Math.log2(column.hz / before)) < 0.5) pen.lineTo(x(column.frame), y);
      else pen.moveTo(x(column.frame), y);
      before = column.hz;
    }
    pen.stroke();
  }
}

/** Fundamental by normalised autocorrelation: the first peak that is nearly the highest; null if there is none. */
export function pitch(samples, rate) {
  const longest = Math.min(Math.ceil(rate / LOWEST_HZ), samples.length >> 1);
  const shortest = Math.floor(rate / HIGHEST_HZ);
  const n = samples.length - longest;
  let own = 0;
  for (let i = 0; i < n; i++) own += samples[i] ** 2;
  const correlation = new Float32Array(longest + 1);
  let best = 0;
  for (let lag = shortest; lag <= longest; lag++) {
    let [sum, other] = [0, 0];
    for (let i = 0; i < n; i++) {
      sum += samples[i] * samples[i + lag];
      other += samples[i + lag] ** 2;
    }
    correlation[lag] = sum / (Math.sqrt(own * other) + 1e-9);
    best = Math.max(best, correlation[lag]);
  }
  if (best < VOICED) return null;
  for (let lag = shortest + 1; lag < longest; lag++) {
    const c = correlation;
    if (c[lag] > 0.9 * best && c[lag] >= c[lag - 1] && c[lag] >= c[lag + 1]) return rate / lag;
  }
  return null;
}
