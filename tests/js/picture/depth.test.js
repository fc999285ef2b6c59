// A volume as a stack of slices: which planes a step reads and writes, and how their sums make the result.

import assert from "node:assert/strict";
import { test } from "node:test";
import { coordinate, resolve, stepPosition, tapsAt, windowAt } from "../../../static/js/layer/walk.js";
import { depthOn } from "../../../static/js/picture/grid/planes.js";
import { hit } from "../../../static/js/picture/layout/hit.js";
import { layout } from "../../../static/js/picture/layout/layout.js";
import { depthMarks, stepAtDepth } from "../../../static/js/picture/marks/depth.js";
import { planeName } from "../../../static/js/picture/marks/slices.js";
import { scene } from "../../../static/js/picture/scene.js";
import { viewOf } from "../../../static/js/state/selectors.js";
import { reduce } from "../../../static/js/state/state.js";
import { sumOf } from "../../../static/js/step/sum.js";
import { numbersFor, stateAfter } from "../page.js";

/** @import { Action } from "../../../static/js/state/state.js" */
/** @import { Layout } from "../../../static/js/picture/layout/layout.js" */
/** @import { Mark } from "../../../static/js/picture/scene.js" */
/** @import { AxisGeometry, LayerGeometry } from "../../../static/js/types/geometry.js" */

/** A volume of 5×7×7 with its numbers, layout and layer. */
function volume(/** @type {Action[]} */ ...actions) {
  const source = { kind: /** @type {const} */ ("noise"), shape: [1, 5, 7, 7], seed: 1 };
  const chosen = stateAfter({ type: "source", source }, ...actions);
  const state = reduce(chosen, { type: "numbers", numbers: numbersFor(chosen) });
  const at = /** @type {Layout} */ (layout(state, { width: 1100, height: 640, filled: true }));
  return { state, at, layer: /** @type {LayerGeometry} */ (viewOf(state)) };
}

/** Planes of the input that a step reads. */
function read(/** @type {LayerGeometry} */ layer, /** @type {number} */ step) {
  return new Set(windowAt(layer, step)[0]?.flatMap(({ index }) => (index >= 0 ? [index] : [])));
}

/** The maps on which a part of the window is outlined. */
function outlined(/** @type {Layout} */ at, /** @type {LayerGeometry} */ layer, /** @type {number} */ step) {
  /** @type {Mark[]} */
  const marks = [];
  depthMarks(marks, at, layer, step);
  const rects = marks.flatMap((mark) => (mark.kind === "outline" ? mark.rects : []));
  const within = (/** @type {Layout["lanes"][number]} */ { x, y, width, height }) =>
    rects.some(
      ([left, top, wide, high]) =>
        left >= x && top >= y && left + wide <= x + width + 1e-9 && top + high <= y + height + 1e-9,
    );
  const planes = (/** @type {Layout["lanes"]} */ maps) =>
    new Set(maps.filter(within).map(({ depth }) => depth));
  return { input: planes(at.channels), output: planes(at.lanes) };
}

/** @type {Record<string, Action[]>} */
const KINDS = {
  padded: [{ type: "parameter", name: "padding", value: 1 }],
  dilated: [
    { type: "parameter", name: "padding", value: 2 },
    { type: "parameter", name: "dilation", value: 2 },
  ],
  strided: [{ type: "parameter", name: "stride", value: 2 }],
  transposed: [{ type: "operation", name: "transposed_convolution" }],
  pooled: [{ type: "operation", name: "max_pooling" }],
  adaptive: [{ type: "operation", name: "adaptive_max_pooling" }],
};

