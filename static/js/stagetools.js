// The buttons beside the stage and what a hand does on it: wheel, pinch and drag. Comes by import once the page has its
// numbers. Turns gestures into actions; decides nothing about the picture.

import { byId, el, setAttribute, setText } from "./dom.js";
import { lookedLabel } from "./looked.js";
import { placeUnder } from "./magnified.js";
import { viewOf } from "./state.js";
import { say, text } from "./strings.js";
import { panned, zoomedAbout } from "./zoom.js";

/** @import { Control, Dispatch } from "./controls.js" */
/** @import { Box } from "./grids.js" */
/** @import { Layout } from "./layout.js" */
/** @import { State } from "./state.js" */
/** @import { Grid, Place } from "./zoom.js" */

/** Pixels of a wheel that magnify by the number e. */
const WHEEL = 400;
/** A pointer that moves less than this clicks. */
const STILL = 4;

/** @typedef {{ element: HTMLElement, layout: () => Layout | null }} Stage */

/**
 * @param {Stage} stage @param {Dispatch} dispatch @param {() => State} current
 * @returns {Control}
 */
export function stageTools(stage, dispatch, current) {
  const act = (/** @type {number} */ steps) => dispatch({ type: "magnify", steps });
  const button = (
    /** @type {string} */ sign,
    /** @type {string} */ words,
    /** @type {() => void} */ onclick,
  ) =>
    el("button", { type: "button", class: "icon", text: sign, title: words, "aria-label": words, onclick });
  const nearer = button("+", text.zoom.nearer, () => act(1));
  const farther = button("−", text.zoom.farther, () => act(-1));
  const whole = button("⤢", text.zoom.whole, () => dispatch({ type: "zoom", zoom: null }));
  const pin = button("⚑", text.pins.pin, () => dispatch({ type: "pin" }));
  const unpin = button("×", text.pins.unpin, () => dispatch({ type: "unpin" }));
  const paint = button("✎", text.paint.open, () => dispatch({ type: "painting", on: !current().paint }));
  const scale = el("span", { class: "scale", "aria-hidden": "true" });
  const element = byId("stage-tools");
  setAttribute(element, "aria-label", text.zoom.title);
  element.append(nearer, farther, whole, scale, pin, unpin, paint);
  gestures(stage, dispatch, current);
  const pins = pinsBelow(dispatch);
  const brush = brushWhenWanted(stage, dispatch, current);
  const looked = lookedLabel(stage.element, stage.layout);
  return {
    element,
    update(state) {
      looked.update(state);
      pins.update(state);
      brush.update(state);
      setAttribute(paint, "aria-pressed", String(state.paint !== null));
      const { zoom } = state;
      setAttribute(pin, "aria-pressed", String(state.pins.some(({ step }) => step === state.step)));
      unpin.hidden = state.pins.length === 0;
      setText(scale, zoom ? say.scale(zoom.scale) : "");
      for (const one of [farther, whole]) setAttribute(one, "aria-disabled", zoom ? null : "true");
      stage.element.classList.toggle("magnified", zoom !== null);
    },
  };
}

/** Painting comes when it is first turned on. @param {Stage} stage @param {Dispatch} dispatch @param {() => State} current */
function brushWhenWanted(stage, dispatch, current) {
  /** @type {Control | null} */
  let made = null;
  let asked = false;
  async function bring() {
    asked = true;
    const { painter } = await import("./painter.js");
    made = painter(stage, dispatch, current);
    made.update(current());
  }
  return {
    update(/** @type {State} */ state) {
      made?.update(state);
      if (state.paint && !asked) bring();
    },
  };
}

/** The comparison of two pinned steps, in the place of the sum of the step on view; comes with the second pin. */
function pinsBelow(/** @type {Dispatch} */ dispatch) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  /** @type {ReturnType<typeof import("./pinned.js").pinnedPanel> | null} */
  let panel = null;
  let asked = false;
  /** @type {State} */
  let shown;
  const update = (/** @type {State} */ state) => {
    shown = state;
    panel?.update(state, state.theme ?? (dark.matches ? "dark" : "light"));
    byId("readout").classList.toggle("comparing-pins", panel !== null && state.pins.length > 1);
    if (state.pins.length > 1 && !asked) bring();
  };
  async function bring() {
    asked = true;
    const { pinnedPanel } = await import("./pinned.js");
    panel = pinnedPanel(dispatch);
    byId("readout").prepend(panel.element);
    update(shown);
  }
  return { update };
}

