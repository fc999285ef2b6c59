// Where the maps of all layers stand in the network view: a column under each card, as many maps as it has room for. Pure
// arithmetic on shapes and a room; knows no numbers, no canvas and no DOM.

import { labelsOf } from "../model/labels.js";
import { isSingle, planeOf } from "./thumbnail.js";

/** @import { Placed, Shapes } from "../../types/network.js" */
/** @import { Box } from "../../picture/grid/grids.js" */

/** Maps of which a page is shown, from `first` on. @typedef {{ first: number, each: number, count: number }} Page */
/** One map of a layer; of votes, `lane` is the class and `channel` what its terms come from. @typedef {{ lane: number | "rgb", box: Box, channel?: number }} Map_ */
/**
 * The maps of a layer at their places, x counted from the column's left edge until it is placed.
 * @typedef {{ name: string, shape: number[], width: number, maps: Map_[], page: Page, votes: Votes | null }} Panel
 */
/** A dense layer whose terms are drawn onto the maps that they come from. @typedef {{ input: string, sizes: number[], blocks: { lane: number, y: number, below: number, width: number }[] }} Votes */

const APART = 14; // between maps
const TOP = 22; // for the words above maps
const LARGE = 32; // cells of maps of few cells
const MIDDLE = 23; // cells of a single map
const LEGIBLE = 16; // cells of several maps
const PICTURE = 132; // the side of a map whose numbers are not printed
const MOST_SEVERAL = 170; // the side of one of several maps whose numbers are printed
const MOST_ALONE = 264;
const MOST_MAPS = 16;
const MOST_COLUMNS = 4;
const PAGER = 30;
const VOTE = 30; // cells of votes
const VOTE_WIDTH = 190;
const HEAD = 46; // the total above votes
const FOOT = 26; // and their sum below
const MOST_VOTES = 4096;

/** A shape with one axis at least. */
export function gridOf(/** @type {number[]} */ shape) {
  return shape.length > 1 ? shape : [...shape, 1];
}

/**
 * The panels of the source and of all layers, in the order of the cards.
 * @param {Shapes} shapes @param {string[]} names the source first @param {number} height of the room
 * @param {Map<string, number>} firsts the first map of a page, by layer @param {boolean} coloured whether the source has colours
 * @param {number} scale of cells, 1 or more
 * @returns {Panel[]}
 */
export function panelsOf(shapes, names, height, firsts, coloured, scale = 1) {
  return names.flatMap((name, at) => {
    const placed = shapes.placed.get(name);
    if (at > 0 && !placed) return [];
    const votes = placed ? votesOf(placed, height, firsts.get(name) ?? 0, scale) : null;
    if (votes) return [votes];
    const shape = gridOf(placed?.geometry.output_shape ?? shapes.input_shape);
    return [mapsOf(name, shape, height, firsts.get(name) ?? 0, coloured && at === 0, scale)];
  });
}

/** @returns {Panel} */
function mapsOf(
  /** @type {string} */ name,
  /** @type {number[]} */ shape,
  /** @type {number} */ height,
  /** @type {number} */ first,
  /** @type {boolean} */ coloured,
  /** @type {number} */ scale,
) {
  const [channels = 1] = shape;
  const { rows, cols } = planeOf(shape);
  const count = coloured || isSingle(shape) ? 1 : channels;
  const room = Math.max(LEGIBLE, height - TOP - PAGER);
  const least = rows <= 4 && cols <= 4 ? LARGE : count === 1 ? MIDDLE : LEGIBLE;
  const most = Math.floor(least * scale);
  const side = Math.max(rows, cols);
  const wide = side * least > (count > 2 ? MOST_SEVERAL : MOST_ALONE);
  const picture = PICTURE * scale;
  const fitting = wide ? (side > picture ? picture / side : Math.floor(picture / side)) : most;
  const whole = Math.floor(room / rows);
  const cell = Math.min(fitting, whole >= 1 ? whole : room / rows);
  const [width, tall] = [cols * cell, rows * cell];
  const down = Math.max(1, Math.floor((room + APART) / (tall + APART)));
  const across = Math.min(MOST_COLUMNS, Math.max(1, Math.ceil(Math.min(count, MOST_MAPS) / down)));
  const each = Math.min(MOST_MAPS, down * across, count);
  const begin = Math.min(first, Math.max(0, count - 1));
  const shown = Math.min(each, count - begin);
  /** @type {Map_[]} */
  const maps = Array.from({ length: shown }, (_, at) => {
    const [col, row] = across > 1 ? [at % across, Math.floor(at / across)] : [0, at];
    const box = {
      x: col * (width + APART),
      y: TOP + row * (tall + APART),
      cell,
      rows,
      cols,
      top: 0,
      left: 0,
    };
    return { lane: coloured ? "rgb" : begin + at, box };
  });
  const page = { first: begin, each, count };
  return { name, shape, width: across * (width + APART) - APART, maps, page, votes: null };
}

