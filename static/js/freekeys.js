// Whether a key that is pressed is the page's: everywhere but in what is typed in, in a sheet, or on a control that does
// something with this very key. Asks the element in focus; decides nothing about what the key does.

import { pageScrolls } from "./dom.js";

/** What is typed in, and sheets: their keys are their own. */
const TYPED = "input:not([type=range], [type=checkbox]), textarea, dialog";
/** What is pressed with these keys, and what is moved or scrolled with those. */
const PRESSED = "button, a, summary, [type=checkbox]";
const MOVED = "[type=range], [tabindex='0']:not(#stage)";

/** Whether somebody keeps the keys away from an element; pagekeys.js knows. @type {(element: Element) => boolean} */
let isKept = () => false;
export function keptBy(/** @type {typeof isKept} */ test) {
  isKept = test;
}

/** @param {KeyboardEvent} event */
export function isFree({ key, target, altKey, ctrlKey, metaKey, defaultPrevented }) {
  // What a layout makes with AltGr or Option is the sign that it makes; AltGr counts as Ctrl and Alt on Windows.
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