/** @param {Stage} stage @param {Dispatch} dispatch @param {() => State} current */
function gestures({ element, layout }, dispatch, current) {
  const canvas = byId("canvas");
  /** The grid under a point of the window, and the place on it. @returns {{ grid: Grid, place: Place, box: Box } | null} */
  const under = (/** @type {number} */ clientX, /** @type {number} */ clientY) => {
    const at = layout();
    const bounds = canvas.getBoundingClientRect();
    const scale = bounds.width / (at?.width ?? bounds.width);
    for (const grid of /** @type {const} */ (["input", "output"])) {
      const place =
        at && placeUnder(at[grid], (clientX - bounds.left) / scale, (clientY - bounds.top) / scale);
      if (place) return { grid, place, box: at[grid] };
    }
    return null;
  };
  const magnify = (
    /** @type {{ grid: Grid, place: Place }} */ { grid, place },
    /** @type {number} */ factor,
  ) => {
    const state = current();
    const layer = viewOf(state);
    if (layer) dispatch({ type: "zoom", zoom: zoomedAbout(layer, state.zoom, grid, factor, place) });
  };
  const move = (
    /** @type {Grid} */ grid,
    /** @type {Box} */ box,
    /** @type {number} */ x,
    /** @type {number} */ y,
  ) => {
    const state = current();
    const layer = viewOf(state);
    const by = { row: -y / (box.rows * (box.tall ?? box.cell)), col: -x / (box.cols * box.cell) };
    if (layer) dispatch({ type: "zoom", zoom: panned(layer, state.zoom, grid, by) });
  };

  element.addEventListener(
    "wheel",
    (event) => {
      // Where the page itself scrolls, a bare wheel is the page's.
      const scrolls = getComputedStyle(document.body).overflowY !== "hidden";
      if (scrolls && !event.ctrlKey && !event.metaKey) return;
      const found = under(event.clientX, event.clientY);
      if (!found) return;
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1;
      // A pinch on a touchpad comes as a wheel with Ctrl, in small steps.
      const pinch = event.ctrlKey ? 4 : 1;
      magnify(found, Math.exp((-event.deltaY * lines * pinch) / WHEEL));
    },
    { passive: false },
  );

  /** @type {{ grid: Grid, x: number, y: number, moved: boolean } | null} */
  let drag = null;
  element.addEventListener("pointerdown", (event) => {
    const found =
      event.button === 0 && event.pointerType !== "touch" && current().zoom
        ? under(event.clientX, event.clientY)
        : null;
    drag = found && { grid: found.grid, x: event.clientX, y: event.clientY, moved: false };
  });
  element.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const box = layout()?.[drag.grid];
    const scale = canvas.getBoundingClientRect().width / (layout()?.width ?? 1);
    const [x, y] = [(event.clientX - drag.x) / scale, (event.clientY - drag.y) / scale];
    if (!box || (!drag.moved && Math.hypot(x, y) < STILL)) return;
    if (!drag.moved) element.setPointerCapture(event.pointerId);
    drag = { grid: drag.grid, x: event.clientX, y: event.clientY, moved: true };
    element.classList.add("dragging");
    move(drag.grid, box, x, y);
  });
  for (const end of /** @type {const} */ (["pointerup", "pointercancel"]))
    element.addEventListener(end, () => {
      element.classList.remove("dragging");
      if (drag && !drag.moved) drag = null;
    });
  // What was dragged was not clicked.
  element.addEventListener(
    "click",
    (event) => {
      if (drag?.moved) event.stopPropagation();
      drag = null;
    },
    true,
  );

  /** Two fingers: where their middle was, and how far apart they were. @type {{ x: number, y: number, apart: number } | null} */
  let pinch = null;
  const fingers = (/** @type {TouchEvent} */ event) => {
    const [one, other] = event.touches;
    if (event.touches.length !== 2 || !one || !other) return null;
    return {
      x: (one.clientX + other.clientX) / 2,
      y: (one.clientY + other.clientY) / 2,
      apart: Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY),
    };
  };
  const touched = (/** @type {TouchEvent} */ event) => {
    const before = pinch;
    pinch = fingers(event);
    if (!before || !pinch) return;
    event.preventDefault();
    const found = under(before.x, before.y);
    if (!found) return;
    magnify(found, pinch.apart / Math.max(1, before.apart));
    const box = layout()?.[found.grid];
    if (box) move(found.grid, box, pinch.x - before.x, pinch.y - before.y);
  };
  element.addEventListener("touchstart", (event) => {
    pinch = fingers(event);
  });
  element.addEventListener("touchmove", touched, { passive: false });
  element.addEventListener("touchend", () => {
    pinch = null;
  });
}
