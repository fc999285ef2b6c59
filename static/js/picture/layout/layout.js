// Where things stand on the stage: the grids side by side, stacked or above a matrix. Pure arithmetic on the state and a
// size; knows no canvas and no numbers of the layer.

import { viewOf, walkOf } from "../../state/selectors.js";
import { columns } from "./columns.js";
import { isBare, LEGIBLE } from "./fitted.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Rect } from "../grid/cells.js" */
/** @import { Box } from "../grid/grids.js" */
/** @import { Pager, Point, Slice, Small } from "./fitted.js" */
/** @import { State } from "../../state/state.js" */

/**
 * @typedef {object} Layout
 * @property {number} width @property {number} height of what is drawn
 * @property {boolean} stacked @property {boolean} compact with the shortest headings
 * @property {Box} input @property {Box} output
 * @property {{ input: Box | null, output: Box | null }} overviews of what is magnified
 * @property {Slice[]} slices @property {number} hidden channels of the group that have no slice here
 * @property {Box} middle the slices together, in pixels (cell 1)
 * @property {Point | null} turned where it is said that the kernel is turned around
 * @property {boolean} [numbered] rows and columns have their numbers outside the frames
 * @property {import("./sum_spot.js").SumSpot | null} [sum] where the sum stands; left out: below the stage
 * @property {Legend | null} [legend] of the output's scale
 * @property {{ x: number, y: number, width: number } | null} [unread] where it is said which cells are never read
 * @property {Point | null} [span] where it is said how far a dilated kernel sees
 * @property {Box | null} lens @property {{ input: Rect, output: Rect }} [curves] of a series, above its cells
 * @property {Small[]} channels @property {Small[]} lanes
 * @property {{ input: Pager | undefined, output: Pager | undefined }} [pagers] of small maps that are shown by pages
 * @property {{ input: Spot, middle: Spot, output: Spot }} headings
 */
/** @typedef {{ x: number, y: number, width: number }} Spot */
/** A bar from the least to the most, its ends said beside it or below. @typedef {Spot & { below: boolean }} Legend */
/**
 * Height 0: as tall as needed; compact: a small frame; filled: all of a height that is given, so that the picture stands in its middle.
 * Hall: beside a lesson in a lecture hall. Introduced: between the words of the opening, which shows no more than one needs
 * at first. Plain: one of two pictures that are compared, each with its result in its title;
 * shared: on the axes of both.
 * @typedef {{ width: number, height: number, compact?: boolean, filled?: boolean, hall?: boolean, introduced?: boolean, plain?: boolean, shared?: Axes | null }} Size
 */
/**
 * From which coordinate on the grids of two layers are drawn, how many rows and columns of both, and the rows of the larger
 * window.
 * @typedef {object} Axes
 * @property {number} top @property {number} left @property {number} rows @property {number} cols
 * @property {number} outTop @property {number} outLeft @property {number} outRows @property {number} outCols @property {number} taps
 */

const NARROW = 660;
const LIKE_A_PHONE = 430;
/** Of the height that is left over, what stands above the picture, and the most of it. */
const ABOVE = 0.42;
const MOST_ABOVE = 110;
/** Upright rooms of a page that scrolls show the grids in a pair as soon as that is so much larger. */
const WIDE = 900;
const UPRIGHT = 0.7;
const MUCH_LARGER = 1.2;
/** The height of a sum that stands below the stage, where the room is measured without it. */
export const SUM_BELOW = 34;
/** Of the height: grids one above the other that need more than this leave the output out of sight. */
const OUT_OF_SIGHT = 1.06;

/**
 * @param {State} state @param {Size} size
 * @returns {Layout | null} null while there is nothing to draw
 */
export function layout(state, size) {
  const layer = viewOf(state);
  if (!layer || size.width < 40) return null;
  const own = arrangements.find(({ suits }) => suits(layer)) ?? { arrange: arranged };
  const taken = size.filled ? changes.reduce((sum, { takes }) => sum + takes(state), 0) : 0;
  const room = { ...size, height: size.height - taken };
  return changes.reduce((drawn, { change }) => change(state, layer, drawn), own.arrange(state, layer, room));
}

