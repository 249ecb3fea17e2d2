// The voices as cards.

import { address } from "./address.js";
import { introduce } from "./cast.js";
import { language } from "./words.js";

/** Fills `box` with one card a voice; `choose(name)` is called when another is picked. Gives the voices. */
export async function showVoices(box, current, choose) {
  const voices = await listed(current);
  const cards = voices.map((voice) => {
    const card = document.createElement("button");
    card.type = "button";
    card.className = "voice";
    card.setAttribute("role", "radio");
    card.dataset.voice = voice.name;
    card.voice = voice;
    card.append(document.createElement("b"), document.createElement("small"));
    card.addEventListener("click", () => {
      mark(cards, voice.name);
      choose(voice.name);
    });
    return card;
  });
  box.replaceChildren(...cards);
  box.onkeydown = (event) => step(event, cards);
  renameVoices(box);
  const chosen = mark(cards, current);
  // Within its own box: the page must not move under somebody's hands.
  if (chosen) box.scrollTop = chosen.offsetTop - box.offsetTop - 8;
  return voices;
}

/** The cards in the language of the page. */
export function renameVoices(box) {
  for (const card of box.children) {
    const { title, about } = introduce(card.voice, language);
    card.querySelector("b").textContent = title;
    card.querySelector("small").textContent = about;
  }
}

/** Those of the library; a server without one names the voices of its engine. */
async function listed(current) {
  for (const path of ["/v1/voices", "/v1/engine"]) {
    const answer = await fetch(address(path)).catch(() => null);
    if (answer?.ok) return (await answer.json()).voices;
  }
  return [{ name: current, description: "" }];
}

function mark(cards, name) {
  for (const card of cards) {
    const chosen = card.dataset.voice === name;
    card.setAttribute("aria-checked", chosen);
    card.tabIndex = chosen ? 0 : -1;
  }
  return cards.find((card) => card.dataset.voice === name);
}

/** Arrow keys move the choice, as in any group of radio buttons (WAI-ARIA radiogroup). */
function step(event, cards) {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const at = cards.findIndex((card) => card.tabIndex === 0);
  const next = cards[(at + by + cards.length) % cards.length];
  next.click();
  next.focus();
}
