// Encoders and decoders face to face: a level for each size, blocks of layers of one size as mosaics of their last maps, skips
// across. Pure arithmetic on shapes and a room; knows no numbers and no canvas.

import { SOURCE } from "../graph.js";
import { gridOf } from "./view_layout.js";

/** @import { Shapes } from "../../types/network.js" */
/** @import { Map_, Panel } from "./view_layout.js" */

/** Layers of one size after one another; the last stands for all. @typedef {{ size: string, layers: string[], level: number }} Block */
/** An arrow from point to point; a skip says what its layer sees. @typedef {{ points: number[], skip: string | null }} Arrow */
/** @typedef {{ panels: Panel[], arrows: Arrow[], width: number, height: number }} Facing */

const APART = 3; // between the tiles of a mosaic
const ACROSS = 4;
const DOWN = 2;
const MOST_TILE = 64;
const LEAST_TILE = 20;
const HEAD = 26;
const GAP = 38;
const INDENT = 50;
const LEAST_WIDTH = 880;

/** Runs of layers of one size, the source's own first. @returns {Block[]} */
export function blocksOf(/** @type {Shapes} */ shapes) {
  /** @type {Block[]} */
  const blocks = [{ size: shapes.input_shape.slice(1).join(), layers: [SOURCE], level: 0 }];
  for (const { name } of shapes.network.order) {
    const size = String(shapes.placed.get(name)?.shape.slice(1));
    const last = /** @type {Block} */ (blocks.at(-1));
    if (last.size === size && last.layers[0] !== SOURCE) last.layers.push(name);
    else blocks.push({ size, layers: [name], level: 0 });
  }
  const sizes = [...new Set(blocks.map(({ size }) => size))].sort((one, other) => cells(other) - cells(one));
  return blocks.map((block) => ({ ...block, level: sizes.indexOf(block.size) }));
}

function cells(/** @type {string} */ size) {
  return size.split(",").reduce((all, side) => all * Number(side), 1);
}

/** The block to which each layer belongs. */
function placesOf(/** @type {Block[]} */ blocks) {
  return new Map(blocks.flatMap(({ layers }, at) => layers.map((name) => [name, at])));
}

/** Skips from a block of a level to a later one of the same level, with a smaller one between. @returns {[number, number, string][]} */
function skipsOf(/** @type {Shapes} */ shapes, /** @type {Block[]} */ blocks) {
  const places = placesOf(blocks);
  return shapes.network.order.flatMap(({ name, inputs }) =>
    inputs.flatMap((input) => {
      const [from, to] = [Number(places.get(input)), Number(places.get(name))];
      const between = blocks.slice(from + 1, to).some(({ level }) => level > Number(blocks[from]?.level));
      const level = blocks[from]?.level === blocks[to]?.level;
      return level && between && input !== SOURCE
        ? [/** @type {[number, number, string]} */ ([from, to, input])]
        : [];
    }),
  );
}

/** Whether a network goes down in size and up again, joined by skips across. */
export function isFacing(/** @type {Shapes} */ shapes) {
  if (shapes.input_shape.length !== 3 || shapes.placed.size < 5) return false;
  return skipsOf(shapes, blocksOf(shapes)).length > 0;
}

/**
 * @param {Shapes} shapes @param {number} room how wide it may be @param {number} high and how high
 * @param {Map<string, number>} firsts the first map of a page, by layer @param {boolean} coloured
 * @returns {Facing}
 */
