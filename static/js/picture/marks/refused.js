// The picture of a setting that is refused: the input is still true, and the window that does not fit is drawn over it to
// scale; what is no longer true lies on a panel of its own, pale and with dashed frames. Pure: marks in, marks out; knows
// no canvas and no DOM.

import { isStale, parameterOf } from "../../state/resolve.js";
import { viewOf } from "../../state/selectors.js";
import { tell } from "../../words/stage.js";
import { rectOf } from "../grid/cells.js";
import { planeAxes } from "../grid/grids.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Rect } from "../grid/cells.js" */
/** @import { Layout } from "../layout/layout.js" */
/** @import { Mark, Scene } from "../scene.js" */
/** @import { State } from "../../state/state.js" */

const FADED = 0.4;
const [BESIDE, AROUND, FOOT] = [14, 12, 30];
/** Below the window, for what is there and what is missing. */
const LABELLED = 30;
const SIZE = 14;
const BRACKET = 6;

/** What becomes of a scene while the setting is refused. @param {Scene} drawn @param {State} state @param {Layout} at @returns {Scene} */
export function refusedScene(drawn, state, at) {
  if (!isStale(state)) return drawn;
  const beside = at.middle.x > at.input.x + at.input.cols * at.input.cell && at.output.x > at.middle.x;
  const from = beside ? at.middle.x - BESIDE : Number.POSITIVE_INFINITY;
  const faded = (/** @type {Mark[]} */ marks) =>
    marks.flatMap((mark) => (leftOf(mark) >= from ? fadedMark(mark) : [mark]));
  /** @type {Mark[]} */
  const panel = [];
  if (beside) {
    const foot = Math.max(...[at.middle, at.output].map((box) => rectOf(box)[1] + rectOf(box)[3]));
    const bottom = Math.max(
      foot,
      ...at.lanes.map(({ y, height }) => y + height),
      at.sum?.foot.y ?? 0,
      at.legend?.below ? at.legend.y + LABELLED : 0,
    );
    const top = at.input.y - AROUND - (at.numbered ? 18 : 0);
    const rects = /** @type {Rect[]} */ ([
      [from - AROUND, top, at.width - from + AROUND, bottom - top + FOOT + AROUND],
    ]);
    const y = bottom + AROUND + SIZE / 2;
    panel.push({ kind: "rects", rects, fill: "ground", alpha: 1 });
    panel.push({
      ...{ kind: "text", text: tell.notCurrent, x: from + 2, y },
      ...{ size: SIZE, align: "left", fill: "muted", bold: true },
    });
  }
  // The window of the old setting, and what follows it, is not drawn over an input that is still true.
  const live = drawn.live.filter((mark) => leftOf(mark) >= from && mark.kind !== "path");
  return {
    base: [...panel, ...faded(drawn.base)],
    live: [...faded(live), ...(beside ? windowMarks(state, at, from) : [])],
  };
}

/** The cells that the window asked for spans on the plane on view. @returns {{ rows: number, cols: number } | null} */
function spanOf(/** @type {State} */ state, /** @type {LayerGeometry} */ layer) {
  if (layer.axes.length > 2) return null;
  const along = (/** @type {string} */ name) => [parameterOf(state, name)].flat().map(Number);
  const [kernel, gap] = [along("kernel"), along("dilation")];
  const sees = (/** @type {number} */ axis) =>
    (Number(kernel.at(axis) ?? kernel[0]) - 1) * (Number(gap.at(axis) ?? gap[0]) || 1) + 1;
  const span = { rows: planeAxes(layer).row ? sees(-2) : 1, cols: sees(-1) };
  return Number.isFinite(span.rows + span.cols) ? span : null;
}

/** The input made so small that a window which does not fit in it fits on the stage. @param {State} state @param {LayerGeometry} layer @param {Layout} drawn @returns {Layout} */
export function refusedLayout(state, layer, drawn) {
  const span = isStale(state) ? spanOf(state, layer) : null;
  const { input, middle, height } = drawn;
  if (!span || input.tall || middle.x <= input.x || (span.rows <= input.rows && span.cols <= input.cols))
    return drawn;
  const across = (middle.x - BESIDE - 2 * AROUND - input.x) / Math.max(span.cols, input.cols);
  const down = (height - LABELLED - input.y) / Math.max(span.rows, input.rows);
  const cell = Math.floor(Math.min(input.cell, across, down));
  return cell < 3 ? drawn : { ...drawn, input: { ...input, cell }, unread: null };
}

/** Where a mark begins. */
function leftOf(/** @type {Mark} */ mark) {
  if ("box" in mark) return mark.box.x;
  if ("rect" in mark) return mark.rect[0];
  if ("rects" in mark) return Math.min(...mark.rects.map(([x]) => x));
  return "points" in mark ? Number(mark.points[0]) : mark.x;
}

/** @returns {Mark[]} */
function fadedMark(/** @type {Mark} */ mark) {
  if (mark.kind === "plane") return [{ ...mark, alpha: FADED }];
  if (mark.kind === "numbers") return [{ ...mark, faded: true }];
  if (mark.kind === "outline") return [{ ...mark, dash: [4, 3], halo: false }];
  if (mark.kind === "text") return [{ ...mark, fill: "muted" }];
  if (mark.kind === "rects" && mark.fill === "sheet") return [{ ...mark, fill: "ground" }];
  return mark.kind === "path" ? [] : [mark];
}

/** The window that was asked for, where it is larger than the input with its padding. @returns {Mark[]} */
function windowMarks(/** @type {State} */ state, /** @type {Layout} */ at, /** @type {number} */ until) {
  const layer = viewOf(state);
  if (!layer) return [];
  const { col } = planeAxes(layer);
  const span = spanOf(state, layer);
  if (!span) return [];
  const [x, y, width, height] = rectOf(at.input);
  const { cell } = at.input;
  const [wide, tall] = [span.cols * cell, span.rows * cell];
  if (wide <= width + 1 && tall <= height + 1) return [];
  const right = Math.min(x + wide, until - AROUND - 4);
  const bottom = Math.min(y + Math.max(tall, height), at.height - LABELLED);
  const rect = /** @type {Rect} */ ([x - 2, y - 2, right - x + 4, bottom - y + 4]);
  const parts = [
    [x, x + width, tell.there(col.begin + col.size + col.end)],
    [x + width, right, tell.missing(Math.round((wide - width) / cell))],
  ];
  /** @type {Mark[]} */
  const marks = [{ kind: "outline", rects: [rect], stroke: "warn", line: 3, halo: true }];
  const beyond = /** @type {Rect[]} */ ([
    [x + width + 2, y, right - x - width - 2, bottom - y],
    [x, y + height + 2, width + 2, bottom - y - height - 2],
  ]).filter(([, , across, down]) => across > 0 && down > 0);
  marks.unshift({ kind: "rects", rects: beyond, fill: "warn", alpha: 0.1 });
  for (const [from, to, text] of parts) {
    const [left, end] = [Number(from) + 4, Number(to) - 4];
    if (end - left < 8) continue;
    const top = bottom + BRACKET;
    const points = [left, top, left, top + BRACKET, end, top + BRACKET, end, top];
    marks.push({ kind: "path", points, stroke: "warn", line: 1.5 });
    marks.push({
      ...{ kind: "text", text: String(text), x: (left + end) / 2, y: top + 18 },
      ...{ size: SIZE, align: "center", fill: "warn", bold: true },
    });
  }
  return marks;
}
