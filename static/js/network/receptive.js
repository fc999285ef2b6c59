// The receptive field of a cell of each layer in numbers: size, jump, start, holes. The mirror of receptive in
// the Python core, held by tests/golden. Knows one axis at a time.  Positions run on beyond the borders, so that
// padding counts. An output cell sees a set of source cells; the sets of all cells repeat, moved by `moved`
// source cells every period. A set is a first cell and the bits of an integer.

import { linearTable } from "../layer/resampling.js";
import { SOURCE } from "./graph.js";

/** @import { AxisGeometry, Table } from "../types/geometry.js" */
/** @import { Placed, ReceptiveNumbers, Shapes } from "../types/network.js" */

/** A set of source cells: the first of them, its extent, and one bit for each where that is known. @typedef {{ first: number, extent: number, bits: bigint | null }} Seen */
/**
 * The source cells that the cells of a layer see on one axis. Without `moved` the cells have nothing in common: `phases` are what the
 * first of them see.
 * @typedef {{ phases: Seen[], moved: number | null }} View
 */
/** A number as numerator and denominator. @typedef {[number, number]} Fraction */
/** Inputs of a layer that do not lie upon each other. @typedef {{ layer: string, inputs: string[], by: (number | null)[] }} Apart */
/** @typedef {{ views: View[], apart: Apart[] }} Receptive */
/** A table whose windows repeat: the first cell and the count of each, and how much further a turn leads. @typedef {{ windows: [number, number][], moved: number }} Turn */

const MOST_PHASES = 64; // cells that differ in what they see
const MOST_BITS = 1 << 18; // of a set; of a larger one only its ends are known
const MOST_TAPS = 4096; // of a window whose cells are looked at one by one
const MOST_SHIFTS = 1 << 27; // bits that are moved for one cell of one layer

/** @type {View} */
const IDENTITY = { phases: [{ first: 0, extent: 1, bits: 1n }], moved: 1 };

const gcd = (/** @type {number} */ one, /** @type {number} */ other) => {
  let [a, b] = [Math.abs(one), Math.abs(other)];
  while (b) [a, b] = [b, a % b];
  return a;
};
const floorOf = (/** @type {number} */ one, /** @type {number} */ other) => Math.floor(one / other);
const rest = (/** @type {number} */ one, /** @type {number} */ other) => ((one % other) + other) % other;
const moved = (/** @type {Seen} */ seen, /** @type {number} */ by) => ({ ...seen, first: seen.first + by });

/** @returns {Fraction} */
function fraction(/** @type {number} */ over, /** @type {number} */ under) {
  const common = gcd(over, under) || 1;
  return [over / common, under / common];
}

/** Cells between the ends of a set that are not in it. */
function holesOf(/** @type {Seen} */ { extent, bits }) {
  if (bits === null) return null;
  let count = extent;
  for (const digit of bits.toString(16)) count -= ONES[Number.parseInt(digit, 16)] ?? 0;
  return count;
}
const ONES = Array.from({ length: 16 }, (_, at) => [1, 2, 4, 8].filter((bit) => at & bit).length);

/** Source cells from what one cell sees to what the next one sees. @returns {Fraction | null} */
function jumpOf(/** @type {View} */ view) {
  return view.moved === null ? null : fraction(view.moved, view.phases.length);
}

/** The set that a cell sees; beyond cells that stand alone, that of the nearest of them. @returns {Seen} */
export function seenAt(/** @type {View} */ { phases, moved: by }, /** @type {number} */ cell) {
  const last = phases.length - 1;
  if (by === null) return /** @type {Seen} */ (phases[Math.min(Math.max(cell, 0), last)]);
  const turn = floorOf(cell, phases.length);
  return moved(/** @type {Seen} */ (phases[rest(cell, phases.length)]), turn * by);
}

/** The middle of what cell 0 sees, on the average of the phases, in units of 1 / (2 · phases²). */
function middleOf(/** @type {View} */ { phases, moved: by }) {
  const count = phases.length;
  const total = phases.reduce(
    (sum, { first, extent }, place) => sum + (2 * first + extent - 1) * count - 2 * Number(by) * place,
    0,
  );
  return fraction(total, 2 * count * count);
}

