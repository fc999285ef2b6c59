// The network view as marks: the maps of all layers with their numbers, the votes, the fields of a cell and the lines between
// them. Pure; knows no canvas and no DOM.

import { UNCHANGED } from "../../layer/activations.js";
import { cellRect, rectOf } from "../../picture/grid/cells.js";
import { signedScale } from "../../picture/grid/colour.js";
import { plainMap, scaleOf } from "../../picture/grid/planes.js";
import { addedNumber, number, shape } from "../../words/format.js";
import { networkWords } from "../../words/network.js";
import { extentOf } from "../fields.js";
import { SOURCE } from "../graph.js";
import { mask } from "../stage_marks.js";
import { isSingle, planeOf } from "./thumbnail.js";
import { classesOf, votesFor } from "./votes.js";

/** @import { Theme } from "../../types/page.js" */
/** @import { Shapes } from "../../types/network.js" */
/** @import { Source } from "../../types/source.js" */
/** @import { Box } from "../../picture/grid/grids.js" */
/** @import { Plane } from "../../picture/grid/planes.js" */
/** @import { Mark, Role } from "../../picture/scene.js" */
/** @import { Activation } from "./activations.js" */
/** @import { Activations } from "./chain.js" */
/** @import { Panel } from "./view_layout.js" */
/** @import { Fields } from "../seen.js" */
/** @import { Card } from "./described.js" */
/** @import { Facing } from "./u_layout.js" */
/** @import { Vote } from "./votes.js" */

/** Of a class's name: the least size, and about the width of a letter of size 1. */
const [LEAST_NAME, LETTER] = [12, 0.55];
/** So wide a column's words are at least, whatever its maps take. */
const LEAST_SUM = 240;
const PRINTED = 15; // cells of at least this many pixels have their number
const PAGES = 64; // the buttons that turn pages, beside a name
const BESIDE = 12; // what words below a picture may take beyond it
const NARROW = 5.9; // a letter of a line of sizes
const ONE = Float32Array.of(0);

/** One map of a layer as a plane. @returns {Plane} */
function planeOn(
  /** @type {Activation} */ { data, range },
  /** @type {number[]} */ shape,
  /** @type {number | "rgb"} */ lane,
  /** @type {Theme} */ theme,
  /** @type {Source | null} */ source,
) {
  const { rows, cols, depth } = planeOf(shape);
  const cells = data.length / Number(shape[0]);
  const first = lane === "rgb" ? 0 : lane;
  const [low, high] = range;
  return {
    data,
    offset: isSingle(shape) ? 0 : first * cells + depth * rows * cols,
    stride: cols,
    rows: plainMap(rows),
    cols: plainMap(cols),
    limit: data.length,
    version: data.length,
    scale: lane === "rgb" ? null : scaleOf(theme, range, source),
    rgb: lane === "rgb" ? { low: Math.min(0, low), high: Math.max(1, high), plane: cells, theme } : null,
  };
}

/**
 * The maps and votes themselves.
 * @param {Panel[]} panels @param {Shapes} shapes @param {Activations} activations @param {Theme} theme @param {Source} source
 * @param {string} chosen @returns {Mark[]}
 */
export function mapMarks(panels, shapes, activations, theme, source, chosen) {
  /** @type {Mark[]} */
  const marks = [];
  for (const panel of panels) {
    if (panel.votes) voteMarks(marks, panel, shapes, activations, theme);
    else
      for (const { lane, box } of panel.maps) {
        const activation = activations.of(panel.name);
        if (activation) {
          const plane = planeOn(activation, panel.shape, lane, theme, panel.name === SOURCE ? source : null);
          planeMarks(marks, box, plane);
        } else marks.push({ kind: "dots", rects: [rectOf(box)] });
        marks.push({ kind: "outline", rects: [rectOf(box)], stroke: roleOf(panel.name, chosen), line: 1 });
      }
  }
  return marks;
}

/** @returns {Role} */
function roleOf(/** @type {string} */ name, /** @type {string} */ chosen) {
  return name === SOURCE ? "input" : name === chosen ? "kernel" : "line2";
}

function planeMarks(/** @type {Mark[]} */ marks, /** @type {Box} */ box, /** @type {Plane} */ plane) {
  marks.push({ kind: "plane", rect: rectOf(box), plane });
  if (box.cell < PRINTED || plane.rgb) return;
  marks.push({ kind: "lattice", box }, { kind: "numbers", box, plane, digits: 2, padding: null });
}

/**
 * The names of blocks, and arrows between them.
 * @param {Facing} facing @param {Map<string, Card>} cards by name @returns {Mark[]}
 */
