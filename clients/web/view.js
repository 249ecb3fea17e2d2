// The look of the Studio: language, light, and the state of the connection.

import { language, preferred, speakIn, word } from "./words.js";

export class View {
  /** `onRename` is called when the page speaks another language. */
  constructor(find, onRename) {
    Object.assign(this, { find, onRename });
    this.state = { state: "connecting" };
    find("words").addEventListener("click", () => this.rename(language === "zh" ? "en" : "zh"));
    find("theme").addEventListener("click", () => this.dress(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
    this.dress(localStorage.getItem("seiyuu.theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  }

  begin() {
    this.rename(preferred());
  }

  rename(wanted) {
    localStorage.setItem("seiyuu.words", wanted);
    speakIn(wanted);
    this.find("words").textContent = wanted === "zh" ? "English" : "中文";
    this.find("words").lang = wanted === "zh" ? "en" : "zh";
    this.find("captions").setAttribute("placeholder", word("hint_start"));
    this.show(this.state);
    this.name(this.engine);
    this.onRename();
  }

  dress(theme) {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("seiyuu.theme", theme);
  }

  /** The connection; a server that refuses says why. */
  show(state) {
    this.state = state;
    this.find("light").className = `light ${state.state}`;
    this.find("state").textContent = word(state.state);
    if (state.state === "lost" && state.reason) this.notice(state.reason);
    if (state.state === "open" && this.refused) this.notice("");
    this.refused = state.state === "lost" && Boolean(state.reason);
  }

  name(engine) {
    this.engine = engine;
    if (engine) this.find("engine").textContent = `${word("engine")}: ${engine}`;
  }

  notice(text) {
    this.find("notice").textContent = text;
    this.find("notice").hidden = !text;
  }
}
