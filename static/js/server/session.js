// Keeps the numbers of the chosen setting coming: one job at a time, the latest wins, and what comes is filed
// under the setting it belongs to. Knows the connection's interface; knows no DOM.

import { asked } from "../state/resolve.js";
import { currentNumbers } from "../state/selectors.js";
import { inputKeyOf, keyOf } from "../state/setting.js";

/** @import { Connection, ConnectionCallbacks, FloatArray, Frame } from "../types/stream.js" */
/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { Plan, Problem } from "../types/plan.js" */
/** @import { Action, State } from "../state/state.js" */
/** @import { Numbers } from "../types/stream.js" */
/** @import { WindowRun } from "../types/stream.js" */

/** Outputs larger than this are asked for one lane at a time. */
const MOST_OUTPUT_BYTES = 16_000_000;
/** Frames allowed on the way at once while an output is filled, and how many are granted together. */
const FILL_CREDITS = 24;
const CREDIT_BATCH = 8;
const MOST_RUNS = 6;

/** @typedef {{ kind: "fill" | "windows", key: string, lane: number, source: string, received: number, inflight: number }} Running */

/**
 * @param {(callbacks: ConnectionCallbacks) => Connection} connect
 * @param {(action: Action) => void} dispatch @param {() => State} current
 */
