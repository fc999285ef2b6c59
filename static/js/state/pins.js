// Steps that are kept to be compared: at most two, which keep their place when the setting changes. Pure arithmetic on a
// geometry; knows no state and no DOM.

import { anchorOf, stepNear } from "./anchors.js";

/** @import { LayerGeometry } from "../types/geometry.js" */

/** @typedef {{ step: number, anchor: number[] }} Pin where it stands, and where on the input that is, 0–1 */

/** Their names, in the picture and in words. */
export const PIN_NAMES = /** @type {const} */ (["A", "B"]);

/**
 * Pins after a step was pinned: a pinned one is let go, a third takes the place of the second.
 * @param {LayerGeometry} layer of the walk on view @param {Pin[]} pins @param {number} step
 * @returns {Pin[]}
 */
export function pinned(layer, pins, step) {
  if (pins.some((pin) => pin.step === step)) return pins.filter((pin) => pin.step !== step);
  return [...pins.slice(0, PIN_NAMES.length - 1), { step, anchor: anchorOf(layer, step) }];
}

/** The same places in another walk: two may come to one step, and part again in the next. @returns {Pin[]} */
export function repinned(/** @type {LayerGeometry} */ layer, /** @type {Pin[]} */ pins) {
  return pins.map(({ anchor }) => ({ step: stepNear(layer, anchor), anchor }));
}
