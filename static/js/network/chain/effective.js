// The effective field of a cell: how much each cell of the source counts for it, which is the size of its gradient. Asks the
// server for one cell at a time; draws nothing.

import { createResting } from "../resting.js";
import { product, shapeOf } from "../shapes.js";

/** @import { createApi } from "../../server/api.js" */
/** @import { Asked } from "../../state/setting.js" */
/** @import { FieldCell, Shapes } from "../../types/network.js" */

/**
 * The mean over channels of |gradient| per cell of the source, the largest of them, and the sides of the box in the middle
 * of which so much of it lies.
 * @typedef {{ sizes: number[], data: Float32Array, most: number, within: number[] | null }} Effective
 */

const MOST_NUMBERS = 65_536; // of the layer's output or of the source, which travel as text
const RESTS_MS = 120; // before a cell is asked for
export const PART = 0.95;

/** @param {ReturnType<typeof createApi>} api @param {() => void} redraw */
export function createEffective(api, redraw) {
  const resting = /** @type {typeof createResting<Asked, Effective>} */ (createResting)(RESTS_MS, redraw);

  /** @param {Asked} asked @param {Shapes} shapes @param {FieldCell} cell @returns {Promise<Effective | null>} */
  async function ask(asked, shapes, cell) {
    const body = JSON.stringify({ ...asked, layer: cell.layer, upstream: upstreamOf(shapes, cell) });
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    const answer = await api.send("/gradient", { method: "POST", headers, body });
    if (!answer.ok || answer.value.status !== 200) return null;
    return effectiveOf(JSON.parse(await answer.value.blob.text()).input, shapes.input_shape);
  }

  return {
    /** Undefined while it is not there, null where there is none. @returns {Effective | null | undefined} */
    of(/** @type {Asked} */ asked, /** @type {Shapes} */ shapes, /** @type {FieldCell} */ cell) {
      const built = shapes.placed.get(cell.layer)?.geometry;
      if (!built || Math.max(product(built.output_shape), product(shapes.input_shape)) > MOST_NUMBERS)
        return null;
      const key = JSON.stringify([cell.layer, cell.place, cell.lane ?? 0]);
      return resting(asked, key, () => ask(asked, shapes, cell));
    },
  };
}

/** One at the cell and zero elsewhere, in the shape of the layer's output. @returns {unknown} */
function upstreamOf(/** @type {Shapes} */ shapes, /** @type {FieldCell} */ { layer, place, lane = 0 }) {
  const shape = shapes.placed.get(layer)?.geometry.output_shape ?? [];
  const read = shapeOf(shapes, layer);
  const at = place.reduce((index, one, axis) => index * Number(read[axis + 1]) + one, lane);
  let next = 0;
  /** @returns {unknown[]} */
  const made = (/** @type {number[]} */ [length = 1, ...inner]) =>
    Array.from({ length }, () => (inner.length > 0 ? made(inner) : next++ === at ? 1 : 0));
  return made(shape);
}

/** @returns {Effective} */
export function effectiveOf(
  /** @type {unknown} */ gradient,
  /** @type {number[]} */ [channels = 1, ...sizes],
) {
  const flat = /** @type {number[]} */ (
    Array.isArray(gradient) ? gradient.flat(Number.POSITIVE_INFINITY) : [gradient]
  );
  const cells = product(sizes);
  const data = new Float32Array(cells);
  for (const [at, value] of flat.entries())
    data[at % cells] = Number(data[at % cells]) + Math.abs(value) / channels;
  const most = data.reduce((high, value) => Math.max(high, value), 0);
  return { sizes, data, most, within: withinOf(data, sizes) };
}

/** The sides of the smallest box round the middle of what counts that holds the part; null where nothing counts. */
function withinOf(/** @type {Float32Array} */ data, /** @type {number[]} */ sizes) {
  const total = data.reduce((sum, value) => sum + value, 0);
  if (!(total > 0)) return null;
  const sums = sizes.map((size, axis) => {
    const inner = product(sizes.slice(axis + 1));
    const own = new Float64Array(size);
    for (const [at, value] of data.entries()) {
      const place = Math.floor(at / inner) % size;
      own[place] = Number(own[place]) + value;
    }
    return own;
  });
  const middle = sums.map((own) => Math.round(own.reduce((sum, value, at) => sum + value * at, 0) / total));
  for (let reach = 0; reach <= Math.max(...sizes); reach++) {
    let held = 0;
    for (const [at, value] of data.entries()) {
      let rest = at;
      let inside = true;
      for (let axis = sizes.length - 1; axis >= 0; axis--) {
        const size = Number(sizes[axis]);
        if (Math.abs((rest % size) - Number(middle[axis])) > reach) inside = false;
        rest = Math.floor(rest / size);
      }
      if (inside) held += value;
    }
    if (held >= PART * total)
      return middle.map((at, axis) => {
        const own = /** @type {Float64Array} */ (sums[axis]);
        const [first, last] = [own.findIndex((sum) => sum > 0), own.findLastIndex((sum) => sum > 0)];
        return Math.min(last, at + reach) - Math.max(first, at - reach) + 1;
      });
  }
  return null;
}