/**
 * How layers of another kind than two grids are laid out.
 * @typedef {object} Arrangement
 * @property {(layer: LayerGeometry) => boolean} suits
 * @property {(state: State, layer: LayerGeometry, size: Size) => Layout} arrange
 */
/** @type {Arrangement[]} */
const arrangements = [];

export function addArrangement(/** @type {Arrangement} */ arrangement) {
  arrangements.push(arrangement);
}

/** A change of any layout. @typedef {(state: State, layer: LayerGeometry, drawn: Layout) => Layout} Change */
/** @type {{ change: Change, takes: (state: State) => number }[]} */
const changes = [];

/** @param {Change} change @param {(state: State) => number} takes the height that it adds, which the grids leave to it */
export function addLayoutChange(change, takes = () => 0) {
  changes.push({ change, takes });
}

/**
 * The arrangements of a narrow room, which come by import where there is one.
 * @typedef {object} Narrow
 * @property {(layer: LayerGeometry, size: Size) => boolean} isPair
 * @property {(state: State, layer: LayerGeometry, size: Size) => Layout} pair
 * @property {(state: State, layer: LayerGeometry, size: Size, patched: boolean) => Layout} stack
 */
/** @type {Narrow | null} */
let narrow = null;

export function useNarrow(/** @type {Narrow} */ found) {
  narrow = found;
}

/** The arrangement beside a lesson in a lecture hall, which comes with the features. @type {Arrangement["arrange"] | null} */
let hall = null;

export function useHall(/** @type {Arrangement["arrange"]} */ found) {
  hall = found;
}

/** The number of arrangements and changes there are: a layout that was made with fewer is made again. */
export function arrangementsKnown() {
  return arrangements.length + changes.length + (narrow ? 1 : 0) + (hall ? 1 : 0);
}

/** Whether grids stand one above the other: on a narrow page that scrolls. */
export function isStacked(/** @type {Size} */ size) {
  return size.width < NARROW && !size.compact && !size.filled;
}

/** How far a picture that is less high than its room moves down, nearer to the middle. */
export function loweredBy(/** @type {Layout} */ at, /** @type {Size} */ { filled, height }) {
  return filled ? Math.round(Math.max(0, Math.min((height - at.height) * ABOVE, MOST_ABOVE))) : 0;
}

/** The grids as wholes. @returns {Layout} */
function arranged(/** @type {State} */ state, /** @type {LayerGeometry} */ layer, /** @type {Size} */ size) {
  // Two pictures side by side are higher than wide, each.
  if (narrow && size.shared && size.filled && layer.axes.length === 2) return narrow.pair(state, layer, size);
  const small = isStacked(size) ? narrow : null;
  if (small?.isPair(layer, size)) return small.pair(state, layer, size);
  const made = (/** @type {boolean} */ patched, short = false) =>
    small ? small.stack(state, layer, size, patched) : columns(state, layer, size, patched, short);
  const stamping = walkOf(state) === "stamp";
  // A page that scrolls has height in plenty when it stands upright, but not for two pictures.
  const alone = !size.filled && !size.compact && !size.shared;
  const upright = alone && size.width < WIDE && size.height > size.width * UPRIGHT;
  if (narrow && upright && !small && !stamping && layer.steps > 1) {
    const both = narrow.pair(state, layer, size);
    const larger = both.input.cell > made(true).input.cell * MUCH_LARGER;
    // A sum that does not stand at its kernel stands below.
    if (larger && both.height + (both.sum ? 0 : SUM_BELOW) <= size.height) return both;
  }
  if (hall && size.hall) return hall(state, layer, size);
  // In a frame, beside a lesson.
  if (narrow && size.compact && size.width < LIKE_A_PHONE) return narrow.pair(state, layer, size);
  const barely = isBare(layer) && !stamping ? [made(false), made(false, true)] : [];
  const first = barely.find((one) => one.input.cell >= LEGIBLE);
  const at = first ?? made(true);
  // On a phone all three are seen at once, even if only the window's numbers can be read.
  return small && at.height > size.height * OUT_OF_SIGHT ? small.pair(state, layer, size) : at;
}
