// An utterance as files: WAV, SubRip, JSON.

const GAP_MS = 600;
const LINE_CHARS = 42;
const LINE_MS = 5000;

/** 16-bit PCM, mono (RIFF/WAVE). */
export function wav(samples, rate) {
  const bytes = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const word = (at, text) => [...text].forEach((c, i) => bytes.setUint8(at + i, c.charCodeAt(0)));
  word(0, "RIFF");
  bytes.setUint32(4, 36 + samples.length * 2, true);
  word(8, "WAVEfmt ");
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true);
  bytes.setUint16(22, 1, true);
  bytes.setUint32(24, rate, true);
  bytes.setUint32(28, rate * 2, true);
  bytes.setUint16(32, 2, true);
  bytes.setUint16(34, 16, true);
  word(36, "data");
  bytes.setUint32(40, samples.length * 2, true);
  samples.forEach((x, i) => bytes.setInt16(44 + i * 2, Math.round(Math.max(-1, Math.min(1, x)) * 32767), true));
  return new Blob([bytes], { type: "audio/wav" });
}

export function srt(utterance) {
  const cues = lines(utterance).map((cue, i) => `${i + 1}\n${clock(cue.start)} --> ${clock(cue.end)}\n${cue.text}\n`);
  return new Blob([cues.join("\n")], { type: "application/x-subrip" });
}

export function json(utterance) {
  const { text, voice, marks, emotions, durationMs, requestedMs, firstPacketMs, onsetMs, reason, heard, made } = utterance;
  const all = { text, voice, made, durationMs, requestedMs, firstPacketMs, onsetMs, reason, heard, emotions, marks };
  return new Blob([JSON.stringify(all, null, 1)], { type: "application/json" });
}

export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** Marks gathered to lines of a subtitle: a new one at a pause, behind a sentence, or when it is full. */
export function lines(utterance) {
  const text = [...utterance.text];
  const found = [];
  let line = null;
  for (const mark of utterance.letters) {
    const between = line ? text.slice(line.charEnd, mark.char_start).join("") : "";
    const full = line && (mark.start_ms - line.end >= GAP_MS || mark.end_ms - line.start > LINE_MS || mark.char_end - line.charStart > LINE_CHARS);
    if (!line || full || /[。!?.!?…\n]/.test(between)) {
      if (line) line.text += between.trimEnd();
      line = { start: mark.start_ms, end: mark.end_ms, charStart: mark.char_start, charEnd: mark.char_end, text: "" };
      found.push(line);
    } else {
      line.text += between;
    }
    line.text += text.slice(mark.char_start, mark.char_end).join("");
    line.end = mark.end_ms;
    line.charEnd = mark.char_end;
  }
  if (line) line.text += text.slice(line.charEnd).join("").trimEnd();
  return found;
}

function clock(ms) {
  const whole = Math.round(ms);
  const pad = (n, size) => String(n).padStart(size, "0");
  const s = Math.floor(whole / 1000);
  return `${pad(Math.floor(s / 3600), 2)}:${pad(Math.floor(s / 60) % 60, 2)}:${pad(s % 60, 2)},${pad(whole % 1000, 3)}`;
}
