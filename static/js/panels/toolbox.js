// Wishes as chips: settings by what a person wants of them, and the ways that lead to a layer: a size to reach, pasted
// code. Turns clicks into actions and calls; decides nothing.

import { el } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { fold } from "../ui/rows.js";
import { text } from "../words/page.js";

/** @import { Icon } from "../ui/icon.js" */
/** @import { IntentInfo } from "../types/registry.js" */
/** @import { Dispatch } from "./controls.js" */
/** @import { State } from "../state/state.js" */

/** A button with words, and more of them in its tooltip. @param {string} title @param {string} words @param {() => void} act */
export function tool(title, words, act) {
  return el("button", { type: "button", text: words, title, onclick: act });
}

/** A button with an icon, which has a name and a tooltip. @param {string} words @param {Icon} sign @param {() => void} act */
export function iconTool(words, sign, act) {
  const named = { title: words, "aria-label": words };
  return el("button", { type: "button", class: "icon", ...named, onclick: act }, icon(sign));
}

/**
 * @param {() => State} current @param {Dispatch} dispatch
 * @param {{ solve: () => void, paste: () => void, intents: IntentInfo[] }} ways to a layer
 */
export function toolbox(current, dispatch, { solve, paste, intents }) {
  const chip = (/** @type {IntentInfo} */ { title }, /** @type {number} */ index) =>
    el("button", { type: "button", text: title, onclick: () => dispatch({ type: "intent", index }) });
  const first = intents.map(chip);
  const others = el("div", { class: "chips" });
  const more = fold(text.moreIntents, others);
  // The others come with the registry.
  more.element.addEventListener("toggle", () =>
    others.replaceChildren(...current().catalog.intents.map(chip).slice(first.length)),
  );
  return el(
    "section",
    { class: "panel tools", "aria-labelledby": "tools-title" },
    el("h2", { id: "tools-title", text: text.intents }),
    el(
      "div",
      { class: "chips" },
      ...first,
      tool(text.solveTitle, text.solve, solve),
      tool(text.readTitle, text.readOpen, paste),
    ),
    more.element,
  );
}

/** The last line of the column: where to read on. @param {() => void} introduce */
export function foot(introduce) {
  return el(
    "nav",
    { class: "foot", "aria-label": text.foot },
    el("button", { type: "button", class: "plain", text: text.introduction, onclick: introduce }),
    el("a", { href: "handbook", text: text.handbook }),
    el("a", { href: "api", text: text.api }),
  );
}
