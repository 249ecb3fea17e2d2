// The length that is asked for: as it comes, in seconds, or as a share of the natural one.

export class Pace {
  constructor(kind, amount) {
    Object.assign(this, { kind, amount });
    kind.addEventListener("change", () => {
      amount.hidden = kind.value === "free";
      amount.value = kind.value === "ratio" ? "1" : "3";
    });
  }

  /** The field of `text.delta`, or nothing. */
  wanted() {
    const kind = this.kind.value;
    const amount = Number(this.amount.value);
    if (kind === "free" || !(amount > 0)) return {};
    return { pace: { mode: "controlled", [kind]: kind === "ratio" ? amount : Math.round(amount * 1000) } };
  }
}