/** @returns {Panel | null} */
function votesOf(
  /** @type {Placed} */ placed,
  /** @type {number} */ height,
  /** @type {number} */ first,
  /** @type {number} */ scale,
) {
  const { geometry, node, given } = placed;
  const [input] = node.inputs;
  const [channels = 1] = geometry.input_shape;
  const sizes = geometry.input_shape.slice(1);
  const isVoted = geometry.result === "vector" && geometry.weight_shape !== null && given.length === 1;
  if (
    !isVoted ||
    input === undefined ||
    geometry.input_shape.reduce((all, side) => all * side, 1) > MOST_VOTES
  )
    return null;
  const { rows, cols } = planeOf(geometry.input_shape);
  if (sizes.length > 2) return null;
  const count = isSingle(geometry.input_shape) ? 1 : channels;
  const apart = 10;
  const across = Math.min(count, Math.max(1, Math.floor((VOTE_WIDTH + apart) / (cols * 8 + apart)), 2));
  const most = Math.floor((VOTE_WIDTH * scale - (across - 1) * apart) / (across * cols));
  const cell = Math.max(2, Math.min(Math.floor(VOTE * scale), most));
  const lines = Math.ceil(count / across);
  const block = HEAD + lines * (rows * cell + apart) - apart + FOOT;
  const each = Math.max(1, Math.min(geometry.lanes, Math.floor((height - PAGER) / block)));
  const begin = Math.min(first, geometry.lanes - 1);
  const least = labelsOf(node.name, geometry.lanes) ? 260 : 150; // names take room beside the total
  const width = Math.max(across * (cols * cell + apart) - apart, least);
  const blocks = Array.from({ length: Math.min(each, geometry.lanes - begin) }, (_, at) => ({
    lane: begin + at,
    y: at * block,
    below: at * block + block - FOOT,
    width,
  }));
  /** @type {Map_[]} */
  const maps = blocks.flatMap(({ lane, y }) =>
    Array.from({ length: count }, (_, channel) => {
      const x = (channel % across) * (cols * cell + apart);
      const down = y + HEAD + Math.floor(channel / across) * (rows * cell + apart);
      return { lane, channel, box: { x, y: down, cell, rows, cols, top: 0, left: 0 } };
    }),
  );
  const page = { first: begin, each, count: geometry.lanes };
  return {
    name: node.name,
    shape: gridOf(geometry.output_shape),
    width,
    maps,
    page,
    votes: { input, sizes, blocks },
  };
}

/** A panel moved to its column. @returns {Panel} */
export function movedTo(/** @type {Panel} */ panel, /** @type {number} */ x, /** @type {number} */ y) {
  const maps = panel.maps.map((map) => ({ ...map, box: { ...map.box, x: map.box.x + x, y: map.box.y + y } }));
  const votes = panel.votes && {
    ...panel.votes,
    blocks: panel.votes.blocks.map((block) => ({ ...block, y: block.y + y, below: block.below + y })),
  };
  return { ...panel, maps, votes };
}

/**
 * The map and the cell of it under a point.
 * @param {Panel[]} panels @param {number} x @param {number} y
 * @returns {{ panel: Panel, map: Map_, row: number, col: number } | null}
 */
export function hitOn(panels, x, y) {
  for (const panel of panels)
    for (const map of panel.maps) {
      const { box } = map;
      const [col, row] = [Math.floor((x - box.x) / box.cell), Math.floor((y - box.y) / box.cell)];
      if (col >= 0 && col < box.cols && row >= 0 && row < box.rows) return { panel, map, row, col };
    }
  return null;
}

/** How high the panels are. */
export function heightOf(/** @type {Panel[]} */ panels) {
  const ends = panels.flatMap(({ maps, votes }) => [
    ...maps.map(({ box }) => box.y + box.rows * box.cell),
    ...(votes?.blocks.map(({ below }) => below + FOOT) ?? []),
  ]);
  return Math.max(0, ...ends);
}
