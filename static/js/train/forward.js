// The output of a network for an example, computed in the page from a row of parameters: each layer's windows as tables of
// cells, made once, and the pieces of its combine. As evaluated: nothing is dropped. Knows no DOM and no operation's name.

import { activationOf, isActive } from "../layer/activations.js";
import { combined } from "../layer/combine.js";
import { readFormula } from "../layer/formula.js";
import { channelOfGroup, takenAt, weightIndex, windowAt, windowFactors } from "../layer/walk.js";
import { Misjoined, networkOf, SOURCE } from "../network/graph.js";
import { product, shapesOf } from "../network/shapes.js";
import { operationOf } from "../state/resolve.js";
import { placesOf } from "../step/sum.js";

/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { ActivationInfo } from "../types/layer.js" */
/** @import { NamedSpec, Placed, Shapes } from "../types/network.js" */
/** @import { Catalog } from "../types/stream.js" */
/** @import { Begin, ExampleSet, Experiment } from "../types/training.js" */
/** @import { Term } from "../step/sum.js" */

/** Where the tensors of a layer lie in a row of parameters, by their own names. @typedef {Record<string, { at: number, size: number, shape: number[] }>} Tensors */
/** @typedef {Map<string, Float32Array>} Values */

/** @typedef {{ layer: LayerGeometry, cells: Int32Array, weights: Int32Array | null, divisors: Float64Array | null }} Table */

/** Tables by geometry: an experiment that is repeated needs none anew. @type {WeakMap<LayerGeometry, Table>} */
const known = new WeakMap();

/** @returns {Table} */
export function tableOf(/** @type {LayerGeometry} */ layer) {
  const before = known.get(layer);
  if (before) return before;
  const { steps, taps, lanes, channels_per_group: channels } = layer;
  const cells = new Int32Array(steps * taps);
  for (let step = 0; step < steps; step++) cells.set(cellsOfWindow(layer, step), step * taps);
  const weighted = layer.combination.term === "product";
  const weights = weighted ? new Int32Array(lanes * channels * taps) : null;
  if (weights)
    for (let lane = 0, at = 0; lane < lanes; lane++)
      for (let channel = 0; channel < channels; channel++)
        for (let tap = 0; tap < taps; tap++) weights[at++] = weightIndex(layer, lane, channel, tap);
  const table = { layer, cells, weights, divisors: divisorsOf(layer) };
  known.set(layer, table);
  return table;
}

/**
 * Per tap, row-major: the place of the cell in its channel's plane; below 0 where the fill value is read.
 * @param {LayerGeometry} layer @param {number} step
 */
export function cellsOfWindow(layer, step) {
  let places = [0];
  for (const [number, cells] of windowAt(layer, step).entries()) {
    const size = Number(layer.axes[number]?.size);
    places = places.flatMap((place) =>
      cells.map(({ index }) => (place < 0 || index < 0 ? -1 : place * size + index)),
    );
  }
  return places;
}

/** The divisor of each step's mean; null where nothing is divided. */
function divisorsOf(/** @type {LayerGeometry} */ layer) {
  if (layer.combination.term !== "value" || layer.combination.finish !== "divide") return null;
  if (layer.channels_per_group !== 1) return null;
  const padding = layer.divisor === "padded";
  return Float64Array.from({ length: layer.steps }, (_, step) => {
    if (typeof layer.divisor === "number") return layer.divisor;
    return placesOf(layer, step).filter((place) => place >= 0 || (place === -1 && padding)).length;
  });
}

/** Activations that have been read. @type {Map<string, (value: number) => number>} */
const functions = new Map();

function functionOf(/** @type {string} */ formula) {
  const found = functions.get(formula) ?? readFormula(formula);
  functions.set(formula, found);
  return found;
}

/** Where each tensor lies in a row, by layer. @returns {Map<string, Tensors>} */
export function placesIn(/** @type {[name: string, shape: number[]][]} */ parameters) {
  /** @type {Map<string, Tensors>} */
  const found = new Map();
  let at = 0;
  for (const [full, shape] of parameters) {
    const split = full.lastIndexOf(".");
    const [layer, name] = [full.slice(0, split), full.slice(split + 1)];
    const size = product(shape);
    found.set(layer, { ...found.get(layer), [name]: { at, size, shape } });
    at += size;
  }
  return found;
}

