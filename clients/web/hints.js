// Hints for the reading and the emotion of what is written, put where the cursor is.

import { AXES } from "./words.js";

export function offerHints(find, composer, pad) {
  find("pinyin").addEventListener("click", () => composer.insert("", "(pīnyīn)", "pīnyīn"));
  find("spoken").addEventListener("change", ({ target }) => {
    if (target.value) composer.insert(`<lang xml:lang="${target.value}">`, "</lang>");
    target.value = "";
  });
  find("tag").addEventListener("click", () => {
    const { vector, intensity } = pad.emotion;
    const strongest = AXES[vector.indexOf(Math.max(...vector))];
    composer.insert(intensity ? `[${strongest}:${intensity.toFixed(1)}]` : "[neutral]");
  });
}
