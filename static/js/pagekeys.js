// Keys that act anywhere on the page: Escape closes the sheet of settings, Ctrl+Z and Ctrl+Y undo and redo; and what ends a
// change, so that the next one is undone by itself.

/** @import { Dispatch } from "./controls.js" */

/** @param {(open: boolean) => void} sheet @param {Dispatch} dispatch */
export function pageKeys(sheet, dispatch) {
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
  // A slider that is dragged, or moved by a key that is held, is one change; what is let go of is done.
  for (const end of ["pointerup", "focusout"])
    document.addEventListener(end, () => dispatch({ type: "rest" }));
}
