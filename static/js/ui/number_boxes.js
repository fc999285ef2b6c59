// The behaviour of every box for a number: arrow keys count, and text that is no number is rejected with a message and the old
// number. Comes with the first sign of a hand; knows no state and no setting.

import { count, number } from "../words/format.js";
import { tell } from "../words/stage.js";
import { el } from "./dom.js";
import { numberIn } from "./number_box.js";

/** How long a message stays that nobody answers. */
const STAYS_MS = 10_000;
const BOX = "input.number";

/** The message on view. @type {HTMLElement | null} */
let hint = null;
/** The text of the focused box before somebody typed. */
let before = "";
/** The last readable number since then, which the setting has taken. */
let taken = "";

export function numberBoxes() {
  document.addEventListener("focusin", ({ target }) => {
    before = taken = boxOf(target)?.value ?? "";
  });
  document.addEventListener("input", ({ target }) => {
    const field = boxOf(target);
    if (!field) return;
    silence();
    if (numberIn(field) !== null) taken = field.value;
  });
  document.addEventListener("change", ({ target }) => {
    const field = boxOf(target);
    if (field) settle(field);
  });
  document.addEventListener("keydown", (event) => {
    const field = boxOf(event.target);
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    const value = field && numberIn(field);
    if (!field || by === undefined || value === null || !plain(event)) return;
    event.preventDefault();
    const { low = "-Infinity", high = "Infinity" } = field.dataset;
    field.value = String(Math.min(Number(high), Math.max(Number(low), value + by)));
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
  });
}

function plain(/** @type {KeyboardEvent} */ { ctrlKey, metaKey, altKey, shiftKey }) {
  return !(ctrlKey || metaKey || altKey || shiftKey);
}

function boxOf(/** @type {EventTarget | null} */ target) {
  return target instanceof HTMLInputElement && target.matches(BOX) ? target : null;
}

/** The typed text is complete: write it as the page does, or reject it with a message. */
function settle(/** @type {HTMLInputElement} */ field) {
  const value = numberIn(field);
  if (value === null) return void refuse(field, before);
  before = taken = String(value);
  field.value = before;
}

/** The number before is back in a box whose words are none, and a message says why. */
export function refuse(/** @type {HTMLInputElement} */ field, /** @type {string} */ before) {
  const { value: words, dataset } = field;
  const { whole, low, high } = dataset;
  const bound = (/** @type {string | undefined} */ end) => {
    const value = Number(end);
    return end === undefined ? null : Number.isInteger(value) ? count(value) : number(value);
  };
  field.value = before;
  if (taken !== before) field.dispatchEvent(new Event("input", { bubbles: true }));
  return complain(field, tell.noNumber(words.trim(), before, whole !== undefined, bound(low), bound(high)));
}

/** A message beside a box, until it is typed in again. */
export function complain(/** @type {HTMLElement} */ field, /** @type {string} */ words) {
  silence();
  const note = el("p", { class: "problem", role: "alert", text: words });
  const row = field.closest(".row");
  if (row) row.append(note);
  else (field.closest(".weight-row, .line, .inks") ?? field).after(note);
  hint = note;
  setTimeout(() => note.remove(), STAYS_MS);
  return note;
}

function silence() {
  hint?.remove();
  hint = null;
}
