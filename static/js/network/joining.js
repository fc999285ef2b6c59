// A setting of several layers, joined: its request to the server, its shapes, why it makes no network. Pure; knows
// settings and states, no DOM.

import { problemOf } from "../layer/errors.js";
import { operationOf } from "../state/resolve.js";
import { layerOf } from "../state/setting.js";
import { networkWords } from "../words/network.js";
import { Misjoined, namesOf, networkOf, SOURCE } from "./graph.js";
import { product, shapeOf, shapesOf } from "./shapes.js";
import { missized, sizeProblem } from "./sizing.js";

/** @import { Problem } from "../types/plan.js" */
/** @import { Catalog } from "../types/stream.js" */
/** @import { LinkState } from "../types/page.js" */
/** @import { NamedSpec, Placed, Shapes } from "../types/network.js" */
/** @import { Weights } from "../types/source.js" */
/** @import { Chained } from "../state/resolve.js" */
/** @import { Asked, LayerSetting, Setting } from "../state/setting.js" */
/** @import { State } from "../state/state.js" */

/** A setting with what it comes to as far as it fits, and what is wrong with it. @typedef {{ names: string[], specs: NamedSpec[], shapes: Shapes | null, fault: Misjoined | null }} Joined */

/** @type {WeakMap<LayerSetting[], { inputShape: number[] | null, joined: Joined }>} */
const known = new WeakMap();

/** The layers of a setting joined. @returns {Joined} */
export function joinedOf(/** @type {Pick<State, "catalog" | "setting" | "inputShape">} */ state) {
  const { catalog, setting, inputShape } = state;
  const before = known.get(setting.layers);
  if (before && String(before.inputShape) === String(inputShape)) return before.joined;
  const joined = join(catalog, setting, inputShape);
  known.set(setting.layers, { inputShape, joined });
  return joined;
}

/** @returns {Joined} */
function join(
  /** @type {Catalog} */ catalog,
  /** @type {Setting} */ { layers },
  /** @type {number[] | null} */ inputShape,
) {
  const { names, specs, twice } = named(catalog, layers);
  if (twice) return { names, specs, shapes: null, fault: twice };
  /** @type {Misjoined | null} */
  let fault = null;
  /** @type {Shapes | null} */
  let shapes = null;
  try {
    const network = networkOf(specs, (name) => operationOf(catalog, name));
    if (inputShape)
      shapes = shapesOf(network, inputShape, (found) => {
        fault = found;
      });
  } catch (found) {
    if (!(found instanceof Misjoined)) throw found;
    fault = found;
  }
  return { names, specs, shapes, fault };
}

/** Layers as they travel, each with its name. @returns {{ names: string[], specs: NamedSpec[], twice: Misjoined | null }} */
function named(/** @type {Catalog} */ catalog, /** @type {LayerSetting[]} */ layers) {
  const known = layers.map((layer) => ({ ...layer, operation: operationOf(catalog, layer.operation).name }));
  /** @type {Misjoined | null} */
  let twice = null;
  let names = layers.map(({ name }, at) => name ?? `layer${at + 1}`);
  try {
    names = namesOf(known, (name) => operationOf(catalog, name));
  } catch (found) {
    if (!(found instanceof Misjoined)) throw found;
    twice = found;
  }
  const specs = known.map(({ operation, spec, inputs }, at) => {
    const own = layerOf(operationOf(catalog, operation), spec);
    if ((inputs?.length ?? 1) > 1) delete own.parts; // as many as it reads
    return /** @type {NamedSpec} */ ({ ...own, name: names[at], ...(inputs ? { inputs } : {}) });
  });
  return { names, specs, twice };
}

/** @returns {Asked} */
function asked(/** @type {Catalog} */ catalog, /** @type {Setting} */ setting, /** @type {number} */ chosen) {
  const { names, specs } = named(catalog, setting.layers);
  const own = setting.layers.flatMap(({ operation, weights }, at) =>
    weights && operationOf(catalog, operation).combination.term === "product" ? [[names[at], weights]] : [],
  );
  const weights = /** @type {Record<string, Weights>} */ (Object.fromEntries(own));
  return {
    layers: specs,
    source: setting.source,
    weights: own.length > 0 ? weights : null,
    layer: /** @type {string} */ (names[chosen]),
  };
}

/** @returns {Chained} */
function chained(/** @type {State} */ state) {
  const { names, shapes, fault } = joinedOf(state);
  if (fault || !shapes) return { ok: false, problem: problemIn(/** @type {Misjoined} */ (fault)) };
  const wrong = missized(state.setting.layers, names, shapes);
  if (wrong) return { ok: false, problem: sizeProblem(wrong, String(names[wrong.at])) };
  const placed = names.map((name) => /** @type {Placed} */ (shapes.placed.get(name)));
  const inputs = placed[state.chosen]?.node.inputs ?? [];
  const from = String(inputs) === SOURCE ? null : networkWords.from(inputs);
  return { ok: true, geometries: placed.map(({ geometry }) => geometry), from };
}

/** @returns {Problem} */
function problemIn(/** @type {Misjoined} */ { fault: { pointer, ...unfit } }) {
  return { ...problemOf(unfit), pointer };
}

/** The shape that the chosen layer reads; null when it is not known. */
function inputOf(/** @type {State} */ state) {
  const { names, shapes } = joinedOf(state);
  const node = shapes?.network.byName.get(String(names[state.chosen]));
  if (!shapes || !node?.inputs.every((name) => name === SOURCE || shapes.placed.has(name))) return null;
  const given = node.inputs.map((name) => shapeOf(shapes, name));
  const [first] = given;
  const own = shapes.placed.get(node.name)?.geometry.input_shape;
  if (own || given.length === 1) return own ?? first ?? null;
  const channels = given.reduce((total, [count = 0]) => total + count, 0);
  const sizes = given
    .map(([, ...one]) => one)
    .reduce((best, one) => (product(one) > product(best) ? one : best));
  return [channels, ...sizes];
}

export const joining = { asked, chained, inputOf };

/** A link whose layers stand so that each comes after those that it reads; one that makes no network stays as it is. @returns {LinkState} */
export function inOrder(/** @type {Catalog} */ catalog, /** @type {LinkState} */ link) {
  if (link.layers.length < 2) return link;
  const layers = link.layers.map(({ weights = null, ...layer }) => ({ ...layer, weights }));
  const { specs, twice } = named(catalog, layers);
  if (twice) return link;
  try {
    const { order } = networkOf(specs, (name) => operationOf(catalog, name));
    if (order.every(({ index }, at) => index === at)) return link;
    const chosen = order.findIndex(({ index }) => index === (link.chosen ?? layers.length - 1));
    return {
      ...link,
      chosen,
      layers: order.flatMap(({ index, name, inputs }) => {
        const layer = link.layers[index];
        return layer ? [{ ...layer, name, inputs }] : [];
      }),
    };
  } catch (found) {
    if (!(found instanceof Misjoined)) throw found;
    return link;
  }
}
