// The picture of a setting that is refused: the input is still true, and the window that does not fit is drawn over it to
// scale; what is no longer true lies on a panel of its own, pale and with dashed frames. Pure: marks in, marks out; knows
// no canvas and no DOM.

import { isStale, operationOf, parameterOf } from "../../state/resolve.js";
import { chosenOf, viewOf } from "../../state/selectors.js";
import { tell } from "../../words/stage.js";
import { rectOf } from "../grid/cells.js";
import { planeAxes } from "../grid/grids.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Rect } from "../grid/cells.js" */
/** @import { Layout } from "../layout/layout.js" */
/** @import { Mark, Scene } from "../scene.js" */
/** @import { Spec } from "../../types/layer.js" */
/** @import { ParameterInfo } from "../../types/registry.js" */
/** @import { State } from "../../state/state.js" */

const FADED = 0.4;
const [BESIDE, AROUND] = [14, 12];
/** Below the window, for what is there and what is missing. */
const LABELLED = 34;
/** Over what is not current, for saying so. */
const TOLD = 40;
const SIZE = 14;
const BRACKET = 6;
/** Over a grid, for its heading and the numbers of its columns. */
const HEADED = 40;
/** Of a letter, in pixels. */
const LETTER = 7;
/** Where grids stand one above the other: the most that the window takes on a phone, and of the width elsewhere. */
const MOST_HIGH = 276;
const SHARE = 0.45;
const ARROW = 6;

/** The scene while the setting is refused. @param {Scene} drawn @param {State} state @param {Layout} at @returns {Scene} */
export function refusedScene(drawn, state, at) {
  if (!isStale(state)) return drawn;
  const [x, y, width, height] = panelOf(at);
  const within = (/** @type {Mark} */ mark) => {
    const [left, top] = startOf(mark);
    return left >= x - AROUND && top >= y;
  };
  const faded = (/** @type {Mark[]} */ marks) =>
    marks.flatMap((mark) => (within(mark) ? fadedMark(mark) : [mark]));
  /** @type {Mark[]} */
  const panel = [{ kind: "rects", rects: [[x, y, width, height]], fill: "ground", alpha: 1 }];
  const text = tell.notCurrent(before(state));
  const words = text.length * LETTER < width ? text : tell.notCurrentShort;
  panel.push({
    ...{ kind: "text", text: words, x: x + AROUND, y: y + TOLD / 2 + 2 },
    ...{ size: SIZE, align: "left", fill: "muted", bold: true },
  });
  // The window of the old setting, and what follows it, is not drawn over an input that is still true.
  const live = drawn.live.filter((mark) => {
    if (!within(mark) || mark.kind === "path") return false;
    const [left, top] = startOf(mark);
    return left < at.output.x - ROW_NUMBERS || (at.stacked && top < at.output.y - HEADED);
  });
  return {
    base: [...panel, ...faded(drawn.base), ...arrowMarks(at)],
    live: [...faded(live), ...windowMarks(state, at)],
  };
}

/** Left of a grid, for the numbers of its rows. */
const ROW_NUMBERS = 30;

/** The value that fitted before, by the field at fault now. */
function before(/** @type {State} */ state) {
  const { shown, problem } = state;
  const operation = operationOf(state.catalog, chosenOf(state).operation);
  if (!shown || shown.operation.name !== operation.name)
    return shown ? tell.withOperation(shown.operation.title) : tell.lastFitted;
  const own = operation.parameters.find(({ name }) => name === problem?.field);
  const value = own ? parameterBefore(shown.layer, own) : null;
  return own && value !== null ? tell.withValue(own.title, value) : tell.lastFitted;
}

/** @param {Spec} layer @param {ParameterInfo} parameter */
function parameterBefore(layer, { name, default: usual }) {
  const value = layer[name] ?? usual;
  return value === null || value === undefined ? null : [value].flat(2).join("×");
}

/** Where lies what is not current: right of the input, or below it. @returns {Rect} */
function panelOf(/** @type {Layout} */ at) {
  const bottom = Math.max(
    ...[at.middle, at.output].map((box) => rectOf(box)[1] + rectOf(box)[3]),
    ...at.lanes.map(({ y, height }) => y + height),
    at.lens ? rectOf(at.lens)[1] + rectOf(at.lens)[3] : 0,
    at.legend?.below ? at.legend.y + LABELLED : 0,
  );
  const left = isBeside(at) ? at.middle.x - BESIDE - AROUND : 0;
  const top = isBeside(at) ? 0 : Math.min(at.headings.middle.y, at.headings.output.y) - TOLD;
  return [left, top, at.width - left, bottom + AROUND - top];
}

function isBeside(/** @type {Layout} */ { input, middle, output, stacked }) {
  return !stacked && middle.x > input.x && output.x > middle.x;
}

