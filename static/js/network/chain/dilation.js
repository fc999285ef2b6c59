// The dilation diagram of networks on series: a row of cells for each layer, upwards from the input, with a line for each
// cell that is read, and the series below on the same axis. Decides where things stand, then paints them.

import { coordinate, resolve, tapsAt } from "../../layer/walk.js";
import { paintHatch } from "../../picture/canvas.js";
import { css, levelOf, signedScale, tableFor } from "../../picture/grid/colour.js";
import { number } from "../../words/format.js";
import { networkWords } from "../../words/network.js";
import { extentOf } from "../fields.js";
import { SOURCE } from "../graph.js";
import { futureRead, isAfter, timeOf } from "../seen.js";
import { arrayOf } from "../ways.js";
import { cardsOf, numbersOfFields } from "./described.js";
import { gridOf } from "./view_layout.js";

/** @import { Theme } from "../../types/page.js" */
/** @import { Shapes } from "../../types/network.js" */
/** @import { Palette } from "../../picture/canvas.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Activations } from "./chain.js" */
/** @import { Fields } from "../seen.js" */

/** A row of cells at their places. @typedef {{ name: string, about: string, sees: string, y: number, xs: Float64Array }} Row */
/** Lines from a cell of a row to those that it reads: the rows, the cells. @typedef {{ rows: Row[], width: number, height: number, left: number, radius: number, series: { top: number, height: number }, edges: Int32Array }} Diagram */

const MARGIN = 120; // for the names
const RIGHT = 36;
const STEP = 13; // from cell to cell where there is room
const WIDE = 1300; // as on large screens, where it is half as much again
const LEAST_STEP = 3;
const SERIES = 96;
const AXIS = 24;
const TOP = 30;
const LEAST_ROW = 34;
const MOST_ROW = 72;
const MOST_EDGES = 24_000;
const MANY_LINES = 4000;

