// The sums of each beat of one training step: what every layer gave, how the loss comes about, the gradient of a weight as
// the correlation that it is and what is sent on the other way, and the update. Makes elements; asks for nothing.

import { signedScale } from "../picture/grid/colour.js";
import { el } from "../ui/dom.js";
import { number } from "../words/format.js";
import { trainWords } from "../words/train.js";
import { cellsOfWindow } from "./forward.js";
import { numbersOf } from "./look.js";
import { inkScale, mapScale, paint, picture, planeOf, reachOf } from "./pictures.js";

/** @import { Theme } from "../types/page.js" */
/** @import { Placed, Shapes } from "../types/network.js" */
/** @import { Experiment } from "../types/training.js" */
/** @import { Look } from "./look.js" */

/** @typedef {"forward" | "loss" | "backward" | "update"} Beat */
/** A filter, and a cell of it. @typedef {{ lane: number, cell: number }} Weight */

export const MOST_MAPS = 4;
const MOST_TERMS = 4;
const FILTER_CELL = 29;

/**
 * @typedef {object} Shown
 * @property {Look} look @property {Shapes} shapes @property {Placed} filtered the layer whose filters are on view
 * @property {Experiment} experiment @property {string[]} classes @property {Theme} theme @property {string} ink
 * @property {string} optimiser its title @property {string} formula of its update
 */

/** @param {Beat} beat @param {Shown} now @param {Weight} weight @param {(cell: number) => void} pick @returns {Node[]} */
export function sumsOf(beat, now, weight, pick) {
  if (beat === "forward") return forwardSums(now);
  if (beat === "loss") return lossSums(now);
  if (beat === "backward") return backwardSums(now, weight, pick);
  return updateSums(now, weight, pick);
}

/** Each layer's maps as trained; what is dropped in this training step is hatched. */
function forwardSums(/** @type {Shown} */ { look, shapes, theme, experiment }) {
  const row = el("div", { class: "tr-flow" });
  const dropped = [];
  for (const { name } of shapes.network.order) {
    const placed = /** @type {Placed} */ (shapes.placed.get(name));
    const values = numbersOf(look, `values.${name}`) ?? [];
    const mask = numbersOf(look, `mask.${name}`);
    row.append(mapsOf(name, values, placed.shape, theme, mask));
    if (mask) {
      const off = [...mask].filter((kept) => kept === 0).length;
      const rate = Number(experiment.layers.find((layer) => layer.name === name)?.rate ?? 0.5);
      dropped.push(el("p", { text: trainWords.dropped(name, off, mask.length, rate) }));
    }
  }
  return [row, ...dropped];
}

function lossSums(/** @type {Shown} */ { look, shapes, classes }) {
  const votes = [...outputsOf(look, shapes)];
  const label = labelOf(look);
  const high = Math.max(...votes);
  const total = votes.reduce((sum, vote) => sum + Math.exp(vote - high), 0);
  const losses = [...(numbersOf(look, "losses") ?? [])];
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  const rows = votes.map((vote, at) => {
    const power = Math.exp(vote - high);
    return el(
      "tr",
      { class: at === label ? "right" : "" },
      el("th", { scope: "row", text: String(classes[at]) }),
      ...[vote, power, power / total, power / total - (at === label ? 1 : 0)].map((value) =>
        el("td", { text: number(value, 3) }),
      ),
    );
  });
  const head = el(
    "tr",
    {},
    ...trainWords.lossHeads(number(high, 3)).map((words) => el("th", { scope: "col", text: words })),
  );
  return [
    el("table", { class: "tr-loss-table" }, el("thead", {}, head), el("tbody", {}, ...rows)),
    el("p", { text: trainWords.meanOf(losses.length, mean) }),
    el("p", { class: "muted", text: trainWords.sentBack }),
  ];
}

/**
 * A filter with its numbers and its words; a click on a cell picks it.
 * @param {ArrayLike<number>} data
 * @param {Pick<Shown, "filtered" | "theme" | "ink"> & { reach: number, pick: ((cell: number) => void) | null }} how
 * @param {string} words
 */
function kernelFigure(data, { filtered, theme, ink, reach, pick }, words) {
  const { rows, cols } = kernelOf(filtered);
  const canvas = picture("tr-filter");
  const scale = signedScale(theme, reach);
  paint(canvas, data, { rows, cols, cell: cellFor(88, rows, cols), scale, ink }, words);
  if (pick) picksOf(canvas, rows, cols, pick);
  return el("figure", {}, canvas, el("figcaption", { text: words }));
}

