// The stage on a phone: input and output side by side with the slices below them, so that all three are seen at
// once. Pure arithmetic on the state and a size; knows no canvas and no numbers of the layer.

import { walkOf } from "../../state/selectors.js";
import { dimensions } from "../grid/grids.js";
import { LEAST_INPUT_CELL, MIDDLE_HEADING } from "./columns.js";
import {
  ASIDE,
  gridBox,
  HEADING,
  headingOf,
  inputMaps,
  isBare,
  isNamedAside,
  LABEL,
  LARGEST_CELL,
  LEGIBLE,
  LEGIBLE_COLOURS,
  lensEnd,
  lensIn,
  MAPS_IN_ALL,
  onAxes,
  outputMaps,
  outputOnAxes,
  placedSlices,
  slicesIn,
  smallsIn,
  snapped,
} from "./fitted.js";
import { FOOT, hasSum, sumSpot, termsWidth } from "./sum_spot.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Layout, Size } from "./layout.js" */
/** @import { State } from "../../state/state.js" */

const GAP = 12;
/** From this width on the sum stands at the kernel; on a phone its line is below. */
const SUMMED = 560;
/** Room for a heading and the first maps, however few the cells. */
const LEAST_WIDTH = 104;
/** Of the height, for the two grids. */
const SHARE = 0.46;
const TABLET_SHARE = 0.53;
/** And for an output that is larger so that its numbers can be read. */
const PRINTED_SHARE = 0.5;
/** So many maps stand under the output; more stand beside the slices, or below them across the whole width. */
const FEW_MAPS = 5;
/** Of a kernel whose side says the rest in its title. */
const SHORT_HEADING = 200;
const LEAST_COLUMN = 54;
const BESIDE_SLICES = 88;
const MAPS_HEIGHT = 46;
const SPREAD_IN_ALL = 188;
/** Of the height, for what is around the window. */
const LENS_SHARE = 0.24;

/** The room of both grids together, without the gap between them. */
const acrossOf = (/** @type {Size} */ { width }) => width - GAP - 2;

/** The height that two grids leave to the slices below them where two pictures are compared, all in sight. */
function leftBySlices(
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {Size} */ size,
) {
  if (!size.shared || !size.filled) return Number.POSITIVE_INFINITY;
  const { rows, outRows, taps } = size.shared;
  const count = slicesIn(state, layer, true, size.width, size.height, size.width).slices.length;
  const maps = inputMaps(state, layer);
  const named = maps[0]?.index === "rgb" ? 0 : Math.min(1, maps.length) * (MAPS_HEIGHT + GAP);
  const slices = count * (LEGIBLE * taps + (count > 1 ? ASIDE : 0)) + LABEL;
  // Numbers that can be read are not given up for it.
  const legible = cellOf(layer, size) >= LEGIBLE ? LEGIBLE * Math.max(rows, outRows) : 0;
  return Math.max(LEAST_WIDTH, legible, size.height - 2 * HEADING - named - slices);
}

/** The cells of two grids side by side. */
function cellOf(
  /** @type {LayerGeometry} */ layer,
  /** @type {Size} */ size,
  most = Number.POSITIVE_INFINITY,
) {
  const { rows, cols, outRows, outCols } = size.shared ?? dimensions(layer);
  const across = acrossOf(size);
  // A tablet has the kernel and its sum in sight below them; a phone scrolls.
  const tallest =
    size.width < SUMMED
      ? Math.max(across / 2, size.height * SHARE)
      : Math.min(across / 2, size.height * TABLET_SHARE);
  const high = Math.min(tallest, most);
  return snapped(
    Math.min(
      across / (cols + outCols),
      (across - LEAST_WIDTH) / Math.max(cols, outCols),
      high / Math.max(rows, outRows),
      LARGEST_CELL,
    ),
  );
}

