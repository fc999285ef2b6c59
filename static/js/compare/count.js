// Counts for a comparison which cells differ: of the map on view, and of all maps, in short turns between which the page
// has its own. Maps that the page does not hold are asked for one by one, when a person wants them. Opens only the
// connections that it is given; decides nothing about what counts as different.

import { currentNumbers, isWhole } from "../state/selectors.js";
import { same } from "../state/setting.js";
import { allDifferences, mapDifferences, nothingYet, withMap } from "./tally.js";

/** @import { Connection, ConnectionCallbacks } from "../types/stream.js" */
/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { MapDifferences, Marks, OutputMap, Tally } from "./tally.js" */
/** @import { Shown, State } from "../state/state.js" */

/** A turn of counting; a frame has 16. */
const TURN_MS = 5;
/** Frames on the way of a map that is asked for. */
const CREDITS = 8;

/**
 * The counts so far: `map` and `marks` of the map on view, `all` of the maps together. `unheld`: most maps are not
 * here and wait for a person to want them; `counted`: how many have been since; `refused`: why no more come.
 * @typedef {object} Between
 * @property {MapDifferences | null} map @property {Marks | null} marks @property {Tally | null} all
 * @property {boolean} shapes are not the same @property {boolean} unheld
 * @property {number | null} counted @property {string | null} refused
 */
/** @typedef {(callbacks: ConnectionCallbacks) => Connection} Connect */

/** How many maps an output has. The matrix of columns is one, or where it is not held as a whole a map a row. */
function mapsOf(/** @type {State} */ { shown }, /** @type {boolean} */ unheld) {
  const layer = shown?.geometry;
  return !layer ? 0 : layer.result === "columns" && !unheld ? 1 : layer.lanes;
}

/** @returns {number[]} */
function shapeOf(/** @type {LayerGeometry} */ layer, /** @type {boolean} */ unheld) {
  if (layer.result !== "columns") return layer.axes.map((axis) => axis.output);
  return unheld ? [layer.steps] : [layer.lanes, layer.steps];
}

/**
 * The map of a number; null where the output has none, undefined where it is not held.
 * @returns {OutputMap | null | undefined}
 */
function mapOf(/** @type {State} */ state, /** @type {number} */ map, /** @type {boolean} */ unheld) {
  const numbers = currentNumbers(state);
  const layer = state.shown?.geometry;
  if (!numbers?.output || !layer) return undefined;
  if (map >= mapsOf(state, unheld)) return null;
  const held = numbers.lanes ? numbers.lanes.indexOf(map) : map;
  if (held < 0) return undefined;
  const shape = shapeOf(layer, unheld);
  const cells = shape.reduce((all, side) => all * side, 1);
  return { shape, values: numbers.output.subarray(held * cells, (held + 1) * cells) };
}

/** One piece of work at a time, in turns; the latest wins. */
function turns() {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const stop = () => clearTimeout(timer);
  return {
    stop,
    /** @template T @param {Generator<undefined, T>} work @param {(made: T) => void} done */
    run(work, done) {
      stop();
      const turn = () => {
        const until = performance.now() + TURN_MS;
        let next = work.next();
        while (!next.done && performance.now() < until) next = work.next();
        if (next.done) done(next.value);
        else timer = setTimeout(turn);
      };
      turn();
    },
  };
}

