// The microphone as a clip: as it is, without what browsers do to speech for calls.

const LONGEST_MS = 30_000;
const PLAIN = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

export class Recorder {
  /** `onClip(blob)` when a recording is done. */
  constructor(onClip) {
    this.onClip = onClip;
    this.media = null;
  }

  get running() {
    return this.media !== null;
  }

  /** Fails where there is no microphone or nobody may use it. */
  async start() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: PLAIN });
    const parts = [];
    this.media = new MediaRecorder(stream);
    this.media.ondataavailable = ({ data }) => parts.push(data);
    this.media.onstop = () => {
      for (const track of stream.getTracks()) track.stop();
      const { mimeType } = this.media;
      this.media = null;
      clearTimeout(this.limit);
      this.onClip(new Blob(parts, { type: mimeType }));
    };
    this.media.start();
    this.limit = setTimeout(() => this.stop(), LONGEST_MS);
  }

  stop() {
    this.media?.stop();
  }
}
