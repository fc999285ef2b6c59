// The numbers of all layers, as the maps of the network show them: asked for one layer after the other once the stage has
// its own, kept by what they are computed of. Knows the API's requests; draws nothing.

import { currentNumbers, isWhole, sourceOf } from "../../state/selectors.js";
import { SOURCE } from "../graph.js";
import { joinedOf } from "../joining.js";
import { product, shapeOf } from "../shapes.js";

/** @import { Shapes } from "../../types/network.js" */
/** @import { Asked } from "../../state/setting.js" */
/** @import { State } from "../../state/state.js" */
/** @import { createApi } from "../../server/api.js" */

/** The numbers of a layer, (channels, *sizes). @typedef {{ data: Float32Array, range: [low: number, high: number] }} Activation */
/** The weights of a layer that has some. @typedef {{ weight: Float32Array, bias: Float32Array | null }} Tensors */

/** Layers that give more are not asked for. */
const MOST_CELLS = 2_000_000;
const MOST_SOURCE = 300_000; // which travels as text
const MOST_BYTES = 96_000_000;
/** So many numbers of all layers together are asked for at once, and while the layer on view still comes. */
const MOST_TOGETHER = 20_000;
/** So long what a layer gave before a change stands for what it gives, so that a stroke does not blink. */
const BLINK_MS = 150;
const AT_ONCE = 2;
const AGAIN_MS = 3000;
const NPY = "application/x-npy";