/**
 * A network that can be asked: `values` of every layer for one example, `outputs` of the last before its activation.
 * @param {Shapes} shapes @param {Map<string, Tensors>} tensors @param {ActivationInfo[]} activations
 */
export function createForward(shapes, tensors, activations) {
  const { order, last } = shapes.network;

  /** Every layer's output, flattened, by name; `bare` leaves the last one's activation out. @returns {Values} */
  function values(/** @type {Float32Array} */ row, /** @type {Float32Array} */ example, bare = false) {
    /** @type {Values} */
    const found = new Map([[SOURCE, example]]);
    for (const node of order) {
      const placed = /** @type {Placed} */ (shapes.placed.get(node.name));
      const input = inputOf(placed, found);
      const output = totals(tableOf(placed.geometry), input, weightsOf(placed, row));
      if (!(bare && node === last)) activate(placed.geometry, output);
      found.set(node.name, output);
    }
    return found;
  }

  /** Several inputs are their channels one after another; one cell a channel may stand for all. */
  function inputOf(/** @type {Placed} */ placed, /** @type {Values} */ found) {
    const { node, geometry, given, stretched } = placed;
    const parts = node.inputs.map((name) => /** @type {Float32Array} */ (found.get(name)));
    const [first] = parts;
    if (parts.length === 1 && first) return first;
    const input = new Float32Array(product(geometry.input_shape));
    const plane = product(geometry.input_shape.slice(1));
    let at = 0;
    for (const [place, part] of parts.entries()) {
      if (stretched[place]) {
        for (const value of part) at += input.fill(value, at, at + plane).length && plane;
      } else {
        input.set(part, at);
        at += product(given[place] ?? []);
      }
    }
    return input;
  }

  /** @returns {{ weight: Float32Array, bias: Float32Array | null } | null} */
  function weightsOf(/** @type {Placed} */ { node, geometry }, /** @type {Float32Array} */ row) {
    const own = tensors.get(node.name);
    if (!own || geometry.weight_shape === null) return null;
    const part = (/** @type {string} */ name) => {
      const place = own[name];
      return place ? row.subarray(place.at, place.at + place.size) : null;
    };
    if (!geometry.tensors) return { weight: part("weight") ?? new Float32Array(0), bias: part("bias") };
    return normalising(geometry, Number(node.spec.epsilon ?? 1e-5), part);
  }

  function activate(/** @type {LayerGeometry} */ layer, /** @type {Float32Array} */ output) {
    const activation = activationOf(activations, layer.activation);
    if (!isActive(activation)) return;
    if (activation.across === "channels") return void shares(output, layer.lanes);
    const apply = functionOf(activation.formula);
    for (let at = 0; at < output.length; at++) output[at] = apply(/** @type {number} */ (output[at]));
  }

  return {
    values,
    /** The numbers that the loss reads of an example: the last layer before its activation. */
    outputs: (/** @type {Float32Array} */ row, /** @type {Float32Array} */ example) =>
      /** @type {Float32Array} */ (values(row, example, true).get(last.name)),
    /** About how many products an example takes. */
    work: order.reduce((total, { name }) => total + workOf(shapes.placed.get(name)?.geometry), 0),
  };
}

function workOf(/** @type {LayerGeometry | undefined} */ layer) {
  return layer ? layer.lanes * layer.channels_per_group * layer.taps * layer.steps : 0;
}

/** A normalisation is a factor and a summand a channel: gain / √(variance + ε), and offset − mean · factor. */
function normalising(
  /** @type {LayerGeometry} */ layer,
  /** @type {number} */ epsilon,
  /** @type {(name: string) => Float32Array | null} */ part,
) {
  const of = (/** @type {string} */ name, /** @type {number} */ lane, /** @type {number} */ otherwise) =>
    Number(part(name)?.[lane] ?? otherwise);
  const weight = new Float32Array(layer.lanes);
  const bias = new Float32Array(layer.lanes);
  for (let lane = 0; lane < layer.lanes; lane++) {
    const factor = of("gain", lane, 1) / Math.sqrt(of("variance", lane, 1) + epsilon);
    weight[lane] = factor;
    bias[lane] = of("offset", lane, 0) - of("mean", lane, 0) * factor;
  }
  return { weight, bias };
}

