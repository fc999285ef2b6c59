// The action of each key on the stage. Pure: a key and a state give an action; the words for the keys lie in words.

import { lastStep, walkOf } from "../state/selectors.js";
import { SPEEDS } from "../state/speeds.js";

/** @import { State, UserAction } from "../state/state.js" */

/** A share of what is on view that a key moves it by. */
const PAN = 0.2;

const PANS = new Map([
  ["ArrowUp", [-1, 0]],
  ["ArrowDown", [1, 0]],
  ["ArrowLeft", [0, -1]],
  ["ArrowRight", [0, 1]],
]);

/** @returns {UserAction | null} */
export function keyAction(/** @type {string} */ key, /** @type {State} */ state, shift = false) {
  const pan = shift && PANS.get(key);
  if (pan) return { type: "pan", row: PAN * Number(pan[0]), col: PAN * Number(pan[1]) };
  switch (key) {
    case "ArrowLeft":
      return { type: "move", by: "step", n: -1 };
    case "ArrowRight":
      return { type: "move", by: "step", n: 1 };
    case "ArrowUp":
      return { type: "move", by: "row", n: -1 };
    case "ArrowDown":
      return { type: "move", by: "row", n: 1 };
    case " ":
      return { type: state.playing ? "pause" : "play" };
    case "Home":
      return { type: "step", step: 0 };
    case "End":
      return { type: "step", step: lastStep(state) };
    case "w":
      if (!state.shown?.geometry.scatter) return null;
      return { type: "walk", walk: walkOf(state) === "stamp" ? "gather" : "stamp" };
    case "[":
      return { type: "lane", lane: state.lane - 1 };
    case "]":
      return { type: "lane", lane: state.lane + 1 };
    case "c":
      return { type: "compare", against: state.compare ? null : "kept" };
    case "e":
      return { type: "painting", on: state.paint === null };
    case "p":
      return { type: "pin" };
    case "Escape":
      return state.pins.length > 0 ? { type: "unpin" } : null;
    case "+":
    case "=":
      return { type: "magnify", steps: 1 };
    case "-":
      return { type: "magnify", steps: -1 };
    case "0":
      return { type: "zoom", zoom: null };
    case ">":
    case ".":
      // Beyond the fastest number lies what streams.
      return { type: "speed", steps_per_s: SPEEDS.find((one) => one > state.speed) ?? "Infinity" };
    case "<":
    case ",":
      return { type: "speed", steps_per_s: SPEEDS.findLast((one) => one < state.speed) ?? 0 };
    case "i":
      return { type: "loop_end", end: "in" };
    case "o":
      return { type: "loop_end", end: "out" };
    case "l":
      return { type: "loop", range: null };
    case "u":
      return { type: "building", on: !state.building };
    default:
      return null;
  }
}