export function facingOf(shapes, room, high, firsts, coloured) {
  const all = blocksOf(shapes);
  const skips = skipsOf(shapes, all);
  const lastSkip = Math.max(...skips.map(([, to]) => to));
  const last = /** @type {Block} */ (all.at(-1));
  const out = shapes.network.last.name;
  // The last layer stands alone where it is one of a block of several.
  const apart = last.layers.length > 1 && last.layers.at(-1) === out;
  const blocks = apart
    ? [...all.slice(0, -1), { ...last, layers: last.layers.slice(0, -1) }, { ...last, layers: [out] }]
    : all;
  const levels = Math.max(...blocks.map(({ level }) => level)) + 1;
  const width = Math.max(LEAST_WIDTH, room);
  const tall = Math.max(2 * LEAST_TILE + APART + HEAD + 24, high / levels);
  const deepest = blocks.findIndex(({ level }) => level === levels - 1);
  const side = (GAP + INDENT * (levels - 1)) * 2;
  const fitting = Math.min((tall - HEAD - 24 - APART) / DOWN, (width / 2 - side / 2 - 40) / (ACROSS + 2));
  const tile = Math.max(LEAST_TILE, Math.min(MOST_TILE, Math.floor(fitting)));
  const mosaic = ACROSS * (tile + APART) - APART;
  const single = DOWN * tile + APART;
  /** @type {Panel[]} */
  const panels = [];
  /** @type {{ x: number, y: number, width: number, height: number }[]} */
  const boxes = [];
  for (const [at, { layers, level }] of blocks.entries()) {
    const name = String(layers.at(-1));
    const shape = gridOf(
      name === SOURCE ? shapes.input_shape : (shapes.placed.get(name)?.geometry.output_shape ?? []),
    );
    const ends = at === 0 || (apart && at === blocks.length - 1);
    const y = level * tall + HEAD;
    const x = ends
      ? at === 0
        ? 2
        : width - single - 2
      : level === levels - 1
        ? (width - mosaic) / 2
        : at < deepest
          ? single + GAP + level * INDENT
          : width - single - GAP - level * INDENT - mosaic;
    const wide = ends ? single : mosaic;
    const count = coloured && at === 0 ? 1 : Number(shape[0]);
    const each = ends ? 1 : ACROSS * DOWN;
    const first = Math.min(firsts.get(name) ?? 0, Math.max(0, count - 1));
    const shown = Math.min(each, count - first);
    const [, rows = 1, cols = 1] = shape;
    const room = ends ? single : tile;
    const cell = room / Math.max(rows, cols);
    /** @type {Map_[]} */
    const maps = Array.from({ length: shown }, (_, place) => ({
      lane: coloured && at === 0 ? "rgb" : first + place,
      box: {
        x: Math.round(x) + (place % ACROSS) * (tile + APART),
        y: Math.round(y) + Math.floor(place / ACROSS) * (tile + APART),
        cell,
        rows,
        cols,
        top: 0,
        left: 0,
      },
    }));
    boxes.push({ x: Math.round(x), y: Math.round(y), width: wide, height: single });
    panels.push({ name, shape, width: wide, maps, page: { first, each, count }, votes: null });
  }
  const arrows = boxes.slice(1).flatMap((to, at) => arrow(boxes[at], to, at + 1 > lastSkip && !apart));
  const across = skips.flatMap(([from, to, skip]) => {
    const [one, other] = [boxes[from], boxes[to]];
    if (!one || !other) return [];
    const y = one.y + one.height / 2;
    return [{ points: [one.x + one.width + 6, y, other.x - 6, y], skip }];
  });
  return { panels, arrows: [...arrows, ...across], width, height: levels * tall };
}

/**
 * From a block to the next: straight where they stand side by side, else down or up and across.
 * @param {{ x: number, y: number, width: number, height: number } | undefined} one @param {{ x: number, y: number, width: number, height: number }} other
 * @param {boolean} none @returns {Arrow[]}
 */
function arrow(one, other, none) {
  if (!one || none) return [];
  const middle = (/** @type {{ y: number, height: number }} */ { y, height }) => y + height / 2;
  if (one.y === other.y)
    return [{ points: [one.x + one.width + 6, middle(one), other.x - 6, middle(other)], skip: null }];
  if (other.y > one.y) {
    const x = Math.max(one.x + 20, Math.min(one.x + one.width - 20, other.x - 24));
    if (x > other.x)
      return [{ points: [other.x + 40, one.y + one.height + 4, other.x + 40, other.y - HEAD], skip: null }];
    return [
      { points: [x, one.y + one.height + 4, x, middle(other), other.x - 6, middle(other)], skip: null },
    ];
  }
  const x = Math.min(other.x + other.width - 20, Math.max(other.x + 20, one.x + one.width + 24));
  if (x < one.x + one.width)
    return [{ points: [x, one.y - HEAD, x, other.y + other.height + 6], skip: null }];
  return [
    {
      points: [one.x + one.width + 6, middle(one), x, middle(one), x, other.y + other.height + 6],
      skip: null,
    },
  ];
}
