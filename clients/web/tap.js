// Listens to sound that something else plays, on the audio thread, and tells the page what went by.

const REPORT = 1024;

class Tap extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Float32Array(REPORT);
    this.filled = 0;
  }

  process([[input]], [[out]]) {
    for (let i = 0; i < out.length; i++) {
      out[i] = input ? input[i] : 0;
      this.block[this.filled++] = out[i];
      if (this.filled === REPORT) {
        this.port.postMessage({ samples: this.block.slice(), frame: currentFrame + i + 1 });
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("seiyuu-tap", Tap);
