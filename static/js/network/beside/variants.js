// Variants of a network beside each other: the same on three sizes, or two that are compared. Rows by layer, and what
// differs between them. Pure: states in, rows out; knows no DOM and no server.

import { settled } from "../../compare/lockstep.js";
import { same } from "../../state/setting.js";
import { number, shape as shapeText } from "../../words/format.js";
import { networkWords } from "../../words/network.js";
import { cardsOf, numbersOfFields } from "../chain/described.js";
import { said } from "../editing.js";
import { SOURCE } from "../graph.js";
import { joinedOf } from "../joining.js";
import { missized } from "../sizing.js";
import { networkTotals } from "../totals.js";

/** @import { ParameterValue } from "../../types/layer.js" */
/** @import { Source } from "../../types/source.js" */
/** @import { State } from "../../state/state.js" */

/** A column: its title, and the state of its setting. @typedef {{ title: string, state: State }} Variant */
/**
 * A layer in one variant: `shape` is null where it does not fit, and `refusal` says why.
 * @typedef {{ shape: number[] | null, about: string, parameters: number, work: number, sees: string, refusal: string }} Cell
 */
/** A row: a layer by its name, and what it is in each variant; null where that has none. `differs` are the aspects. @typedef {{ name: string, cells: (Cell | null)[], differs: string[] }} Row */

const LEAST_SIDE = 2;
const MOST_SIDE = 1024;
const ASPECTS = /** @type {const} */ (["about", "shape", "parameters", "work", "sees"]);

/** The network on half its input's size, on its own and on twice that; null where the input has one size only. @returns {Variant[] | null} */
export function sizeVariants(/** @type {State} */ state) {
  const { setting, inputShape } = state;
  if (!inputShape || inputShape.length < 2) return null;
  const longest = Math.max(...inputShape.slice(1));
  const sources = [0.5, 1, 2].map((factor) => scaled(state, factor, longest));
  if (sources.some((source) => source === null)) return null;
  return sources.map((source, at) => {
    const own = /** @type {Source} */ (source);
    const one = at === 1 ? state : settled(state, null, { ...setting, source: own });
    return { title: one.inputShape ? shapeText(one.inputShape) : "", state: one };
  });
}

/** The source at another size. @returns {Source | null} */
function scaled(/** @type {State} */ state, /** @type {number} */ factor, /** @type {number} */ longest) {
  const { source } = state.setting;
  const side = Math.round(longest * factor);
  if (side < LEAST_SIDE || side > MOST_SIDE) return null;
  if (source.kind === "noise") {
    const [channels = 1, ...sizes] = source.shape;
    return { ...source, shape: [channels, ...sizes.map((one) => Math.max(1, Math.round(one * factor)))] };
  }
  const sample =
    source.kind === "sample" && state.catalog.samples.find(({ name }) => name === source.name)?.scalable;
  const picture = source.kind === "image" && state.uploads[source.id]?.kind === "picture";
  return sample || picture ? /** @type {Source} */ ({ ...source, size: side }) : null;
}

/** Rows of all layers, the source first. @returns {Row[]} */
export function rowsOf(/** @type {Variant[]} */ variants) {
  const columns = variants.map(({ state }) => cellsOf(state));
  return merged(columns.map((cells) => [...cells.keys()])).map((name) => {
    const cells = columns.map((column) => column.get(name) ?? null);
    const own = cells.find((cell) => cell?.shape) ?? cells[0];
    // Of a layer that does not fit only that is known.
    const other = (/** @type {Cell | null} */ cell, /** @type {(typeof ASPECTS)[number]} */ aspect) =>
      cell?.shape === null && aspect !== "shape" ? false : !same(cell?.[aspect], own?.[aspect]);
    const differs = ASPECTS.filter((aspect) => cells.some((cell) => other(cell, aspect)));
    return { name, cells, differs };
  });
}

/** The layers before the first that does not fit, whose numbers are known; all where all fit. @returns {State | null} */
export function fittingPart(/** @type {State} */ state) {
  if (state.problem?.code !== "unfit") return state;
  const cells = [...cellsOf(state).values()].slice(1);
  const first = cells.findIndex(({ shape }) => shape === null);
  if (first < 1) return null;
  const layers = said(state).slice(0, first);
  const part = settled(state, null, { ...state.setting, layers });
  return part.problem ? null : part;
}

/** The cell of each layer, by name. @returns {Map<string, Cell>} */
function cellsOf(/** @type {State} */ state) {
  const { shapes, names, fault } = joinedOf(state);
  const wrong = shapes && !fault ? missized(state.setting.layers, names, shapes) : null;
  /** @type {Map<string, Cell>} */
  const cells = new Map();
  let broken = false;
  for (const [at, { name, about, shape, sees, faulty }] of cardsOf(state).entries()) {
    const geometry = shapes?.placed.get(name)?.geometry;
    const refused = wrong?.at === at - 1;
    broken ||= faulty || refused;
    const refusal = refused
      ? networkWords.expects(name, wrong.expected, wrong.given)
      : faulty
        ? String(state.problem?.reason ?? networkWords.faulty(name))
        : "";
    cells.set(name, {
      shape: broken && name !== SOURCE ? null : shape,
      about,
      parameters: geometry?.parameters.total ?? 0,
      work: geometry?.multiply_adds ?? 0,
      sees,
      refusal,
    });
  }
  return cells;
}

