// Dialogs that are rarely needed: typed values and the help sheet. Comes by import.

import { keepKeys, keysAreKept } from "../panels/page_keys.js";
import { keepToken, wasRefused } from "../server/token.js";
import { currentNumbers } from "../state/selectors.js";
import { el } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { later, sayLater } from "../words/dialogs.js";
import { text } from "../words/page.js";
import { shortestNumber } from "../words/written.js";
import { parseValues } from "./number_text.js";

/** @import { NestedNumbers } from "../types/numbers.js" */
/** @import { ValuesSource } from "../types/source.js" */
/** @import { Dispatch } from "../panels/controls.js" */
/** @import { State } from "../state/state.js" */

/** @param {string} title @param {...Node} children */
export function dialog(title, ...children) {
  const close = el(
    "button",
    {
      type: "button",
      class: "icon",
      "aria-label": text.close,
      onclick: () => made.close(),
    },
    icon("close"),
  );
  const made = el(
    "dialog",
    { "aria-labelledby": "dialog-title" },
    el("div", { class: "dialog-head" }, el("h2", { id: "dialog-title", text: title }), close),
    ...children,
  );
  made.addEventListener("close", () => made.remove());
  document.body.append(made);
  made.showModal();
  return made;
}

/** The key that opened a sheet closes it as well. */
export function closesWith(/** @type {HTMLDialogElement} */ made, /** @type {string} */ key) {
  made.addEventListener("keydown", (event) => {
    if (event.key === key && !event.ctrlKey && !event.metaKey && !event.altKey) made.close();
  });
}

/** Copies what a field holds, and says how it went: selected, so that a person can where a page may not. */
export async function copyField(/** @type {HTMLTextAreaElement} */ field, /** @type {HTMLElement} */ status) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    status.textContent = later.copyDone;
  } catch {
    status.textContent = later.copyByHand;
  }
}

/** Ask for the token of a class server; what was there before is kept until another is given. */
export function tokenDialog(/** @type {() => void} */ then) {
  if (document.querySelector("dialog[open] .secret")) return;
  const field = el("input", {
    id: "token",
    type: "password",
    autocomplete: "off",
    required: true,
    pattern: "[\\w.~\\-]+",
  });
  // No form: a sandbox that allows scripts alone submits none.
  const form = el(
    "div",
    { class: "secret" },
    el("p", { id: "token-help", text: wasRefused() ? later.tokenRefused : later.tokenHelp }),
    el(
      "div",
      { class: "buttons" },
      el("label", { for: "token", text: later.token }),
      field,
      el("button", { type: "button", class: "primary", text: later.tokenUse, onclick: use }),
    ),
  );
  field.setAttribute("aria-describedby", "token-help");
  const made = dialog(later.tokenTitle, form);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") use();
  });
  field.focus();

  function use() {
    if (!field.reportValidity()) return;
    keepToken(field.value.trim());
    dispatchEvent(new Event("token"));
    made.close();
    then();
  }
}

/** A link that opens a class server for a day, to be copied. @param {string} link @param {string} expires */
export function dayLinkDialog(link, expires) {
  const field = el("textarea", {
    rows: 4,
    cols: 56,
    readonly: true,
    spellcheck: "false",
    "aria-label": text.link,
  });
  field.value = link;
  const status = el("p", { class: "about", role: "status" });
  const copy = el("button", {
    type: "button",
    class: "primary",
    text: later.copy,
    onclick: () => copyField(field, status),
  });
  dialog(
    later.dayLinkTitle,
    el("p", { text: sayLater.dayLink(expires) }),
    field,
    el("div", { class: "buttons" }, copy),
    status,
  );
  field.focus();
}

/** Where to read on. */
function readings() {
  return later.readings.flatMap(([href = "", words = ""], at) => [
    ...(at > 0 ? ["; "] : []),
    el("a", { href, text: words }),
  ]);
}