export function facingMarks({ panels, arrows }, cards) {
  /** @type {Mark[]} */
  const marks = [];
  for (const { name, maps, page } of panels) {
    const [first] = maps;
    const card = cards.get(name);
    if (!first || !card) continue;
    const fill = name === SOURCE ? "input" : "ink";
    const { x, y } = first.box;
    const size = 14;
    marks.push({ kind: "text", text: name, x, y: y - 12, size, align: "left", fill, bold: true });
    const words = [card.shape ? shape(card.shape) : "", card.sees].filter(Boolean);
    // A single picture has its words below it, where a mosaic has its pages beside its name.
    const alone = maps.length === 1;
    const after = alone ? x : x + name.length * 8 + 10;
    const end = Math.max(...maps.map(({ box }) => box.x + box.cols * box.cell));
    const room = end - after - (page.count > page.each ? PAGES : 0) + (alone ? BESIDE : 0);
    // Sizes alone where the buttons of the pages, or the edge of the picture, leave no room.
    const whole = words.join("  ");
    const shapeLine = whole.length * NARROW <= room ? whole : (words[0] ?? "");
    const down = alone ? y + first.box.rows * first.box.cell + 12 : y - 12;
    marks.push({ kind: "text", text: shapeLine, x: after, y: down, size: 13, align: "left", fill: "muted" });
  }
  for (const { points, skip } of arrows) {
    const stroke = skip === null ? "faint" : "kernel";
    const [x = 0, y = 0, beforeX = 0, beforeY = 0] = [...points.slice(-2), ...points.slice(-4, -2)];
    const [across, down] = [Math.sign(x - beforeX), Math.sign(y - beforeY)];
    const tip = [
      x - 6 * across - 4 * down,
      y - 6 * down - 4 * across,
      x,
      y,
      x - 6 * across + 4 * down,
      y - 6 * down + 4 * across,
    ];
    const line = skip === null ? 1.4 : 2;
    marks.push({ kind: "path", points, stroke, line }, { kind: "path", points: tip, stroke, line });
    if (skip === null) continue;
    const middle = (beforeX + x) / 2;
    const sees = cards.get(skip)?.sees ?? "";
    marks.push(
      {
        kind: "text",
        text: networkWords.across,
        x: middle,
        y: y - 12,
        size: 14,
        align: "center",
        fill: "kernel",
        bold: true,
      },
      { kind: "text", text: sees, x: middle, y: y + 14, size: 13, align: "center", fill: "muted" },
    );
  }
  return marks;
}

/** A text as large as its room lets it be, cut where even the least size takes more. @returns {{ text: string, size: number }} */
function fitting(/** @type {string} */ text, /** @type {number} */ room, /** @type {number} */ most) {
  const size = Math.max(LEAST_NAME, Math.min(most, Math.floor(room / (text.length * LETTER))));
  const letters = Math.max(4, Math.floor(room / (size * LETTER)));
  return { text: text.length > letters ? `${text.slice(0, letters - 1)}…` : text, size };
}

/** The parts of a total, by the maps that they come from: as many of the first four as have room. */
function partsOf(
  /** @type {Vote} */ { sums, bias },
  /** @type {boolean} */ isBiased,
  /** @type {number} */ room,
) {
  for (let shown = Math.min(4, sums.length); ; shown--) {
    const parts = sums
      .slice(0, shown)
      .map(
        (sum, channel) =>
          `${channel > 0 ? addedNumber(sum, 2) : number(sum, 2)} ${networkWords.map(channel + 1)}`,
      );
    const rest = sums.slice(shown).reduce((total, sum) => total + sum, 0);
    if (sums.length > shown) parts.push(`${addedNumber(rest, 2)} ${networkWords.others}`);
    if (isBiased) parts.push(`${addedNumber(bias, 2)} ${networkWords.bias}`);
    if (shown <= 1 || parts.join(" ").length * 6.2 <= room) return parts;
  }
}

/** Terms on the maps that they come from, the total above, its parts below. */
function voteMarks(
  /** @type {Mark[]} */ marks,
  /** @type {Panel} */ panel,
  /** @type {Shapes} */ shapes,
  /** @type {Activations} */ activations,
  /** @type {Theme} */ theme,
) {
  const { votes: at, name, maps } = panel;
  const layer = shapes.placed.get(name)?.geometry;
  const input = at && activations.of(at.input);
  const tensors = at && input && activations.tensors(name);
  if (!at || !layer || !input || !tensors) {
    for (const { box } of maps) marks.push({ kind: "dots", rects: [rectOf(box)] });
    return;
  }
  const votes = votesFor(layer, input, tensors);
  const most = Math.max(
    ...votes.map(({ terms }) => terms.reduce((high, term) => Math.max(high, Math.abs(term)), 0)),
  );
  const scale = signedScale(theme, most);
  const cells = layer.taps;
  const winner = Math.max(...votes.map(({ total }) => total));
  const classes = classesOf(name, layer.lanes);
  const out = activations.of(name);
  const left = Math.min(...maps.map(({ box }) => box.x));
  for (const { lane, y, below, width } of at.blocks) {
    const vote = votes[lane];
    if (!vote) continue;
    const total = number(rounded(vote.total, most), 3);
    const room = width - (total.length + 1) * 28 * LETTER;
    const named = fitting(classes?.[lane] ?? networkWords.output(lane + 1), room, classes ? 28 : 15);
    const fill = vote.total === winner ? "output" : "ink";
    marks.push(
      {
        kind: "text",
        ...named,
        x: left,
        y: y + 24,
        align: "left",
        fill,
        bold: true,
      },
      {
        kind: "text",
        text: total,
        x: left + width,
        y: y + 24,
        size: 28,
        align: "right",
        fill,
        bold: true,
      },
    );
    const parts = partsOf(vote, layer.bias_shape !== null, Math.max(width, LEAST_SUM));
    const served = out?.data[lane];
    if (served !== undefined && layer.activation !== UNCHANGED) parts.push(`→ ${number(served, 4)}`);
    const size = parts.join(" ").length * 6.2 > width ? 12 : 13;
    marks.push({
      kind: "text",
      text: parts.join(" "),
      x: left,
      y: below + 12,
      size,
      align: "left",
      fill: "muted",
    });
  }
  for (const { lane, channel = 0, box } of maps) {
    const vote = votes[Number(lane)];
    const plane = {
      data: vote?.terms ?? ONE,
      offset: channel * cells,
      stride: box.cols,
      rows: plainMap(box.rows),
      cols: plainMap(box.cols),
      limit: vote?.terms.length ?? 0,
      version: 0,
      scale,
      rgb: null,
    };
    planeMarks(marks, box, plane);
    marks.push({ kind: "outline", rects: [rectOf(box)], stroke: "line2", line: 1 });
  }
}

