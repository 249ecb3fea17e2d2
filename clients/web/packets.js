// The audio packet of the wire: 16 bytes of header, big-endian, then one frame.

const HEADER_BYTES = 16;
const LAST = 1;

/** ITU-T G.711 µ-law, one float per code. */
const MULAW = Float32Array.from({ length: 256 }, (_, coded) => {
  const code = ~coded & 0xff;
  const magnitude = ((((code & 0x0f) << 1) + 33) << ((code >> 4) & 7)) - 33;
  return (code & 0x80 ? -magnitude : magnitude) / 8192;
});

/** Splits a binary message; `samples` is a new array of floats in -1…1. */
export function unpack(buffer, codec) {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEADER_BYTES || view.getUint8(0) !== 1) throw new Error("not an audio packet");
  return {
    utterance: view.getUint16(2),
    seq: view.getUint32(4),
    // Reads exactly up to 2^53 samples, which is six thousand years.
    timestamp: view.getUint32(8) * 2 ** 32 + view.getUint32(12),
    last: (view.getUint8(1) & LAST) !== 0,
    samples: decode(buffer, codec),
  };
}

function decode(buffer, codec) {
  const size = buffer.byteLength - HEADER_BYTES;
  if (codec === "pcm_f32le") return new Float32Array(buffer.slice(HEADER_BYTES));
  if (codec === "mulaw") return Float32Array.from(new Uint8Array(buffer, HEADER_BYTES), (code) => MULAW[code]);
  if (codec !== "pcm_s16le") throw new Error(`this page cannot decode ${codec}`);
  const coded = new Int16Array(buffer, HEADER_BYTES, size >> 1);
  const samples = new Float32Array(coded.length);
  for (let i = 0; i < coded.length; i++) samples[i] = coded[i] / 32767;
  return samples;
}
