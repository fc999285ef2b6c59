// The choice between the two walks of a layer that has them. Turns a click into an action; hidden where there is one.

import { walkOf } from "../state/selectors.js";
import { el, setAttribute, setText } from "../ui/dom.js";
import { text } from "../words/page.js";

/** @import { Control, Dispatch } from "./controls.js" */
/** @import { Walk } from "../state/state.js" */

/** @param {Dispatch} dispatch @returns {Control} */
export function walkSwitch(dispatch) {
  const buttons = /** @type {Walk[]} */ (["gather", "stamp"]).map((walk) => ({
    walk,
    button: el("button", {
      type: "button",
      text: text.walks[walk].name,
      title: text.walks[walk].about,
      onclick: () => dispatch({ type: "walk", walk }),
    }),
  }));
  const about = el("span", { class: "about" });
  const group = el("div", { class: "segments" }, ...buttons.map(({ button }) => button));
  const element = el("div", { class: "walks", role: "group", "aria-label": text.walk }, group, about);
  return {
    element,
    update(state) {
      element.hidden = !state.shown?.geometry.scatter;
      const chosen = walkOf(state);
      for (const { walk, button } of buttons) setAttribute(button, "aria-pressed", String(walk === chosen));
      setText(about, text.walks[chosen].about);
    },
  };
}
