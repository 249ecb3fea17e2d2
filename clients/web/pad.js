// The emotion pad: eight axes around a centre of no emotion; the point between two axes mixes them.

import { AXES, word } from "./words.js";

/** Neighbours on the rim are akin, so that a drag passes through what lies between them. */
const RIM = ["joy", "surprise", "fear", "anger", "contempt", "sadness", "neutral", "tenderness"];
const NS = "http://www.w3.org/2000/svg";
const RADIUS = 100;
const KEY_STEP = 0.08;
const TRAIL = 24;

/** Unit vector of a place on the rim; joy is at the top. */
function place(axis) {
  const angle = (RIM.indexOf(axis) / RIM.length) * 2 * Math.PI - Math.PI / 2;
  return [Math.cos(angle), Math.sin(angle)];
}

/** A point of the disc as {vector, intensity}; the two nearest axes share it. */
export function emotionAt(x, y) {
  const intensity = Math.min(1, Math.hypot(x, y));
  const vector = AXES.map(() => 0);
  const turn = ((Math.atan2(y, x) + Math.PI / 2) / (2 * Math.PI)) * RIM.length;
  const from = ((Math.floor(turn) % RIM.length) + RIM.length) % RIM.length;
  const share = turn - Math.floor(turn);
  if (intensity < 0.04) {
    vector[AXES.indexOf("neutral")] = 1;
    return { vector, intensity: 0 };
  }
  vector[AXES.indexOf(RIM[from])] += 1 - share;
  vector[AXES.indexOf(RIM[(from + 1) % RIM.length])] += share;
  return { vector: vector.map((v) => Math.round(v * 1000) / 1000), intensity: Math.round(intensity * 1000) / 1000 };
}

/** The inverse, for emotions that came from words; mixtures of far axes land between them. */
export function pointOf(vector, intensity) {
  let [x, y] = [0, 0];
  AXES.forEach((axis, i) => {
    const [ax, ay] = place(axis);
    x += ax * vector[i] * intensity;
    y += ay * vector[i] * intensity;
  });
  return [x, y];
}

/** The colour of an emotion: that of its strongest axis, from the page's style sheet. */
export function colour(vector, intensity) {
  if (intensity < 0.04) return "var(--neutral)";
  return `var(--${AXES[vector.indexOf(Math.max(...vector))]})`;
}

/** Events: `change` {vector, intensity} while it is moved, `settle` when it is let go. */
export class Pad extends EventTarget {
  constructor(svg) {
    super();
    this.svg = svg;
    [this.x, this.y] = [0, 0];
    this.trail = [];
    this.build();
    svg.addEventListener("pointerdown", (e) => this.grab(e));
    svg.addEventListener("pointermove", (e) => this.held && this.follow(e));
    for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, () => this.release());
    svg.addEventListener("keydown", (e) => this.key(e));
  }

  build() {
    const { svg } = this;
    svg.setAttribute("viewBox", "-190 -132 380 266");
    this.add("circle", { r: RADIUS, class: "pad-disc" });
    for (const r of [0.33, 0.66]) this.add("circle", { r: RADIUS * r, class: "pad-ring" });
    this.labels = RIM.map((axis) => {
      const [x, y] = place(axis);
      this.add("line", { x2: x * RADIUS, y2: y * RADIUS, class: "pad-axis" });
      this.add("circle", { cx: x * RADIUS, cy: y * RADIUS, r: 5, class: "pad-dot", style: `fill: var(--${axis})` });
      const anchor = Math.abs(x) < 0.1 ? "middle" : x > 0 ? "start" : "end";
      const label = this.add("text", { x: x * (RADIUS + 17), y: y * (RADIUS + 18) + 4, "text-anchor": anchor, class: "pad-label" });
      label.dataset.axis = axis;
      label.addEventListener("click", () => this.choose(axis));
      return label;
    });
    this.path = this.add("polyline", { class: "pad-trail" });
    this.ghost = this.add("circle", { r: 13, class: "pad-ghost" });
    this.knob = this.add("circle", { r: 11, class: "pad-knob" });
    this.rename();
    this.paint();
  }

  add(name, attributes) {
    const element = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    this.svg.append(element);
    return element;
  }

  rename() {
    for (const label of this.labels) label.textContent = word(label.dataset.axis);
  }

  get emotion() {
    return emotionAt(this.x, this.y);
  }

  choose(axis, intensity = 0.75) {
    const [x, y] = place(axis);
    this.move(x * intensity, y * intensity);
    this.settle();
  }

  /** Shows an emotion that the voice has taken; does not send anything. */
  show(vector, intensity) {
    const [x, y] = pointOf(vector, intensity);
    this.ghost.setAttribute("cx", x * RADIUS);
    this.ghost.setAttribute("cy", y * RADIUS);
    this.ghost.classList.add("shown");
  }

  /** Goes where words or a clip have led the voice; does not send anything. */
  put(vector, intensity) {
    [this.x, this.y] = pointOf(vector, intensity);
    this.paint();
  }

  /** The voice follows something else than the knob. */
  leave(left) {
    this.svg.classList.toggle("left", left);
  }

  grab(event) {
    if (event.target.classList.contains("pad-label")) return;
    this.held = true;
    this.svg.setPointerCapture(event.pointerId);
    this.follow(event);
  }

  follow(event) {
    const box = this.svg.getScreenCTM().inverse();
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(box);
    const far = Math.max(1, Math.hypot(at.x, at.y) / RADIUS);
    this.move(at.x / RADIUS / far, at.y / RADIUS / far);
  }

  release() {
    if (this.held) this.settle();
    this.held = false;
  }

  key(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key === "Home") this.move(0, 0);
    else if (steps[event.key]) {
      const [dx, dy] = steps[event.key];
      const [x, y] = [this.x + dx * KEY_STEP, this.y + dy * KEY_STEP];
      const far = Math.max(1, Math.hypot(x, y));
      this.move(x / far, y / far);
    } else return;
    event.preventDefault();
    this.settle();
  }

  move(x, y) {
    [this.x, this.y] = [x, y];
    this.trail = [...this.trail.slice(1 - TRAIL), `${x * RADIUS},${y * RADIUS}`];
    this.paint();
    this.dispatchEvent(new CustomEvent("change", { detail: this.emotion }));
  }

  settle() {
    this.trail = [];
    this.paint();
    this.dispatchEvent(new CustomEvent("settle", { detail: this.emotion }));
  }

  paint() {
    const { vector, intensity } = this.emotion;
    this.knob.setAttribute("cx", this.x * RADIUS);
    this.knob.setAttribute("cy", this.y * RADIUS);
    this.knob.style.fill = colour(vector, intensity);
    this.path.setAttribute("points", this.trail.join(" "));
    this.svg.setAttribute("aria-valuenow", intensity);
    this.svg.setAttribute("aria-valuetext", describe(vector, intensity));
  }
}

/** An emotion in a few words: its axes with their share, strongest first. */
export function describe(vector, intensity) {
  if (intensity < 0.04) return word("neutral");
  return AXES.map((axis, i) => [vector[i] * intensity, axis])
    .filter(([weight]) => weight >= 0.05)
    .sort((a, b) => b[0] - a[0])
    .slice(0, 3)
    .map(([weight, axis]) => `${word(axis)} ${Math.round(weight * 100)}`)
    .join(" · ");
}
