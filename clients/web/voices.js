// The voices as cards.

import { address } from "./live.js";

/** Fills `box` with one card a voice; `choose(name)` is called when another is picked. */
export async function showVoices(box, current, choose) {
  const voices = await listed(current);
  const cards = voices.map(({ name, description, languages }) => {
    const card = document.createElement("button");
    card.type = "button";
    card.className = "voice";
    card.setAttribute("role", "radio");
    card.dataset.voice = name;
    const title = document.createElement("b");
    title.textContent = name;
    const about = document.createElement("small");
    about.textContent = description || (languages ?? []).join(" ");
    card.append(title, about);
    card.addEventListener("click", () => {
      mark(cards, name);
      choose(name);
    });
    return card;
  });
  box.replaceChildren(...cards);
  box.onkeydown = (event) => step(event, cards);
  mark(cards, current);
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
