// Captions that light up as they are heard.

/** Shows one utterance in an element: what was heard, what sounds now, what is to come. */
export class Captions {
  constructor(element) {
    this.element = element;
    this.utterance = null;
    this.chars = [];
    this.lit = 0;
    this.closed = false;
  }

  show(utterance) {
    this.utterance = utterance;
    this.element.replaceChildren();
    this.chars = [];
    this.lit = 0;
    this.closed = false;
    this.grow();
  }

  /** The text has grown, or captions show it for the first time. */
  grow() {
    const text = [...this.utterance.text];
    for (const character of text.slice(this.chars.length)) {
      const span = document.createElement("span");
      span.textContent = character;
      this.element.append(span);
      this.chars.push(span);
    }
  }

  /** The listener is at `ms`; returns whether another character lit up. */
  at(ms) {
    const { utterance, chars } = this;
    if (!utterance || this.closed) return false;
    const heard = Math.min(utterance.heardChars(ms), chars.length);
    if (heard === this.lit) return false;
    for (let i = Math.min(heard, this.lit); i < Math.max(heard, this.lit); i++) chars[i].classList.toggle("on", i < heard);
    for (const span of this.element.querySelectorAll(".lit")) span.classList.remove("lit");
    const newest = utterance.letters.filter((mark) => mark.start_ms <= ms).at(-1);
    if (newest) for (let i = newest.char_start; i < newest.char_end; i++) chars[i]?.classList.add("lit");
    this.lit = heard;
    const last = chars[heard - 1];
    if (last) {
      const { offsetTop, offsetHeight } = last;
      const { scrollTop, clientHeight, offsetTop: top } = this.element;
      if (offsetTop - top + offsetHeight > scrollTop + clientHeight || offsetTop - top < scrollTop) this.element.scrollTop = offsetTop - top - offsetHeight;
    }
    return true;
  }

  /** It is over: all of it was heard, or, after a cancel, as much as the server says. */
  over() {
    this.closed = true;
    for (const span of this.element.querySelectorAll(".lit")) span.classList.remove("lit");
    const { heard } = this.utterance;
    const until = heard ? [...heard.text].length : this.chars.length;
    this.chars.forEach((span, i) => {
      span.classList.toggle("on", i < until);
      span.classList.toggle("gone", i >= until);
    });
    this.lit = until;
  }
}
