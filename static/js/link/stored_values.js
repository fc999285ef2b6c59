// Values that a link cannot hold lie on the server under its content's id: puts values there, knows until when they are
// kept, and says so when they are gone. Asks the API that it is handed; knows no address bar and no DOM.

import { problem } from "../layer/errors.js";
import { currentNumbers } from "../state/selectors.js";
import { sayLater } from "../words/dialogs.js";

/** @import { LinkedSetting, LinkState } from "../types/page.js" */
/** @import { NestedNumbers } from "../types/numbers.js" */
/** @import { Problem, Result } from "../types/plan.js" */
/** @import { Source, Weights } from "../types/source.js" */
/** @import { State } from "../state/state.js" */
/** @import { createApi } from "../server/api.js" */

/** Numbers as the bytes of an .npy file, float64 so that typed digits stay. @param {number[]} shape @param {ArrayLike<number>} values */
export function npyBytes(shape, values) {
  const list = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${list}), }`;
  const head = `\x93NUMPY\x01\x00??${header.padEnd(header.length + ((64 - ((header.length + 11) % 64)) % 64))}\n`;
  const bytes = new Uint8Array(head.length + 8 * values.length);
  for (let at = 0; at < head.length; at++) bytes[at] = head.charCodeAt(at);
  const view = new DataView(bytes.buffer);
  view.setUint16(8, head.length - 10, true);
  for (let at = 0; at < values.length; at++)
    view.setFloat64(head.length + 8 * at, /** @type {number} */ (values[at]), true);
  return bytes.buffer;
}

/** @returns {{ shape: number[], values: number[] }} */
function flat(/** @type {NestedNumbers} */ nested) {
  const shape = [];
  for (let level = nested; Array.isArray(level); level = /** @type {NestedNumbers} */ (level[0]))
    shape.push(level.length);
  const values = /** @type {(number | string)[]} */ (
    [nested].flat(/** @type {0} */ (Number.POSITIVE_INFINITY))
  );
  return { shape, values: values.map(Number) };
}

/** The ids of uploads that a link names. @returns {string[]} */
export function idsOf(
  /** @type {LinkedSetting & Pick<LinkState, "against" | "experiment" | "forecast">} */ link,
) {
  const ids = [];
  if (link.source?.kind === "image") ids.push(link.source.id);
  for (const { weights } of link.layers) if (weights?.kind === "stored") ids.push(weights.id);
  for (const text of [link.experiment, link.forecast]) ids.push(...(text?.match(/[0-9a-f]{64}/g) ?? []));
  if (typeof link.against === "object") ids.push(...idsOf(link.against));
  return [...new Set(ids)];
}

/** The values known to be kept, and until which day. */
export function createKeeping(/** @type {ReturnType<typeof createApi>} */ api) {
  /** @type {Map<string, string>} */
  const days = new Map();
  /** The ids of values that were put there, by the values. @type {Map<string, string>} */
  const ids = new Map();

  /** @returns {Promise<Result<string>>} */
  async function put(/** @type {string} */ key, /** @type {() => ArrayBuffer} */ bytes) {
    const known = ids.get(key);
    if (known) return { ok: true, value: known };
    const stored = await api.uploadArray(bytes());
    if (!stored.ok) return stored;
    ids.set(key, stored.value.id);
    learn(stored.value);
    return { ok: true, value: stored.value.id };
  }

  function learn(/** @type {{ id: string, expires?: string }} */ info) {
    if (info.expires) days.set(info.id, info.expires.slice(0, 10));
  }

  /**
   * The link with its numbers by content id: the longer of input and the chosen layer's weights first, both when need be.
   * @param {LinkState} link @param {State} state @param {"source" | "weights"} field
   * @returns {Promise<Result<LinkState>>}
   */
  async function shortened(link, state, field) {
    const { source, layers } = link;
    const { weights } = layers[state.chosen] ?? {};
    if (field === "source" && source?.kind === "values") {
      const id = await put(JSON.stringify(source.values), () => {
        const { shape, values } = flat(source.values);
        return npyBytes(shape, values);
      });
      if (!id.ok) return id;
      return {
        ok: true,
        value: {
          ...link,
          source: /** @type {Source} */ ({
            kind: "image",
            id: id.value,
            ...(source.axes && { axes: source.axes }),
          }),
        },
      };
    }
    const bias = weights?.bias ? { bias: weights.bias } : {};
    const numbers = currentNumbers(state);
    const shape = state.shown?.geometry.weight_shape;
    if (field === "weights" && numbers?.weight && shape) {
      const held = numbers.weight;
      const typed = weights?.kind === "values" ? flat(weights.values) : { shape, values: held };
      const id = await put(JSON.stringify([shape, weights]), () => npyBytes(typed.shape, typed.values));
      if (!id.ok) return id;
      const kept = /** @type {Weights} */ ({ kind: "stored", id: id.value, ...bias });
      const own = layers.map((layer, at) => (at === state.chosen ? { ...layer, weights: kept } : layer));
      return { ok: true, value: { ...link, layers: own } };
    }
    return {
      ok: false,
      problem: problem("link_too_long", sayLater.notYetLinked(field), sayLater.tryLinkAgain),
    };
  }

  /** The day up to which all of these are kept; null when nothing is known. @returns {Promise<string | null>} */
  async function until(/** @type {string[]} */ all) {
    for (const id of all.filter((one) => !days.has(one))) {
      const kept = await api.stored(id);
      if (kept.ok) learn(kept.value);
    }
    const found = all.flatMap((id) => days.get(id) ?? []);
    return found.length === all.length && found.length > 0 ? (found.sort()[0] ?? null) : null;
  }

  return { learn, shortened, until };
}

/** An upload that a link names and the server does not have, or no longer. @returns {Problem} */
export function lost(/** @type {Problem} */ why, /** @type {string | undefined} */ kept) {
  const rest = { title: "The upload is gone", status: 410, value: why.value };
  return problem("upload_gone", sayLater.uploadGone(kept), sayLater.uploadAgain, rest);
}
