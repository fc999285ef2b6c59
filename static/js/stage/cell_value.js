// The value of the pointed cell, with all its digits: numbers have no room in the cells of a large picture.
// Comes with the tools of the stage. Makes words of the state and puts them beside the cell; decides nothing else.

import { isCopied, isWeighted } from "../layer/combine.js";
import { cellRect } from "../picture/grid/cells.js";
import { planeAxes, planeTaps } from "../picture/grid/grids.js";
import { shared } from "../picture/grid/magnified.js";
import { currentNumbers, viewedLane, viewOf, walkOf } from "../state/selectors.js";
import { roundingAt } from "../step/rounding.js";
import { outputCellAt, servedAt, stampOf, sumOf } from "../step/sum.js";
import { el, setText } from "../ui/dom.js";
import { isNoise } from "../words/format.js";
import { channelName, placeText, say, text } from "../words/page.js";
import { tell } from "../words/stage.js";
import { shortest } from "../words/written.js";

/** @import { Control } from "../panels/controls.js" */
/** @import { Box } from "../picture/grid/grids.js" */
/** @import { Layout } from "../picture/layout/layout.js" */
/** @import { Rect } from "../picture/grid/cells.js" */
/** @import { State } from "../state/state.js" */

/** More channels than this are not all said: the one on view is. */
const MOST_CHANNELS = 4;
const APART = 10;
/** Height of a line with its padding. */
const HEIGHT = 28;

/** The pointed cell and its exact value; empty when nothing is, or its number has not come. */
export function lookedAt(/** @type {State} */ state) {
  const { pointed } = state;
  const layer = state.shown?.geometry;
  const numbers = currentNumbers(state);
  if (!pointed || !layer || !numbers) return "";
  if (pointed.grid === "input") {
    const cells = layer.input_shape.slice(1);
    const at = cells.reduce((index, side, axis) => index * side + Number(pointed.cell[axis]), 0);
    const each = cells.reduce((all, side) => all * side, 1);
    const channels = Number(layer.input_shape[0]);
    const one = typeof state.channel === "number" ? [state.channel] : [0];
    const shown = channels > MOST_CHANNELS ? one : Array.from({ length: channels }, (_, channel) => channel);
    const values = shown.flatMap((channel) => {
      const index = channel * each + at;
      if (!numbers.input || index >= numbers.inputs) return [];
      const value = shortest(Number(numbers.input[index]));
      return [channels > 1 ? `${channelName(layer.input_shape, channel)} ${value}` : value];
    });
    return values.length > 0
      ? tell.cellValue(`${text.input} ${placeText(pointed.cell)}`, values.join(", "))
      : "";
  }
  if (pointed.grid === "output") {
    const lane = viewedLane(state);
    const value = servedAt(layer, numbers, lane, pointed.step);
    if (value === null) return "";
    const place =
      layer.result === "columns"
        ? say.matrixCell(lane, pointed.step)
        : `${text.output} ${placeText(outputCellAt(layer, pointed.step))}`;
    const noise = !isCopied(layer) && isNoise(value, roundingAt(layer, numbers, pointed.step, lane));
    return tell.cellValue(place, noise ? "≈ 0" : shortest(value));
  }
  const terms = walkOf(state) === "stamp" ? stampOf(state)?.terms : sumOf(state)?.terms;
  const term = terms?.find((one) => one.channel === pointed.channel && one.tap === pointed.tap);
  if (!term) return "";
  if (!isWeighted(layer)) return tell.cellValue(text.window, shortest(term.value));
  return tell.multiplies(shortest(term.weight), shortest(term.value), shortest(Math.fround(term.product)));
}

/** The words beside the pointed cell. @param {HTMLElement} stage @param {() => Layout | null} layout @returns {Control} */
export function lookedLabel(stage, layout) {
  const element = el("p", { class: "cell-value", "aria-hidden": "true" });
  stage.append(element);
  return {
    element,
    update(state) {
      const at = layout();
      const words = state.playing ? "" : lookedAt(state);
      const rect = at && words ? rectOf(state, at) : null;
      element.hidden = rect === null;
      if (!rect || !at) return;
      setText(element, words);
      const [x, y, width, height] = rect;
      const over = y - HEIGHT - APART;
      const wide = element.offsetWidth;
      const left = Math.min(Math.max(0, x + width / 2 - wide / 2), Math.max(0, at.width - wide));
      element.style.setProperty("left", `${Math.round(left)}px`);
      element.style.setProperty("top", `${Math.round(over >= 0 ? over : y + height + APART)}px`);
    },
  };
}

/** Where the pointed cell is on view. @returns {Rect | null} */
function rectOf(/** @type {State} */ state, /** @type {Layout} */ at) {
  const { pointed } = state;
  const layer = viewOf(state);
  if (!pointed || !layer) return null;
  const framed = (/** @type {Box} */ box, /** @type {Rect} */ rect) =>
    box.frame ? shared(rect, box.frame) : rect;
  if (pointed.grid === "input") {
    const { row, col } = planeAxes(layer);
    const [y, x] = [
      Number(pointed.cell.at(-2) ?? 0) * (row?.spread ?? 1),
      Number(pointed.cell.at(-1)) * col.spread,
    ];
    return framed(at.input, cellRect(at.input, row ? y : 0, x));
  }
  if (pointed.grid === "output") {
    if (layer.result === "columns")
      return framed(at.output, cellRect(at.output, pointed.lane ?? 0, pointed.step));
    const cell = outputCellAt(layer, pointed.step);
    return framed(at.output, cellRect(at.output, Number(cell.at(-2) ?? 0), Number(cell.at(-1))));
  }
  const plane = planeTaps(layer);
  const depth = Math.floor(pointed.tap / plane);
  const slice = at.slices.find((one) => one.channel === pointed.channel && (one.depth ?? depth) === depth);
  const box = slice?.kernel ?? slice?.patch;
  if (!box) return null;
  const tap = pointed.tap % (box.rows * box.cols);
  return cellRect(box, box.top + Math.floor(tap / box.cols), box.left + (tap % box.cols));
}
