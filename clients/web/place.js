// Where the listener of a peer connection is. The messages of a session come with their sound, so each tells a place:
// a mark that begins at a second of the utterance has just been sent, and is heard when sound has made its way.

const FAR_MS = 600; // without news for so long, there is no telling

export class Place {
  constructor() {
    this.news = []; // {utterance, ms, at}, in order of time; ms null is the end
  }

  /** `at` (ms) is when the listener hears what the message belongs to. */
  hear(message, at) {
    const { type, utterance } = message;
    if (type === "utterance.started") this.news.push({ utterance, ms: 0, at });
    if (type === "mark") this.news.push({ utterance, ms: message.start_ms, at });
    if (type === "utterance.ended" || type === "speech.cancelled") this.news.push({ utterance, ms: null, at });
  }

  /** {utterance, ms} at that time, or null in silence. */
  now(at) {
    while (this.news.length > 1 && this.news[1].at <= at) this.news.shift();
    const [newest] = this.news;
    if (!newest || newest.at > at || newest.ms === null) return null;
    return { utterance: newest.utterance, ms: newest.ms + Math.min(at - newest.at, FAR_MS) };
  }

  forget() {
    this.news = [];
  }
}
