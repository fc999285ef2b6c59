// Where things stand for a series: its curve over its cells, the slices of a step in rows below, and the output under it at
// the same time. Pure arithmetic on a state and a size; knows no canvas and no numbers of the layer.

import { isWeighted } from "../../layer/combine.js";
import { walkOf } from "../../state/selectors.js";
import { dimensions, tallOf } from "../grid/grids.js";
import {
  gridBox,
  HEADING,
  inputMaps,
  isBare,
  LABEL,
  LARGEST_CELL,
  LEGIBLE,
  movedSlices,
  onAxes,
  outputMaps,
  placedSlices,
  slicesIn,
  snapped,
} from "./fitted.js";
import { matrixBox } from "./matrix_below.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Rect } from "../grid/cells.js" */
/** @import { Layout, Size } from "./layout.js" */
/** @import { Shown, Small } from "./fitted.js" */
/** @import { State } from "../../state/state.js" */

/** Cells are at least this high, however narrow; and no higher than this where height is scarce. */
const LOWEST_STRIP = 14;
const LOW_STRIP = 24;
/** Between a curve and its cells; above it stand the words of the future. */
const APART = 6;
const WORDS = 6;
/** A curve that tells something, and the least that is one. */
const TALLEST = 130;
const TELLING = 56;
const [LOWEST, LOW] = [24, 32];
/** Small maps of a series are strips. */
const MAP = { tall: 14, least: 24, most: 96, apart: 8 };
const MOST_STRIPS = 64;
/** The name of the slices stands beside them where there is so much width: that of one of several filters, and of a lone one. */
const BESIDE = 700;
const NAMED = [204, 132];
/** Between slices in a row, and between what stands below each other. */
const BETWEEN = 8;
const BELOW = 12;
/** From an output's heading to its picture, and what a heading needs beside the slices. */
const HEADED = 34;
const ROOM = 190;
/** Cells of slices that stand in one row, where height is not scarce. */
const PLAIN = 28;
/** The cell of an output that is one. */
const SINGLE = 34;
/** Of the height, for a matrix that stands below a series and its window. */
const MATRIX = 0.23;

/**
 * Parts that give way to the curves, one after the other: the height of cells, the small maps, the row of the output's heading.
 * @typedef {{ most: number, mapped: boolean, inline: boolean }} Way
 * @type {Way[]}
 */
const WAYS = [
  { most: LARGEST_CELL, mapped: true, inline: false },
  { most: SINGLE, mapped: true, inline: false },
  { most: LOW_STRIP, mapped: true, inline: false },
  { most: LOW_STRIP, mapped: false, inline: false },
  { most: LOW_STRIP, mapped: false, inline: true },
];

/** @param {State} state @param {LayerGeometry} layer @param {Size} size @returns {Layout} */
export function seriesLayout(state, layer, size) {
  const count = isCurved(layer) ? 2 : 1;
  const ways = WAYS.map((way) => {
    const at = (/** @type {number} */ tall) => arranged(state, layer, size, way, tall);
    const bare = at(0);
    return { at, bare, spare: (size.height - bare.height) / count - APART - WORDS };
  });
  const last = /** @type {(typeof ways)[number]} */ (ways.at(-1));
  const curved = size.compact ? null : (ways.find(({ spare }) => spare >= TELLING) ?? last);
  // A page that scrolls can have a curve in any case.
  const scrolls = !size.filled && size.height > 0;
  if (curved && (scrolls || curved.spare >= LOWEST))
    return curved.at(Math.floor(Math.min(TALLEST, scrolls ? Math.max(LOW, curved.spare) : curved.spare)));
  return (ways.find(({ spare }) => spare >= -APART - WORDS) ?? last).bare;
}

/** Whether the output is a curve: a matrix is none, nor is one cell. */
function isCurved(/** @type {LayerGeometry} */ { result, axes }) {
  return result === "grid" && Number(axes[0]?.output) > 1;
}

/**
 * @param {State} state @param {LayerGeometry} layer @param {Size} size
 * @param {Way} way @param {number} tall height of a curve
 * @returns {Layout}
 */
