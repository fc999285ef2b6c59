// The page on paper: one sheet with the stage in light colours, the sum, the settings and the link. Makes words
// of the state and lays out the stage anew; decides nothing about it.

import { linkOf } from "../link/address.js";
import { encode } from "../link/fragment.js";
import { parameterOf } from "../state/resolve.js";
import { byId, el, setAttribute } from "../ui/dom.js";
import { shape } from "../words/format.js";
import { choiceText, text } from "../words/page.js";

/** @import { State } from "../state/state.js" */

/** The stage on a landscape sheet, A4 or Letter, in CSS pixels. */
const SHEET = { width: 950, height: 400 };

/**
 * @param {{ fix(size: { width: number, height: number } | null): void, update(state: State, theme: "light"): void }} stage
 * @param {() => State} current @param {() => void} redraw
 */
export function printing(stage, current, redraw) {
  const root = document.documentElement;
  const words = el("section", { class: "printed", "aria-hidden": "true" });
  byId("view").append(words);
  let printed = false;
  const begin = () => {
    if (printed) return;
    printed = true;
    root.classList.add("printing");
    setAttribute(root, "data-theme", "light");
    words.replaceChildren(...settingsOf(current()));
    stage.fix(SHEET);
    stage.update(current(), "light");
  };
  const end = () => {
    printed = false;
    root.classList.remove("printing");
    stage.fix(null);
    words.replaceChildren();
    redraw();
  };
  addEventListener("beforeprint", begin);
  addEventListener("afterprint", end);
  matchMedia("print").addEventListener("change", ({ matches }) => (matches ? begin() : end()));
}

/** The subject of the picture: the operation with every parameter, and where to find it. */
function settingsOf(/** @type {State} */ state) {
  const { operation, geometry } = state.shown ?? {};
  const list = el("dl");
  const said = (/** @type {string} */ name, /** @type {string} */ value) =>
    list.append(el("div", {}, el("dt", { text: name }), el("dd", { text: value })));
  said(text.operation, operation?.title ?? "");
  if (geometry?.weight_shape) said(text.weights, shape(geometry.weight_shape));
  for (const parameter of operation?.parameters ?? []) {
    const value = parameterOf(state, parameter.name);
    said(parameter.title, value === null ? text.automatic : choiceText(value, parameter));
  }
  const link = encode(linkOf(state));
  const address = link.ok ? new URL(link.fragment, location.href).href : location.href;
  return [list, el("p", { class: "address", text: address })];
}