/** @param {Connect} connect @param {() => void} changed when more is known */
export function createTallying(connect, changed) {
  const [onView, overall] = [turns(), turns()];
  /** @type {Between | null} */
  let between = null;
  /** The arrays that were counted. @type {{ map: unknown[], all: unknown[], shown: (Shown | null)[] }} */
  let counted = { map: [], all: [], shown: [] };
  /** @type {[State, State] | null} */
  let sides = null;
  /** @type {(() => void) | null} */
  let stopAsking = null;

  function learn(/** @type {Partial<Between>} */ news) {
    if (between) between = { ...between, ...news };
    changed();
  }

  function end() {
    onView.stop();
    overall.stop();
    stopAsking?.();
    stopAsking = null;
    between = null;
    counted = { map: [], all: [], shown: [] };
  }

  return {
    end,
    /** The differences that are known; null while numbers of either are missing. @returns {Between | null} */
    update(/** @type {State} */ a, /** @type {State} */ b) {
      sides = [a, b];
      const [one, other] = sides.map(({ shown }) => shown?.geometry);
      const refused = sides.some(({ problem }) => problem);
      if (refused || sides.some(({ shown }, at) => shown !== counted.shown[at])) end();
      if (refused || !one || !other) return null;
      if (!sides.every(isWhole)) {
        // Another map of what is held map by map is on its way.
        if (!between?.unheld) end();
        else if (between.map) between = { ...between, map: null, marks: null };
        counted.map = [];
        return between;
      }
      const outputs = sides.map((side) => currentNumbers(side)?.output);
      const unheld = sides.some((side) => currentNumbers(side)?.lanes);
      const all = unheld ? [unheld] : outputs;
      if (!between || !alike(all, counted.all)) {
        end();
        const shapes = !same(one.output_shape, other.output_shape);
        between = { map: null, marks: null, all: null, shapes, unheld, counted: null, refused: null };
        counted = { map: [], all, shown: sides.map(({ shown }) => shown) };
        const held = (/** @type {State} */ side, /** @type {number} */ map) =>
          mapOf(side, map, unheld) ?? null;
        const each = (/** @type {number} */ map) => mapDifferences(held(a, map), held(b, map));
        const maps = Math.max(mapsOf(a, unheld), mapsOf(b, unheld));
        if (!unheld) overall.run(allDifferences(maps, each), (made) => learn({ all: made }));
      }
      const map = [...outputs, b.lane];
      if (alike(map, counted.map)) return between;
      counted.map = map;
      between = { ...between, map: null, marks: null };
      const lane = one.result === "columns" && !unheld ? 0 : b.lane;
      const [first, second] = sides.map((side) => mapOf(side, lane, unheld));
      if (first === undefined || second === undefined) return between;
      // Of a map that only one side has, the other shows another one: nothing of that is marked.
      const marks = /** @type {Marks} */ (
        [first, second].map((side) => new Uint8Array(side?.values.length ?? 0))
      );
      const marked = one.result === "columns" && unheld ? null : marks;
      onView.run(mapDifferences(first, second, marks), (made) => learn({ map: made, marks: marked }));
      return between;
    },
    /** Ask for all maps that are not held, and count them. */
    countUnheld() {
      if (!between || !sides || stopAsking) return;
      const maps = Math.max(...sides.map((side) => mapsOf(side, true)));
      let all = nothingYet(maps);
      learn({ counted: 0, refused: null });
      stopAsking = asking(connect, sides, maps, {
        one(map, first, second, next) {
          overall.run(mapDifferences(first, second), (made) => {
            all = withMap(all, map, made);
            learn({ counted: map + 1, ...(map + 1 === maps && { all }) });
            next();
          });
        },
        refused(why) {
          stopAsking = null;
          learn({ counted: null, refused: why });
        },
      });
    },
  };
}

function alike(/** @type {unknown[]} */ one, /** @type {unknown[]} */ other) {
  return one.length === other.length && one.every((part, at) => part === other[at]);
}

/**
 * The maps of both sides, one after the other, over a connection a side; what a side holds is not asked for.
 * @param {Connect} connect @param {[State, State]} sides @param {number} maps
 * @param {{ one(map: number, first: OutputMap | null, second: OutputMap | null, next: () => void): void,
 *   refused(why: string): void }} tell
 * @returns {() => void} stops
 */
function asking(connect, sides, maps, tell) {
  const readers = sides.map((side) => reader(connect, side, stopped));
  function stop() {
    for (const one of readers) one.close();
  }
  function stopped(/** @type {string} */ why) {
    stop();
    tell.refused(why);
  }
  const from = (/** @type {number} */ map) => {
    if (map >= maps) return stop();
    /** @type {(OutputMap | null | undefined)[]} */
    const found = [undefined, undefined];
    for (const [side, one] of readers.entries())
      one.read(map, (made) => {
        found[side] = made;
        const [first, second] = found;
        if (first !== undefined && second !== undefined) tell.one(map, first, second, () => from(map + 1));
      });
  };
  from(0);
  return stop;
}

/**
 * One side's maps, each when it is wanted.
 * @param {Connect} connect @param {State} side @param {(why: string) => void} stopped
 */
function reader(connect, side, stopped) {
  const { shown } = side;
  const layer = shown?.geometry;
  let values = new Float32Array(0);
  /** @type {(map: OutputMap) => void} */
  let take = () => {};
  /** @type {Connection | null} */
  let connection = null;
  const open = () =>
    connect({
      onPlan() {},
      onFrame(frame) {
        if (frame.kind === "steps") values.set(frame.value(0), frame.first);
        connection?.credit(1);
      },
      onEnd: () => layer && take({ shape: shapeOf(layer, true), values }),
      // A connection that is away comes back by itself, and goes on.
      onProblem: ({ code, detail }) => code !== "unreachable" && stopped(detail),
    });
  return {
    close: () => connection?.close(),
    /** @param {number} map @param {(made: OutputMap | null) => void} done */
    read(map, done) {
      const held = mapOf(side, map, true);
      if (held !== undefined || !shown || !layer) return done(held ?? null);
      take = done;
      values = new Float32Array(layer.steps);
      connection ??= open();
      const asks = { lanes: [map], window: false, input: false, weight: false };
      connection.start({ ...shown.asked, ...asks }, CREDITS);
    },
  };
}