function arranged(state, layer, { width, height, shared }, { most, mapped, inline }, tall) {
  const own = dimensions(layer);
  const { outRows, outCols, outLeft, row, col } = own;
  const { cols } = shared ?? own;
  const matrix = layer.result === "columns";
  const curve = tall > 0 ? WORDS + tall + APART : 0;
  const highOf = (/** @type {number} */ cell) => {
    const high = Math.max(LOWEST_STRIP, Math.min(cell, most));
    return high === cell ? {} : { tall: high };
  };
  const inCell = snapped(Math.min(width / cols, LARGEST_CELL));
  const left = Math.max(0, (width - inCell * cols) / 2);
  const box = gridBox(left, HEADING + curve, inCell, 1, own.cols, row, col);
  const input = { ...onAxes(box, shared && { ...shared, top: box.top }), ...highOf(inCell) };
  const channels = mapped ? strips(inputMaps(state, layer), left, footOf(input), width - left) : [];

  // The slices, with their name beside them or above.
  const patched = !isBare(layer) || walkOf(state) === "stamp" || !(inCell >= LEGIBLE || layer.steps === 1);
  const labelled = layer.channels_per_group > 1 || layer.input_shape[0] !== 1;
  const named = width >= BESIDE ? Number(NAMED[layer.lanes > 1 ? 0 : 1]) : 0;
  const flow = flowed(state, layer, patched, width - named, mapped ? PLAIN : LEGIBLE, width);
  const top = (channels.length > 0 ? mapsFoot(channels) : footOf(input)) + BELOW;
  const middleX = Math.min(left, Math.max(0, width - named - flow.width));
  const middleY = top + (named ? 0 : HEADING - 4) + (labelled ? LABEL : 0);
  const rowY = middleY + flow.first / 2 - 18;
  const bottom = middleY + flow.height - LABEL;

  // The output's heading stands over it, or at the end of the row of slices.
  const after = middleX + named + flow.width + 2 * BELOW;
  const beside = inline && named > 0 && width - after >= ROOM;
  const curved = isCurved(layer);
  const outCurve = curved && tall > 0 ? tall + APART : 0;
  const outTop = bottom + BELOW + (beside ? 0 : HEADED);
  const outY = outTop + outCurve;
  const outCell = outCols === 1 ? SINGLE : snapped(Math.min(inCell, (width - 2) / outCols));
  // Output under input at the same time, where the cells are as wide and there is room.
  const same = input.x + (outLeft - input.left) * outCell;
  const fits = outCell === inCell && !matrix && same >= 0 && same + outCell * outCols <= width;
  const outX = fits ? same : Math.max(1, Math.min(left, width - outCell * outCols - 1));
  const grid = { x: outX, y: outY, cell: outCell, rows: outRows, cols: outCols, top: 0, left: outLeft };
  const output = matrix
    ? matrixBox(layer, outX, outY, width - outX - 1, Math.min(220, height * MATRIX))
    : { ...grid, ...highOf(outCell) };
  const lanes = mapped ? strips(outputMaps(state, layer), outX, footOf(output), width - outX) : [];
  const over = (/** @type {import("../grid/grids.js").Box} */ box) =>
    /** @type {Rect} */ ([box.x, box.y - APART - tall, box.cell * box.cols, tall]);
  return {
    width,
    height: (lanes.length > 0 ? mapsFoot(lanes) : footOf(output)) + 6,
    stacked: true,
    compact: false,
    input,
    output,
    overviews: { input: null, output: null },
    ...placedSlices(flow, middleX + named, middleY),
    lens: null,
    ...(tall > 0 && { curves: { input: over(input), output: curved ? over(output) : [0, 0, 0, 0] } }),
    channels,
    lanes,
    headings: {
      input: { x: left, y: 0, width: width - left },
      middle: named ? { x: middleX, y: rowY, width: named - 8 } : { x: middleX, y: top - 4, width },
      output: beside
        ? { x: after, y: rowY, width: width - after }
        : { x: outX, y: outTop - HEADED, width: width - outX },
    },
  };
}

const footOf = (/** @type {import("../grid/grids.js").Box} */ box) => box.y + tallOf(box) * box.rows;
const mapsFoot = (/** @type {Small[]} */ maps) => Math.max(...maps.map((one) => one.y + one.height));

/** Small maps as strips in rows, below what ends at a height. @returns {Small[]} */
function strips(
  /** @type {Shown[]} */ maps,
  /** @type {number} */ x,
  /** @type {number} */ foot,
  /** @type {number} */ room,
) {
  if (maps.length < 2 || maps.length > MOST_STRIPS) return [];
  const { tall, apart } = MAP;
  const width = Math.min(MAP.most, Math.max(MAP.least, Math.floor((room + apart) / maps.length) - apart));
  const each = Math.max(1, Math.floor((room + apart) / (width + apart)));
  return maps.map((map, at) => ({
    ...map,
    x: x + (at % each) * (width + apart),
    y: foot + BELOW + Math.floor(at / each) * (tall + apart),
    size: width,
    width,
    height: tall,
    tall: tall + apart,
  }));
}

/**
 * Slices in rows, as many in one as there is room for with cells of some size.
 * @param {State} state @param {LayerGeometry} layer @param {boolean} patched @param {number} room @param {number} least side of a cell
 * @param {number} page
 */
function flowed(state, layer, patched, room, least, page) {
  let count = 1;
  // Words of a subtotal seldom need all of their room.
  const between = walkOf(state) === "stamp" || !isWeighted(layer) ? 28 : BETWEEN;
  const made = (/** @type {number} */ each) =>
    slicesIn(state, layer, patched, room / each - between, count * (SINGLE + LABEL) + LABEL, page);
  const cellOf = (/** @type {ReturnType<typeof made>} */ { slices }) =>
    Number((slices[0]?.kernel ?? slices[0]?.patch)?.cell);
  count = made(1).slices.length;
  let each = count;
  while (each > 1 && cellOf(made(each)) < least) each--;
  const column = made(each);
  const first = cellOf(column);
  const pitch = first + LABEL;
  const rows = Math.ceil(count / each);
  const up = (rows - count) * pitch;
  return {
    ...column,
    first,
    slices: column.slices.flatMap((slice, at) =>
      movedSlices([slice], (at % each) * (column.width + between), (Math.floor(at / each) - at) * pitch),
    ),
    turned: column.turned && { ...column.turned, y: column.turned.y + up },
    span: column.span && { ...column.span, y: column.span.y + up },
    width: each * column.width + (each - 1) * between,
    height: column.height + up,
  };
}
