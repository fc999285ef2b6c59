// The small maps under the grids: which channels and lanes get one, and where they stand. Pure arithmetic.

/** @import { LayerGeometry } from "./types.js" */
/** @import { Small } from "./layout.js" */

/** Small maps in rows, from (x, y). @returns {{ smalls: Small[], height: number }} */
export function smallsIn(
  /** @type {(number | "rgb")[]} */ indices,
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {number} */ width,
  /** @type {number} */ most,
  /** @type {number} */ aspect,
) {
  if (indices.length < 2) return { smalls: [], height: 0 };
  const gap = 6;
  let size = 60;
  let perRow = 1;
  for (; size >= 24; size -= 2) {
    perRow = Math.max(1, Math.floor((width + gap) / (size + gap)));
    if (Math.ceil(indices.length / perRow) * (size + gap) <= most) break;
  }
  size = Math.max(size, 24);
  const smalls = indices.map((index, at) => {
    const scaled =
      aspect > 1
        ? { width: size, height: Math.max(10, size / aspect) }
        : { width: size * aspect, height: size };
    const column = at % perRow;
    const row = Math.floor(at / perRow);
    return { index, x: x + column * (size + gap), y: y + row * (size + gap), size, ...scaled };
  });
  return { smalls, height: Math.ceil(indices.length / perRow) * (size + gap) };
}

/** @returns {(number | "rgb")[]} */
export function channelIndices(/** @type {LayerGeometry} */ layer) {
  const channels = layer.input_shape[0] ?? 1;
  const each = Array.from({ length: Math.min(channels, 64) }, (_, at) => at);
  return channels === 3 && layer.axes.length === 2 ? ["rgb", ...each] : each;
}

/** The lanes that get a small map: none where the lanes are the rows of a matrix. */
export function laneIndices(/** @type {LayerGeometry} */ layer) {
  return layer.result === "columns" ? [] : Array.from({ length: layer.lanes }, (_, at) => at);
}