/** Names of several lists as one: what all have stands in the order of the last, what one has alone where it has it. */
export function merged(/** @type {string[][]} */ lists) {
  return lists.reduce((before, list) => {
    const [known, own] = [new Set(before), new Set(list)];
    /** @type {string[]} */
    const all = [];
    let at = 0;
    for (const name of list) {
      if (known.has(name)) {
        const until = before.indexOf(name);
        for (; at < until; at++) if (!own.has(String(before[at]))) all.push(String(before[at]));
        at = Math.max(at, until + 1);
      }
      all.push(name);
    }
    return [...all, ...before.slice(at).filter((name) => !own.has(name))];
  });
}

/** The totals of each network, in words: parameters, cost, memory, field. @returns {{ title: string, values: string[], differs: boolean }[]} */
export function totalsOf(/** @type {Variant[]} */ variants) {
  const all = variants.map(({ state }) => {
    const { shapes, fault } = joinedOf(state);
    if (!shapes || fault || state.problem?.code === "unfit") return null;
    const { last } = shapes.network;
    const field = numbersOfFields(shapes).get(last.name);
    return { total: networkTotals(shapes), field };
  });
  const { totalTitles, wholeFrom } = networkWords.beside;
  /** @type {[string, string[]][]} */
  const rows = [
    [totalTitles.parameters, all.map((one) => (one ? number(one.total.parameters) : "—"))],
    [totalTitles.work, all.map((one) => (one ? number(one.total.multiply_adds) : "—"))],
    [
      totalTitles.memory,
      all.map((one) => (one ? `${number(one.total.activation_bytes / 1024, 3)} KiB` : "—")),
    ],
    [totalTitles.field, all.map((one) => (one?.field ? one.field.size.join("×") : "—"))],
    [totalTitles.jump, all.map((one) => (one?.field ? one.field.jump.join("×") : "—"))],
    [totalTitles.covers, all.map((one) => (one ? wholeFrom(one.total.covers_from) : "—"))],
  ];
  return rows.map(([title, values]) => ({ title, values, differs: new Set(values).size > 1 }));
}

/**
 * The settings in which two networks differ, by layer: hyperparameters, weights, inputs, layers that one has alone.
 * @param {State} a @param {State} b @param {(value: unknown, name: string, operation: string) => string} valueText
 * @returns {[name: string, a: string, b: string][]}
 */
export function networkChanges(a, b, valueText) {
  const { without, there, ofLayer, weights, inputs, operation } = networkWords.beside;
  const [one, other] = [layersOf(a), layersOf(b)];
  /** @type {[string, string, string][]} */
  const changes = [];
  for (const name of merged([[...one.keys()], [...other.keys()]])) {
    const [mine, its] = [one.get(name), other.get(name)];
    if (!mine || !its) {
      changes.push([ofLayer(operation, name), mine ? mine.title : without, its ? its.title : without]);
      continue;
    }
    if (mine.operation !== its.operation) changes.push([ofLayer(operation, name), mine.title, its.title]);
    for (const parameter of mine.operation === its.operation ? mine.parameters : []) {
      const values = [mine, its].map(({ spec }) => {
        const own = /** @type {Record<string, ParameterValue>} */ (/** @type {unknown} */ (spec));
        return own[parameter.name] ?? parameter.default;
      });
      if (same(values[0], values[1]) || (parameter.name === "parts" && !same(mine.inputs, its.inputs)))
        continue;
      const [first = "", second = ""] = values.map((value) =>
        valueText(value, parameter.name, mine.operation),
      );
      changes.push([ofLayer(parameter.title, name), first, second]);
    }
    if (!same(mine.inputs, its.inputs))
      changes.push([ofLayer(inputs, name), mine.inputs.join(", "), its.inputs.join(", ")]);
    if (!same(mine.weights, its.weights)) changes.push([ofLayer(weights, name), there[0], there[1]]);
  }
  return changes;
}

/** Layers by name, with all that is set on them. */
function layersOf(/** @type {State} */ state) {
  const { names, specs } = joinedOf(state);
  return new Map(
    names.map((name, at) => {
      const {
        name: _,
        inputs,
        operation,
        ...spec
      } = /** @type {import("../../types/network.js").NamedSpec} */ (specs[at]);
      const info = state.catalog.operations.find((one) => one.name === operation);
      const layer = {
        operation,
        title: info?.title ?? operation,
        parameters: info?.parameters ?? [],
        spec,
        weights: state.setting.layers[at]?.weights ?? null,
        inputs: inputs ?? [at > 0 ? String(names[at - 1]) : SOURCE],
      };
      return /** @type {const} */ ([name, layer]);
    }),
  );
}
