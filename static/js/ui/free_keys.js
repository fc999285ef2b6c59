// Decides whether a pressed key belongs to the page: everywhere but in text fields, in open dialogs, and on controls that use
// this very key. Looks at the focused element; decides nothing about what the key does.

import { pageScrolls } from "./dom.js";

/** Text fields and dialogs keep all their keys. */
const TYPED = "input:not([type=range], [type=checkbox]), textarea, dialog";
/** Controls that Space and Enter press, and those that arrow keys move or scroll. */
const PRESSED = "button, a, summary, [type=checkbox]";
const MOVED = "[type=range], [tabindex='0']:not(#stage)";

/** Whether somebody keeps the keys away from an element; pagekeys.js knows. @type {(element: Element) => boolean} */
let isKept = () => false;
export function keptBy(/** @type {typeof isKept} */ test) {
  isKept = test;
}

/** @param {KeyboardEvent} event */
export function isFree({ key, target, altKey, ctrlKey, metaKey, defaultPrevented }) {
  // A layout makes signs with AltGr or Option; Windows reports AltGr as Ctrl and Alt.
  const made = altKey && /^[^\w\s]$/.test(key);
  if (defaultPrevented || metaKey || ((ctrlKey || altKey) && !made)) return false;
  if (!(target instanceof Element) || target.closest(TYPED)) return false;
  // A sheet that lies over the stage is closed first.
  if (key === "Escape" && document.body.classList.contains("sheet-open")) return false;
  if (key === "?") return true;
  if (target.closest("select") || isKept(target)) return false;
  // A page that scrolls is scrolled by its keys, until somebody is at the stage.
  if (/^Arrow(Up|Down)/.test(key) && target === document.body && pageScrolls()) return false;
  if (/^( |Enter)$/.test(key)) return !target.closest(PRESSED);
  return !(/^(Arrow|Home|End)/.test(key) && target.closest(MOVED));
}
