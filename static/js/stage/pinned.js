// Two pinned steps next to each other: their windows, their sums, and what differs marked in both. Comes by import with
// the second pin. Shows the state; knows no canvas and no network.

import { isCopied } from "../layer/combine.js";
import { stepPosition } from "../layer/walk.js";
import { sumLines, termKey } from "../panels/readout.js";
import { colourOf, css } from "../picture/grid/colour.js";
import { planeAxes } from "../picture/grid/grids.js";
import { slicePlane } from "../picture/grid/planes.js";
import { PIN_NAMES } from "../state/pins.js";
import { currentNumbers, sourceOf, viewOf } from "../state/selectors.js";
import { resultOf, resultText } from "../step/rounding.js";
import { stampOf, sumOf } from "../step/sum.js";
import { byId, el, setText } from "../ui/dom.js";
import { awaited, number } from "../words/format.js";
import { channelName, placeText, text } from "../words/page.js";
import { later, tell } from "../words/stage.js";

/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { Theme } from "../types/page.js" */
/** @import { Control, Dispatch } from "../panels/controls.js" */
/** @import { State } from "../state/state.js" */
/** @import { StepSum, Term } from "../step/sum.js" */

/** Windows with more cells than this, or of more channels, are only written out as sums. */
const MOST_CELLS = 81;
const MOST_CHANNELS = 3;

/** @param {Dispatch} dispatch @returns {Control} */
export function pinnedPanel(dispatch) {
  const words = el("p", { class: "pins-words", role: "status" });
  const sides = el("div", { class: "pin-sides" });
  const unpin = el("button", {
    type: "button",
    text: text.stageButtons.unpin,
    onclick: () => dispatch({ type: "unpin" }),
  });
  const element = el(
    "section",
    { class: "pins", "aria-label": later.pins.title },
    el("div", { class: "pins-head" }, words, unpin),
    sides,
  );
  byId("readout").prepend(element);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  /** @type {unknown[]} */
  let last = [];
  return {
    element,
    update(state) {
      const theme = state.theme ?? (dark.matches ? "dark" : "light");
      element.hidden = new Set(state.pins.map(({ step }) => step)).size < 2;
      byId("readout").classList.toggle("comparing-pins", !element.hidden);
      const of = [state.pins, state.lane, state.channel, currentNumbers(state), state.shown, theme];
      if (element.hidden || of.every((part, at) => part === last[at])) return;
      last = of;
      const both = state.pins.map(({ step }) => ({ ...state, step, pointed: null }));
      const all = both.map(termsOf);
      const differing = differingTerms(all);
      sides.replaceChildren(...both.map((one, at) => side(one, String(PIN_NAMES[at]), differing, theme)));
      const [first, second] = both.map(resultOf);
      const between =
        first && second && first.value !== null && second.value !== null
          ? awaited(second.value - first.value, 4, Math.max(first.rounding, second.rounding))
          : "";
      const terms = Math.max(...all.map((one) => one.length));
      // Where everything differs, marks would tell nothing.
      sides.classList.toggle("all-differ", differing.size === terms);
      setText(
        words,
        terms > 0 && between !== "" ? tell.pinsDiffer(differing.size, terms, between) : text.pending,
      );
    },
  };
}

/** @returns {Term[]} */
function termsOf(/** @type {State} */ state) {
  return sumOf(state)?.terms ?? stampOf(state)?.terms ?? [];
}

/** The terms that are not the same in both, by their key. */
export function differingTerms(/** @type {Term[][]} */ [first = [], second = []]) {
  /** @type {Set<string>} */
  const keys = new Set();
  const others = new Map(second.map((term) => [termKey(term), term]));
  for (const term of first) {
    const other = others.get(termKey(term));
    others.delete(termKey(term));
    if (!other || !Object.is(other.value, term.value) || other.weight !== term.weight)
      keys.add(termKey(term));
  }
  for (const key of others.keys()) keys.add(key);
  return keys;
}

/** @returns {HTMLElement} */
function side(
  /** @type {State} */ state,
  /** @type {string} */ name,
  /** @type {Set<string>} */ differing,
  /** @type {Theme} */ theme,
) {
  const layer = /** @type {LayerGeometry} */ (viewOf(state));
  const place = placeText(stepPosition(layer, state.step));
  const title = el("h3", { text: tell.pin(name, place, resultText(state) ?? "…") });
  const sum = sumOf(state);
  const lines = sumLines(state);
  for (const line of lines)
    for (const term of line.querySelectorAll("[data-term]"))
      term.classList.toggle("differs", differing.has(String(term.getAttribute("data-term"))));
  const windows = sum && !isCopied(layer) ? windowTables(state, layer, sum, differing, theme) : [];
  return el("div", { class: "pin-side" }, title, el("div", { class: "pin-windows" }, ...windows), ...lines);
}

/** The cells that a window reads, in the colours of its cells, a small table a channel. */
function windowTables(
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {StepSum} */ sum,
  /** @type {Set<string>} */ differing,
  /** @type {Theme} */ theme,
) {
  const { row, col } = planeAxes(layer);
  const [rows, cols] = [row?.reads.taps ?? 1, col.reads.taps];
  if (layer.taps !== rows * cols || layer.taps > MOST_CELLS || sum.subtotals.length > MOST_CHANNELS)
    return [];
  const box = { x: 0, y: 0, cell: 1, rows, cols, top: 0, left: 0 };
  const { scale } = slicePlane([], box, null, currentNumbers(state), sourceOf(state), theme);
  return sum.subtotals.map((_, channel) => {
    const terms = sum.terms.slice(channel * layer.taps, (channel + 1) * layer.taps);
    const table = el("table", { class: "pin-window" });
    const source = Number(terms[0]?.channel);
    table.append(el("caption", { class: "unseen", text: channelName(layer.input_shape, source) }));
    for (let down = 0; down < rows; down++) {
      const line = table.insertRow();
      for (const term of terms.slice(down * cols, (down + 1) * cols)) {
        const cell = line.insertCell();
        if (!term.outside) cell.textContent = number(term.value, 2);
        cell.classList.toggle("differs", differing.has(termKey(term)));
        cell.classList.toggle("padded", term.padded);
        if (!scale || term.padded || term.outside) continue;
        cell.style.setProperty("background", css(colourOf(scale, term.value)));
      }
    }
    return table;
  });
}