/** All cells of some sets. @returns {Seen} */
function union(/** @type {Seen[]} */ given) {
  const there = given.filter(({ extent }) => extent > 0);
  const sets = there.length > 0 ? there : given.slice(0, 1);
  const first = Math.min(...sets.map((seen) => seen.first));
  const extent = Math.max(...sets.map((seen) => seen.first + seen.extent)) - first;
  if (extent > MOST_BITS || sets.some(({ bits }) => bits === null)) return { first, extent, bits: null };
  let bits = 0n;
  for (const seen of sets) bits |= /** @type {bigint} */ (seen.bits) << BigInt(seen.first - first);
  return { first, extent, bits };
}

/** The sets that the cells of a layer see, where `before` has those of its input. @returns {View} */
function through(/** @type {AxisGeometry} */ axis, /** @type {View} */ before) {
  const { reads, spread } = axis;
  /** @type {[number, number | null]} */
  let turned;
  /** @type {(cell: number) => { first: number, taps: number, gap: number }} */
  let places;
  if (reads.kind === "affine") {
    turned = turnOf(reads.stride, spread, before);
    places = (cell) => ({ first: reads.start + cell * reads.stride, taps: reads.taps, gap: reads.gap });
  } else {
    const turn = repeats(axis, reads);
    turned = turn ? turnOf(turn.moved, turn.windows.length, before) : [1, null];
    places = (cell) => tabled(reads, turn, cell);
  }
  const [period, by] = turned;
  const alone = by === null || period > MOST_PHASES;
  const cells = alone ? Math.min(axis.output, MOST_PHASES) : period;
  const phases = Array.from({ length: cells }, (_, cell) => seenBy(axis, places(cell), before));
  return { phases, moved: alone ? null : by };
}

/** After how many cells what is seen repeats, and how far it has moved: stride / spread input cells a cell. @returns {[number, number | null]} */
function turnOf(/** @type {number} */ stride, /** @type {number} */ spread, /** @type {View} */ before) {
  if (before.moved === null) return [1, null];
  const around = spread * before.phases.length;
  const period = around / gcd(stride, around);
  return [period, floorOf(period * stride, around) * before.moved];
}

/** How a table's windows repeat, run on beyond the borders; null where they do not, or too seldom. @returns {Turn | null} */
function repeats(/** @type {AxisGeometry} */ axis, /** @type {Table} */ table) {
  if (table.weights) return linear(axis, table);
  const common = gcd(axis.size, axis.output);
  const [period, by] = [axis.output / common, axis.size / common];
  if (period > MOST_PHASES || (common === 1 && axis.output > 1)) return null;
  const { starts, counts } = table;
  for (let step = 0; step < axis.output; step++) {
    const phase = step % period;
    if (starts[step] !== Number(starts[phase]) + floorOf(step, period) * by) return null;
    if (counts[step] !== counts[phase]) return null;
  }
  const windows = starts
    .slice(0, period)
    .map((start, at) => /** @type {[number, number]} */ ([start, Number(counts[at])]));
  return { windows, moved: by };
}

/** The windows of a linear resampling, which a border cuts: neighbours of `offset + step · ratio`. @returns {Turn | null} */
function linear(/** @type {AxisGeometry} */ { size, output }, /** @type {Table} */ table) {
  const half = linearTable(size, output, false);
  const aligned =
    JSON.stringify([half.starts, half.weights]) !== JSON.stringify([table.starts, table.weights]);
  if (aligned && output === 1) return null;
  const [cells, steps] = aligned ? [size - 1, output - 1] : [size, output];
  const common = gcd(cells, steps);
  const [period, by] = [steps / common, cells / common];
  if (period > MOST_PHASES) return null;
  // The place of a step in units of 1 / (2 · steps).
  const windows = Array.from({ length: period }, (_, step) => {
    const place = (aligned ? 0 : cells - steps) + 2 * step * cells;
    const whole = rest(place, 2 * steps) === 0;
    return /** @type {[number, number]} */ ([floorOf(place, 2 * steps), whole ? 1 : 2]);
  });
  return { windows, moved: by };
}

