// A magnified grid: its box within the frame of the whole, and the overview that says where one is. Pure: boxes in, boxes
// and marks out; knows no canvas.

import { walkOf } from "../../state/selectors.js";
import { partOf } from "../../state/zoom.js";
import { grown, rectOf } from "../grid/cells.js";
import { tallOf } from "../grid/grids.js";
import { shared } from "../grid/magnified.js";
import { LENS_BELOW } from "./fitted.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Rect } from "../grid/cells.js" */
/** @import { Box } from "../grid/grids.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Plane } from "../grid/planes.js" */
/** @import { Mark } from "../scene.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Zoom } from "../../state/zoom.js" */

/** The overview's longer side as a share of the frame's shorter one, and in pixels. */
const OVERVIEW = 0.24;
const [SMALLEST, LARGEST] = [44, 104];
/** A thinner one would show nothing. */
const THINNEST = 6;
/** Between overview and frame. */
const APART = 8;
/** A series has its overview below it, along its whole length. */
const STRIP = { below: 4, tall: 6 };

/** A grid as it is magnified, about a place and so not in whole pixels; a series keeps its height. @returns {Box} */
export function magnifiedBox(/** @type {Box} */ box, /** @type {Zoom | null} */ part) {
  if (!part) return box;
  const frame = rectOf(box);
  const [x, y, width, height] = frame;
  const cell = box.cell * part.scale;
  const tall = box.rows === 1 ? tallOf(box) : tallOf(box) * part.scale;
  const at = (
    /** @type {number} */ from,
    /** @type {number} */ room,
    /** @type {number} */ middle,
    /** @type {number} */ whole,
  ) => Math.min(from, Math.max(from + room - whole, from + room / 2 - middle * whole));
  return {
    ...box,
    x: at(x, width, part.col, cell * box.cols),
    y: at(y, height, part.row, tall * box.rows),
    cell,
    ...(tall !== cell && { tall }),
    frame,
  };
}

/**
 * Where the whole grid is shown small: a series as a strip below it, others in a corner of the frame, null where there is
 * no room. At the end of the grid it gives way to the cells there.
 * @param {Box} fit the grid as a whole @param {Zoom} part @returns {Box | null}
 */
export function overviewBox(fit, part) {
  const [x, y, width, height] = rectOf(fit);
  if (fit.rows === 1) return { ...fit, y: y + height + STRIP.below, tall: STRIP.tall };
  const side = Math.min(LARGEST, Math.min(width, height) * OVERVIEW);
  const shrunk = side / Math.max(width, height);
  if (side < SMALLEST || Math.min(width, height) * shrunk < THINNEST) return null;
  const [wide, tall] = [width * shrunk, height * shrunk];
  const lowest = part.row + 0.5 / part.scale > 0.99;
  const down = lowest ? y + APART : y + height - tall - APART;
  const cells = { cell: fit.cell * shrunk, tall: tallOf(fit) * shrunk };
  return { ...fit, ...cells, x: x + width - wide - APART, y: down };
}

/** The part of a grid that is on view, on its overview. @returns {Rect} */
function viewRect(/** @type {Box} */ overview, /** @type {Box} */ box) {
  const whole = rectOf(overview);
  return shared(smallRect(overview, box, /** @type {Rect} */ (box.frame)), whole) ?? whole;
}

/** A rectangle of a magnified grid on its overview. @returns {Rect} */
function smallRect(
  /** @type {Box} */ overview,
  /** @type {Box} */ box,
  /** @type {Rect} */ [x, y, width, height],
) {
  const [across, down] = [overview.cell / box.cell, tallOf(overview) / tallOf(box)];
  return [overview.x + (x - box.x) * across, overview.y + (y - box.y) * down, width * across, height * down];
}

/** Both grids as they are magnified, and their overviews. @returns {Layout} */
export function magnified(
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {Layout} */ fit,
) {
  const at = { ...fit, overviews: { ...fit.overviews } };
  for (const grid of /** @type {const} */ (["input", "output"])) {
    const part = partOf(layer, state.zoom, grid, state.step, state.lane);
    at[grid] = magnifiedBox(fit[grid], part);
    at.overviews[grid] = part && overviewBox(fit[grid], part);
  }
  const shown = walkOf(state) === "stamp" ? at.output : at.input;
  return shown.frame && shown.cell >= LENS_BELOW ? { ...at, lens: null } : at;
}

/** The edge of a magnified grid, and in its corner the whole with what is on view of it. */
export function overviewMarks(
  /** @type {Mark[]} */ marks,
  /** @type {Box | null} */ overview,
  /** @type {Box} */ box,
  /** @type {Plane | null} */ plane,
  /** @type {"input" | "output"} */ role,
) {
  if (box.frame) marks.push({ kind: "outline", rects: [box.frame], stroke: role, line: 1 });
  if (!overview) return;
  const whole = rectOf(overview);
  const [x, y, width, height] = whole;
  const around = /** @type {Rect} */ ([x - 4, y - 4, width + 8, height + 8]);
  marks.push({ kind: "rects", rects: [around], fill: "sheet", alpha: 1 });
  if (plane) marks.push({ kind: "plane", rect: whole, plane });
  marks.push({ kind: "outline", rects: [whole], stroke: "line", line: 1 });
  const view = grown(viewRect(overview, box), 5);
  marks.push({ kind: "outline", rects: [view], stroke: role, line: 2, halo: true });
}

/** The window on the overview of the input. */
export function windowOnOverview(
  /** @type {Mark[]} */ marks,
  /** @type {Box} */ overview,
  /** @type {Box} */ box,
  /** @type {Rect} */ window,
) {
  const rects = [grown(smallRect(overview, box, window), 5)];
  marks.push({ kind: "rects", rects, fill: "kernel", alpha: 1 });
}
