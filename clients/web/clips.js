// Clips and voices on the server, and what it thinks of them.

import { address } from "./address.js";
import { word, wordOr } from "./words.js";

/** The server's answer, or {error} in its own words. */
async function ask(path, form) {
  try {
    const response = await fetch(address(path), form && { method: "POST", body: form });
    if (response.status === 404 || response.status === 405) return { error: word("no_voice_door") };
    const answer = await response.json();
    return response.ok ? answer : { error: answer.message ?? `${response.status}` };
  } catch (error) {
    return { error: error.message };
  }
}

function formOf(fields) {
  const form = new FormData();
  for (const [key, value] of Object.entries(fields)) form.append(key, value, ...(value instanceof Blob ? ["clip"] : []));
  return form;
}

/** {id, verdict}, or {error}. */
export const sendClip = (blob) => ask("/v1/clips", formOf({ clip: blob }));

/** The record of the voice, or {error}. */
export const makeVoice = (fields) => ask("/v1/voices", formOf(fields));

/** Nothing, or {error}. */
export async function removeVoice(name) {
  const response = await fetch(address(`/v1/voices/${encodeURIComponent(name)}`), { method: "DELETE" });
  return response.ok ? {} : { error: (await response.json()).message };
}

/** A verdict in a line: how much speech there is, and what would make it better. */
export function summary({ speech_s: seconds, problems }) {
  const length = `${seconds.toFixed(1)} ${word("clip_seconds")}`;
  const advice = problems.map(({ code, message, advice: better }) => wordOr(`clip_${code}`, `${message}: ${better}`));
  return [advice.length ? length : `✓ ${word("clip_good")}, ${length}`, ...advice].join(" · ");
}
