// Proposals for a setting that does not fit: values of the parameter at fault and of those beside it, the layer that
// given weights belong to, a smaller layer. Found by trying them. Pure; comes with the tools.

import { allowed, allowedValues, geometry } from "../layer/geometry.js";
import { shape } from "../words/format.js";
import { choiceText, text } from "../words/page.js";
import { tell } from "../words/stage.js";
import { inputOf, operationOf } from "./resolve.js";
import { chosenOf, chosenProblem, sourceOf } from "./selectors.js";
import { PRESET, same, shapeOf, shapeOfValues } from "./setting.js";

/** @import { OperationInfo, ParameterInfo } from "../types/registry.js" */
/** @import { ParameterValue, Spec } from "../types/layer.js" */
/** @import { Problem } from "../types/plan.js" */
/** @import { Source, Weights } from "../types/source.js" */
/** @import { LayerSetting } from "./setting.js" */
/** @import { State, UserAction } from "./state.js" */

/** A button: its words, the output that it gives, and what it does. @typedef {{ words: string, gives?: string, action: UserAction }} Fix */

/** Buttons under a problem. */
const MOST = 4;
/** Kinds of parameters that can make room for another. */
const BESIDE = new Set(["per_axis", "padding", "integer", "number"]);

/**
 * Values of the parameter at fault that would fit, the nearest first; at most two.
 * @param {State} state @param {ParameterInfo} parameter
 * @returns {ParameterValue[]}
 */
export function fixesFor(state, parameter) {
  const tried = (/** @type {ParameterValue[]} */ values) => fitting(state, parameter, values);
  if (parameter.kind === "choice") return tried(parameter.choices ?? []).slice(0, 2);
  if (parameter.kind === "boolean" || parameter.kind === "number")
    return tried(parameter.kind === "boolean" ? [true, false] : [parameter.default]);
  const leftOut = parameter.nullable ? tried([null]) : [];
  if (parameter.kind !== "padding") return [...nearest(state, parameter), ...leftOut];
  return [...nearest(state, parameter), ...tried(["same", "valid"])].slice(0, 2);
}

/** Changes that would mend the setting, as buttons; the parameter at fault first. @returns {Fix[]} */
export function mending(/** @type {State} */ state) {
  const problem = chosenProblem(state);
  if (!problem) return [];
  if (problem.code === "too_large") return smaller(state, problem);
  if (problem.field === "weights" || problem.field === "weights.bias") return weighted(state, problem.field);
  const { parameters } = operationOf(state.catalog, chosenOf(state).operation);
  const own = parameters.find(({ name }) => name === problem.field);
  if (!own) return [];
  const fix = (/** @type {ParameterInfo} */ parameter, /** @type {ParameterValue} */ value) => ({
    words: tell.useValue(
      parameter.title,
      value === null ? (parameter.left_out ?? text.automatic) : choiceText(value, parameter),
    ),
    gives: outputWith(state, { [parameter.name]: value }),
    action: /** @type {UserAction} */ ({ type: "parameter", name: parameter.name, value }),
  });
  const others = parameters.filter((one) => one !== own && chosenOf(state).spec[one.name] !== null);
  return [
    ...fixesFor(state, own).map((value) => fix(own, value)),
    ...others.flatMap((one) => {
      if (one.name === "rules") return fitting(state, one, ["any"]).map((value) => fix(one, value));
      return BESIDE.has(one.kind) && !one.nullable ? nearest(state, one).map((value) => fix(one, value)) : [];
    }),
    ...(own.name === "kernel" ? larger(state) : []),
  ].slice(0, MOST);
}

/** Sides of an input that are tried. */
const LARGEST_SIDE = 256;

/** The smallest larger input that gives an output as large as the one on view. @returns {Fix[]} */
function larger(/** @type {State} */ state) {
  const { source } = state.setting;
  const inputShape = inputOf(state);
  if (sourceOf(state) !== source || (source.kind !== "sample" && source.kind !== "noise") || !inputShape)
    return [];
  const layer = chosenOf(state);
  const operation = operationOf(state.catalog, layer.operation);
  const wanted = state.shown?.geometry.step_shape ?? [1];
  const [channels = 1, ...sides] = inputShape;
  for (let size = Math.max(...sides) + 1; size <= LARGEST_SIDE; size++) {
    /** @type {Source} */
    const tried =
      source.kind === "noise"
        ? { ...source, shape: [channels, ...sides.map(() => size)] }
        : { ...source, size };
    const shaped = shapeOf(tried, state.catalog.samples, state.uploads);
    if (!shaped || Math.max(...shaped.slice(1)) < size) return [];
    const found = geometry(operation, specOf(layer), shaped);
    if (found.ok && found.geometry.step_shape.every((side, axis) => side >= Number(wanted.at(axis) ?? 1)))
      return [
        {
          words: tell.useInput(shaped.slice(1)),
          gives: shape(found.geometry.output_shape),
          action: { type: "source", source: tried },
        },
      ];
  }
  return [];
}

/** The size of the output with a part of the setting changed; empty where it does not fit. @param {State} state @param {Record<string, ParameterValue>} part */
function outputWith(state, part) {
  const inputShape = inputOf(state);
  const layer = chosenOf(state);
  const operation = operationOf(state.catalog, layer.operation);
  const found = inputShape && geometry(operation, { ...specOf(layer), ...part }, inputShape);
  return found?.ok ? shape(found.geometry.output_shape) : "";
}

/** Those of some values that fit. @param {State} state @param {ParameterInfo} parameter @param {ParameterValue[]} values */
function fitting(state, parameter, values) {
  const layer = chosenOf(state);
  const operation = operationOf(state.catalog, layer.operation);
  const inputShape = inputOf(state);
  return inputShape ? allowedValues(operation, specOf(layer), inputShape, parameter.name, values) : [];
}

