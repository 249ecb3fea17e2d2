// What was said: to read, to hear again, to keep as files.

import { download, json, srt, wav } from "./files.js";
import { word } from "./words.js";

const SHOWN = 50;

export class History {
  constructor(list, empty) {
    Object.assign(this, { list, empty });
  }

  add(utterance) {
    const entry = document.createElement("li");
    entry.dataset.utterance = utterance.number;
    const said = element("p", "said");
    if (utterance.heard) {
      said.append(element("span", "heard", utterance.heard.text), element("s", "unheard", utterance.heard.unheard));
    } else {
      said.textContent = utterance.text;
    }
    entry.append(said, element("p", "facts", this.facts(utterance)), this.acts(utterance));
    this.list.prepend(entry);
    while (this.list.children.length > SHOWN) this.list.lastChild.remove();
    this.empty.hidden = true;
  }

  facts(utterance) {
    const s = (ms) => `${(ms / 1000).toFixed(2)} s`;
    const found = [utterance.made.toLocaleTimeString(), utterance.voice];
    if (utterance.heard) found.push(utterance.heard.text ? `${word("interrupted")} ${s(utterance.heard.ms)}` : word("nothing_heard"));
    else if (utterance.durationMs !== null) found.push(s(utterance.durationMs));
    if (utterance.requestedMs !== null) {
      const off = Math.round(utterance.durationMs - utterance.requestedMs);
      found.push(`${word("asked")} ${s(utterance.requestedMs)}, ${word("got")} ${s(utterance.durationMs)} (${off >= 0 ? "+" : ""}${off} ms)`);
    }
    if (utterance.firstPacketMs !== null) found.push(`${word("first_packet")} ${Math.round(utterance.firstPacketMs)} ms`);
    return found.filter(Boolean).join(" · ");
  }

  acts(utterance) {
    const acts = element("div", "acts");
    const name = `seiyuu-${utterance.made.toISOString().slice(0, 19).replace(/[:T]/g, "-")}`;
    const file = () => wav(utterance.samples(), utterance.rate);
    const all = [
      [`▶ ${word("play")}`, () => this.play(file())],
      ["WAV", () => download(file(), `${name}.wav`)],
      ["SRT", () => download(srt(utterance), `${name}.srt`)],
      ["JSON", () => download(json(utterance), `${name}.json`)],
    ];
    for (const [label, act] of all) {
      const button = element("button", "", label);
      button.type = "button";
      button.addEventListener("click", act);
      button.disabled = label !== "JSON" && utterance.pieces.length === 0;
      acts.append(button);
    }
    return acts;
  }

  play(blob) {
    this.audio?.pause();
    this.audio = new Audio(URL.createObjectURL(blob));
    this.audio.play();
  }
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
