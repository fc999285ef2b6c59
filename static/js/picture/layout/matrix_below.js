// The stage with a wide matrix below input and window. Pure arithmetic on the state and a size; knows no canvas and no
// numbers of the layer.

import { dimensions, tallOf } from "../grid/grids.js";
import { CHANNEL_HEADING, GAP, MIDDLE_HEADING } from "./columns.js";
import {
  gridBox,
  HEADING,
  headingOf,
  inputMaps,
  LARGEST_CELL,
  LEGIBLE,
  LENS_BELOW,
  lensIn,
  placedSlices,
  slicesIn,
  smallsIn,
  snapped,
} from "./fitted.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Box } from "../grid/grids.js" */
/** @import { Layout, Size } from "./layout.js" */
/** @import { State } from "../../state/state.js" */

/** On a phone: the headings of the input and of the window without their numbers, and between the two. */
const PHONE_INPUT = 110;
const PHONE_CHANNELS = 150;
const PHONE_MIDDLE = 126;
const PHONE_GAP = 14;
/** One row of small maps, with the buttons that turn pages of them. */
const MAPS_HEIGHT = 58;

/**
 * Input and window side by side, and below them a wide matrix across the whole room.
 * @param {State} state @param {LayerGeometry} layer @param {Size} size @param {boolean} phone
 * @returns {Layout}
 */
export function matrixBelow(state, layer, size, phone) {
  const { rows, cols, row, col } = dimensions(layer);
  const height = Math.max(size.height, 230);
  const top = headingOf(layer);
  const indices = inputMaps(state, layer);
  const inputHeading = !phone ? CHANNEL_HEADING : indices.length > 1 ? PHONE_CHANNELS : PHONE_INPUT;
  const middleHeading = phone ? PHONE_MIDDLE : MIDDLE_HEADING;
  const gap = phone ? PHONE_GAP : GAP;
  const inMost = phone ? size.width - middleHeading - gap - 2 : size.width * 0.45;
  const flat = matrixBox(layer, 2, 0, size.width - 4, height * 0.34);
  const matrixHeight = flat.rows * tallOf(flat);
  const above = height - matrixHeight - HEADING - 18;
  const room = above - top - (indices.length > 1 ? MAPS_HEIGHT + 6 : 0);
  const inCell = snapped(Math.min(inMost / cols, room / rows, LARGEST_CELL));
  const input = gridBox(2, top, inCell, rows, cols, row, col);
  const small = smallsIn(indices, 2, top + inCell * rows + 10, inMost, MAPS_HEIGHT, cols / rows);
  const middleX = 2 + Math.max(inCell * cols, inputHeading) + gap;
  const wide = size.width - middleX - 4;
  const slices = slicesIn(
    state,
    layer,
    true,
    wide * (phone ? 1 : 0.5),
    above - top + (phone ? 24 : 0),
    size.width,
  );
  const middleWidth = Math.max(slices.width, middleHeading);
  const lensX = middleX + middleWidth + gap;
  const lens =
    inCell < LENS_BELOW && !phone
      ? lensIn(layer, lensX, top + 24, size.width - lensX - 4, above - top - 30)
      : null;
  const used = Math.max(
    inCell * rows + (small.height ? small.height + 10 : 0),
    slices.height - 24,
    lens ? 24 + lens.cell * lens.rows : 0,
  );
  const output = { ...flat, y: top + used + 14 + HEADING };
  return {
    width: size.width,
    height: output.y + matrixHeight + 6,
    stacked: phone,
    compact: false,
    input,
    output,
    overviews: { input: null, output: null },
    ...placedSlices(slices, middleX, top),
    lens,
    channels: small.smalls,
    pagers: { input: small.pager, output: undefined },
    lanes: [],
    headings: {
      input: { x: 2, y: 0, width: middleX - (phone ? 8 : 18) },
      middle: { x: middleX, y: 0, width: Math.min(lensX - middleX, size.width - middleX) },
      output: { x: 2, y: output.y - HEADING, width: size.width },
    },
  };
}

/** The matrix of columns: as wide as the room, its rows as high as they fit. @returns {Box} */
export function matrixBox(
  /** @type {LayerGeometry} */ layer,
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {number} */ width,
  /** @type {number} */ height,
) {
  const cell = snapped(Math.min(width / layer.steps, LARGEST_CELL));
  const tall = Math.min(height / layer.lanes, cell >= LEGIBLE ? cell : 16);
  return { x, y, cell, tall, rows: layer.lanes, cols: layer.steps, top: 0, left: 0 };
}