export function helpDialog(/** @type {State} */ state) {
  const keys = el("dl", { class: "keys" });
  for (const [key, words] of later.keys)
    keys.append(el("dt", { text: key ?? "" }), el("dd", { text: words ?? "" }));
  const kept = el("input", {
    type: "checkbox",
    checked: keysAreKept(),
    onchange: () => keepKeys(kept.checked),
  });
  const parameters = el("dl", { class: "parameters-help" });
  const operation = state.shown?.operation;
  for (const one of operation?.parameters ?? [])
    parameters.append(el("dt", { text: one.title }), el("dd", { text: one.description }));
  const made = dialog(
    later.helpTitle,
    el("p", { text: later.keysAct }),
    keys,
    el("label", { class: "check" }, kept, later.keysKept),
    el("p", { text: later.about }),
    el("p", { text: later.crossCorrelation }),
    el("p", {}, later.readOn, ...readings()),
    el("h3", { text: operation?.title ?? "" }),
    el("p", { text: operation?.summary ?? "" }),
    parameters,
  );
  closesWith(made, "?");
}

/** @returns {number} levels of lists */
const levelsOf = (/** @type {NestedNumbers} */ values) =>
  Array.isArray(values) ? 1 + levelsOf(/** @type {NestedNumbers} */ (values[0] ?? 0)) : 0;

/**
 * Numbers as a series, a row a channel: rows in one block, or a block each.
 * @param {NestedNumbers} values @returns {ValuesSource | null} null: they have more rows than channels
 */
export function asSeries(values) {
  let rows = /** @type {NestedNumbers[]} */ (values);
  const levels = levelsOf(values);
  if (levels === 3 && rows.every((block) => Array.isArray(block) && block.length === 1))
    rows = rows.map((block) => /** @type {NestedNumbers[]} */ (block)[0] ?? 0);
  else if (levels === 3 && rows.length === 1) rows = /** @type {NestedNumbers[]} */ (rows[0]);
  else if (levels > 2) return null;
  return { kind: "values", values: rows, ...(levels > 1 && { axes: 1 }) };
}

/** The shown input as text, when it is small enough to type. */
function shownValues(/** @type {State} */ state) {
  const layer = state.shown?.geometry;
  const numbers = currentNumbers(state);
  const data = numbers?.input;
  if (
    !layer ||
    !numbers ||
    !data ||
    data.length > 2048 ||
    numbers.inputs < data.length ||
    layer.axes.length > 2
  )
    return "";
  const cols = layer.input_shape.at(-1) ?? 1;
  const rows = data.length / cols;
  const perChannel = rows / (layer.input_shape[0] ?? 1);
  const lines = [];
  for (let row = 0; row < rows; row++) {
    if (row > 0 && row % perChannel === 0 && layer.axes.length > 1) lines.push("");
    lines.push(Array.from(data.subarray(row * cols, (row + 1) * cols), shortestNumber).join(" "));
  }
  return lines.join("\n");
}

/** @param {Dispatch} dispatch @param {State} state @param {string} words what was pasted, or nothing */
export function valuesDialog(dispatch, state, words) {
  const field = el("textarea", {
    rows: 14,
    cols: 48,
    spellcheck: "false",
    "aria-label": text.typed,
    "aria-describedby": "values-help",
  });
  field.value = words || shownValues(state);
  const series = el("input", { type: "checkbox", checked: state.shown?.geometry.axes.length === 1 });
  const wrong = el("p", { class: "problem", role: "alert" });
  const apply = el("button", {
    type: "button",
    class: "primary",
    text: later.apply,
    onclick: () => {
      const parsed = parseValues(field.value);
      if (!parsed.ok) {
        wrong.textContent = parsed.reason;
        return;
      }
      /** @type {ValuesSource | null} */
      const source = series.checked ? asSeries(parsed.values) : { kind: "values", values: parsed.values };
      if (!source) {
        wrong.textContent = later.notSeries;
        return;
      }
      dispatch({ type: "source", source });
      made.close();
    },
  });
  const cancel = el("button", { type: "button", text: later.cancel, onclick: () => made.close() });
  const made = dialog(
    text.typed,
    el("p", { id: "values-help", class: "about", text: later.valuesHelp }),
    field,
    el("label", {}, series, later.asSeries),
    wrong,
    el("div", { class: "buttons" }, apply, cancel),
  );
  field.focus();
}