/** A canvas that is clear, in pixels of CSS. */
export function contextOn(
  /** @type {HTMLCanvasElement} */ canvas,
  /** @type {{ width: number, height: number }} */ size,
) {
  const ratio = window.devicePixelRatio || 1;
  Object.assign(canvas, { width: Math.round(size.width * ratio), height: Math.round(size.height * ratio) });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

/** Whether all layers of a network have one axis, and more than one cell on it somewhere. */
export function isSeries(/** @type {Shapes} */ { input_shape, placed }) {
  return input_shape.length === 2 && [...placed.values()].every(({ shape }) => shape.length === 2);
}

/**
 * @param {Shapes} shapes @param {State} state @param {number} room how wide it may be @param {number} high and how high
 * @returns {Diagram}
 */
export function diagramOf(shapes, state, room, high) {
  const cards = cardsOf(state).filter(({ name }) => name === SOURCE || shapes.placed.has(name));
  const count = Number(shapes.input_shape[1]);
  const step = Math.max(
    LEAST_STEP,
    Math.min(room > WIDE ? 1.5 * STEP : STEP, (room - MARGIN - RIGHT) / count),
  );
  const row = Math.max(
    LEAST_ROW,
    Math.min(MOST_ROW, (high - TOP - SERIES - AXIS - 16) / Math.max(1, cards.length - 1)),
  );
  const bottom = TOP + row * (cards.length - 1);
  const numbers = numbersOfFields(shapes);
  const rows = cards.map(({ name, about, sees }, at) => {
    const cells = name === SOURCE ? count : Number(shapes.placed.get(name)?.shape[1]);
    const own = numbers.get(name);
    const xs = Float64Array.from({ length: cells }, (_, cell) => {
      const [start, jump, size] = [Number(own?.start[0]), own?.jump[0], Number(own?.size[0])];
      const middle =
        typeof jump === "number"
          ? start + cell * jump + (size - 1) / 2
          : ((cell + 0.5) * count) / cells - 0.5;
      return MARGIN + (cells === count ? cell : Math.min(count - 1, Math.max(0, middle))) * step + step / 2;
    });
    return { name, about, sees, y: bottom - at * row, xs };
  });
  const width = Math.max(room, MARGIN + count * step + RIGHT);
  const series = { top: bottom + 16, height: SERIES };
  return {
    rows,
    width,
    height: bottom + 16 + SERIES + AXIS,
    left: MARGIN,
    radius: Math.max(1.2, Math.min(4.6, step * 0.36)),
    series,
    edges: edgesOf(shapes, rows),
  };
}

/** Per line: row and cell that reads, row and cell that is read. */
function edgesOf(/** @type {Shapes} */ shapes, /** @type {Row[]} */ rows) {
  const places = new Map(rows.map(({ name }, at) => [name, at]));
  /** @type {number[]} */
  const edges = [];
  for (const [at, { name }] of rows.entries()) {
    const placed = shapes.placed.get(name);
    const axis = placed?.geometry.axes[0];
    if (!placed || !axis) continue;
    for (let step = 0; step < axis.output; step++)
      for (let tap = 0; tap < tapsAt(axis.reads, step); tap++) {
        const cell = resolve(axis, coordinate(axis.reads, step, tap));
        if (cell < 0) continue;
        for (const input of new Set(placed.node.inputs))
          edges.push(at, step, Number(places.get(input)), cell);
        if (edges.length > MOST_EDGES * 4) return Int32Array.from([]);
      }
  }
  return Int32Array.from(edges);
}

/** The cell of a row that is nearest to a point. @returns {{ layer: string, place: number[] } | null} */
export function cellNear(
  /** @type {Diagram} */ { rows, radius },
  /** @type {number} */ x,
  /** @type {number} */ y,
) {
  const row = rows.reduce((best, one) => (Math.abs(one.y - y) < Math.abs(best.y - y) ? one : best));
  if (Math.abs(row.y - y) > 14) return null;
  let nearest = 0;
  for (const [cell, at] of row.xs.entries())
    if (Math.abs(at - x) < Math.abs(Number(row.xs[nearest]) - x)) nearest = cell;
  return Math.abs(Number(row.xs[nearest]) - x) < 3 * radius + 6
    ? { layer: row.name, place: [nearest] }
    : null;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Diagram} diagram @param {Shapes} shapes @param {Fields | null} fields
 * @param {Activations} activations @param {{ theme: Theme, palette: Palette, lane: number }} how
 */
export function paintDiagram(context, diagram, shapes, fields, activations, { theme, palette, lane }) {
  const { rows, radius } = diagram;
  const axis = { shapes, jumps: numbersOfFields(shapes) };
  const now = fields && fields.cell.layer !== SOURCE ? timeOf(fields.cell, axis) : null;
  if (now !== null) paintFuture(context, diagram, now, palette);
  const late = (/** @type {string} */ layer, /** @type {number} */ cell) =>
    fields?.back.has(layer) === true && isAfter({ layer, place: [cell] }, now, axis);
  /** Per row which cells are of the field, and its role. */
  const marked = rows.map(({ name, xs }) => {
    const mask = new Uint8Array(xs.length);
    const ways = fields?.back.get(name) ?? fields?.on.get(name);
    if (ways) for (const [at, count] of arrayOf(ways).entries()) mask[at] = count > 0 ? 1 : 0;
    const own = fields?.cell.layer === name;
    if (own) mask[Number(fields?.cell.place[0])] = 1;
    return { mask, role: roleOf(own || !fields?.on.has(name)), own };
  });
  paintLines(context, diagram, marked, palette, late);
  context.textBaseline = "middle";
  for (const [at, { name, about, sees, y, xs }] of rows.entries()) {
    const { mask, role, own } = /** @type {typeof marked[number]} */ (marked[at]);
    const numbers = activations.of(name);
    const [low, high] = numbers?.range ?? [0, 1];
    const scale = signedScale(theme, Math.max(Math.abs(low), Math.abs(high)));
    const [channels = 1] = gridOf(
      at === 0 ? shapes.input_shape : (shapes.placed.get(name)?.geometry.output_shape ?? [1]),
    );
    const first = Math.min(lane, channels - 1) * xs.length;
    for (const [cell, x] of xs.entries()) {
      context.beginPath();
      context.arc(x, y, mask[cell] ? radius : Math.min(radius, 2.6), 0, 2 * Math.PI);
      const value = numbers?.data[first + cell];
      context.fillStyle =
        mask[cell] && value !== undefined
          ? css(Number(tableFor(scale, 2 * radius)[levelOf(scale, value)]))
          : palette.sheet;
      context.fill();
      context.strokeStyle = !mask[cell] ? palette.faint : palette[late(name, cell) ? "warn" : role];
      context.lineWidth = mask[cell] ? 1.6 : 1;
      context.stroke();
    }
    if (own) {
      const cell = Number(fields?.cell.place[0]);
      context.beginPath();
      context.arc(Number(xs[cell]), y, radius + 3.5, 0, 2 * Math.PI);
      context.strokeStyle = palette.ink;
      context.lineWidth = 2.4;
      context.stroke();
      const value = numbers?.data[first + cell];
      if (value !== undefined) {
        const last = Number(xs[cell]) > diagram.width - 90;
        context.font = `600 15px ${palette.font}`;
        context.fillStyle = palette.ink;
        context.textAlign = last ? "right" : "left";
        context.fillText(number(value), Number(xs[cell]) + (last ? -10 : 10), y - 15);
      }
    }
    context.textAlign = "left";
    context.font = `600 15px ${palette.font}`;
    context.fillStyle = at === 0 ? palette.input : own ? palette.kernel : palette.ink;
    const tight = Number(rows[0]?.y) - Number(rows[1]?.y) < 40;
    context.fillText(name, 2, sees && !tight ? y - 8 : y, MARGIN - 14);
    context.font = `13px ${palette.font}`;
    context.fillStyle = palette.muted;
    if (sees && tight) {
      context.textAlign = "right";
      context.fillText(sees, MARGIN - 10, y, MARGIN / 2);
    } else if (sees)
      context.fillText(
        [about.match(/dilation \S+/)?.[0], sees].filter(Boolean).join("  "),
        2,
        y + 9,
        MARGIN - 14,
      );
  }
  paintSeries(context, diagram, fields, activations, palette, lane);
}

/** Purple is read, green is reached. @returns {"kernel" | "output"} */
function roleOf(/** @type {boolean} */ reads) {
  return reads ? "kernel" : "output";
}

/** How much of the future a cell reads, in words; nothing where it reads none. */
export function futureWords(/** @type {Fields} */ fields, /** @type {Shapes} */ shapes) {
  const late = futureRead(fields, { shapes, jumps: numbersOfFields(shapes) });
  return late ? networkWords.future(late) : "";
}

/** Hatch the time after the cell on view, behind the rows. */
function paintFuture(
  /** @type {CanvasRenderingContext2D} */ context,
  /** @type {Diagram} */ { rows },
  /** @type {number} */ now,
  /** @type {Palette} */ palette,
) {
  const [source] = rows;
  const after = Number(source?.xs[Math.floor(now) + 1]);
  if (!source || !(after > 0)) return;
  const step = after - Number(source.xs[Math.floor(now)]);
  const [left, right] = [after - step / 2, Number(source.xs.at(-1)) + step / 2];
  const top = Number(rows.at(-1)?.y) - 10;
  paintHatch(context, [[left, top, right - left, source.y + 8 - top]], "future", palette);
}

/**
 * Lines to what is read: pale, of the field in its role, and those to the future that it reads in a colour of their own.
 * @param {CanvasRenderingContext2D} context @param {Diagram} diagram
 * @param {{ mask: Uint8Array, role: "kernel" | "output" }[]} marked @param {Palette} palette
 * @param {(layer: string, cell: number) => boolean} late
 */
function paintLines(context, { rows, edges }, marked, palette, late) {
  for (const role of /** @type {const} */ (["line2", "output", "kernel", "warn"])) {
    const lit = role !== "line2";
    context.beginPath();
    for (let at = 0; at + 3 < edges.length; at += 4) {
      const [row, cell, below, read] = /** @type {[number, number, number, number]} */ ([
        ...edges.subarray(at, at + 4),
      ]);
      const on = marked[row]?.mask[cell] && marked[below]?.mask[read];
      if (lit !== Boolean(on)) continue;
      if (lit && lineRole(row, below, read) !== role) continue;
      context.moveTo(Number(rows[row]?.xs[cell]), Number(rows[row]?.y));
      context.lineTo(Number(rows[below]?.xs[read]), Number(rows[below]?.y));
    }
    context.strokeStyle = palette[role];
    const many = edges.length > MANY_LINES * 4;
    context.globalAlpha = many ? (lit ? 0.5 : 0.25) : 0.85;
    context.lineWidth = lit ? (many ? 0.8 : 1.3) : 0.7;
    context.stroke();
    context.globalAlpha = 1;
  }

  /** A line between two layers after the cell is one that the cell reaches. */
  function lineRole(/** @type {number} */ row, /** @type {number} */ below, /** @type {number} */ read) {
    if (marked[row]?.role === "output") return "output";
    return late(String(rows[below]?.name), read) ? "warn" : "kernel";
  }
}

/** The series on the same axis: what the cell depends on as a full line, the rest of it pale. */
function paintSeries(
  /** @type {CanvasRenderingContext2D} */ context,
  /** @type {Diagram} */ { rows, series, left, width },
  /** @type {Fields | null} */ fields,
  /** @type {Activations} */ activations,
  /** @type {Palette} */ palette,
  /** @type {number} */ lane,
) {
  const numbers = activations.of(SOURCE);
  const xs = rows[0]?.xs ?? new Float64Array();
  const middle = series.top + series.height / 2;
  context.fillStyle = palette.muted;
  context.font = `13px ${palette.font}`;
  context.textAlign = "center";
  const each =
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000].find(
      (one) => one * (Number(xs[1]) - Number(xs[0])) >= 34,
    ) ?? 10_000;
  for (let at = 0; at < xs.length; at += each)
    context.fillText(String(at), Number(xs[at]), series.top + series.height + 12);
  context.textAlign = "left";
  context.fillStyle = palette.input;
  context.font = `600 15px ${palette.font}`;
  context.fillText(networkWords.series, 2, middle);
  if (!numbers) return;
  const [low, high] = numbers.range;
  const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
  const first = numbers.data.length >= (lane + 1) * xs.length ? lane * xs.length : 0;
  const y = (/** @type {number} */ at) =>
    middle - (Number(numbers.data[first + at]) / most) * (series.height / 2 - 6);
  const seen = fields?.back.get(SOURCE);
  const [from, to] =
    (seen && extentOf(seen)[0]) ??
    (fields?.cell.layer === SOURCE
      ? [Number(fields.cell.place[0]), Number(fields.cell.place[0])]
      : [0, xs.length - 1]);
  const line = (
    /** @type {number} */ begin,
    /** @type {number} */ end,
    /** @type {string} */ colour,
    /** @type {number} */ wide,
  ) => {
    context.beginPath();
    for (let at = begin; at <= end; at++) context.lineTo(Number(xs[at]), y(at));
    context.strokeStyle = colour;
    context.lineWidth = wide;
    context.stroke();
  };
  context.beginPath();
  context.moveTo(left, middle);
  context.lineTo(width - RIGHT, middle);
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  context.stroke();
  line(0, xs.length - 1, palette.faint, 1.2);
  line(from, to, palette.input, 2.2);
  if (!seen) return;
  context.setLineDash([3, 4]);
  for (const at of [from, to]) {
    context.beginPath();
    context.moveTo(Number(xs[at]), Number(rows[0]?.y) + 8);
    context.lineTo(Number(xs[at]), series.top + series.height);
    context.strokeStyle = palette.kernel;
    context.lineWidth = 1;
    context.stroke();
  }
  context.setLineDash([]);
}
