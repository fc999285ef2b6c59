// Which output cells of two settings differ, map by map. Pure arithmetic on arrays, done in pieces: each generator
// stops between rows, so that who runs it can let others have their turn. Knows no state, no clock and no DOM.

/** A map of an output: the cells of one filter, or the whole matrix of columns. @typedef {{ shape: number[], values: ArrayLike<number> }} OutputMap */
/**
 * @typedef {object} MapDifferences cells that are not the same in both, by value or because only one has them
 * @property {number} differing @property {number} cells of both together
 * @property {number} largest difference of two numbers
 */
/** The same over all maps, and which of them differ, by number. @typedef {MapDifferences & { maps: number[], of: number }} Tally */
/** Per cell of A and of B: 1 where it differs. @typedef {[Uint8Array, Uint8Array]} Marks */

/** Numbers that are this near, as a share of the largest, came of another order of summation. */
const NEAR = 2e-6;
/** Cells between two stops. */
const PIECE = 16_384;

/**
 * One map of both; null where a side has none of that number.
 * @param {OutputMap | null} one @param {OutputMap | null} other @param {Marks | null} [marks] to be filled
 * @returns {Generator<undefined, MapDifferences>}
 */
export function* mapDifferences(one, other, marks = null) {
  const cells = (one?.values.length ?? 0) + (other?.values.length ?? 0);
  for (const side of marks ?? []) side.fill(1);
  if (!one || !other || one.shape.length !== other.shape.length)
    return { differing: cells, cells, largest: 0 };
  const near = NEAR * Math.max(yield* reach(one.values), yield* reach(other.values));
  const [first, second] = [one.values, other.values];
  let [both, equal, largest] = [0, 0, 0];
  for (const [from, at, length] of rowsOfBoth(one.shape, other.shape)) {
    for (let begin = 0; begin < length; begin += PIECE) {
      const end = Math.min(length, begin + PIECE);
      for (let col = begin; col < end; col++) {
        const x = /** @type {number} */ (first[from + col]);
        const y = /** @type {number} */ (second[at + col]);
        const apart = Math.abs(x - y);
        if (x === y || apart <= near || (Number.isNaN(x) && Number.isNaN(y))) {
          equal++;
          if (!marks) continue;
          marks[0][from + col] = 0;
          marks[1][at + col] = 0;
        } else if (apart > largest && apart !== Number.POSITIVE_INFINITY) largest = apart;
      }
      yield;
    }
    both += length;
  }
  return { differing: cells - both - equal, cells: cells - both, largest };
}

/**
 * All maps together.
 * @param {number} maps of the side that has more of them
 * @param {(map: number) => Generator<undefined, MapDifferences>} each
 * @returns {Generator<undefined, Tally>}
 */
export function* allDifferences(maps, each) {
  let all = nothingYet(maps);
  for (let map = 0; map < maps; map++) all = withMap(all, map, yield* each(map));
  return all;
}

/** @returns {Tally} */
export function nothingYet(/** @type {number} */ maps) {
  return { differing: 0, cells: 0, largest: 0, maps: [], of: maps };
}

/** @returns {Tally} */
export function withMap(
  /** @type {Tally} */ all,
  /** @type {number} */ map,
  /** @type {MapDifferences} */ found,
) {
  return {
    differing: all.differing + found.differing,
    cells: all.cells + found.cells,
    largest: Math.max(all.largest, found.largest),
    maps: found.differing > 0 ? [...all.maps, map] : all.maps,
    of: all.of,
  };
}

/** The largest magnitude. @returns {Generator<undefined, number>} */
function* reach(/** @type {ArrayLike<number>} */ values) {
  let most = 0;
  for (let begin = 0; begin < values.length; begin += PIECE) {
    const end = Math.min(values.length, begin + PIECE);
    for (let at = begin; at < end; at++) {
      const size = Math.abs(/** @type {number} */ (values[at]));
      if (size > most && size !== Number.POSITIVE_INFINITY) most = size;
    }
    yield;
  }
  return most;
}

/**
 * The rows that both shapes have: where a row begins in each, and how long it is.
 * @returns {Generator<[from: number, at: number, length: number]>}
 */
function* rowsOfBoth(/** @type {number[]} */ first, /** @type {number[]} */ second, from = 0, at = 0) {
  const length = Math.min(Number(first[0]), Number(second[0]));
  if (first.length === 1) return yield [from, at, length];
  const [inner, others] = [first.slice(1), second.slice(1)];
  const [apart = 1, otherApart = 1] = [inner, others].map((sides) =>
    sides.reduce((all, side) => all * side, 1),
  );
  for (let index = 0; index < length; index++)
    yield* rowsOfBoth(inner, others, from + index * apart, at + index * otherApart);
}