/** The cells that a step of a table reads; one that repeats runs on beyond the borders. */
function tabled(/** @type {Table} */ table, /** @type {Turn | null} */ turn, /** @type {number} */ cell) {
  if (!turn) return { first: Number(table.starts[cell]), taps: Number(table.counts[cell]), gap: 1 };
  const period = turn.windows.length;
  const [start, taps] = /** @type {[number, number]} */ (turn.windows[rest(cell, period)]);
  return { first: start + floorOf(cell, period) * turn.moved, taps, gap: 1 };
}

/** The set that one cell sees: the union of those that the cells it reads see. @returns {Seen} */
function seenBy(
  /** @type {AxisGeometry} */ { spread },
  /** @type {{ first: number, taps: number, gap: number }} */ { first, taps, gap },
  /** @type {View} */ before,
) {
  const last = first + gap * (taps - 1);
  if (spread === 1 && before.moved !== null && before.phases.length === 1 && taps > 2)
    return evenly(seenAt(before, first), gap * before.moved, taps);
  const ends = (/** @type {number} */ from, /** @type {number} */ to) => ({
    ...union([seenAt(before, from), seenAt(before, to)]),
    bits: null,
  });
  if (taps > MOST_TAPS && spread === 1) return ends(first, last);
  const cells = [];
  for (let tap = 0, place = first; tap < taps; tap++, place += gap)
    if (rest(place, spread) === 0) cells.push(floorOf(place, spread));
  // All that is read was put in between.
  if (cells.length === 0) return { first: seenAt(before, floorOf(first, spread)).first, extent: 0, bits: 0n };
  if (cells.length * Number(before.phases[0]?.extent) > MOST_SHIFTS)
    return ends(Number(cells[0]), Number(cells.at(-1)));
  return union(cells.map((at) => seenAt(before, at)));
}

/** A set repeated `taps` times, `gap` apart, by doubling. @returns {Seen} */
function evenly(/** @type {Seen} */ seen, /** @type {number} */ gap, /** @type {number} */ taps) {
  const extent = seen.extent + gap * (taps - 1);
  if (extent > MOST_BITS || seen.bits === null) return { first: seen.first, extent, bits: null };
  let { bits } = seen;
  for (let done = 1; done < taps; ) {
    const more = Math.min(done, taps - done);
    bits |= bits << BigInt(gap * more);
    done += more;
  }
  return { first: seen.first, extent, bits };
}

/** The sets that the cells of several inputs see together. @returns {View} */
function joined(/** @type {View[]} */ views) {
  const first = /** @type {View} */ (views[0]);
  if (views.every((view) => sameView(view, first))) return first;
  const jumps = views.map((view) => jumpOf(view));
  const distinct = new Set(jumps.map(String));
  const lacking = jumps.includes(null);
  const count = views.reduce((all, { phases: { length } }) => (all * length) / gcd(all, length), 1);
  const at = (/** @type {number} */ cell) => union(views.map((view) => seenAt(view, cell)));
  if (lacking || distinct.size > 1 || count > MOST_PHASES) {
    const alone = views.filter((view) => view.moved === null).map(({ phases }) => phases.length);
    const cells = Math.min(MOST_PHASES, lacking ? Math.max(...alone) : MOST_PHASES);
    return { phases: Array.from({ length: cells }, (_, cell) => at(cell)), moved: null };
  }
  const [over, under] = /** @type {Fraction} */ (jumps[0]);
  return { phases: Array.from({ length: count }, (_, cell) => at(cell)), moved: (over * count) / under };
}

function sameView(/** @type {View} */ one, /** @type {View} */ other) {
  return (
    one === other ||
    (one.moved === other.moved &&
      one.phases.length === other.phases.length &&
      one.phases.every((seen, at) => {
        const its = /** @type {Seen} */ (other.phases[at]);
        return seen.first === its.first && seen.extent === its.extent && seen.bits === its.bits;
      }))
  );
}

