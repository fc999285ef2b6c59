// Which cells of two settings differ: of one map, of all of them, in turns, and of maps that are not held.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createTallying } from "../../../static/js/compare/count.js";
import { beside } from "../../../static/js/compare/lockstep.js";
import { allDifferences, mapDifferences } from "../../../static/js/compare/tally.js";
import { layout } from "../../../static/js/picture/layout/layout.js";
import { differenceMarks, differingMaps } from "../../../static/js/picture/marks/differences.js";
import { viewOf } from "../../../static/js/state/selectors.js";
import { reduce } from "../../../static/js/state/state.js";
import { numbersFor, stateAfter } from "../page.js";
import { draws } from "../support.js";

/** @import { Action, State } from "../../../static/js/state/state.js" */
/** @import { ConnectionCallbacks, Frame, JobRequest } from "../../../static/js/types/stream.js" */
/** @import { Marks, OutputMap } from "../../../static/js/compare/tally.js" */
/** @import { Between } from "../../../static/js/compare/count.js" */

const KEEP = /** @type {Action} */ ({ type: "compare", against: "kept" });
const parameter = (/** @type {string} */ name, /** @type {any} */ value) =>
  /** @type {Action} */ ({ type: "parameter", name, value });
const whole = (/** @type {State} */ state) => reduce(state, { type: "numbers", numbers: numbersFor(state) });

/** B after some actions and A beside it, both with numbers. */
function both(/** @type {Action[]} */ ...actions) {
  const b = whole(stateAfter(...actions));
  return { a: whole(beside(b, null, true)), b };
}

/** @template T @param {Generator<undefined, T>} work @returns {T} */
function done(work) {
  let next = work.next();
  while (!next.done) next = work.next();
  return next.value;
}

/** The same by position in nested loops, with nothing skipped. */
function byPosition(
  /** @type {OutputMap} */ one,
  /** @type {OutputMap} */ other,
  /** @type {Marks} */ marks,
) {
  const reach = Math.max(0, ...Array.from(one.values, Math.abs));
  const near = 2e-6 * Math.max(reach, ...Array.from(other.values, Math.abs));
  const places = (/** @type {number[]} */ shape) =>
    shape.reduce(
      (all, side) => all.flatMap((place) => Array.from({ length: side }, (_, at) => [...place, at])),
      /** @type {number[][]} */ ([[]]),
    );
  const second = new Map(places(other.shape).map((place, at) => [place.join(), at]));
  const first = places(one.shape);
  marks[1].fill(1);
  let differing = second.size;
  let cells = second.size;
  for (const [at, place] of first.entries()) {
    const twin = second.get(place.join());
    const same = twin !== undefined && Math.abs(Number(one.values[at]) - Number(other.values[twin])) <= near;
    marks[0][at] = same ? 0 : 1;
    if (twin === undefined) cells++;
    if (twin === undefined) differing++;
    else if (same) differing--;
    if (twin !== undefined) marks[1][twin] = same ? 0 : 1;
  }
  return { differing, cells };
}

test("maps of any two shapes are compared by position", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const { whole: drawnWhole, one, chance } = draws(seed);
    const axes = one([1, 2, 2, 3]);
    /** @returns {OutputMap} */
    const drawn = () => {
      const shape = Array.from({ length: axes }, () => drawnWhole(1, 5));
      const cells = shape.reduce((all, side) => all * side, 1);
      return { shape, values: Float32Array.from({ length: cells }, () => drawnWhole(0, 2)) };
    };
    const first = drawn();
    const second = chance(0.3) ? { shape: first.shape, values: Float32Array.from(first.values) } : drawn();
    const marks = /** @type {Marks} */ ([first, second].map(({ values }) => new Uint8Array(values.length)));
    const found = done(mapDifferences(first, second, marks));
    const wanted = /** @type {Marks} */ ([first, second].map(({ values }) => new Uint8Array(values.length)));
    const { differing, cells } = byPosition(first, second, wanted);
    assert.deepEqual([found.differing, found.cells, marks], [differing, cells, wanted], `seed ${seed}`);
  }
});

