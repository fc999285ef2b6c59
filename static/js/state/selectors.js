// The contents of a state: the layer on view, its walk, step and lane, and the numbers that belong to it. Pure questions to a
// state; changes none. Nothing else knows which of the layers is on view.

import { stepIndex } from "../layer/walk.js";
import { walkNamed } from "./walks.js";

/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { Problem } from "../types/plan.js" */
/** @import { Source } from "../types/source.js" */
/** @import { LayerSetting } from "./setting.js" */
/** @import { State, Walk } from "./state.js" */

/** The chosen layer, as a person set it. @returns {LayerSetting} */
export function chosenOf(/** @type {Pick<State, "setting" | "chosen">} */ { setting, chosen }) {
  return /** @type {LayerSetting} */ (setting.layers[chosen]);
}

/** Where the layer on view has its input from; null: it is the output of another layer. @returns {Source | null} */
export function sourceOf(/** @type {Pick<State, "setting" | "chosen">} */ { setting, chosen }) {
  const { inputs } = chosenOf({ setting, chosen });
  return (inputs ? String(inputs) === "input" : chosen === 0) ? setting.source : null;
}

/** The place of the layer that a problem is about, by its pointer; without one, the chosen layer's. */
export function faultyLayer(/** @type {State} */ { problem, chosen }) {
  const [, at] = /^\/layers\/(\d+)/.exec(problem?.pointer ?? "") ?? [];
  return at === undefined ? chosen : Number(at);
}

/** The problem, unless it is one of a layer that is not on view. @returns {Problem | null} */
export function chosenProblem(/** @type {State} */ state) {
  return faultyLayer(state) === state.chosen ? state.problem : null;
}

/** The walk that is played. @returns {Walk} */
export function walkOf(/** @type {State} */ state) {
  return state.walk === "stamp" && state.shown?.geometry.scatter ? "stamp" : "gather";
}

/** The geometry of the walk on view: what its steps read and write. @returns {LayerGeometry | null} */
export function viewOf(/** @type {State} */ state) {
  const layer = state.shown?.geometry ?? null;
  const other = otherWalk(state);
  return layer && other ? other.view(layer) : layer;
}

/** The walk on view, unless it gathers. */
export function otherWalk(/** @type {State} */ state) {
  return walkNamed(walkOf(state));
}

/** The step on view: the one pointed at, or the one that is played. @param {State} state */
export function viewedStep(state) {
  const { pointed } = state;
  if (walkOf(state) === "stamp") {
    const layer = viewOf(state);
    return pointed?.grid === "input" && layer ? stepIndex(layer, pointed.cell) : state.step;
  }
  return pointed?.grid === "output" ? Math.min(pointed.step, lastStep(state)) : state.step;
}

/** Whether an open question of a lesson hides the output, with all that is computed of it. @param {State} state */
export function isCovered({ veil }) {
  return veil === "output" || veil === "shape";
}

/** The number of steps as it may be told: it gives away the size that a question asks for. @param {State} state @param {LayerGeometry} layer */
export function stepsTold({ veil }, { steps }) {
  return veil === "shape" ? null : steps;
}

/** The lane on view: the chosen one, or the one pointed at where the lanes are rows. @param {State} state */
export function viewedLane(state) {
  return state.pointed?.grid === "output" ? (state.pointed.lane ?? state.lane) : state.lane;
}

/** Of the walk on view. @param {State} state */
export function lastStep(state) {
  return (viewOf(state)?.steps ?? 1) - 1;
}

/** The shown numbers, or null when what has come belongs to another setting. @param {State} state */
export function currentNumbers(state) {
  return state.numbers && state.numbers.key === state.shown?.key ? state.numbers : null;
}

/** Whether every number of the shown setting has come. @param {State} state */
export function isWhole(state) {
  const numbers = currentNumbers(state);
  return numbers !== null && !numbers.stale && numbers.received >= (state.shown?.geometry.steps ?? 0);
}

/** Whether numbers are on view; or a refusal, of a link of which no layer fits, and nothing will come. @param {State} state */
export function isReady({ shown, numbers, problem, opening }) {
  return shown ? numbers !== null : problem !== null && !opening;
}
