// The stage beside a lesson in a lecture hall: the input as large as the height allows, the kernel beside it, and the output
// below the kernel. Pure arithmetic on the state and a size; knows no canvas and no numbers of the layer.

import { isWeighted } from "../../layer/combine.js";
import { walkOf } from "../../state/selectors.js";
import { dimensions } from "../grid/grids.js";
import {
  AXIS_HEIGHT,
  AXIS_WIDTH,
  gridBox,
  HEADING,
  hasUnread,
  headingOf,
  inputMaps,
  isBare,
  isNamedAside,
  LARGEST_CELL,
  NUMBERED_AXES,
  outputMaps,
  placedSlices,
  slicesIn,
  smallsIn,
  snapped,
  UNREAD_HEIGHT,
} from "./fitted.js";
import { FOOT, hasSum, sumSpot, termsWidth } from "./sum_spot.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Layout, Size } from "./layout.js" */
/** @import { State } from "../../state/state.js" */

const GAP = 28;
/** Of the height, for kernel and sum together. */
const MIDDLE_SHARE = 0.54;
const SLICES_SHARE = 0.6;
/** Of the width, at least for the kernel and the output: their headings stand over them. */
const LEAST_RIGHT = 0.4;
const MOST_RIGHT = 0.58;
/** The sum stands row by row at the kernel where the input loses no more than this. */
const WITH_TERMS = 0.7;
const MAP_ROW = 58;
/** The foot where the sum stands in lines: of products, and of the cells of a window. */
const LINES = 104;
const LINES_OF_CELLS = 72;
/** More maps than these are turned over one by one. */
const FEW_MAPS = 12;
const LEAST_OUTPUT = 96;

/**
 * @param {State} state @param {LayerGeometry} layer @param {Size} size @returns {Layout}
 */
export function hall(state, layer, size) {
  const stamping = walkOf(state) === "stamp";
  const patched = !isBare(layer) || stamping;
  const terms = hasSum(state, layer) ? termsWidth(state, layer, patched) : 0;
  const plain = placed(state, layer, size, patched, 0);
  if (terms === 0) return plain;
  const summed = placed(state, layer, size, patched, terms);
  return summed.input.cell >= plain.input.cell * WITH_TERMS ? summed : plain;
}

/** @param {State} state @param {LayerGeometry} layer @param {Size} size @param {boolean} patched @param {number} terms @returns {Layout} */
function placed(state, layer, size, patched, terms) {
  const { rows, cols, outRows, outCols, outTop, outLeft, row, col } = dimensions(layer);
  const { width, height } = size;
  const numbered = rows * NUMBERED_AXES <= height;
  const [axis, axisAbove] = numbered ? [AXIS_WIDTH, AXIS_HEIGHT] : [0, 0];
  const top = (patched && isNamedAside(state, layer) ? HEADING : headingOf(layer)) + axisAbove;
  const summed = hasSum(state, layer);
  const listed = isWeighted(layer) ? LINES : LINES_OF_CELLS;
  const foot = !summed ? 0 : terms > 0 || (patched && isWeighted(layer)) ? FOOT : listed;
  const across = width - axis - GAP;

  const several = patched && layer.channels_per_group > 1;
  const middleRoom = (height - top) * (several ? SLICES_SHARE : MIDDLE_SHARE) - foot;
  const slices = slicesIn(
    state,
    layer,
    patched,
    across * MOST_RIGHT - terms,
    Math.max(middleRoom, 48),
    width,
  );
  const right = Math.max(slices.width + terms, across * LEAST_RIGHT);
  const left = across - right;

  const channels = inputMaps(state, layer);
  const channelRow = channels.length > 1 ? MAP_ROW : 0;
  const unread = hasUnread(layer) ? UNREAD_HEIGHT : 0;
  const cell = snapped(Math.min(left / cols, (height - top - channelRow - unread - 8) / rows, LARGEST_CELL));
  const input = gridBox(axis, top, cell, rows, cols, row, col);
  const below = top + cell * rows + 12 + unread;
  const small = smallsIn(channels, axis, below, left, height - below, cols / rows);

  const rightX = axis + left + GAP;
  const boxes = placedSlices(slices, rightX, top);
  const footY = top + slices.height - 24 + 10;
  const sum = summed ? sumSpot(layer, boxes.slices, terms, footY, right) : null;

  const headingY = footY + foot;
  const outY = headingY + HEADING + axisAbove;
  const outX = rightX + axis;
  const all = outputMaps(state, layer);
  const lanes = all.length > FEW_MAPS ? [] : all;
  const room = Math.max(height - outY - 8, LEAST_OUTPUT);
  const most = Math.min(room / outRows, LARGEST_CELL, Math.max(cell, 34));
  const outCell = snapped(Math.min((lanes.length > 1 ? (right - axis) * 0.6 : right - axis) / outCols, most));
  const output = {
    x: outX,
    y: outY,
    cell: outCell,
    rows: outRows,
    cols: outCols,
    top: outTop,
    left: outLeft,
  };
  const mapsX = outX + outCell * outCols + 14;
  const maps = smallsIn(lanes, mapsX, outY, width - mapsX - 2, room, outCols / outRows);

  const bottoms = [below + small.height, outY + outCell * outRows + 8, outY + maps.height];
  return {
    width,
    height: Math.max(...bottoms),
    stacked: true,
    compact: false,
    input,
    output,
    ...boxes,
    numbered,
    sum,
    lens: null,
    unread: unread ? { x: axis, y: top + cell * rows + 12, width: left } : null,
    channels: small.smalls,
    lanes: maps.smalls,
    pagers: { input: small.pager, output: maps.pager },
    overviews: { input: null, output: null },
    headings: {
      input: { x: axis, y: 0, width: left },
      middle: { x: rightX, y: 0, width: right },
      output: { x: rightX, y: headingY, width: right },
    },
  };
}