/** From the kernel to its output, that they belong together. @returns {Mark[]} */
function arrowMarks(/** @type {Layout} */ at) {
  const [x, y, width, height] = rectOf(at.middle);
  const [from, to] = [x + width + 14, at.output.x - ROW_NUMBERS];
  if (!isBeside(at) || to - from < 4 * ARROW) return [];
  const middle = y + Math.min(height, rectOf(at.output)[3]) / 2;
  const points = [
    ...[from, middle, to, middle, to - ARROW, middle - ARROW],
    ...[to, middle, to - ARROW, middle + ARROW],
  ];
  return [{ kind: "path", points, stroke: "muted", line: 1 }];
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

/** The height that saying so takes, and the edge of what is not current. */
export function refusedTakes(/** @type {State} */ state) {
  return isStale(state) ? TOLD + AROUND + 1 : 0;
}

/** The input made so small that a window which does not fit in it fits on the stage, and room to say what is not current. @param {State} state @param {LayerGeometry} layer @param {Layout} drawn @returns {Layout} */
export function refusedLayout(state, layer, drawn) {
  if (!isStale(state) || drawn.input.tall || drawn.curves || drawn.input.frame) return drawn;
  const { rows, cols } = drawn.input;
  const span = spanOf(state, layer) ?? { rows, cols };
  const most = { rows: Math.max(span.rows, rows), cols: Math.max(span.cols, cols) };
  const beyond = most.rows > rows || most.cols > cols;
  if (!isBeside(drawn)) return drawn.stacked ? stacked(drawn, most, beyond) : drawn;
  const at = lowered(drawn, TOLD);
  const { input, middle, channels } = at;
  const end = channels[0] ? channels[0].y - LABELLED : drawn.height + TOLD - LABELLED;
  const across = (middle.x - BESIDE - 3 * AROUND - input.x) / most.cols;
  const cell = Math.floor(Math.min(input.cell, across, (end - input.y) / most.rows));
  const fitted = beyond ? { ...at, ...shrunk(at, cell), unread: null } : at;
  const [, top, , height] = panelOf(fitted);
  return { ...fitted, height: Math.max(drawn.height + TOLD, top + height + 1) };
}

/** The input with smaller cells; where they would be too small it stays, and the window takes the place of its channels. @param {Layout} at @param {number} cell @returns {Partial<Layout>} */
function shrunk({ input, pagers }, cell) {
  if (cell >= 3) return { input: { ...input, cell } };
  return { channels: [], ...(pagers ? { pagers: { ...pagers, input: undefined } } : {}) };
}

/** The window over the whole width, and below it what is not current. @param {Layout} drawn @param {{ rows: number, cols: number }} most @param {boolean} beyond @returns {Layout} */
function stacked(drawn, most, beyond) {
  const { input, output, headings, middle, width } = drawn;
  const fits = Math.min(input.cell, (width - 10) / most.cols, Math.max(MOST_HIGH, width * SHARE) / most.rows);
  const cell = fits >= 3 ? Math.floor(fits) : fits;
  const foot = input.y + most.rows * cell + (beyond ? LABELLED : AROUND) + TOLD;
  const by = foot - Math.min(output.y < middle.y ? headings.output.y : headings.middle.y, headings.output.y);
  // Of what stood beside or below the input, all moves down together; the kernel stands left of its output where it has room.
  const { slices, turned, span, lens, lanes, pagers, sum, legend } = drawn;
  const parts = { output, slices, middle, turned, span, lens, lanes, pagers, sum, legend };
  const down = lowered(parts, by);
  const moved = { ...drawn, ...down, channels: [], unread: null, input: { ...input, x: input.x + 4, cell } };
  moved.headings = {
    input: headings.input,
    middle: lowered(headings.middle, by),
    output: lowered(headings.output, by),
  };
  const free = middle.y > output.y && middle.cols + AROUND + 2 <= output.x && !lens && !lanes[0];
  if (free) {
    const up = output.y - middle.y;
    Object.assign(
      moved,
      lowered({ slices: moved.slices, middle: moved.middle, turned: null, span: null }, up),
    );
    moved.headings.middle = { ...moved.headings.output, x: 1, width: output.x - 1 };
  }
  if (moved.pagers) moved.pagers = { ...moved.pagers, input: undefined };
  const [, top, , height] = panelOf(moved);
  return { ...moved, height: top + height };
}

/** Whatever stands somewhere, lower. @template Thing @param {Thing} thing @param {number} by @returns {Thing} */
function lowered(thing, by) {
  if (Array.isArray(thing)) return /** @type {Thing} */ (thing.map((one) => lowered(one, by)));
  if (typeof thing !== "object" || thing === null) return thing;
  const entries = Object.entries(thing).map(([name, value]) => [
    name,
    name === "y" ? value + by : lowered(value, by),
  ]);
  return /** @type {Thing} */ (Object.fromEntries(entries));
}

/** Where a mark begins. @returns {[x: number, y: number]} */
function startOf(/** @type {Mark} */ mark) {
  if ("box" in mark) return [mark.box.x, mark.box.y];
  if ("rect" in mark) return [mark.rect[0], mark.rect[1]];
  if ("rects" in mark)
    return [Math.min(...mark.rects.map(([x]) => x)), Math.min(...mark.rects.map(([, y]) => y))];
  return "points" in mark ? [Number(mark.points[0]), Number(mark.points[1])] : [mark.x, mark.y];
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
function windowMarks(/** @type {State} */ state, /** @type {Layout} */ at) {
  const layer = viewOf(state);
  if (!layer) return [];
  const { col } = planeAxes(layer);
  const span = spanOf(state, layer);
  if (!span) return [];
  const [x, y, width, height] = rectOf(at.input);
  const { cell } = at.input;
  const [wide, tall] = [span.cols * cell, span.rows * cell];
  const [left, end] = panelOf(at);
  const beside = isBeside(at);
  if (wide <= width + 1 && tall <= height + 1) return [];
  const right = Math.min(x + wide, beside ? left - AROUND : at.width - 3);
  const bottom = Math.min(y + Math.max(tall, height), (beside ? at.height : end) - LABELLED);
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
    const [begin, until] = [Number(from) + 4, Number(to) - 4];
    if (until - begin < 8) continue;
    const top = bottom + BRACKET;
    const points = [begin, top, begin, top + BRACKET, until, top + BRACKET, until, top];
    marks.push({ kind: "path", points, stroke: "warn", line: 1.5 });
    marks.push({
      ...{ kind: "text", text: String(text), x: (begin + until) / 2, y: top + 18 },
      ...{ size: SIZE, align: "center", fill: "warn", bold: true },
    });
  }
  return marks;
}