/** The sets that each layer's cells see of the source, by name. @returns {Map<string, Receptive>} */
export function receptiveFields(/** @type {Shapes} */ shapes) {
  const axes = shapes.input_shape.length - 1;
  /** @type {Map<string, Receptive>} */
  const found = new Map([[SOURCE, { views: new Array(axes).fill(IDENTITY), apart: [] }]]);
  for (const placed of shapes.placed.values()) {
    const { node, geometry } = placed;
    const inputs = node.inputs.map((name, at) =>
      wide(/** @type {Receptive} */ (found.get(name)), placed.stretched[at] ?? false),
    );
    let views = Array.from({ length: axes }, (_, axis) =>
      joined(inputs.map((one) => /** @type {View} */ (one.views[axis]))),
    );
    const apart = inputs.length > 1 ? misaligned(placed, inputs) : [];
    // A layer that changes the number of axes sees everything from there on, as a vector does.
    if (geometry.axes.length === axes) {
      views = geometry.axes.map((axis, at) => through(axis, /** @type {View} */ (views[at])));
      if (geometry.result === "columns" && axes > 1)
        views = views.map((view, at) => allOf(view, Number(geometry.axes[at]?.output)));
    }
    found.set(node.name, { views, apart });
  }
  return found;
}

/** The extent that all cells see, from end to end. @returns {View} */
function allOf(/** @type {View} */ view, /** @type {number} */ cells) {
  return { phases: [union([seenAt(view, 0), seenAt(view, Math.max(0, cells - 1))])], moved: null };
}

/** The set of one cell that stands for all: the same for each, with no jump between them. @returns {Receptive} */
function wide(/** @type {Receptive} */ one, /** @type {boolean} */ isWide) {
  if (!isWide) return one;
  return { ...one, views: one.views.map((view) => ({ phases: [seenAt(view, 0)], moved: 0 })) };
}

/** Inputs of a layer whose equal cells do not see around the same place. @returns {Apart[]} */
function misaligned(/** @type {Placed} */ { node, stretched }, /** @type {Receptive[]} */ inputs) {
  const [first, ...others] = inputs;
  return others.flatMap((other, place) => {
    if (stretched[0] || stretched[place + 1]) return [];
    const by = (first?.views ?? []).map((one, axis) => {
      const its = /** @type {View} */ (other.views[axis]);
      const jump = jumpOf(one);
      if (jump === null || String(jump) !== String(jumpOf(its))) return sameView(one, its) ? 0 : null;
      const [[a, b], [c, d]] = [middleOf(its), middleOf(one)];
      return (a * d - c * b) / (b * d);
    });
    const names = [String(node.inputs[0]), String(node.inputs[place + 1])];
    return by.some((away) => away !== 0) ? [{ layer: node.name, inputs: names, by }] : [];
  });
}

/** As a plan carries it, lists per axis. @returns {ReceptiveNumbers} */
export function toNumbers(/** @type {Receptive} */ { views }) {
  const jumps = views.map((view) => jumpOf(view));
  const holes = views.map(({ phases }) => phases.map(holesOf));
  return {
    size: views.map(({ phases }) => Math.max(...phases.map(({ extent }) => extent))),
    least: views.map(({ phases }) => Math.min(...phases.map(({ extent }) => extent))),
    jump: jumps.map((jump) => jump && jump[0] / jump[1]),
    jump_fraction: jumps,
    start: views.map(({ phases }) => Number(phases[0]?.first)),
    holes: holes.map((one) => (one.includes(null) ? null : Math.max(...one.map(Number)))),
  };
}

/** Whether some cell of a layer sees the source from end to end. */
export function covers(/** @type {Receptive} */ { views }, /** @type {number[]} */ sizes) {
  return views.every(({ phases }, axis) =>
    phases.some((seen) => seen.extent >= Number(sizes[axis]) && !holesOf(seen)),
  );
}
