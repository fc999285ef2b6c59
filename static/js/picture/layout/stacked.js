// The stage of a phone where grids are too wide to stand side by side: input above, slices and output below. Pure arithmetic
// on the state and a size; knows no canvas and no numbers of the layer.

import { walkOf } from "../../state/selectors.js";
import { dimensions } from "../grid/grids.js";
import {
  gridBox,
  headingOf,
  inputMaps,
  LARGEST_CELL,
  LEGIBLE,
  LENS_BELOW,
  lensEnd,
  lensIn,
  MAPS_IN_ALL,
  outputMaps,
  placedSlices,
  slicesIn,
  smallsIn,
  snapped,
} from "./fitted.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Layout, Size } from "./layout.js" */

/** Headings, kernel, output and its maps, below an input that stands alone. */
const STACKED_BELOW = 300;
/** The heading of the slices, of several filters and of a lone one; and without its numbers, where the output needs the room. */
const SHORT_HEADING = [196, 130];
const SHORTEST_HEADING = [124, 68];
/** Between slices and output. */
const GAP = 12;

/** Input above, slices and output below: phones. @returns {Layout} */
export function stack(
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {Size} */ size,
  /** @type {boolean} */ patched,
) {
  const { rows, cols, outRows, outCols, outTop, outLeft, row, col } = dimensions(layer);
  const width = size.width;
  const lanes = outputMaps(state, layer);
  // The slices below the input keep their place on the screen, as long as the numbers of the input can be read.
  const spare = Math.max(LEGIBLE, (size.height - STACKED_BELOW) / rows);
  const inCell = snapped(Math.min(width / cols, spare, LARGEST_CELL));
  const left = 1;
  const heading = headingOf(layer);
  const input = gridBox(left, heading, inCell, rows, cols, row, col);
  const below = heading + inCell * rows + 12;
  const small = smallsIn(inputMaps(state, layer), left, below, width - 2, 46, cols / rows, MAPS_IN_ALL);
  const middleY = below + (small.height ? small.height + 6 : 0) + heading + 8;
  // A stamp needs the width.
  const part = walkOf(state) === "stamp" ? 1 : 0.62;
  const parts = (/** @type {number} */ room) => slicesIn(state, layer, patched, room, 300, size.width);
  let slices = parts((width - left) * part);
  const lone = layer.lanes > 1 ? 0 : 1;
  let middleWidth = Math.max(slices.width + 20, Number(SHORT_HEADING[lone]));
  // The slices make room for an output whose numbers can be read then.
  const narrowest = width - 2 - LEGIBLE * outCols;
  if (narrowest < middleWidth && narrowest >= Number(SHORTEST_HEADING[lone])) {
    const smaller = parts(narrowest - GAP);
    if (Number((smaller.slices[0]?.kernel ?? smaller.slices[0]?.patch)?.cell) >= LEGIBLE)
      [slices, middleWidth] = [smaller, narrowest];
  }
  const beside = width - middleWidth - 2;
  const wide = beside / outCols >= 4 && beside >= 150;
  const outX = wide ? middleWidth : 1;
  const outY = wide ? middleY : middleY + slices.height + heading - 8;
  const outCell = snapped(Math.min((wide ? beside : width) / outCols, 300 / outRows, Math.max(inCell, 8)));
  const output = {
    x: outX,
    y: outY,
    cell: outCell,
    rows: outRows,
    cols: outCols,
    top: outTop,
    left: outLeft,
  };
  const belowOut = outY + outCell * outRows + 12;
  const few = lanes.length <= 5;
  // Below a kernel that is less high than the output there is room for some maps.
  const sideY = middleY + slices.height - 14;
  const sideMost = outY + outCell * outRows - sideY + 6;
  const aspect = outCols / outRows;
  const side = smallsIn(lanes, left, sideY, middleWidth - GAP, sideMost, aspect);
  const sided = wide && side.height <= sideMost;
  const maps = sided
    ? side
    : smallsIn(
        lanes,
        outX,
        belowOut,
        wide ? beside : width - 2,
        few ? 46 : 220,
        aspect,
        few ? MAPS_IN_ALL : 220,
      );
  const lensY = middleY + slices.height + 6;
  const lensed = (walkOf(state) === "stamp" ? output.cell : inCell) < LENS_BELOW;
  const lens = lensed ? lensIn(layer, left, lensY, wide ? slices.width : width * 0.6, 240) : null;
  const lensBottom = lens ? lensEnd(lens) : 0;
  if (lens && !wide) {
    const shift = lensBottom - middleY - slices.height + 14;
    output.y += shift;
    for (const one of [...maps.smalls, ...(maps.pager ? [maps.pager] : [])]) one.y += shift;
  }
  const bottom = Math.max(
    output.y + outCell * outRows + (sided ? 2 : 12 + maps.height),
    sided ? sideY + maps.height : 0,
    lensBottom,
    middleY + slices.height,
  );
  return {
    width,
    height: bottom + 6,
    stacked: true,
    compact: false,
    input,
    output,
    overviews: { input: null, output: null },
    ...placedSlices(slices, left, middleY),
    lens,
    channels: small.smalls,
    lanes: maps.smalls,
    pagers: { input: small.pager, output: maps.pager },
    headings: {
      input: { x: left, y: 0, width: width - left },
      middle: { x: left, y: middleY - heading, width: wide ? middleWidth - 8 : width },
      output: { x: outX, y: output.y - heading, width: width - outX },
    },
  };
}
