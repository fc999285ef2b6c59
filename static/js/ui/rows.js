// Rows, fields and folds that the panels of the column are made of. Knows no state.

import { el, setText } from "./dom.js";
import { numberBox } from "./number_box.js";

/** @import { ParameterInfo } from "../types/registry.js" */

/** Rows in sight beside the operation's own, where there are more. */
const MOST_ROWS = 5;
/** The settings that are changed most, in this order. */
const USUAL = ["kernel", "stride", "padding", "filters", "activation", "factor", "size", "p", "mode"];

/** The parameters behind one line of words: none where all find room. @returns {ParameterInfo[]} */
export function foldedOf(/** @type {ParameterInfo[]} */ parameters) {
  if (parameters.length <= MOST_ROWS + 1) return [];
  const usual = USUAL.filter((name) => parameters.some((one) => one.name === name)).slice(0, MOST_ROWS);
  return parameters.filter(({ name }) => !usual.includes(name));
}

/** @param {string} label @param {...HTMLElement} fields */
export function line(label, ...fields) {
  const element = el("div", { class: "row" }, el("span", { class: "name", text: label }));
  element.append(el("div", { class: "fields" }, el("div", { class: "line choose" }, ...fields)));
  return element;
}

/** A whole number, once it is typed. @param {string} label @param {(value: number) => void} set @param {number} low @param {number} high */
export function wholeNumber(label, set, low, high) {
  return numberBox(label, set, { low, high, on: "change" });
}

/** @param {string} label @param {(value: string) => void} set */
export function select(label, set) {
  const field = el("select", { "aria-label": label, onchange: () => set(field.value) });
  return field;
}

/** @param {string} words @param {() => void} act */
export function button(words, act) {
  return el("button", { type: "button", text: words, onclick: act });
}

/** @param {string} label @param {string} accept @param {(files: FileList) => void} take */
export function picker(label, accept, take) {
  const field = el("input", {
    type: "file",
    class: "unseen",
    accept,
    "aria-label": label,
    onchange: () => {
      if (field.files?.length) take(field.files);
      field.value = "";
    },
  });
  return { field, opener: el("label", { class: "button" }, label, field) };
}

/**
 * A part that opens from one line of words.
 * @param {string} words @param {...HTMLElement} children
 */
export function fold(words, ...children) {
  const summary = el("summary", { text: words });
  const element = el("details", { class: "fold" }, summary, ...children);
  let shown = "";
  return {
    element,
    name: (/** @type {string} */ others) => setText(summary, others),
    /** Opens for a reason that was not there before; a person may close it again. */
    show(/** @type {string} */ reason) {
      if (reason !== shown && reason !== "") element.open = true;
      shown = reason;
    },
  };
}
