// The words of the pages, in Chinese and English. Elements carry `data-word`, or `data-word-title` and the like.

import { en } from "./words_en.js";
import { zh } from "./words_zh.js";

export const AXES = ["joy", "anger", "sadness", "fear", "surprise", "neutral", "contempt", "tenderness"];

const WORDS = { en, zh };

export let language = "en";

export function word(key) {
  return WORDS[language][key] ?? key;
}

/** The word of that key if this language has one, else `other`. */
export function wordOr(key, other) {
  return WORDS[language][key] ?? other;
}

/** Sets the language and writes its words into the page. */
export function speakIn(wanted, root = document) {
  language = wanted in WORDS ? wanted : "en";
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  for (const [key, attribute] of [["wordTitle", "title"], ["wordPlaceholder", "placeholder"], ["wordLabel", "aria-label"]]) {
    const name = key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
    for (const element of root.querySelectorAll(`[data-${name}]`)) element.setAttribute(attribute, word(element.dataset[key]));
  }
}

/** What the user chose before, or what the browser asks for. */
export function preferred() {
  return localStorage.getItem("seiyuu.words") ?? (navigator.language.startsWith("zh") ? "zh" : "en");
}