export function createSession(connect, dispatch, current) {
  /** @type {Running | null} */
  let running = null;
  let job = 0;
  /** The request that was made last, so that nothing is asked for twice. */
  let wanted = "";
  /** The input that is held, and the source it came from. @type {{ source: string, data: Float32Array, received: number, range: [number, number] } | null} */
  let held = null;
  /** Tensors that count as held only when they are whole. */
  let coming = { weight: new Float32Array(0), bias: new Float32Array(0) };
  /** @type {Numbers | null} */
  let numbers = null;

  const connection = connect({ onPlan, onFrame, onEnd, onProblem, onStatus });

  function onStatus(/** @type {Connection["status"]} */ status) {
    dispatch({ type: "connection", status });
  }

  function onPlan(/** @type {Plan} */ plan, /** @type {number} */ of) {
    const [layer] = plan.layers; // the stream tells of the layer that it computes alone
    if (of !== job || !running || !layer || running.kind !== "fill") return;
    dispatch({ type: "planned", key: running.key, plan });
    numbers = fresh(layer, running);
    dispatch({ type: "numbers", numbers });
  }

  /** @returns {Numbers} */
  function fresh(/** @type {LayerGeometry} */ layer, /** @type {Running} */ run) {
    const cells = product(layer.input_shape);
    if (held?.source !== run.source || held.data.length !== cells) {
      held = { source: run.source, data: new Float32Array(cells), received: 0, range: [0, 0] };
    }
    coming = {
      weight: new Float32Array(product(layer.weight_shape ?? [0])),
      bias: new Float32Array(product(layer.bias_shape ?? [0])),
    };
    const lanes = run.lane < 0 ? null : [run.lane];
    const planes = lanes ? 1 : layer.lanes;
    return {
      key: run.key,
      input: held.data,
      inputs: held.received,
      inputRange: held.range,
      weight: null,
      bias: null,
      output: new Float32Array(planes * layer.steps),
      lanes,
      received: 0,
      outputRange: Array.from({ length: planes }, () => [0, 0]),
      windows: [],
      version: 0,
    };
  }

  function onFrame(/** @type {Frame} */ frame) {
    if (frame.job !== job || !running || !numbers) return;
    running.inflight--;
    if (frame.kind === "input" && held) {
      held.data.set(frame.value(0), frame.first);
      held.range = widened(held.received === 0 ? null : held.range, frame.value(0));
      held.received = frame.first + frame.count;
      numbers = { ...numbers, inputs: held.received, inputRange: held.range };
    } else if (frame.kind === "weight" || frame.kind === "bias") {
      const tensor = coming[frame.kind];
      tensor.set(frame.value(0), frame.first);
      if (frame.first + frame.count >= tensor.length) numbers = { ...numbers, [frame.kind]: tensor };
    } else if (frame.kind === "steps") takeSteps(frame, running);
    numbers = { ...numbers, version: numbers.version + 1 };
    if (running.kind === "fill" && running.inflight <= FILL_CREDITS - CREDIT_BATCH) grant(CREDIT_BATCH);
    dispatch({ type: "numbers", numbers });
  }

  function takeSteps(/** @type {Frame} */ frame, /** @type {Running} */ run) {
    if (!numbers) return;
    run.received = frame.first + frame.count;
    if (run.kind === "windows") {
      const planes = Array.from({ length: frame.windows }, (_, at) => frame.window(at));
      const group = Math.floor(run.lane / (current().shown?.geometry.lanes_per_group ?? 1));
      /** @type {WindowRun} */
      const arrived = { first: frame.first, count: frame.count, group, planes };
      numbers = { ...numbers, windows: [...numbers.windows, arrived].slice(-MOST_RUNS) };
      return;
    }
    const steps = (numbers.output?.length ?? 0) / numbers.outputRange.length;
    const outputRange = numbers.outputRange.map((range, plane) => {
      const values = frame.value(plane);
      numbers?.output?.set(values, plane * steps + frame.first);
      return widened(frame.first === 0 ? null : range, values);
    });
    numbers = { ...numbers, outputRange, received: Math.max(numbers.received, run.received) };
  }

  function grant(/** @type {number} */ n) {
    if (!running || n < 1) return;
    running.inflight += n;
    connection.credit(n);
  }

  function onEnd(/** @type {number} */ of) {
    if (of === job) running = null;
  }

  function onProblem(/** @type {Problem} */ problem, /** @type {number | null} */ of) {
    if (of !== null && of !== job) return;
    const key = of === null ? null : (running?.key ?? null);
    // A job that no server answers is still wanted: the connection goes on with it when it can.
    if (of !== null && problem.code !== "unreachable") running = null;
    dispatch({ type: "refused", key, problem });
  }

  /** Ask for what the state needs and has not asked for yet. */
  function sync(/** @type {State} */ state) {
    // A link can open with a setting that does not fit: what is shown instead has no numbers yet.
    if (state.problem?.code === "unfit" && (!state.shown || currentNumbers(state))) return;
    const request = state.shown && state.inputShape ? state.shown.asked : asked(state);
    const key = keyOf(request);
    const layer = state.inputShape ? state.shown?.geometry : null;
    const large = layer ? layer.lanes * layer.steps * 4 > MOST_OUTPUT_BYTES : false;
    const lane = large ? state.lane : -1;
    const wish = `${lane} ${key}`;
    if (wish === wanted) return;
    wanted = wish;
    const source = inputKeyOf(request);
    // The painted input is known here before the server has heard of it.
    const own = currentNumbers(state);
    if (held?.source !== source && own?.input && own.inputs === own.input.length)
      held = { source, data: own.input, received: own.inputs, range: own.inputRange };
    const needsInput = held?.source !== source || held.received < held.data.length;
    if (needsInput) held = null;
    running = {
      kind: "fill",
      key,
      lane,
      source,
      received: 0,
      inflight: FILL_CREDITS,
    };
    const asks = { lanes: large ? [lane] : null, window: false, input: needsInput, weight: true };
    job = connection.start({ ...request, ...asks }, FILL_CREDITS);
    // The input that is held stays on view while the rest is on its way, however long a server takes.
    if (needsInput || own || !layer) return;
    numbers = fresh(layer, running);
    dispatch({ type: "numbers", numbers });
  }

  /** Forget what was asked, so that the same setting is asked for again. */
  function again() {
    wanted = "";
    held = null;
    sync(current());
  }

  /** While playing: the windows from a step on, of the lane on view. */
  function followWindows(/** @type {number} */ first, /** @type {number} */ credits) {
    const state = current();
    if (!state.shown || currentNumbers(state) !== numbers || !numbers) return;
    const { key, asked: request } = state.shown;
    const of = { key, lane: state.lane, source: "" };
    running = { kind: "windows", ...of, received: first, inflight: credits };
    numbers = { ...numbers, windows: [] };
    const asks = { first, lanes: [state.lane], window: true, input: false, weight: false };
    job = connection.start({ ...request, ...asks }, credits);
  }

  return { sync, again, grant, followWindows, running: () => running, close: () => connection.close() };
}

/** @returns {[number, number]} */
function widened(/** @type {[number, number] | null} */ range, /** @type {FloatArray} */ values) {
  let [low, high] = range ?? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low && value !== Number.NEGATIVE_INFINITY) low = value;
    if (value > high && value !== Number.POSITIVE_INFINITY) high = value;
  }
  return low <= high ? [low, high] : (range ?? [0, 0]);
}

function product(/** @type {number[]} */ factors) {
  return factors.reduce((total, factor) => total * factor, 1);
}