/**
 * The fields of a cell on all maps, and lines between layers that read each other.
 * @param {Panel[]} panels @param {Shapes} shapes @param {Fields | null} fields @param {number | undefined} lane
 * @param {boolean} [joined] whether lines lead from layer to layer @returns {Mark[]}
 */
export function fieldMarksOf(panels, shapes, fields, lane, joined = true) {
  if (!fields) return [];
  /** @type {Mark[]} */
  const marks = [];
  const { cell, back, on } = fields;
  /** The frame in each layer: left, right, top and bottom. @type {Map<string, { x: number, end: number, y: number, bottom: number }>} */
  const frames = new Map();
  for (const panel of panels) {
    const { name, maps, votes } = panel;
    if (votes) {
      const own = cell.layer === votes.input ? cell.place : null;
      for (const { box, channel } of own ? maps : []) {
        const [row = 0, col = 0] = own && own.length > 1 ? own : [0, ...(own ?? [])];
        const exact = lane === undefined || channel === lane;
        marks.push({
          kind: "outline",
          rects: [cellRect(box, row, col)],
          stroke: "output",
          line: exact ? 3 : 1,
          halo: exact,
        });
      }
      continue;
    }
    const role = back.has(name) ? "kernel" : "output";
    const ways = back.get(name) ?? on.get(name);
    for (const [at, { box, lane: own }] of maps.entries()) {
      const [row = 0, col = 0] = cell.place.length > 1 ? cell.place.slice(-2) : [0, ...cell.place];
      if (isSingle(panel.shape) && (ways || cell.layer === name)) {
        const stroke = cell.layer === name ? "ink" : role;
        marks.push({ kind: "outline", rects: [rectOf(box)], stroke, line: 3, halo: true });
        frames.set(name, frameOf(rectOf(box)));
        continue;
      }
      if (cell.layer === name) {
        const exact = lane === undefined ? at === 0 : own === lane || own === "rgb";
        const rects = [cellRect(box, row, col)];
        marks.push({ kind: "outline", rects, stroke: "ink", line: exact ? 3 : 1, halo: exact });
        if (exact) frames.set(name, frameOf(rects[0] ?? [0, 0, 0, 0]));
        continue;
      }
      if (!ways) continue;
      mask(marks, box, ways, { row: 1, col: 1 }, role);
      if (frames.has(name)) continue;
      const extent = extentOf(ways);
      const [left, right] = extent.at(-1) ?? [0, 0];
      const [top, bottom] = extent.length > 1 ? (extent.at(-2) ?? [0, 0]) : [0, 0];
      const [x, y] = cellRect(box, top, left);
      const end = cellRect(box, bottom, right);
      frames.set(name, { x, y, end: end[0] + end[2], bottom: end[1] + end[3] });
    }
  }
  for (const { node } of joined ? shapes.placed.values() : [])
    for (const input of new Set(node.inputs)) {
      const [from, to] = [frames.get(input), frames.get(node.name)];
      if (!from || !to || to.x < from.end) continue;
      const stroke = on.has(node.name) ? "output" : "kernel";
      const cone = [from.end, from.y, to.x, to.y, to.x, to.bottom, from.end, from.bottom];
      marks.push(
        { kind: "path", points: cone, stroke, line: 0, alpha: 0.1, filled: true },
        { kind: "path", points: [from.end, from.y, to.x, to.y], stroke, line: 1.2 },
        { kind: "path", points: [from.end, from.bottom, to.x, to.bottom], stroke, line: 1.2 },
      );
    }
  return marks;
}

/** Zero, where a sum of floats misses it by a hair. @param {number} value @param {number} most the largest of its terms */
function rounded(value, most) {
  return Math.abs(value) < 1e-6 * most ? 0 : value;
}

function frameOf(/** @type {[number, number, number, number]} */ [x, y, width, height]) {
  return { x, y, end: x + width, bottom: y + height };
}