/** Whether nothing is lost side by side: numbers of an input that could be read if it stood alone still can. */
export function isPair(/** @type {LayerGeometry} */ layer, /** @type {Size} */ size) {
  const alone = Math.min(acrossOf(size) / dimensions(layer).cols, LARGEST_CELL);
  return cellOf(layer, size) >= LEGIBLE || alone < LEGIBLE;
}

/** Where the numbers of both cannot be printed, those of the output are, as long as the place of the window can be seen. */
function unequal(/** @type {LayerGeometry} */ layer, /** @type {Size} */ size, /** @type {number} */ cell) {
  const { cols, outRows, outCols } = size.shared ?? dimensions(layer);
  const left = acrossOf(size) - Math.max(LEGIBLE * outCols, LEAST_WIDTH);
  const smaller = snapped(Math.min(cell, left / cols));
  const fits = LEGIBLE * outRows <= Math.max(acrossOf(size) / 2, size.height * PRINTED_SHARE);
  return cell < LEGIBLE && fits && left >= LEAST_WIDTH && smaller >= LEAST_INPUT_CELL
    ? { cell: smaller, outCell: LEGIBLE }
    : { cell, outCell: cell };
}

/** @returns {Layout} */
export function pair(
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {Size} */ size,
) {
  const own = dimensions(layer);
  const { outTop, outLeft, row, col, taps } = own;
  const { rows, cols, outRows, outCols } = size.shared ?? own;
  const { width } = size;
  const across = acrossOf(size);
  const common = cellOf(layer, size, leftBySlices(state, layer, size));
  const { cell, outCell } = unequal(layer, size, common);
  const stamping = walkOf(state) === "stamp";
  const top = HEADING - 4;
  const input = onAxes(gridBox(1, top, cell, own.rows, own.cols, row, col), size.shared);
  const inWidth = Math.max(
    cell * cols,
    LEAST_WIDTH,
    across - Math.max(outCell * outCols, outCell > cell ? 0 : across / 2),
  );
  const outX = 1 + inWidth + GAP;
  const outWidth = width - outX - 1;
  const outBox = { x: outX, y: top, cell: outCell, rows: own.outRows, cols: own.outCols };
  const output = outputOnAxes({ ...outBox, top: outTop, left: outLeft }, size.shared);

  const lanes = outputMaps(state, layer);
  const few = lanes.length <= FEW_MAPS;
  const mapsY = top + Math.max(cell * rows, outCell * outRows) + 10;
  // The heading's choice of a channel says the same as small pictures of three.
  const channels = inputMaps(state, layer);
  const numbered = channels[0]?.index === "rgb" ? [] : channels;
  const small = smallsIn(numbered, 1, mapsY, inWidth, MAPS_HEIGHT, cols / rows, MAPS_IN_ALL);
  const aspect = outCols / outRows;
  const maps = few
    ? smallsIn(lanes, outX, top + outCell * outRows + 10, outWidth, MAPS_HEIGHT, aspect, MAPS_IN_ALL)
    : null;

  const outBottom = top + outCell * outRows + 10;
  const patched = !isBare(layer) || stamping || cell < LEGIBLE;
  const { slices: counted, width: needed } = slicesIn(state, layer, patched, width, size.height, width);
  // Where the slices end before the output begins, its maps need no room above them.
  const apart =
    !stamping &&
    cell >= LEGIBLE &&
    Math.max(needed, size.shared ? SHORT_HEADING : MIDDLE_HEADING) < outX - GAP;
  const aside = patched && isNamedAside(state, layer);
  const heading = aside ? HEADING - 4 : headingOf(layer) + 4;
  const middleY = Math.max(mapsY + small.height, outBottom + (apart ? 0 : (maps?.height ?? 0))) + heading;
  const terms =
    width >= SUMMED && !size.plain && hasSum(state, layer) ? termsWidth(state, layer, patched) : 0;
  const foot = terms > 0 ? FOOT : 0;
  const count = counted.length;
  const between = aside ? ASIDE : LABEL;
  const least = count * (LEGIBLE * Number(taps[0]) + between) + LABEL - (size.filled ? between : 0);
  const room = Math.max(
    size.height - middleY + (width < SUMMED ? 16 : 0),
    Math.min(least, size.height * 0.6),
  );
  // A few maps stand beside the slices of several channels, so that the result is in sight.
  const besides = width < SUMMED && count > 1 && lanes.length > FEW_MAPS ? BESIDE_SLICES : 0;
  const all = slicesIn(state, layer, patched, width - 2 - terms - besides, room - foot, width);
  // Beside the slices, what is around a stamp takes no height: with a margin of one cell, or without.
  const narrower = (stamping ? [2, 0] : [])
    .map((more) => width - 2 - GAP - LEGIBLE * (taps[1] + more))
    .map((rest) => slicesIn(state, layer, patched, rest, room, width))
    .find((one) => Number(one.slices[0]?.kernel?.cell) >= LEGIBLE);
  const beheld = narrower ?? all;
  // A kernel alone before one beside its window, when its weights can be read only so.
  const tiny = isBare(layer) && !stamping && patched && Number(beheld.slices[0]?.kernel?.cell) < LEGIBLE;
  const slices = tiny ? slicesIn(state, layer, false, width - 2, room, width) : beheld;
  const placed = placedSlices(slices, 1, middleY);
  const footY = middleY + slices.height - 12;
  const besideX = 1 + slices.width + GAP;
  const beside = width - besideX - 1;
  // Beside several slices there is room for the result on their height.
  const finished = aside && width >= SUMMED && !size.plain;
  const ended = finished || (terms > 0 && slices === all);
  const sum = ended
    ? sumSpot(layer, placed.slices, terms, footY, finished ? beside : slices.width + terms)
    : null;
  if (finished && sum) sum.foot = { ...sum.foot, x: besideX, y: footY - FOOT };

  const bottom = Math.max(
    middleY + slices.height - 24 + (sum && !finished ? foot + 12 : 0),
    outBottom + (apart ? (maps?.height ?? 0) - 10 : 0),
  );

  const column = few ? maps : smallsIn(lanes, besideX, middleY, beside, slices.height - 24, aspect);
  const columned = !column?.pager && beside >= LEAST_COLUMN && Number(column?.height) <= slices.height - 18;
  const lensed = cell < LEGIBLE && !finished && (stamping || ((few || !columned) && beside >= 5 * LEGIBLE));
  // The output around a stamp wants more room than the window.
  const lensMost = Math.min(200, size.height * LENS_SHARE);
  const besideStamp = narrower !== undefined;
  const found = !lensed
    ? null
    : stamping && !besideStamp
      ? lensIn(layer, 1, bottom + 26, width - 2, lensMost)
      : lensIn(layer, besideX, middleY + 8, beside, Math.max(slices.height - 8, lensMost));
  // In its own colours the window says its numbers beside the kernel only, until there is room for three in a cell.
  const lens = found && (stamping || state.channel !== "rgb" || found.cell >= LEGIBLE_COLOURS) ? found : null;
  const lensBottom = lens ? lensEnd(lens) : 0;
  const below = Math.max(bottom, lensBottom) + 14;
  const spread = few || columned ? null : smallsIn(lanes, 1, below, width - 2, 96, aspect, SPREAD_IN_ALL);
  return {
    width,
    height: below + (spread?.height ?? -6),
    stacked: true,
    compact: false,
    input,
    output,
    ...placed,
    sum,
    lens,
    channels: small.smalls,
    lanes: (spread ?? column)?.smalls ?? [],
    pagers: { input: small.pager, output: (spread ?? column)?.pager },
    overviews: { input: null, output: null },
    headings: {
      input: { x: 1, y: 0, width: inWidth + GAP - 4 },
      middle: { x: 1, y: middleY - heading + (heading < HEADING ? 0 : 4), width: width - 2 },
      output: { x: outX, y: 0, width: outWidth },
    },
  };
}
