// For a lecture hall: the whole screen, a projector mode with large print and few controls, and the keys of a presenter.
// Comes by import when it is asked for. Turns keys into actions; knows nothing of the picture.

import { byId, el, styleSheet } from "../ui/dom.js";
import { isFree } from "../ui/free_keys.js";
import { icon } from "../ui/icon.js";
import { later } from "../words/dialogs.js";
import { say } from "../words/page.js";

/** @import { Dispatch } from "./controls.js" */

const root = document.documentElement;

/** The whole screen, or back; where a browser has no such thing nothing happens. */
export async function toggleFullscreen() {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await root.requestFullscreen();
  } catch {
    // Refused by the browser or the frame around the page: the page stays as it is.
  }
  byId("stage").focus();
}

/** The style sheet of the projector mode, once. @type {Promise<unknown> | null} */
let styled = null;
/** @type {(() => void) | null} */
let leave = null;

/** Into the projector mode with the whole screen, or out of both. */
export async function toggleProjector(/** @type {Dispatch} */ dispatch) {
  styled ??= styleSheet("projector");
  await styled;
  if (leave) return leave(); // asked twice before the style sheet was there, too
  const words = say.withKey(later.leaveProjector, "t");
  const out = el(
    "button",
    {
      type: "button",
      class: "icon leave",
      title: words,
      "aria-label": words,
      onclick: () => leave?.(),
    },
    icon("close"),
  );
  const keys = (/** @type {KeyboardEvent} */ event) => {
    // An audience sees where the focus is only once a key has moved it.
    if (event.key === "Tab") root.classList.add("tabbed");
    presenterKey(event, dispatch);
  };
  const stopped = () => {
    if (!document.fullscreenElement) leave?.();
  };
  byId("bar").append(out);
  dispatch({ type: "view", name: "projector", on: true });
  root.classList.add("projector");
  document.addEventListener("keydown", keys, true);
  leave = () => {
    leave = null;
    dispatch({ type: "view", name: "projector", on: false });
    root.classList.remove("projector", "tabbed");
    out.remove();
    document.removeEventListener("keydown", keys, true);
    document.removeEventListener("fullscreenchange", stopped);
    if (document.fullscreenElement) document.exitFullscreen();
    byId("stage").focus();
  };
  // A link may ask for this mode, and a browser gives the whole screen to a person alone.
  if (!document.fullscreenElement && navigator.userActivation?.isActive !== false) await toggleFullscreen();
  document.addEventListener("fullscreenchange", stopped);
  byId("stage").focus();
}

/** Keys of a presenter's remote: Page Up and Page Down, b or a full stop for a blank screen. They act wherever keys do. */
function presenterKey(/** @type {KeyboardEvent} */ event, /** @type {Dispatch} */ dispatch) {
  if (!isFree(event)) return;
  if (event.key === "PageDown") dispatch({ type: "move", by: "step", n: 1 });
  else if (event.key === "PageUp") dispatch({ type: "move", by: "step", n: -1 });
  else if (event.key === "b" || event.key === ".") blank();
  else if (event.key === "Escape") leave?.();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** A black screen until a key or a click. */
function blank() {
  const black = el("dialog", { class: "blank", "aria-label": later.blank });
  black.append(el("p", { class: "unseen", text: later.blankHelp }));
  const back = (/** @type {Event} */ event) => {
    event.preventDefault();
    event.stopPropagation();
    black.close();
  };
  black.addEventListener("keydown", back);
  black.addEventListener("click", back);
  black.addEventListener("close", () => {
    black.remove();
    byId("stage").focus();
  });
  document.body.append(black);
  black.showModal();
}
