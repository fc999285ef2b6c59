// Keys that act anywhere on the page: Escape closes the sheet of settings, Ctrl+Z and Ctrl+Y undo and redo; what ends a
// change, so that the next one is undone by itself; and where the keys of the stage act.

import { keptAs } from "../server/frame.js";
import { byId, el, setAttribute } from "../ui/dom.js";
import { later } from "../words/dialogs.js";

/** @import { Dispatch } from "./controls.js" */

/** Buttons beside the picture that open nothing. */
const BESIDE = ":is(#transport, #stage-tools, #headings) button:not([aria-expanded])";
const KEPT = keptAs("convscope.keys");

/** Whether the keys of the stage act only while it is in focus: a person may want that who speaks to the page. */
export function keysAreKept() {
  try {
    return localStorage.getItem(KEPT) === "stage";
  } catch {
    return false; // a frame without a store
  }
}

export function keepKeys(/** @type {boolean} */ kept) {
  try {
    if (kept) localStorage.setItem(KEPT, "stage");
    else localStorage.removeItem(KEPT);
  } catch {
    // This choice cannot be kept here.
  }
}

/** Whether no key of the stage acts on an element. */
export function isKept(/** @type {Element} */ element) {
  return element !== byId("stage") && keysAreKept();
}

/** @param {(open: boolean) => void} sheet @param {Dispatch} dispatch */
export function pageKeys(sheet, dispatch) {
  const stage = byId("stage");
  stage.append(el("p", { class: "unseen", id: "stage-keys", text: later.stageKeys }));
  setAttribute(stage, "aria-describedby", "stage-keys");
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.body.classList.contains("sheet-open")) sheet(false);
    const typing =
      event.target instanceof Element && event.target.closest("input:not([type=range]), textarea, dialog");
    if (typing || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    dispatch({ type: key === "y" || event.shiftKey ? "redo" : "undo" });
  });
  // After a mouse click on a button beside the picture, the stage takes the focus: Space plays, and does not click again.
  document.addEventListener("click", (event) => {
    const { target, pointerType } = /** @type {PointerEvent} */ (event);
    const clicked = pointerType === "mouse" && target instanceof Element && target.closest(BESIDE);
    if (clicked && document.activeElement === clicked) byId("stage").focus({ preventScroll: true });
  });
  // A slider that is dragged, or moved by a key that is held, is one change; what is let go of is done.
  for (const end of ["pointerup", "focusout"])
    document.addEventListener(end, () => dispatch({ type: "end_edit" }));
}
