// Fields that dialogs are made of: a choice, a whole number, a line with a label. Comes with the dialogs; knows no
// state.

import { el, setValue } from "./dom.js";
import { numberBox, numberIn } from "./number_box.js";

/**
 * A choice out of a few.
 * @param {string} label @param {Record<string, string>} choices value to words @param {string} value
 * @param {(value: string) => void} set
 */
export function choiceField(label, choices, value, set) {
  const field = el("select", { "aria-label": label, onchange: () => set(field.value) });
  for (const [one, words] of Object.entries(choices)) field.append(el("option", { value: one, text: words }));
  field.value = value;
  return field;
}

/**
 * A whole number within bounds.
 * @param {string} label @param {number} low @param {number} high @param {number} value
 * @param {(value: number) => void} set
 */
export function numberField(label, low, high, value, set) {
  const field = numberBox(label, set, { low, high, on: "change" });
  setValue(field, String(value));
  field.addEventListener("change", () => {
    const number = numberIn(field);
    if (number !== null) setValue(field, String(number));
  });
  return field;
}

/** A line of a dialog. @param {string} label @param {HTMLElement} field */
export function lineOf(label, field) {
  return el("label", { class: "row" }, el("span", { class: "name", text: label }), field);
}
