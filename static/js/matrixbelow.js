// The stage with a wide matrix below input and window. Pure arithmetic on the state and a size; knows no canvas and no
// numbers of the layer.

import { CHANNEL_HEADING, GAP, MIDDLE_HEADING } from "./columns.js";
import { dimensions, tallOf } from "./grids.js";
import {
  gridBox,
  HEADING,
  headingOf,
  inputMaps,
  LARGEST_CELL,
  LENS_BELOW,
  lensIn,
  matrixBox,
  placedSlices,
  slicesIn,
  smallsIn,
  snapped,
} from "./parts.js";

/** @import { LayerGeometry } from "./types.js" */
/** @import { Layout, Size } from "./layout.js" */
/** @import { State } from "./state.js" */

/** Input and window side by side, and below them a wide matrix across the whole room. @returns {Layout} */
export function matrixBelow(
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {Size} */ size,
) {
  const { rows, cols, row, col } = dimensions(layer);
  const height = Math.max(size.height, 230);
  const top = headingOf(layer);
  const flat = matrixBox(layer, 2, 0, size.width - 4, height * 0.34);
  const matrixHeight = flat.rows * tallOf(flat);
  const above = height - matrixHeight - HEADING - 18;
  const indices = inputMaps(state, layer);
  const room = above - top - (indices.length > 1 ? 62 : 0);
  const inCell = snapped(Math.min((size.width * 0.45) / cols, room / rows, LARGEST_CELL));
  const input = gridBox(2, top, inCell, rows, cols, row, col);
  const small = smallsIn(indices, 2, top + inCell * rows + 10, size.width * 0.45, 56, cols / rows);
  const middleX = 2 + Math.max(inCell * cols, CHANNEL_HEADING) + GAP;
  const wide = size.width - middleX - 4;
  const slices = slicesIn(state, layer, true, wide * 0.5, above - top);
  const middleWidth = Math.max(slices.width, MIDDLE_HEADING);
  const lensX = middleX + middleWidth + GAP;
  const lens =
    inCell < LENS_BELOW ? lensIn(layer, lensX, top + 24, size.width - lensX - 4, above - top - 30) : null;
  const used = Math.max(
    inCell * rows + (small.height ? small.height + 10 : 0),
    slices.height - 24,
    lens ? 24 + lens.cell * lens.rows : 0,
  );
  const output = { ...flat, y: top + used + 14 + HEADING };
  return {
    width: size.width,
    height: output.y + matrixHeight + 6,
    stacked: false,
    compact: false,
    input,
    output,
    overviews: { input: null, output: null },
    ...placedSlices(slices, middleX, top),
    lens,
    channels: small.smalls,
    lanes: [],
    headings: {
      input: { x: 2, y: 0, width: middleX - 18 },
      middle: { x: middleX, y: 0, width: lensX - middleX },
      output: { x: 2, y: output.y - HEADING, width: size.width },
    },
  };
}