/** Softmax over the channels of each cell, in place. */
export function shares(/** @type {Float32Array} */ output, /** @type {number} */ lanes) {
  const plane = output.length / lanes;
  for (let cell = 0; cell < plane; cell++) {
    let high = Number.NEGATIVE_INFINITY;
    for (let lane = 0; lane < lanes; lane++) high = Math.max(high, Number(output[lane * plane + cell]));
    let total = 0;
    for (let lane = 0; lane < lanes; lane++) {
      const share = Math.exp(Number(output[lane * plane + cell]) - high);
      output[lane * plane + cell] = share;
      total += share;
    }
    for (let lane = 0; lane < lanes; lane++)
      output[lane * plane + cell] = Number(output[lane * plane + cell]) / total;
  }
  return output;
}

/**
 * The result of the walk before the activation, lane after lane.
 * @param {Table} table @param {Float32Array} input @param {{ weight: Float32Array, bias: Float32Array | null } | null} own
 */
function totals(table, input, own) {
  const { layer } = table;
  const { term, reduce, finish } = layer.combination;
  if (term === "product" && reduce === "sum" && finish === "none" && own) return products(table, input, own);
  if (term === "value" && layer.channels_per_group === 1) {
    if (reduce === "largest") return largest(table, input);
    if (reduce === "pick" && layer.taps === 1) return copies(table, input);
    if (reduce === "sum" && (finish === "none" || table.divisors)) return means(table, input);
  }
  return byTerms(table, input, own);
}

/** Sums of products, with the bias. @param {Table} table @param {Float32Array} input @param {{ weight: Float32Array, bias: Float32Array | null }} own */
function products({ layer, cells, weights }, input, { weight, bias }) {
  const { lanes, steps, taps, channels_per_group: channels, lanes_per_group: each } = layer;
  const output = new Float32Array(lanes * steps);
  const plane = input.length / (layer.groups * channels);
  const fill = Number(layer.fill);
  const places = /** @type {Int32Array} */ (weights);
  const kernel = new Float64Array(channels * taps);
  for (let lane = 0; lane < lanes; lane++) {
    const group = Math.floor(lane / each);
    for (let at = 0; at < kernel.length; at++)
      kernel[at] = Number(weight[Number(places[lane * kernel.length + at])]);
    const row = output.subarray(lane * steps, (lane + 1) * steps);
    const totals = new Float64Array(steps).fill(Number(bias?.[lane] ?? 0));
    for (let channel = 0; channel < channels; channel++) {
      const base = channelOfGroup(layer, group, channel) * plane;
      const own = channel * taps;
      for (let step = 0, at = 0; step < steps; step++) {
        let total = 0;
        for (let tap = 0; tap < taps; tap++, at++) {
          const cell = /** @type {number} */ (cells[at]);
          const value = cell < 0 ? fill : /** @type {number} */ (input[base + cell]);
          total += /** @type {number} */ (kernel[own + tap]) * value;
        }
        totals[step] = /** @type {number} */ (totals[step]) + total;
      }
    }
    row.set(totals);
  }
  return output;
}

/** The largest of each window; a NaN wins. @param {Table} table @param {Float32Array} input */
function largest({ layer, cells }, input) {
  const { lanes, steps, taps } = layer;
  const output = new Float32Array(lanes * steps);
  const plane = input.length / lanes;
  const fill = Number(layer.fill);
  for (let lane = 0; lane < lanes; lane++)
    for (let step = 0; step < steps; step++) {
      let best = Number.NEGATIVE_INFINITY;
      for (let tap = 0; tap < taps; tap++) {
        const cell = Number(cells[step * taps + tap]);
        const value = cell < 0 ? fill : Number(input[lane * plane + cell]);
        if (value > best || Number.isNaN(value)) best = value;
      }
      output[lane * steps + step] = best;
    }
  return output;
}

/** @param {Table} table @param {Float32Array} input */
function copies({ layer, cells }, input) {
  const { lanes, steps } = layer;
  const output = new Float32Array(lanes * steps);
  const plane = input.length / lanes;
  const fill = Number(layer.fill);
  for (let lane = 0; lane < lanes; lane++)
    for (let step = 0; step < steps; step++) {
      const cell = Number(cells[step]);
      output[lane * steps + step] = cell < 0 ? fill : Number(input[lane * plane + cell]);
    }
  return output;
}