/** The gradient of one weight as the correlation that it is, and then what is sent on to the layers before. */
function backwardSums(
  /** @type {Shown} */ now,
  /** @type {Weight} */ weight,
  /** @type {(cell: number) => void} */ pick,
) {
  const { look, shapes, filtered, theme } = now;
  const { geometry } = filtered;
  const input = inputOf(look, shapes, filtered);
  const back = numbersOf(look, `back.${filtered.node.name}`);
  if (!back || !input) return [];
  const { cols, each } = kernelOf(filtered);
  const plane = geometry.steps;
  const channel = Math.floor(weight.cell / geometry.taps);
  const tap = weight.cell % geometry.taps;
  const cells = input.length / Number(geometry.input_shape[0]);
  const own = new Float32Array(each);
  /** @type {[value: number, sent: number][]} */
  const terms = [];
  for (let step = 0; step < plane; step++) {
    const window = cellsOfWindow(geometry, step);
    const sent = Number(back[weight.lane * plane + step]);
    for (let at = 0; at < each; at++) {
      const cell = Number(window[at % geometry.taps]);
      const value = cell < 0 ? 0 : Number(input[Math.floor(at / geometry.taps) * cells + cell]);
      own[at] = Number(own[at]) + value * sent;
      if (at === channel * geometry.taps + tap && value * sent !== 0) terms.push([value, sent]);
    }
  }
  const gradient = tensorOf(look, "gradient", filtered);
  const whole = gradient.slice(weight.lane * each, (weight.lane + 1) * each);
  const others = whole.map((value, at) => value - Number(own[at]));
  const reach = Math.max(reachOf(own), reachOf(whole), reachOf(others));
  const kernel = (/** @type {ArrayLike<number>} */ data, /** @type {string} */ words, pickable = false) =>
    kernelFigure(data, { ...now, reach, pick: pickable ? pick : null }, words);
  const [inRows, inCols] = planeOf(geometry.input_shape);
  const [outRows, outCols] = planeOf(filtered.shape);
  const read = picture();
  const scale = filtered.node.inputs[0] === "input" ? inkScale(theme, input) : mapScale(theme, input);
  paint(
    read,
    input,
    { rows: inRows, cols: inCols, at: channel * cells, cell: cellFor(96, inRows, inCols), scale },
    trainWords.reads,
  );
  const sent = picture();
  paint(
    sent,
    back,
    {
      rows: outRows,
      cols: outCols,
      at: weight.lane * plane,
      cell: cellFor(96, outRows, outCols),
      scale: mapScale(theme, back),
    },
    trainWords.sent,
  );
  const figure = (/** @type {HTMLCanvasElement} */ canvas, /** @type {string} */ words) =>
    el("figure", {}, canvas, el("figcaption", { text: words }));
  const sign = (/** @type {string} */ text) => el("span", { class: "tr-sign", text, "aria-hidden": "true" });
  terms.sort(([a, b], [c, d]) => Math.abs(c * d) - Math.abs(a * b));
  const shownTerms = terms.slice(0, MOST_TERMS);
  const rest = terms.slice(MOST_TERMS).reduce((sum, [value, back]) => sum + value * back, 0);
  const count = Number(numbersOf(look, "losses")?.length);
  return [
    el(
      "div",
      { class: "tr-flow" },
      figure(read, trainWords.reads),
      sign("⋆"),
      figure(sent, trainWords.sent),
      sign("="),
      kernel(own, trainWords.share, true),
      sign("+"),
      kernel(others, trainWords.others(count - 1)),
      sign("="),
      kernel(whole, trainWords.gradient),
    ),
    el("p", {
      class: "tr-terms",
      text: trainWords.terms(
        weight.cell,
        cols,
        shownTerms,
        terms.length - shownTerms.length,
        rest,
        Number(own[weight.cell]),
      ),
    }),
    sentOn(now),
  ];
}

/** The walk the other way: what each layer gets back for its sums, from the last to the first. */
function sentOn(/** @type {Shown} */ { look, shapes, theme }) {
  const row = el("div", { class: "tr-flow back" });
  for (const { name } of [...shapes.network.order].reverse()) {
    const back = numbersOf(look, `back.${name}`);
    const placed = /** @type {Placed} */ (shapes.placed.get(name));
    if (back) row.append(mapsOf(name, back, placed.shape, theme, null));
  }
  return el("div", {}, el("p", { class: "muted", text: trainWords.otherWay }), row);
}