test("rounding is no difference; NaN is the same as NaN, an infinity as itself", () => {
  const one = Float32Array.of(1000, 1000, Number.NaN, Number.POSITIVE_INFINITY, Number.NaN, 3, 0);
  const other = Float32Array.of(1000.001, 1000.5, Number.NaN, Number.POSITIVE_INFINITY, 3, -Infinity, -0);
  const marks = /** @type {Marks} */ ([new Uint8Array(7), new Uint8Array(7)]);
  const found = done(mapDifferences({ shape: [7], values: one }, { shape: [7], values: other }, marks));
  assert.deepEqual([found.differing, found.cells, found.largest], [3, 7, 0.5]);
  assert.deepEqual([...marks[0]], [0, 1, 0, 0, 1, 1, 0]);
});

test("a map that only one side has differs in every cell, and only there", () => {
  const map = { shape: [2, 3], values: new Float32Array(6) };
  assert.deepEqual(done(mapDifferences(map, null)), { differing: 6, cells: 6, largest: 0 });
  const found = done(allDifferences(3, (at) => mapDifferences(map, at < 2 ? map : null)));
  assert.deepEqual(found, { differing: 6, cells: 18, largest: 0, maps: [2], of: 3 });
});

test("a large map is counted in pieces that another can come between", () => {
  const values = new Float32Array(1_000_000);
  let pieces = 0;
  for (const _ of mapDifferences({ shape: [values.length], values }, { shape: [1000, 1000], values }))
    pieces++;
  assert.equal(pieces, 0, "shapes of other axes have nothing to compare");
  for (const _ of mapDifferences({ shape: [values.length], values }, { shape: [values.length], values }))
    pieces++;
  assert.ok(pieces > 50, `${pieces} pieces`);
});

// ------------------------------------------------------------------------------------- as the page counts

const nowhere = () => {
  throw new Error("nothing is asked for");
};

/** The counts when all turns have been taken. */
async function known(
  /** @type {ReturnType<typeof createTallying>} */ tallying,
  /** @type {State} */ a,
  /** @type {State} */ b,
) {
  for (;;) {
    const between = tallying.update(a, b);
    if (between?.map && (between.all || between.unheld)) return between;
    await new Promise((resolve) => setTimeout(resolve));
  }
}

test("the map on view and all maps are counted, and counted anew for other numbers alone", async () => {
  const { a, b } = both(parameter("filters", 3), parameter("stride", 2), KEEP, parameter("stride", 1));
  const tallying = createTallying(nowhere, () => {});
  const found = await known(tallying, a, b);
  // numbersFor counts up: (row, col) holds 5·row + col in A and 9·row + col in B, the same in the first row alone.
  assert.deepEqual(found.map, { differing: 81 - 5, cells: 81, largest: 16 });
  assert.deepEqual(
    found.marks?.map((side) => side.reduce((sum, one) => sum + one, 0)),
    [20, 76],
  );
  assert.ok(found.shapes);
  assert.deepEqual([found.all?.maps, found.all?.cells, found.all?.of], [[0, 1, 2], 243, 3]);
  assert.equal(tallying.update(a, b), tallying.update({ ...a, step: 3 }, { ...b, step: 5 }));
  const other = await known(tallying, a, reduce(b, { type: "lane", lane: 2 }));
  assert.equal(other.all, found.all, "all maps are counted once");
  assert.notDeepEqual(other.map, found.map);
  assert.equal(tallying.update(a, stateAfter(KEEP)), null, "numbers that have not come");
});