/** @param {ReturnType<typeof createApi>} api @param {() => void} redraw */
export function createActivations(api, redraw) {
  /** @type {Map<string, Activation>} */
  const kept = new Map();
  /** @type {Map<string, Tensors>} */
  const weights = new Map();
  /** Keys that are on their way, and those that were refused, with when. @type {Set<string>} */
  const coming = new Set();
  /** @type {Map<string, number>} */
  const refused = new Map();
  /** The key of each layer of the network on view. @type {Map<string, string>} */
  let keys = new Map();
  /** The key of each layer's own tensors, whatever it reads. @type {Map<string, string>} */
  let owned = new Map();
  /** @type {Asked | null} */
  let of = null;
  /** The keys of the layers before the last change, how many numbers they give now, and when that was. */
  let before = { keys: new Map(), numbers: new Map(), when: Number.NEGATIVE_INFINITY };

  /** The output of a layer a moment ago, if it gives as many numbers now. @returns {Activation | null} */
  function lately(/** @type {string} */ name) {
    if (performance.now() - before.when > BLINK_MS) return null;
    const old = kept.get(before.keys.get(name) ?? "");
    return old && old.data.length === before.numbers.get(name) ? old : null;
  }

  function changed(/** @type {Asked} */ asked, /** @type {Shapes} */ shapes) {
    const names = [SOURCE, ...shapes.placed.keys()];
    const numbers = new Map(names.map((name) => [name, product(shapeOf(shapes, name))]));
    before = { keys, numbers, when: performance.now() };
    of = asked;
    keys = keysOf(asked);
    owned = ownedOf(asked, shapes);
    if (isSmall(shapes)) setTimeout(redraw, BLINK_MS + 10);
    else before.when = Number.NEGATIVE_INFINITY;
    const key = String(keys.get(SOURCE));
    if (asked.source.kind === "values" && !kept.has(key)) keep(key, flat(asked.source.values));
  }

  function keep(/** @type {string} */ key, /** @type {Float32Array} */ data) {
    kept.set(key, { data, range: rangeOf(data) });
    let bytes = 0;
    for (const { data: one } of kept.values()) bytes += one.byteLength;
    for (const [old, { data: one }] of kept) {
      if (bytes <= MOST_BYTES || [...keys.values()].includes(old)) break;
      kept.delete(old);
      bytes -= one.byteLength;
    }
  }

  /** Ask for what is lacking, a few layers at once, the first ones first. */
  function ask(/** @type {State} */ state) {
    const { shapes } = joinedOf(state);
    if (!shapes || !of) return;
    const lacking = [...keys].filter(([, key]) => !kept.has(key) && !coming.has(key) && !isRefused(key));
    if (isSmall(shapes)) {
      const outputs = lacking.filter(([name]) => name !== SOURCE);
      const last = keys.get(shapes.network.last.name);
      if (outputs.length > 1 && coming.size < AT_ONCE && !coming.has(`all ${last}`))
        together(of, `all ${last}`);
      if (outputs.length > 1) return;
    }
    for (const [name, key] of lacking) {
      if (coming.size >= AT_ONCE) return;
      const cells = product(shapeOf(shapes, name));
      if (cells > (name === SOURCE ? MOST_SOURCE : MOST_CELLS)) continue;
      fetched(name, key, of);
    }
  }

  function isRefused(/** @type {string} */ key) {
    return performance.now() - (refused.get(key) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS;
  }

  async function fetched(/** @type {string} */ name, /** @type {string} */ key, /** @type {Asked} */ asked) {
    coming.add(key);
    const data = name === SOURCE ? await sourceNumbers(asked) : await outputNumbers(asked, name);
    coming.delete(key);
    if (data) keep(key, data);
    else refused.set(key, performance.now());
    redraw();
  }

  /** The outputs of all layers by one request, the latest first. */
  async function together(/** @type {Asked} */ asked, /** @type {string} */ name) {
    const own = keys;
    coming.add(name);
    const answer = await api.runJson({ ...asked, layer: undefined, include: ["layers"] });
    coming.delete(name);
    const layers = answer.ok ? answer.value.layers : null;
    for (const [layer, key] of own) {
      const numbers = layers?.[layer];
      if (numbers !== undefined) keep(key, flat(numbers));
      else if (layer !== SOURCE) refused.set(key, performance.now());
    }
    redraw();
  }

  /** @returns {Promise<Float32Array | null>} */
  async function outputNumbers(/** @type {Asked} */ asked, /** @type {string} */ layer) {
    const headers = { "Content-Type": "application/json", Accept: NPY };
    const request = { method: "POST", headers, body: JSON.stringify({ ...asked, layer }) };
    const answer = await api.send("/run", request);
    if (!answer.ok || answer.value.status !== 200) return null;
    return numbersOf(await answer.value.blob.arrayBuffer());
  }

  /** @returns {Promise<Float32Array | null>} */
  async function sourceNumbers(/** @type {Asked} */ asked) {
    const reading = asked.layers.find(({ inputs }, at) => (inputs ? String(inputs) === SOURCE : at === 0));
    if (!reading) return null;
    const layer = String(reading.name);
    const answer = await api.runJson({ ...asked, layer, include: ["input"] });
    return answer.ok ? flat(answer.value.input) : null;
  }

  return {
    /** The numbers of a layer, or of the source; null while they are not there. @returns {Activation | null} */
    of: (/** @type {string} */ name) => kept.get(keys.get(name) ?? "") ?? lately(name),
    /** Weight and bias of a layer; asked for when they are first wanted. @returns {Tensors | null} */
    tensors(/** @type {string} */ name) {
      const key = owned.get(name);
      if (key === undefined || !of) return null;
      const known = weights.get(key);
      if (known || coming.has(`weights ${key}`) || isRefused(`weights ${key}`)) return known ?? null;
      coming.add(`weights ${key}`);
      api.runJson({ ...of, layer: name, include: ["weight", "bias"] }).then((answer) => {
        coming.delete(`weights ${key}`);
        if (answer.ok && answer.value.weight) {
          const { weight, bias } = answer.value;
          weights.set(key, { weight: flat(weight), bias: bias ? flat(bias) : null });
        } else refused.set(`weights ${key}`, performance.now());
        redraw();
      });
      return null;
    },
    /** Asks for what is lacking; `now` at once, also of a network that is not on the stage. @param {State} state */
    update(state, now = false) {
      const { shown } = state;
      const { shapes, fault } = joinedOf(state);
      if (!shown || !shapes || fault) return;
      if (of !== shown.asked) {
        changed(shown.asked, shapes);
      }
      const own = currentNumbers(state);
      const source = String(keys.get(SOURCE));
      if (own?.input && own.inputs === own.input.length && sourceOf(state) && !kept.has(source))
        keep(source, own.input);
      if (now || isWhole(state) || isSmall(shapes)) ask(state);
    },
  };
}

/** A key for the output of each layer: its settings, its weights and the keys of what it reads. @returns {Map<string, string>} */
function keysOf(/** @type {Asked} */ { layers, source, weights }) {
  const own = /** @type {Record<string, unknown>} */ (weights ?? {});
  /** @type {Map<string, string>} */
  const keys = new Map([[SOURCE, intern(JSON.stringify(source))]]);
  for (const [at, { name, inputs, ...spec }] of layers.entries()) {
    const read = /** @type {string[]} */ (inputs ?? [at > 0 ? layers[at - 1]?.name : SOURCE]);
    const content = JSON.stringify([spec, own[String(name)] ?? null, read.map((one) => keys.get(one))]);
    keys.set(String(name), intern(content));
  }
  return keys;
}

/** A key for the tensors of each layer: its settings, its weights and the shape that it reads. @returns {Map<string, string>} */
function ownedOf(/** @type {Asked} */ { layers, weights }, /** @type {Shapes} */ shapes) {
  const own = /** @type {Record<string, unknown>} */ (weights ?? {});
  return new Map(
    layers.map(({ name, inputs, ...spec }) => {
      const read = shapes.placed.get(String(name))?.geometry.input_shape;
      return [String(name), intern(JSON.stringify([spec, own[String(name)] ?? null, read]))];
    }),
  );
}

/** @type {WeakMap<Shapes, boolean>} */
const small = new WeakMap();

/** Whether all layers give few numbers. */
function isSmall(/** @type {Shapes} */ shapes) {
  let known = small.get(shapes);
  if (known === undefined) {
    let numbers = product(shapes.input_shape);
    for (const { geometry } of shapes.placed.values()) numbers += product(geometry.output_shape);
    known = numbers <= MOST_TOGETHER;
    small.set(shapes, known);
  }
  return known;
}

/** @type {Map<string, string>} */
const interned = new Map();

/** A short key for a long one. */
function intern(/** @type {string} */ text) {
  let key = interned.get(text);
  if (key === undefined) {
    key = String(interned.size);
    interned.set(text, key);
  }
  return key;
}

/** The numbers of an .npy file, 32 or 64 bits wide. @returns {Float32Array} */
export function numbersOf(/** @type {ArrayBuffer} */ file) {
  const view = new DataView(file);
  const wide = view.getUint8(6) > 1;
  const first = wide ? 12 + view.getUint32(8, true) : 10 + view.getUint16(8, true);
  const head = new TextDecoder("latin1").decode(new Uint8Array(file, 10, first - 10));
  const body = file.slice(first);
  return head.includes("<f8") ? Float32Array.from(new Float64Array(body)) : new Float32Array(body);
}

/** @returns {Float32Array} */
function flat(/** @type {unknown} */ nested) {
  const numbers = Array.isArray(nested) ? nested.flat(Number.POSITIVE_INFINITY) : [nested];
  return Float32Array.from(numbers, Number);
}

/** @returns {[number, number]} */
function rangeOf(/** @type {Float32Array} */ data) {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 0];
}