for (const [name, actions] of Object.entries(KINDS)) {
  test(`${name}: every plane has its map, and those that a step reads and writes are marked`, () => {
    const { at, layer } = volume(...actions);
    const depth = /** @type {AxisGeometry} */ (layer.axes[0]);
    assert.deepEqual(
      at.channels.map((one) => one.depth),
      [0, 1, 2, 3, 4],
    );
    assert.deepEqual(
      at.lanes.map((one) => one.depth),
      Array.from({ length: depth.output }, (_, plane) => plane),
    );
    for (let step = 0; step < layer.steps; step += 7) {
      const found = outlined(at, layer, step);
      assert.deepEqual(found.output, new Set([stepPosition(layer, step)[0]]));
      for (const plane of found.input) assert.ok(read(layer, step).has(Number(plane)));
    }
  });

  test(`${name}: a click on a plane's map leads to a step that reads it, or writes it`, () => {
    const { state, layer } = volume(...actions);
    const depth = /** @type {AxisGeometry} */ (layer.axes[0]);
    for (let plane = 0; plane < 5; plane++) {
      const step = stepAtDepth(state, "input", plane);
      if (step !== null) assert.ok(read(layer, step).has(plane));
      else
        assert.ok(
          Array.from({ length: layer.steps }, (_, at) => at).every((at) => !read(layer, at).has(plane)),
        );
    }
    for (let plane = 0; plane < depth.output; plane++)
      assert.equal(stepPosition(layer, Number(stepAtDepth(state, "output", plane)))[0], plane);
  });
}

test("the planes of a kernel stand below each other, and their sums add up to the result", () => {
  const { state, at, layer } = volume(
    { type: "parameter", name: "padding", value: 1 },
    { type: "step", step: 60 },
  );
  assert.deepEqual(
    at.slices.map(({ depth }) => depth),
    [0, 1, 2],
  );
  const { live } = scene(state, at, "light", { gliding: false });
  const words = live.flatMap((mark) => (mark.kind === "text" ? [mark.text] : []));
  const numbers = words
    .filter((one) => /^[=+−] /.test(one))
    .map((one) => one.replace("= ", "").replace(/[, ]/g, "").replace("−", "-"));
  assert.equal(numbers.length, 3);
  const total = numbers.reduce((sum, one) => sum + Number(one), 0);
  const wanted = Number(sumOf(state)?.total);
  assert.ok(Math.abs(total - wanted) <= 0.01 * Math.abs(wanted), `${total} is not ${wanted}`);
  const axis = /** @type {AxisGeometry} */ (layer.axes[0]);
  const place = Number(stepPosition(layer, state.step)[0]);
  for (let tap = 0; tap < tapsAt(axis.reads, place); tap++) {
    const source = resolve(axis, coordinate(axis.reads, place, tap));
    const name = planeName(layer, state.step, tap);
    assert.equal(name, source < 0 ? "padding" : `depth ${source}`);
    assert.ok(words.includes(name));
  }
});

test("a stamp writes several planes, named and marked by where they lie in the output", () => {
  const { at, layer } = volume(
    { type: "operation", name: "transposed_convolution" },
    { type: "walk", walk: "stamp" },
  );
  const step = Math.floor(layer.steps / 2);
  const [plane] = stepPosition(layer, step);
  const found = outlined(at, layer, step);
  assert.deepEqual(found.input, new Set([plane]));
  assert.equal(found.output.size, 3);
  assert.deepEqual(
    new Set([0, 1, 2].map((tap) => planeName(layer, step, tap))),
    new Set([...found.output].map((one) => `depth ${one}`)),
  );
});

test("the map of a plane can be pointed at, and a flat picture has maps of channels and filters as before", () => {
  const { at } = volume();
  const [map] = at.channels;
  assert.deepEqual(map && hit(at, map.x + 3, map.y + 3), { part: "depth", grid: "input", depth: 0 });
  const flat = layout(stateAfter(), { width: 1100, height: 640, filled: true });
  assert.ok(flat?.lanes.every(({ depth }) => depth === undefined));
  assert.equal(flat?.lanes.length, 3);
});

test("a weight lights cells of the plane on view only where some step multiplies one of them by it", () => {
  const { state, at, layer } = volume(...(KINDS.strided ?? []));
  const axis = /** @type {AxisGeometry} */ (layer.axes[0]);
  const lit = [0, 1, 2].map((depth) => {
    const pointed = {
      ...state,
      pointed: { grid: /** @type {const} */ ("kernel"), channel: 0, tap: 9 * depth },
    };
    const { live } = scene(pointed, at, "light", { gliding: false });
    return live.some((mark) => mark.kind === "rects" && mark.fill === "kernel" && mark.rects.length > 1);
  });
  const plane = depthOn(layer, state.step).input;
  const reads = [0, 1, 2].map((tap) =>
    [0, 1].some((place) => resolve(axis, coordinate(axis.reads, place, tap)) === plane),
  );
  assert.deepEqual(lit, reads);
  assert.ok(lit.includes(true) && lit.includes(false));
});