/** The fitting number that is nearest to what was chosen. @param {State} state @param {ParameterInfo} parameter @returns {number[]} */
function nearest(state, parameter) {
  const inputShape = inputOf(state);
  if (!inputShape) return [];
  const layer = chosenOf(state);
  const operation = operationOf(state.catalog, layer.operation);
  const low = parameter.minimum ?? 0;
  const high = Math.min(parameter.maximum ?? 64, 64);
  const value = layer.spec[parameter.name] ?? parameter.default;
  const first = Array.isArray(value) ? value.flat()[0] : value;
  const wanted =
    typeof first === "number"
      ? first
      : typeof first === "string"
        ? padded(operation, layer, inputShape)
        : high;
  const ranges = allowed(operation, specOf(layer), inputShape, parameter.name, null, [low, high]);
  const near = (/** @type {number} */ at) => Math.abs(at - wanted);
  const ends = ranges.flatMap(([from, to]) => [from, to, Math.min(to, Math.max(from, Math.round(wanted)))]);
  return [...new Set(ends)].sort((one, other) => near(one) - near(other)).slice(0, 1);
}

/** The numbers of a padding rule where no framework refuses it. */
function padded(
  /** @type {OperationInfo} */ operation,
  /** @type {LayerSetting} */ layer,
  /** @type {number[]} */ inputShape,
) {
  const found = geometry(operation, { ...specOf(layer), rules: "any" }, inputShape);
  return found.ok ? Math.max(...found.geometry.axes.map(({ begin }) => begin)) : 0;
}

/** @returns {Spec} */
function specOf(/** @type {LayerSetting} */ { operation, spec }) {
  return /** @type {Spec} */ ({ ...spec, operation });
}

/** The layer that the weights belong to, or other weights. @returns {Fix[]} */
function weighted(/** @type {State} */ state, /** @type {string} */ field) {
  const { weights } = chosenOf(state);
  if (field === "weights.bias" && weights?.bias) {
    const { bias, ...others } = weights;
    const filters = bias.length;
    return [
      { words: tell.useFilters(filters), action: { type: "parameter", name: "filters", value: filters } },
      { words: tell.noBiases, action: { type: "weights", weights: /** @type {Weights} */ (others) } },
    ];
  }
  const shape = weightShape(state);
  const values = shape && layerFor(state, shape);
  return [
    ...(values
      ? [{ words: tell.layerOf(shape), action: /** @type {UserAction} */ ({ type: "settings", values }) }]
      : []),
    { words: tell.presetWeights, action: { type: "weights", weights: { kind: "preset", name: PRESET } } },
  ];
}

/** The shape of the weights that were given. @returns {number[] | null} */
function weightShape(/** @type {State} */ state) {
  const { weights } = chosenOf(state);
  if (weights?.kind === "stored") return state.uploads[weights.id]?.shape ?? null;
  return weights?.kind === "values" ? shapeOfValues(weights.values, 0) : null;
}

/** Kernel, filters and groups of a layer whose weight has a shape; null when no such layer reads this input. */
function layerFor(/** @type {State} */ state, /** @type {number[]} */ shape) {
  const layer = chosenOf(state);
  const inputShape = inputOf(state);
  const operation = operationOf(state.catalog, layer.operation);
  const [first = 1, second = 1, ...kernel] = shape;
  const channels = inputShape?.[0] ?? 1;
  const split = operation.weight_layout === "channels" ? (layer.spec.groups ?? 1) : channels / second;
  const groups = typeof split === "number" && Number.isInteger(split) ? split : 1;
  const all = {
    kernel: new Set(kernel).size === 1 ? Number(kernel[0]) : kernel,
    filters: operation.weight_layout === "channels" ? second * groups : first,
    groups,
  };
  const has = (/** @type {string} */ name) => operation.parameters.some((one) => one.name === name);
  const values = Object.fromEntries(Object.entries(all).filter(([name]) => has(name)));
  const found = inputShape && geometry(operation, { ...specOf(layer), ...values }, inputShape);
  return found?.ok && same(found.geometry.weight_shape, shape) ? values : null;
}

/** Fewer filters, a smaller factor, or a smaller picture, by as much as it is too much. @returns {Fix[]} */
function smaller(/** @type {State} */ state, /** @type {Problem} */ { excess = 1, field }) {
  const { setting, inputShape, catalog } = state;
  const layer = chosenOf(state);
  const { filters = 1, groups = 1, factor } = layer.spec;
  const root = excess ** (1 / Math.max(1, (inputShape?.length ?? 3) - 1));
  /** @type {Fix[]} */
  const fixes = [];
  const parts = ["padding", "source", "factor"].includes(field ?? "") ? 0 : Number(filters);
  const fewer = Math.floor(parts / excess / Number(groups)) * Number(groups);
  if (fewer >= 1)
    fixes.push({
      words: tell.useFilters(fewer),
      action: { type: "parameter", name: "filters", value: fewer },
    });
  const less = field === "factor" ? Math.floor(Math.max(...[factor ?? 1].flat().map(Number)) / root) : 0;
  const own = operationOf(catalog, layer.operation).parameters.find(({ name }) => name === field);
  if (own && less >= 1)
    fixes.push({
      words: tell.useValue(own.title, choiceText(less, own)),
      action: { type: "parameter", name: own.name, value: less },
    });
  const { source } = setting;
  const longest = Math.max(...(inputShape ?? [1]).slice(1));
  const size = Math.floor(longest / root);
  if ((source.kind === "image" || source.kind === "sample") && field !== "weights" && size >= 1)
    fixes.push({ words: tell.useSide(size), action: { type: "source", source: { ...source, size } } });
  return fixes;
}
