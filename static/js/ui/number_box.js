// A box for a number: reads the text as it is typed. numberboxes.js rejects text that is no number. Knows no state.

import { typed } from "../words/format.js";
import { el } from "./dom.js";

/** Which numbers a box takes. @typedef {{ whole?: boolean, low?: number, high?: number }} Takes */

/**
 * @param {string} label @param {(value: number) => void} set
 * @param {Takes & { on?: "input" | "change" }} [takes] `on`: whether it is set with every key or when it is done
 */
export function numberBox(label, set, { whole = true, low, high, on = "input" } = {}) {
  const field = el("input", {
    type: "text",
    class: "number",
    inputmode: whole ? "numeric" : "decimal",
    autocomplete: "off",
    "aria-label": label,
    "data-whole": whole,
    "data-low": low,
    "data-high": high,
    [`on${on}`]: () => {
      const value = numberIn(field);
      if (value !== null) set(value);
    },
  });
  return field;
}

/** The number that stands in a box; null when it holds none, or none that it takes. */
export function numberIn(/** @type {HTMLInputElement} */ { value, dataset }) {
  const { whole, low = "-Infinity", high = "Infinity" } = dataset;
  const number = whole !== undefined && /[.,/]/.test(value) ? null : typed(value);
  const taken = number !== null && number >= Number(low) && number <= Number(high);
  return taken && (whole === undefined || Number.isInteger(number)) ? number : null;
}
