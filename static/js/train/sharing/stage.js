// A network between the stage and the training room: an experiment with the layers on view, and a trained network as a
// setting of the stage. Comes by import with the first click; pure, knows no DOM and no server.

import { problem } from "../../layer/errors.js";
import { Misjoined, networkOf } from "../../network/graph.js";
import { joinedOf } from "../../network/joining.js";
import { product, shapesOf } from "../../network/shapes.js";
import { operationOf } from "../../state/resolve.js";
import { trainWords } from "../../words/train.js";
import { CLASSES, otherSet, X_OR_O } from "../experiment.js";
import { filteredOf } from "../layers.js";

/** @import { NamedSpec, Placed, Shapes } from "../../types/network.js" */
/** @import { ParameterValue } from "../../types/layer.js" */
/** @import { Problem } from "../../types/plan.js" */
/** @import { Weights } from "../../types/source.js" */
/** @import { Catalog } from "../../types/stream.js" */
/** @import { Begin, DrawnData, ExampleSet, Experiment, StoredData } from "../../types/training.js" */
/** @import { LayerSetting, Setting } from "../../state/setting.js" */
/** @import { State } from "../../state/state.js" */

/** Sides of the drawings that code draws, those that are tried where the picture on the stage has another. */
const SIDES = [12, 16, 20, 24, 28, 8];
const [LEAST_SIDE, MOST_SIDE] = [5, 28];
/** More classes than strokes are digits. */
const MOST_STROKES = CLASSES.strokes.length;

/** `given` are the weights of the stage, by layer; `words` say what was made to fit. @typedef {{ ok: true, experiment: Experiment, given: Record<string, Weights>, words: string } | { ok: false, problem: Problem }} Taken */

/**
 * The experiment that trains the network on view: its layers on drawings that they can take, with an output a class.
 * @param {Pick<State, "catalog" | "setting" | "inputShape">} state @param {Experiment} experiment whose other settings stay
 * @param {ExampleSet | null} examples of that experiment
 * @returns {Taken}
 */
export function experimentOf(state, experiment, examples) {
  const { catalog, setting } = state;
  const { shapes, specs, names, fault } = joinedOf(state);
  if (!shapes || fault) return refused(trainWords.stageUnfit);
  const own = experiment.data.kind === "stored" ? examples : null;
  if (!own && shapes.input_shape.length !== 3) return refused(trainWords.stageNotSquare);
  const tried = own ? [own.shape] : sidesFor(shapes.input_shape).map((side) => [1, side, side]);
  for (const shape of tried) {
    const on = shapesOn(specs, shape, catalog);
    if (!on) continue;
    const { layers, classes, change } = ending(on, specs, own?.classes.length ?? null, catalog);
    const fitted = /** @type {Shapes} */ (change === "none" ? on : shapesOn(layers, shape, catalog));
    const given = weightsFor(setting.layers, names, shapes, fitted);
    const data = own ? experiment.data : dataFor(experiment.data, classes, Number(shape[1]));
    const kinds = own?.classes ?? /** @type {DrawnData} */ (data).classes.map(kindName);
    const { weights: _, ...rest } = experiment;
    return {
      ok: true,
      experiment: { ...rest, layers, data, ...(isOwn(given) ? { weights: given } : {}) },
      given,
      words: trainWords.taken(shape.slice(1), kinds, change),
    };
  }
  return refused(own ? trainWords.stageNotOn(own.shape) : trainWords.stageNotSquare);
}

function refused(/** @type {{ reason: string, remedy: string }} */ { reason, remedy }) {
  return /** @type {const} */ ({ ok: false, problem: problem("network", reason, remedy) });
}

function kindName(/** @type {string} */ name) {
  return trainWords.kindNames[/** @type {keyof typeof trainWords.kindNames} */ (name)] ?? name;
}

/** The side of the picture on the stage first. */
function sidesFor(/** @type {number[]} */ [, ...sizes]) {
  const [side] = sizes;
  const square = sizes.length === 2 && sizes.every((one) => one === side);
  const fits = square && Number(side) >= LEAST_SIDE && Number(side) <= MOST_SIDE;
  return fits ? [Number(side), ...SIDES] : SIDES;
}

/** Layers on examples of a shape; null where they do not fit. @param {NamedSpec[]} specs @param {number[]} shape @param {Catalog} catalog */
function shapesOn(specs, shape, catalog) {
  try {
    return shapesOf(
      networkOf(specs, (name) => operationOf(catalog, name)),
      shape,
    );
  } catch (fault) {
    if (fault instanceof Misjoined) return null;
    throw fault;
  }
}

