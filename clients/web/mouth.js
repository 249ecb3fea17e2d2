// A mouth: from visemes where the engine gives them, else from the level of the sound.

/** Oculus viseme → how far open, how wide, how round (0…1). */
const SHAPES = {
  sil: [0, 0.5, 0],
  PP: [0, 0.4, 0.1],
  FF: [0.12, 0.55, 0],
  TH: [0.22, 0.55, 0],
  DD: [0.28, 0.6, 0],
  kk: [0.32, 0.55, 0],
  CH: [0.26, 0.3, 0.7],
  SS: [0.14, 0.75, 0],
  nn: [0.22, 0.6, 0],
  RR: [0.3, 0.35, 0.5],
  aa: [1, 0.65, 0],
  E: [0.58, 0.85, 0],
  ih: [0.34, 0.95, 0],
  oh: [0.72, 0.25, 0.8],
  ou: [0.4, 0.08, 1],
};
const FOLLOW_MS = 35; // how fast lips are
const LOUD = 0.25; // root mean square of a mouth wide open

/** Draws into a canvas; the colours are those of the page (`color` lips, `--mouth-inside`). */
export class Mouth {
  constructor(canvas) {
    this.canvas = canvas;
    this.shape = [...SHAPES.sil];
    this.at = performance.now();
  }

  /** `viseme` by name, or null to follow `level` (root mean square). */
  draw(viseme, level) {
    const open = Math.min(1, Math.sqrt(level / LOUD));
    const wanted = viseme ? SHAPES[viseme] ?? SHAPES.sil : [open < 0.08 ? 0 : open, 0.5 + 0.2 * open, 0.2 * open];
    const now = performance.now();
    const share = 1 - Math.exp(-(now - this.at) / FOLLOW_MS);
    this.at = now;
    this.shape = this.shape.map((value, i) => value + share * (wanted[i] - value));
    this.paint();
  }

  get open() {
    return this.shape[0];
  }

  paint() {
    const { canvas } = this;
    const ratio = devicePixelRatio || 1;
    const [w, h] = [canvas.clientWidth, canvas.clientHeight];
    if (canvas.width !== Math.round(w * ratio)) {
      canvas.width = Math.round(w * ratio);
      canvas.height = Math.round(h * ratio);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, w, h);
    const style = getComputedStyle(canvas);
    const [open, wide, round] = this.shape;
    const half = w * (0.2 + 0.22 * wide - 0.07 * round);
    const tall = h * (0.02 + 0.36 * open);
    const [x, y] = [w / 2, h / 2];
    const lip = Math.max(2, h * 0.055);
    const corner = half * (0.55 + 0.35 * round);
    const contour = () => {
      pen.beginPath();
      pen.moveTo(x - half, y);
      pen.bezierCurveTo(x - corner, y - tall, x - half * 0.25, y - tall * 1.02, x, y - tall * 0.86);
      pen.bezierCurveTo(x + half * 0.25, y - tall * 1.02, x + corner, y - tall, x + half, y);
      pen.bezierCurveTo(x + corner, y + tall * 1.15, x - corner, y + tall * 1.15, x - half, y);
      pen.closePath();
    };
    contour();
    pen.fillStyle = style.getPropertyValue("--mouth-inside") || "#401020";
    pen.fill();
    if (open > 0.12) {
      pen.save();
      pen.clip();
      pen.fillStyle = style.getPropertyValue("--mouth-teeth") || "#fff";
      pen.fillRect(x - half * 0.62, y - tall * 1.1, half * 1.24, tall * 0.62);
      pen.fillStyle = style.getPropertyValue("--mouth-tongue") || "#d0607a";
      pen.beginPath();
      pen.ellipse(x, y + tall * 1.05, half * 0.6, tall * 0.55, 0, 0, 2 * Math.PI);
      pen.fill();
      pen.restore();
      contour();
    }
    pen.lineWidth = lip;
    pen.lineJoin = "round";
    pen.strokeStyle = style.color;
    pen.stroke();
  }
}

export function level(samples) {
  let sum = 0;
  for (const x of samples) sum += x * x;
  return Math.sqrt(sum / samples.length);
}
