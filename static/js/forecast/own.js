// The network on the stage as that of a forecast, and its windows for the leak. Comes by import with the first click on it;
// pure, knows no DOM and no server.

import { problem } from "../layer/errors.js";
import { joinedOf } from "../network/joining.js";
import { forecastWords as words } from "../words/forecast.js";

/** @import { NamedSpec, Shapes } from "../types/network.js" */
/** @import { Problem } from "../types/plan.js" */
/** @import { Settings } from "../types/forecast.js" */
/** @import { State } from "../state/state.js" */

/** @typedef {{ ok: true, changes: Pick<Settings, "own" | "padding"> } | { ok: false, problem: Problem }} Taken */

/**
 * The layers on view, with one that makes one value of a step where the last has more.
 * @param {Pick<State, "catalog" | "setting" | "inputShape">} state @returns {Taken}
 */
export function ownOf(state) {
  const { shapes, specs, fault } = joinedOf(state);
  const unfit = unfitness(shapes, fault !== null);
  if (unfit) return { ok: false, problem: problem("network", unfit.reason, unfit.remedy) };
  const { last } = /** @type {Shapes} */ (shapes).network;
  const [channels] = shapes?.placed.get(last.name)?.geometry.output_shape ?? [1];
  const one = { operation: "convolution", kernel: 1, filters: 1, bias: true, inputs: [last.name] };
  const own = channels === 1 ? specs : [...specs, /** @type {NamedSpec} */ (one)];
  const ahead = specs.some(({ padding }) => padding === "same");
  return { ok: true, changes: { own, padding: ahead ? "same" : "causal" } };
}

function unfitness(/** @type {Shapes | null} */ shapes, /** @type {boolean} */ misjoined) {
  if (!shapes || misjoined) return words.stageUnfit;
  const series = [...shapes.placed.values()].every(({ shape }) => shape.length === 2 && Number(shape[1]) > 1);
  if (!series || shapes.input_shape.length !== 2 || shapes.input_shape[0] !== 1) return words.stageNoSeries;
  return null;
}