/** @param {Table} table @param {Float32Array} input */
function means({ layer, cells, divisors }, input) {
  const { lanes, steps, taps } = layer;
  const output = new Float32Array(lanes * steps);
  const plane = input.length / lanes;
  const fill = Number(layer.fill);
  for (let lane = 0; lane < lanes; lane++)
    for (let step = 0; step < steps; step++) {
      let total = 0;
      for (let tap = 0; tap < taps; tap++) {
        const cell = Number(cells[step * taps + tap]);
        total += cell < 0 ? fill : Number(input[lane * plane + cell]);
      }
      output[lane * steps + step] = divisors ? total / Number(divisors[step]) : total;
    }
  return output;
}

/**
 * Any combine, term by term as the stage's sums are.
 * @param {Table} table @param {Float32Array} input @param {{ weight: Float32Array, bias: Float32Array | null } | null} own
 */
function byTerms({ layer, cells, weights }, input, own) {
  const { lanes, steps, taps, channels_per_group: channels } = layer;
  const output = new Float32Array(lanes * steps);
  const plane = input.length / (layer.groups * channels);
  const fill = Number(layer.fill);
  for (let step = 0; step < steps; step++) {
    const places = placesOf(layer, step);
    const factors = windowFactors(layer, step);
    for (let lane = 0; lane < lanes; lane++) {
      const group = Math.floor(lane / layer.lanes_per_group);
      /** @type {Term[]} */
      const terms = [];
      for (let at = 0; at < channels * taps; at++) {
        const [channel, tap] = [Math.floor(at / taps), at % taps];
        const source = channelOfGroup(layer, group, channel);
        const cell = Number(cells[step * taps + tap]);
        const value = cell < 0 ? fill : Number(input[source * plane + cell]);
        const index = Number(weights?.[lane * channels * taps + at] ?? 0);
        const weight = own && weights ? Number(own.weight[index]) : Number(factors?.[tap] ?? 1);
        const place = places[tap] ?? 0;
        const outside = place === -2;
        terms.push({
          channel: source,
          tap,
          value,
          weight,
          product: value * weight,
          index,
          padded: place === -1,
          outside,
        });
      }
      const bias = Number(own?.bias?.[lane] ?? 0);
      output[lane * steps + step] = combined(terms, layer, bias, takenAt(layer, step, lane)).total;
    }
  }
  return output;
}

// ------------------------------------------------------------------------------------- the network of an experiment

/** @typedef {{ shapes: Shapes, parameters: number, tensors: Map<string, Tensors>, forward: ReturnType<typeof createForward> }} Trained */

/** @type {{ key: string, of: ExampleSet, made: Trained | null } | null} */
let last = null;

/**
 * `begin` says in which order parameters come; null for layers that make no network on these examples.
 * @param {Experiment} experiment @param {ExampleSet | null} examples @param {Catalog} catalog @param {Begin} [begin]
 * @returns {Trained | null}
 */
export function networkFor({ layers }, examples, catalog, begin) {
  if (!examples) return null;
  const key = JSON.stringify([layers, begin?.parameters]);
  if (last && last.key === key && last.of === examples) return last.made;
  const made = networkOn(layers, examples, catalog, begin);
  last = { key, of: examples, made };
  return made;
}

/** @param {NamedSpec[]} layers @param {ExampleSet} examples @param {Catalog} catalog @param {Begin} [begin] @returns {Trained | null} */
function networkOn(layers, examples, catalog, begin) {
  const info = (/** @type {string} */ name) => operationOf(catalog, name);
  try {
    const shapes = shapesOf(networkOf(layers, info), examples.shape);
    const parameters = [...shapes.placed.values()].reduce((total, { geometry }) => {
      if (geometry.tensors) return total + 2 * geometry.lanes;
      return total + product(geometry.weight_shape ?? [0]) + product(geometry.bias_shape ?? [0]);
    }, 0);
    const tensors = placesIn([...(begin?.parameters ?? []), ...(begin?.statistics ?? [])]);
    return { shapes, parameters, tensors, forward: createForward(shapes, tensors, catalog.activations) };
  } catch (fault) {
    if (fault instanceof Misjoined) return null;
    throw fault;
  }
}