test("what differs is marked on cells of every size, and nowhere else", async () => {
  const { a, b } = both(parameter("stride", 2), KEEP, parameter("stride", 1));
  const { marks } = await known(
    createTallying(nowhere, () => {}),
    a,
    b,
  );
  const layer = viewOf(b);
  assert.ok(marks && layer);
  for (const size of [
    { width: 1040, height: 560 },
    { width: 300, height: 260 },
  ]) {
    const at = layout(b, size);
    assert.ok(at);
    for (const cell of [at.output.cell, 5, 0.8]) {
      /** @type {import("../../../static/js/picture/grid/grids.js").Box} */
      const box = { ...at.output, cell };
      const drawn = differenceMarks(layer, box, marks[1], 0);
      const rects = drawn.flatMap((mark) => (mark.kind === "rects" && mark.fill === "ink" ? mark.rects : []));
      assert.ok(rects.length > 0);
      // A bar stands in the foot of its cell, a cover lies over all of it: either has its middle within.
      /** @type {(row: number, col: number) => boolean} */
      const covered = (row, col) => {
        const [x, y] = [box.x + col * cell, box.y + row * cell];
        return rects.some(([left, top, width, tall]) => {
          const [across, down] = [left + width / 2, top + tall / 2];
          const within = across >= x && down >= y && across < x + cell && down < y + cell;
          return within || (left <= x + 1 && left + width >= x + cell - 1 && down >= y && down < y + cell);
        });
      };
      if (cell >= 5)
        for (let row = 0; row < 9; row++)
          for (let col = 0; col < 9; col++)
            assert.equal(covered(row, col), marks[1][row * 9 + col] === 1, `${cell}: ${row}, ${col}`);
    }
  }
  const box = { x: 0, y: 0, cell: 20, rows: 9, cols: 9, top: 0, left: 0 };
  assert.deepEqual(differenceMarks(layer, box, new Uint8Array(81), 0), []);
  const all = new Uint8Array(81).fill(1);
  assert.equal(differenceMarks(layer, box, all, 0).length, 2, "a bar under each number");
  assert.deepEqual(differenceMarks(layer, { ...box, cell: 5 }, all, 0), [], "a picture stays to be seen");
});

test("small maps in which something differs carry a mark", () => {
  const { b } = both(parameter("filters", 3), KEEP);
  const at = layout(b, { width: 1040, height: 560 });
  assert.ok(at);
  const [under] = differingMaps(at.lanes, [0, 2]);
  assert.ok(under?.kind === "rects" && under.rects.length === 2);
  for (const [index, [x, y]] of under.rects.entries()) {
    const small = at.lanes[index * 2];
    assert.ok(small && x >= small.x && y >= small.y && x < small.x + small.width / 2);
  }
  assert.deepEqual(differingMaps(at.lanes, []), []);
});

test("maps that are not held are asked for one by one, of each side that lacks them", async () => {
  const { a, b } = both(parameter("filters", 3), KEEP, parameter("padding_mode", "reflect"));
  const steps = b.shown?.geometry.steps ?? 0;
  const one = /** @type {State} */ ({
    ...b,
    numbers: b.numbers && { ...b.numbers, lanes: [0], output: b.numbers.output?.slice(0, steps) ?? null },
  });
  /** @type {JobRequest[]} */
  const jobs = [];
  let open = 0;
  const connect = (/** @type {ConnectionCallbacks} */ callbacks) => {
    open++;
    return /** @type {any} */ ({
      start(/** @type {JobRequest} */ request) {
        jobs.push(request);
        const map = Number(request.lanes?.[0]);
        queueMicrotask(() => {
          for (const first of [0, 40]) {
            const count = first === 0 ? 40 : steps - 40;
            const value = () =>
              Float32Array.from({ length: count }, (_, at) => map * steps + first + at + (map === 2 ? 1 : 0));
            callbacks.onFrame(
              /** @type {Frame} */ (/** @type {unknown} */ ({ kind: "steps", first, count, value })),
            );
          }
          callbacks.onEnd(jobs.length);
        });
      },
      credit() {},
      close: () => open--,
    });
  };
  const tallying = createTallying(connect, () => {});
  const found = await known(tallying, a, one);
  assert.deepEqual([found.unheld, found.all, found.map?.differing], [true, null, 0]);
  assert.equal(jobs.length, 0, "nothing is asked for unless it is wanted");
  tallying.countUnheld();
  tallying.countUnheld();
  /** @type {Between | null} */
  let between = null;
  while (!between?.all) {
    await new Promise((resolve) => setTimeout(resolve));
    between = tallying.update(a, one);
  }
  assert.deepEqual(between.all, { differing: steps, cells: 3 * steps, largest: 1, maps: [2], of: 3 });
  assert.equal(between.counted, 3);
  assert.deepEqual(
    jobs.map(({ lanes, input, weight }) => [lanes, input, weight]),
    [1, 2].map((map) => [[map], false, false]),
  );
  assert.equal(open, 0, "its connections are closed");
});
