// The stage with its three grids side by side. Pure arithmetic on the state and a size;
// knows no canvas and no numbers of the layer.

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
  isNamedAside,
  LARGEST_CELL,
  LEGIBLE,
  LENS_BELOW,
  lensEnd,
  lensIn,
  NUMBERED_AXES,
  onAxes,
  outputMaps,
  outputOnAxes,
  placedSlices,
  slicesIn,
  smallsIn,
  snapped,
  UNREAD_HEIGHT,
} from "./fitted.js";
import { footOf, hasSum, sumSpot, termsWidth } from "./sum_spot.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Layout, Size } from "./layout.js" */
/** @import { State } from "../../state/state.js" */

/** Below this width a frame has the shortest headings, and below that one the gaps are narrow. */
const NARROW = 660;
const NARROW_BELOW = 900;
export const GAP = 44;
const NARROW_GAP = 26;
/** Between pictures and slices where a pixel decides on the size of a picture's cells, and the slices then. */
const CLOSE_GAP = 34;
const CLOSE_BELOW = 6;
const CLOSE_SLICES = 324;
/** The heading over the slices, with its buttons, and without. */
export const MIDDLE_HEADING = 256;
const LONE_HEADING = 170;
/** Room for the heading and the first maps of the output, however few its cells. */
const OUTPUT_HEADING = 130;
/** The heading over the input, without and with the choice of a channel. */
const INPUT_HEADING = 110;
export const CHANNEL_HEADING = 246;
/** Few maps, which may stand beside the output; one of them with its gap; and the height of a row. */
const FEW_MAPS = 12;
const MAP = 66;
const MAP_ROW = 74;
/** The height that stays free below everything. */
const BELOW = 6;
/** An input whose numbers cannot be printed makes room for those of the output, but by no more than this. */
export const LEAST_INPUT_CELL = 9;
const MUCH_SMALLER = 0.7;
/** The legend: in the title line of an output that is so wide, or below the maps. */
const LEGEND = 96;
const LEGEND_SAID = 46;
const TITLED = 330;
const LEGEND_HEIGHT = 38;
const COMPACT_MAPS = 170;
const COMPACT_MIDDLE = 186;
const COMPACT_INPUT = 176;
const COMPACT_HEIGHT = 120;
/** The height of a stage, and of one of two, is no less. */
const [LEAST_HEIGHT, LEAST_PLAIN] = [260, 170];

/** How much larger the cells of a small output are to be. */
const SMALL_OUTPUT = 1.7;
/** The width that stays free beside an output that grows. */
const BESIDE_OUTPUT = 24;
/** Cells of a kernel alone, the largest first; it is as large as leaves the grids cells of such a share of its own. */
const KERNEL_CELLS = [62, 54, 46, 38, 32];
const GRID_SHARE = 0.62;
const LARGE_GRID = 34;

/**
 * The three grids side by side.
 * @param {State} state @param {LayerGeometry} layer @param {Size} size @param {boolean} patched
 * @param {boolean} [short] headings, which leave more room for the grids
 * @returns {Layout}
 */
export function columns(state, layer, size, patched, short = false) {
  if (patched || size.compact) {
    const made = columnsOf(state, layer, size, patched, short, LARGEST_CELL);
    if (made.input.cell >= CLOSE_BELOW || size.width < NARROW_BELOW) return made;
    const close = columnsOf(state, layer, size, patched, short, LARGEST_CELL, true);
    return close.input.cell > made.input.cell ? close : made;
  }
  const made = KERNEL_CELLS.map((most) => columnsOf(state, layer, size, patched, short, most));
  const suits = (/** @type {Layout} */ { input, slices }) =>
    input.cell >= Math.min(LARGE_GRID, Number(slices[0]?.kernel?.cell) * GRID_SHARE);
  return made.find(suits) ?? /** @type {Layout} */ (made.at(-1));
}

/**
 * @param {State} state @param {LayerGeometry} layer @param {Size} size @param {boolean} patched
 * @param {boolean} short @param {number} largestKernel cells of a kernel that stands alone @param {boolean} [close]
 * @returns {Layout}
 */
