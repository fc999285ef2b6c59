// How a person looks at the stage: what is magnified and which steps are pinned. A part of the reducer; knows no setting
// and no DOM.

import { pinned } from "./pins.js";
import { lastStep, viewOf } from "./selectors.js";
import { clamp } from "./setting.js";
import { fitted, following, isOnView, panned, zoomedOn } from "./zoom.js";

/** @import { Action, State } from "./state.js" */
/** @import { Zoom } from "./zoom.js" */

/**
 * A pin without a step is for the step on view; `steps` magnify about its window; a pan is a share of what is on view.
 * @typedef {{ type: "pin", step?: number } | { type: "unpin" } | { type: "zoom", zoom: Zoom | null }
 *   | { type: "magnify", steps: number } | { type: "pan", row: number, col: number }} Look
 */

/** @param {State} state @param {Look} action @returns {State} */
export function looking(state, action) {
  switch (action.type) {
    case "pin": {
      const layer = viewOf(state);
      const step = clamp(action.step ?? state.step, 0, lastStep(state));
      return layer ? { ...state, pins: pinned(layer, state.pins, step) } : state;
    }
    case "unpin":
      return state.pins.length > 0 ? { ...state, pins: [] } : state;
    case "zoom": {
      const layer = viewOf(state);
      return layer ? { ...state, zoom: fitted(layer, action.zoom) } : state;
    }
    case "magnify": {
      const layer = viewOf(state);
      return layer ? { ...state, zoom: zoomedOn(layer, state.zoom, action.steps, state.step) } : state;
    }
    case "pan": {
      const { row, col } = action;
      const layer = viewOf(state);
      const by = (/** @type {number} */ share) => share / (state.zoom?.scale ?? 1);
      if (!layer || !state.zoom) return state;
      return { ...state, zoom: panned(layer, state.zoom, "input", { row: by(row), col: by(col) }) };
    }
  }
}

/**
 * The magnified part follows the window: always where a person moved it, and while it plays for as long as they have
 * not looked elsewhere.
 * @returns {State}
 */
export function inView(
  /** @type {State} */ before,
  /** @type {State} */ next,
  /** @type {Action} */ { type },
) {
  if (!next.zoom || type === "zoom" || type === "open") return next;
  if (
    next.step === before.step &&
    next.shown === before.shown &&
    next.walk === before.walk &&
    type !== "play"
  )
    return next;
  const [layer, seen] = [viewOf(next), viewOf(before)];
  if (!layer || (type === "tick" && seen && !isOnView(seen, next.zoom, before.step))) return next;
  const fit = next.shown === before.shown ? next.zoom : fitted(layer, next.zoom);
  const zoom = fit && following(layer, fit, next.step);
  return zoom === next.zoom ? next : { ...next, zoom };
}