function updateSums(
  /** @type {Shown} */ now,
  /** @type {Weight} */ weight,
  /** @type {(cell: number) => void} */ pick,
) {
  const { look, filtered, optimiser, formula, experiment } = now;
  const { each } = kernelOf(filtered);
  const part = (/** @type {string} */ when) =>
    tensorOf(look, when, filtered).slice(weight.lane * each, (weight.lane + 1) * each);
  const [before, gradient, after] = [part("before"), part("gradient"), part("after")];
  const step = after.map((value, at) => value - Number(before[at]));
  const kernel = (
    /** @type {ArrayLike<number>} */ data,
    /** @type {number} */ reach,
    /** @type {string} */ words,
    pickable = false,
  ) => kernelFigure(data, { ...now, reach, pick: pickable ? pick : null }, words);
  const sign = (/** @type {string} */ text) => el("span", { class: "tr-sign", text, "aria-hidden": "true" });
  const reach = Math.max(reachOf(before), reachOf(after));
  const values = [...look.tensors].flatMap(([name, { data }]) => {
    if (!name.startsWith("optimiser.")) return [];
    const at = placeInRow(look, filtered) + weight.lane * each + weight.cell;
    return [trainWords.rowValue(name.slice("optimiser.".length), Number(data[at]))];
  });
  const g = Number(gradient[weight.cell]);
  return [
    el(
      "div",
      { class: "tr-flow" },
      kernel(gradient, reachOf(gradient), trainWords.gradient, true),
      sign("→"),
      kernel(before, reach, trainWords.before),
      sign("+"),
      kernel(step, reachOf(step), trainWords.change),
      sign("="),
      kernel(after, reach, trainWords.after),
    ),
    el("p", { text: trainWords.rule(optimiser, formula) }),
    el("p", {
      class: "tr-terms",
      text: trainWords.updated(
        g,
        values,
        experiment.optimiser.rate,
        Number(before[weight.cell]),
        Number(step[weight.cell]),
        Number(after[weight.cell]),
      ),
    }),
  ];
}

/** Where the weight of the layer lies in a row of all parameters: tensors are told in its order. */
function placeInRow(/** @type {Look} */ look, /** @type {Placed} */ filtered) {
  let at = 0;
  for (const [name, { data }] of look.tensors) {
    if (!name.startsWith("before.")) continue;
    if (name === `before.${filtered.node.name}.weight`) return at;
    at += data.length;
  }
  return 0;
}

/** A cell of a kernel is chosen by a click. @param {HTMLCanvasElement} canvas @param {number} rows @param {number} cols @param {(cell: number) => void} pick */
function picksOf(canvas, rows, cols, pick) {
  canvas.classList.add("pickable");
  canvas.addEventListener("click", (event) => {
    const box = canvas.getBoundingClientRect();
    const row = Math.min(rows - 1, Math.floor(((event.clientY - box.top) / box.height) * rows));
    const col = Math.min(cols - 1, Math.floor(((event.clientX - box.left) / box.width) * cols));
    pick(row * cols + col);
  });
}

export function cellFor(/** @type {number} */ room, /** @type {number} */ rows, /** @type {number} */ cols) {
  const most = Math.max(rows, cols);
  return most <= 5 ? Math.min(FILTER_CELL, room / most) : Math.max(1, Math.floor(room / most));
}

export function labelOf(/** @type {Look} */ look) {
  return Number(numbersOf(look, "labels")?.[look.example]);
}

/** The numbers that the loss reads of the example. */
export function outputsOf(/** @type {Look} */ look, /** @type {Shapes} */ shapes) {
  return Float32Array.from(numbersOf(look, `values.${shapes.network.last.name}`) ?? []);
}

export function tensorOf(
  /** @type {Look} */ look,
  /** @type {string} */ when,
  /** @type {Placed} */ { node },
) {
  return Float32Array.from(numbersOf(look, `${when}.${node.name}.weight`) ?? []);
}

/** The input of the layer for the example; null where it reads several layers. */
function inputOf(/** @type {Look} */ look, /** @type {Shapes} */ _shapes, /** @type {Placed} */ { node }) {
  const [name] = node.inputs;
  const values = node.inputs.length === 1 ? numbersOf(look, `values.${name}`) : null;
  return values ? Float32Array.from(values) : null;
}

/** A filter as a grid: the kernels of its channels below one another. */
export function kernelOf(/** @type {Placed} */ { geometry }) {
  const [rows, cols] = planeOf([1, ...geometry.kernel_shape]);
  return {
    rows: rows * geometry.channels_per_group,
    cols,
    each: geometry.taps * geometry.channels_per_group,
  };
}

/** A layer by its name and the first of its maps; what a mask drops is hatched. @param {string} name @param {ArrayLike<number>} values @param {number[]} shape @param {Theme} theme @param {ArrayLike<number> | null} mask */
function mapsOf(name, values, shape, theme, mask) {
  const [rows, cols] = planeOf(shape);
  const vector = rows * cols === 1;
  const lanes = Number(shape[0]);
  const scale = mapScale(theme, values);
  const maps = el("span", { class: "tr-maps" });
  for (let lane = 0; lane < (vector ? 1 : Math.min(MOST_MAPS, lanes)); lane++) {
    const canvas = picture();
    const [high, wide] = vector ? [Math.min(lanes, 16), 1] : [rows, cols];
    const how = {
      rows: high,
      cols: wide,
      at: lane * rows * cols,
      cell: vector ? 14 : cellFor(40, rows, cols),
      scale,
    };
    paint(canvas, values, mask ? { ...how, off: mask } : how, trainWords.map(lane + 1, name));
    maps.append(canvas);
  }
  maps.classList.toggle("single", vector || lanes === 1);
  return el("figure", {}, maps, el("figcaption", { text: name }));
}
