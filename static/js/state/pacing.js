// How a walk is played: its speed, the range that plays again and again, and whether the output builds up with it. A
// part of the reducer; knows no setting, no clock and no DOM.

import { fromJson } from "../words/written.js";
import { anchorOf } from "./anchors.js";
import { lastStep, viewOf } from "./selectors.js";
import { clamp } from "./setting.js";
import { speedOf } from "./speeds.js";

/** @import { JsonNumber } from "../types/numbers.js" */
/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { State } from "./state.js" */

/** @typedef {{ type: "speed", steps_per_s: JsonNumber } | { type: "loop", range: [number, number] | null }
 *   | { type: "loop_end", end: "in" | "out" } | { type: "building", on: boolean }} Pace */

/** @param {State} state @param {Pace} action @returns {State} */
export function paced(state, action) {
  switch (action.type) {
    case "speed":
      return { ...state, speed: speedOf(fromJson(action.steps_per_s)) };
    case "loop": {
      const layer = viewOf(state);
      return layer ? { ...state, loop: action.range ? loopOf(layer, action.range) : null } : state;
    }
    case "loop_end": {
      const layer = viewOf(state);
      const range = rangeWith(state.loop, action.end, state.step, lastStep(state));
      return layer ? { ...state, loop: loopOf(layer, range) } : state;
    }
    case "building":
      return { ...state, building: action.on };
  }
}

/** Both ends included; `ends` says where they lie on the input, whatever the setting. @typedef {{ from: number, to: number, ends: [number[], number[]] }} Loop */

/** @param {LayerGeometry} layer @param {[number, number]} range @returns {Loop} */
export function loopOf(layer, [one, other]) {
  const [first, last] = one <= other ? [one, other] : [other, one];
  const from = clamp(Math.round(first), 0, layer.steps - 1);
  const to = clamp(Math.round(last), from, layer.steps - 1);
  return { from, to, ends: [anchorOf(layer, from), anchorOf(layer, to)] };
}

/**
 * The range with an end put at a step; the other end stays unless it would lie on the wrong side.
 * @param {Loop | null} loop @param {"in" | "out"} end @param {number} step @param {number} last the last step
 * @returns {[number, number]}
 */
export function rangeWith(loop, end, step, last) {
  if (end === "in") return [step, loop && loop.to > step ? loop.to : last];
  return [loop && loop.from < step ? loop.from : 0, step];
}