function columnsOf(state, layer, size, patched, short, largestKernel, close = false) {
  const own = dimensions(layer);
  const { outTop, outLeft, row, col, taps } = own;
  const { rows, cols, outRows, outCols } = size.shared ?? own;
  const compact = short || ((size.compact ?? false) && size.width < NARROW);
  const height = size.compact
    ? Math.max(size.height - BELOW, COMPACT_HEIGHT)
    : Math.max(size.height, size.plain ? LEAST_PLAIN : LEAST_HEIGHT);
  const least = size.width < NARROW_BELOW ? NARROW_GAP : close ? CLOSE_GAP : GAP;
  // Where the cells are too small for numbers of rows and columns, their room goes to the picture.
  const fits = (/** @type {number} */ cells) => cells * NUMBERED_AXES <= height;
  const numbered = !size.compact && (fits(rows) || fits(outRows));
  const heading = patched && isNamedAside(state, layer) ? HEADING : headingOf(layer);
  const top = heading + (numbered ? AXIS_HEIGHT : 0);
  const room = height - top - 8;
  const indices = inputMaps(state, layer);
  const lanes = outputMaps(state, layer);
  const summed = !size.compact && !size.plain && hasSum(state, layer);
  const terms = summed ? termsWidth(state, layer, patched) : 0;
  const foot = summed ? footOf(layer) : 0;
  const share = patched ? 0.37 : 0.42;
  const middleMost = Math.min(
    patched ? (close ? CLOSE_SLICES : 400) : Math.min(250, largestKernel * taps[1]),
    size.width * share - terms,
  );
  const slices = slicesIn(
    state,
    layer,
    patched,
    middleMost,
    (room - foot) * (!patched ? 0.9 : summed ? 1 : 0.7),
  );
  const headedMiddle =
    layer.lanes === 1 && !patched ? LONE_HEADING : compact ? COMPACT_MIDDLE : MIDDLE_HEADING;
  const middleWidth = Math.max(slices.width + terms, headedMiddle - least);
  const axis = numbered ? AXIS_WIDTH : 0;
  const across = size.width - middleWidth - 2 * least - 8 - axis;
  const unread = !size.compact && hasUnread(layer) ? UNREAD_HEIGHT : 0;
  // In a small frame the maps go before the pictures.
  const mapped = !size.compact || room > COMPACT_MAPS;
  const inRoom = room - (mapped && indices.length > 1 ? MAP_ROW : 0) - unread;
  const many = lanes.length > FEW_MAPS;
  const shown = mapped && lanes.length > 1 ? lanes : [];
  const chosen = compact ? COMPACT_INPUT : CHANNEL_HEADING;
  const headed = (indices.length > 1 ? chosen : INPUT_HEADING) - least;
  // A small output has larger cells, for which the input leaves room.
  const small = outRows * 2 <= rows && walkOf(state) === "gather" && !size.compact ? SMALL_OUTPUT : 1;
  /** The largest cells, with maps that take so much below the output or beside it. */
  const largest = (/** @type {number} */ below, /** @type {number} */ beside) => {
    const equal = snapped(
      Math.min(
        (across - beside) / (cols + outCols * small),
        (across - Math.max(beside, mapsWidth)) / cols,
        (across - headed - beside) / outCols,
        inRoom / rows,
        (room - below) / outRows,
        LARGEST_CELL,
      ),
    );
    // Where the numbers of both cannot be printed, those of the output are.
    const besideOut = across - Math.max(LEGIBLE * outCols + beside, mapsWidth);
    const smaller = snapped(Math.min(inRoom / rows, besideOut / cols, LEGIBLE));
    const printed = LEGIBLE * outRows <= room - below && besideOut >= COMPACT_INPUT - least;
    const gained = equal < LEGIBLE && printed && smaller >= Math.max(LEAST_INPUT_CELL, equal * MUCH_SMALLER);
    return gained && walkOf(state) !== "stamp"
      ? { inCell: smaller, out: LEGIBLE }
      : { inCell: equal, out: equal };
  };
  const mapsWidth = many ? Math.min(300, across * 0.45) : OUTPUT_HEADING;
  const mapsHeight = shown.length ? Math.min(room * 0.36, many ? 210 : MAP_ROW) : 0;
  // Where height is scarce, few maps stand beside the output.
  const column = shown.length && !many ? Math.ceil((lanes.length * MAP) / room) * MAP + 8 : 0;
  const [withColumn, withRow] = [largest(0, column), largest(mapsHeight, 0)];
  const sided = column > 0 && withColumn.out > withRow.out;
  const { inCell, out } = sided ? withColumn : withRow;
  const outRoom = sided ? room : room - mapsHeight;
  const inWidth = Math.max(inCell * cols, out > inCell ? COMPACT_INPUT - least : headed);
  const fit = Math.min((across - inWidth - (sided ? column : 0)) / outCols, outRoom / outRows);
  const tiny = outRows * inCell < room * 0.26 && inCell < LEGIBLE;
  // A small output grows until it is as high as the input.
  const grown = Math.min(LARGEST_CELL, fit - BESIDE_OUTPUT / outCols, (inCell * rows) / outRows);
  const outCell = tiny
    ? snapped(Math.max(inCell, Math.min(34, fit)))
    : walkOf(state) === "gather" && inCell >= LEGIBLE && !compact
      ? snapped(Math.max(out, grown))
      : out;
  const outMost = Math.max(outCell * outCols + (sided ? column : 0), mapsWidth);
  const spare = across - inWidth - outMost;
  const gap = least + Math.min(spare / 4, 56);
  const left = axis + Math.max(2, (spare - 2 * (gap - least)) / 2);
  const input = onAxes(gridBox(left, top, inCell, own.rows, own.cols, row, col), size.shared);
  const middleX = left + inWidth + gap;
  const outX = middleX + middleWidth + gap;
  const outBox = { x: outX, y: top, cell: outCell, rows: own.outRows, cols: own.outCols };
  const output = outputOnAxes({ ...outBox, top: outTop, left: outLeft }, size.shared);
  const below = top + inCell * rows + 14 + unread;
  const channels = smallsIn(
    mapped ? indices : [],
    left,
    below,
    Math.max(inWidth, 120),
    height - below,
    cols / rows,
  );
  const mapsX = sided ? outX + outCell * outCols + 14 : outX;
  const mapsY = sided ? top : top + outCell * outRows + 14;
  const mapsMost = sided ? column - 14 : Math.max(outCell * outCols, Math.min(420, size.width - outX - 4));
  const maps = smallsIn(shown, mapsX, mapsY, mapsMost, height - mapsY, outCols / outRows);
  const placed = placedSlices(slices, middleX, top);
  const footY = top + slices.height - 24 + 12;
  const sumWidth = Math.min(slices.width + terms, outX - middleX - 20);
  const sum = summed ? sumSpot(layer, placed.slices, terms, footY, sumWidth) : null;
  const lensY = footY + foot + 22;
  const lensed = (walkOf(state) === "stamp" ? outCell : inCell) < LENS_BELOW && !size.introduced;
  const lens = lensed
    ? lensIn(layer, middleX, lensY, Math.max(slices.width, 190), height - lensY - 14)
    : null;
  const bottoms = [below + channels.height, mapsY + maps.height, top + outCell * outRows, footY + foot];
  if (lens) bottoms.push(lensEnd(lens));
  const outWidth = outCell * outCols;
  const titled = outWidth >= TITLED;
  const legendY = Math.max(mapsY + maps.height, top + outCell * outRows) + 12;
  /** @type {import("./layout.js").Legend | null} */
  let legend = null;
  if (!size.compact && titled)
    legend = { x: outX + outWidth - LEGEND - LEGEND_SAID, y: 11, width: LEGEND, below: false };
  else if (!size.compact && legendY + LEGEND_HEIGHT <= height)
    legend = { x: outX, y: legendY, width: Math.min(190, Math.max(outWidth, LEGEND)), below: true };
  if (legend?.below) bottoms.push(legendY + LEGEND_HEIGHT);
  return {
    width: size.width,
    height: Math.max(...bottoms) + BELOW,
    stacked: false,
    compact,
    input,
    output,
    overviews: { input: null, output: null },
    ...placed,
    numbered,
    sum,
    legend,
    unread: unread ? { x: left, y: top + inCell * rows + 16, width: inCell * cols } : null,
    lens,
    channels: channels.smalls,
    lanes: maps.smalls,
    pagers: { input: channels.pager, output: maps.pager },
    headings: {
      input: { x: left, y: 0, width: middleX - left - 16 },
      middle: { x: middleX, y: 0, width: outX - middleX - 16 },
      output: { x: outX, y: 0, width: size.width - outX },
    },
  };
}
