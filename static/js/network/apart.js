// The field of one channel of a cell, with the channels of every layer apart. Asks the server for one cell at a time, since
// the page's own fields take all channels of a cell as one; draws nothing.

import { createResting } from "./resting.js";
import { product, shapeOf } from "./shapes.js";

/** @import { createApi } from "../server/api.js" */
/** @import { Asked } from "../state/setting.js" */
/** @import { FieldCell, Shapes } from "../types/network.js" */

/**
 * Of each layer that the field reaches: 1 for each cell (channels, *sizes) that is in it, how many channels have such cells,
 * and whether it lies before the cell or after it.
 * @typedef {{ cells: Uint8Array, channels: number, of: number, back: boolean }} Part
 */
/** @typedef {Map<string, Part>} Apart */

const MOST_CELLS = 1_000_000; // of all layers together
const RESTS_MS = 80; // before a cell is asked for

/** @param {ReturnType<typeof createApi>} api @param {() => void} redraw */
export function createApart(api, redraw) {
  const resting = /** @type {typeof createResting<Shapes, Apart>} */ (createResting)(RESTS_MS, redraw);

  /** @param {Asked} asked @param {Shapes} shapes @param {FieldCell} cell @returns {Promise<Apart | null>} */
  async function ask({ layers }, shapes, { layer, place, lane = 0 }) {
    /** @type {Apart} */
    const found = new Map();
    for (const direction of ["backward", "forward"]) {
      const asked = { layers, input_shape: shapes.input_shape, layer, cell: [lane, ...place], direction };
      const headers = { "Content-Type": "application/json", Accept: "application/json" };
      const request = { method: "POST", headers, body: JSON.stringify({ ...asked, channels: true }) };
      const answer = await api.send("/field", request);
      if (!answer.ok || answer.value.status !== 200) return null;
      const { fields } = JSON.parse(await answer.value.blob.text());
      for (const [name, one] of Object.entries(fields))
        found.set(name, partOf(one, direction === "backward"));
    }
    return found;
  }

  return {
    /** Undefined while it is not there, null where it is not told. @returns {Apart | null | undefined} */
    of(/** @type {Asked} */ asked, /** @type {Shapes} */ shapes, /** @type {FieldCell} */ cell) {
      let cells = product(shapes.input_shape);
      for (const { geometry } of shapes.placed.values()) cells += product(geometry.output_shape);
      if (cells > MOST_CELLS || (cell.lane ?? 0) >= Number(shapeOf(shapes, cell.layer)[0])) return null;
      const key = JSON.stringify([cell.layer, cell.place, cell.lane ?? 0]);
      return resting(shapes, key, () => ask(asked, shapes, cell));
    },
  };
}

/**
 * A field of an answer, (channels, *sizes), as cells.
 * @param {{ shape: number[], cells: [number, number][] }} field @param {boolean} back @returns {Part}
 */
export function partOf({ shape, cells }, back) {
  const flat = new Uint8Array(product(shape));
  for (const [first, length] of cells) flat.fill(1, first, first + length);
  const [of = 1] = shape;
  const each = flat.length / of;
  const within = Array.from({ length: of }, (_, lane) =>
    flat.subarray(lane * each, (lane + 1) * each).includes(1),
  );
  return { cells: flat, channels: within.filter(Boolean).length, of, back };
}
