// A series as a curve: points over their cells, a stem a tap, and the future that a window reads or does not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { rectOf } from "../../../static/js/picture/grid/cells.js";
import { LEGIBLE } from "../../../static/js/picture/layout/fitted.js";
import { hit } from "../../../static/js/picture/layout/hit.js";
import { layout } from "../../../static/js/picture/layout/layout.js";
import { stemMarks } from "../../../static/js/picture/marks/curve.js";
import { scene } from "../../../static/js/picture/scene.js";
import { viewOf } from "../../../static/js/state/selectors.js";
import { reduce } from "../../../static/js/state/state.js";
import { later } from "../../../static/js/words/dialogs.js";
import { numbersFor, stateAfter } from "../page.js";

/** @import { Action } from "../../../static/js/state/state.js" */
/** @import { Rect } from "../../../static/js/picture/grid/cells.js" */
/** @import { Mark } from "../../../static/js/picture/scene.js" */
/** @import { ParameterValue } from "../../../static/js/types/layer.js" */

const SIZE = { width: 1080, height: 560 };

function series(/** @type {Record<string, ParameterValue>} */ values, step = 20) {
  /** @type {Action[]} */
  const actions = [
    { type: "source", source: { kind: "sample", name: "series" } },
    { type: "settings", values },
    { type: "step", step },
  ];
  const bare = stateAfter(...actions);
  const state = reduce(bare, { type: "numbers", numbers: numbersFor(bare) });
  const at = layout(state, SIZE);
  const layer = viewOf(state);
  assert.ok(at?.curves && layer);
  /** @type {Mark[]} */
  const marks = [];
  stemMarks(marks, state, layer, at);
  const words = marks.flatMap((mark) => (mark.kind === "text" ? [mark.text] : []));
  const stems = marks.flatMap((mark) =>
    mark.kind === "path" && (mark.stroke === "kernel" || mark.stroke === "warn") ? [mark] : [],
  );
  return { state, at, layer, words, stems };
}

test("a causal window reads nothing of the future, a same window does", () => {
  for (const dilation of [1, 2, 5]) {
    const causal = series({ padding: "causal", kernel: 3, dilation });
    assert.deepEqual(causal.words, [later.future]);
    assert.ok(causal.stems.every(({ stroke }) => stroke === "kernel"));
    const same = series({ padding: "same", kernel: 3, dilation });
    assert.deepEqual(same.words, [later.futureRead]);
    assert.deepEqual(
      same.stems.map(({ stroke }) => stroke),
      ["kernel", "kernel", "warn"],
    );
  }
});

test("a stem stands over the cell that its tap reads", () => {
  const { at, stems } = series({ padding: "causal", kernel: 3, dilation: 2 });
  const cells = stems.map(({ points }) => hit(at, Number(points[0]), at.input.y + 1));
  assert.deepEqual(
    cells.map((found) => found?.part === "input" && found.col),
    [16, 18, 20],
  );
});

test("output stands under input at the same time, and both curves within the stage", () => {
  const { at, state } = series({ padding: "causal", kernel: 3 });
  const start = (/** @type {import("../../../static/js/picture/grid/grids.js").Box} */ box) =>
    box.x - box.left * box.cell;
  assert.equal(start(at.output), start(at.input));
  const { base } = scene(state, at, "light", { gliding: false });
  const curves = base.flatMap((mark) =>
    mark.kind === "path" && mark.points.length > 8 ? [mark.points] : [],
  );
  assert.equal(curves.length, 1 + Number(state.shown?.geometry.lanes));
  for (const points of curves)
    for (let each = 0; each < points.length; each += 2) {
      assert.ok(Number(points[each]) >= 0 && Number(points[each]) <= SIZE.width);
      assert.ok(Number(points[each + 1]) >= 0 && Number(points[each + 1]) <= at.height);
    }
});

test("a point on a curve stands for the cell below it", () => {
  const { at } = series({ padding: "causal", kernel: 3 });
  for (const part of /** @type {const} */ (["input", "output"])) {
    const [x, y, , tall] = at.curves?.[part] ?? [0, 0, 0, 0];
    for (const share of [0.05, 0.5, 0.95]) {
      const found = hit(at, x + 9.5 * at[part].cell, y + share * tall);
      assert.deepEqual(found, { part, row: 0, col: 9 + at[part].left });
    }
    assert.equal(hit(at, x + 9.5 * at[part].cell, y - 1), null);
  }
});

test("every channel has a curve in whatever room there is, and the one on view lies over the others", () => {
  const rooms = [
    { width: 1022, height: 500, filled: true },
    { width: 1022, height: 300, filled: true },
    { width: 736, height: 600 },
    { width: 358, height: 582 },
  ];
  for (const channels of [1, 2, 3, 8]) {
    for (const size of rooms) {
      const bare = stateAfter(
        { type: "source", source: { kind: "noise", shape: [channels, 20] } },
        { type: "settings", values: { padding: "causal", kernel: 3, filters: 3 } },
        { type: "channel", channel: channels - 1 },
      );
      const state = reduce(bare, { type: "numbers", numbers: numbersFor(bare) });
      const at = layout(state, size);
      const named = `${channels} in ${size.width}×${size.height}`;
      assert.ok(at?.curves, named);
      assert.ok(at.height <= size.height, `${named}: ${at.height}`);
      assert.ok(size.width < 400 || (at.input.cell >= LEGIBLE && at.output.cell >= LEGIBLE), named);
      const rects = [at.curves.input, rectOf(at.input), ...at.channels.map(mapRect), ...slicesOf(at)];
      rects.push(at.curves.output, rectOf(at.output), ...at.lanes.map(mapRect));
      for (const [index, one] of rects.entries())
        for (const other of rects.slice(index + 1))
          assert.ok(!overlap(one, other), `${named}: ${one}; ${other}`);
      const { base } = scene(state, at, "light", { gliding: false });
      const strokes = base.flatMap((mark) =>
        mark.kind === "path" && mark.points.length === 40 ? [mark.stroke] : [],
      );
      const behind = (/** @type {number} */ all) => new Array(all - 1).fill("faint");
      assert.deepEqual(strokes, [...behind(channels), "input", ...behind(3), "output"], named);
    }
  }
});

const mapRect = (/** @type {import("../../../static/js/picture/layout/fitted.js").Small} */ one) =>
  /** @type {Rect} */ ([one.x, one.y, one.width, one.height]);

function slicesOf(/** @type {import("../../../static/js/picture/layout/layout.js").Layout} */ { slices }) {
  return slices.flatMap(({ patch, kernel }) => [patch, kernel].flatMap((box) => (box ? [rectOf(box)] : [])));
}

function overlap(/** @type {Rect} */ [x, y, width, tall], /** @type {Rect} */ [left, top, across, down]) {
  return x < left + across && left < x + width && y < top + down && top < y + tall;
}