/**
 * The layers with an output a class: as they are, with another number of filters in a last layer that votes, or with a
 * layer of votes behind them.
 * @param {Shapes} shapes @param {NamedSpec[]} specs @param {number | null} wanted classes; null for as many as there are outputs
 * @param {Catalog} catalog
 * @returns {{ layers: NamedSpec[], classes: number, change: "none" | "filters" | "votes" }}
 */
function ending({ network, placed }, specs, wanted, catalog) {
  const { last } = network;
  const { geometry } = /** @type {Placed} */ (placed.get(last.name));
  const outputs = product(geometry.output_shape);
  const [channels] = geometry.output_shape;
  const most = CLASSES.glyphs.length;
  const classes = wanted ?? (outputs === channels && outputs >= 2 && outputs <= most ? outputs : 2);
  if (outputs === channels && outputs === classes) return { layers: specs, classes, change: "none" };
  const votes = geometry.steps === 1 && geometry.weight_shape && !geometry.tensors && "filters" in last.spec;
  if (votes) {
    const layers = specs.map((spec) => (spec.name === last.name ? { ...spec, filters: classes } : spec));
    return { layers: /** @type {NamedSpec[]} */ (layers), classes, change: "filters" };
  }
  const added = /** @type {NamedSpec} */ (X_OR_O.layers.at(-1));
  let name = String(added.name);
  for (let count = 2; network.byName.has(name); count++) name = `${added.name}${count}`;
  const { name: operation } = operationOf(catalog, added.operation);
  const layer = { ...added, operation, name, filters: classes, inputs: [last.name] };
  return { layers: [...specs, /** @type {NamedSpec} */ (layer)], classes, change: "votes" };
}

/** A drawn set of so many classes and such a side, with what the set before says beside them. @param {DrawnData | StoredData} data @param {number} count @param {number} size @returns {DrawnData} */
function dataFor(data, count, size) {
  const kind = count > MOST_STROKES ? "glyphs" : "strokes";
  const base = data.kind === kind ? data : otherSet(data, kind);
  const classes = base.classes.length === count ? base.classes : CLASSES[kind].slice(0, count);
  return { ...base, classes, size };
}

/** The weights on view of layers whose weight has the same shape in training. @param {LayerSetting[]} layers @param {string[]} names @param {Shapes} before @param {Shapes} after */
function weightsFor(layers, names, before, after) {
  /** @type {Record<string, Weights>} */
  const given = {};
  for (const [at, { weights }] of layers.entries()) {
    const name = String(names[at]);
    const [one, other] = [before, after].map(({ placed }) => placed.get(name)?.geometry.weight_shape ?? null);
    if (weights && one && String(one) === String(other)) given[name] = weights;
  }
  return given;
}

/** Whether some weights are a person's own, which training is to begin with: presets are only for looking at. */
function isOwn(/** @type {Record<string, Weights>} */ given) {
  return Object.values(given).some((one) => one.kind !== "preset" || (one.edits?.length ?? 0) > 0);
}

/** The parameters at a training step by their full names, with their shapes. @param {Begin} begin @param {Float32Array} row @returns {[name: string, numbers: Float32Array, shape: number[]][]} */
export function tensorsOf({ parameters, statistics = [] }, row) {
  let at = 0;
  return [...parameters, ...statistics].map(([name, shape]) => {
    const numbers = row.slice(at, at + product(shape));
    at += numbers.length;
    return [name, numbers, shape];
  });
}

/**
 * The trained network as a setting of the stage, on one example as the network sees it.
 * @param {Experiment} experiment @param {Shapes} shapes @param {string} id of its kept parameters
 * @param {Float32Array} example @param {number[]} shape of it
 * @returns {{ setting: Setting, chosen: number }}
 */
export function settingOf({ layers }, shapes, id, example, shape) {
  /** @type {LayerSetting[]} */
  const own = layers.map(({ operation, name, inputs, ...spec }) => {
    const weighted = Boolean(shapes.placed.get(String(name))?.geometry.weight_shape);
    return {
      operation,
      spec: /** @type {Record<string, ParameterValue>} */ (/** @type {unknown} */ (spec)),
      weights: weighted ? { kind: "stored", id } : null,
      ...(name ? { name } : {}),
      ...(inputs ? { inputs } : {}),
    };
  });
  const chosen = filteredOf(shapes)?.node.index ?? 0;
  const values = nested([...example].map(shortest), shape);
  return { setting: { layers: own, source: { kind: "values", values, axes: shape.length - 1 } }, chosen };
}

/** The fewest digits that are still the same float32. */
function shortest(/** @type {number} */ value) {
  for (let digits = 3; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

/** @param {number[]} flat @param {number[]} shape @returns {any} */
function nested(flat, [first = 1, ...rest]) {
  if (rest.length === 0) return flat;
  const each = flat.length / first;
  return Array.from({ length: first }, (_, at) => nested(flat.slice(at * each, (at + 1) * each), rest));
}
