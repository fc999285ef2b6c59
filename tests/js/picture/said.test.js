// Words of the stage beside the grids: the sum at its kernel, the numbers of rows and columns, cells that are never read,
// how far a dilated kernel sees, and a setting that is refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SCENE } from "../../../static/js/lessons/opening.js";
import { LEGIBLE } from "../../../static/js/picture/layout/fitted.js";
import { layout } from "../../../static/js/picture/layout/layout.js";
import { axisMarks, ownAxisMarks } from "../../../static/js/picture/marks/axes.js";
import { refusedLayout, refusedScene } from "../../../static/js/picture/marks/refused.js";
import { spanSentence, unreadSentence } from "../../../static/js/picture/marks/unread.js";
import { scene } from "../../../static/js/picture/scene.js";
import { viewOf } from "../../../static/js/state/selectors.js";
import { reduce } from "../../../static/js/state/state.js";
import { numbersFor, stateAfter } from "../page.js";

/** @import { Mark } from "../../../static/js/picture/scene.js" */
/** @import { LayerGeometry } from "../../../static/js/types/geometry.js" */
/** @import { Action, State } from "../../../static/js/state/state.js" */

const SIZE = { width: 1080, height: 620, filled: true };

/** @returns {Action} */
const parameter = (/** @type {string} */ name, /** @type {any} */ value) => ({
  ...{ type: "parameter", name, value },
});
/** @returns {Action} */
const noise = (/** @type {number[]} */ ...shape) => ({ type: "source", source: { kind: "noise", shape } });
const layerOf = (/** @type {State} */ state) => /** @type {LayerGeometry} */ (viewOf(state));

test("cells that are never read are named, with the division that leaves them", () => {
  const said = (/** @type {Action[]} */ ...actions) => unreadSentence(layerOf(stateAfter(...actions)));
  const bare = parameter("padding", 0);
  assert.equal(
    said(noise(1, 5, 5), bare, parameter("kernel", 2), parameter("stride", 2)),
    "(5 − 2) / 2 leaves 1: row 4 and column 4 are never read",
  );
  assert.equal(
    said(noise(1, 9, 9), parameter("padding", 1), parameter("stride", 3)),
    "(9 + 2 − 3) / 3 leaves 2: row 8 and column 8 are never read",
  );
  assert.equal(
    said(noise(1, 5, 4), bare, parameter("kernel", 2), parameter("stride", 2)),
    "(5 − 2) / 2 leaves 1: row 4 is never read",
  );
  const apart = said(noise(1, 5, 5), bare, parameter("kernel", 1), parameter("stride", 2));
  assert.equal(apart, "rows 1 and 3 and columns 1 and 3 are never read");
  assert.equal(said(noise(1, 5, 5), bare), "");
});

test("a dilated kernel says how far it sees, and another says nothing", () => {
  const dilated = stateAfter(noise(1, 9, 9), parameter("dilation", 2));
  assert.equal(spanSentence(layerOf(dilated)), "three taps, two apart: sees 5×5");
  assert.equal(spanSentence(layerOf(stateAfter(noise(1, 9, 9)))), "");
});

test("the rows of a sum stand on the rows of the kernel, the result below them and before the output", () => {
  const state = stateAfter(noise(1, 9, 9));
  const at = layout(state, SIZE);
  const kernel = at?.slices[0]?.kernel;
  assert.ok(at?.sum && kernel);
  assert.equal(at.sum.kind, "rows");
  assert.deepEqual([at.sum.y, at.sum.row, at.sum.rows], [kernel.y, kernel.cell, kernel.rows]);
  assert.ok(at.sum.x >= kernel.x + kernel.cols * kernel.cell);
  assert.ok(at.sum.foot.y >= kernel.y + kernel.rows * kernel.cell);
  assert.ok(at.sum.foot.x + at.sum.foot.width < at.output.x);
});

test("over five columns a sum has its subtotals only, and with several channels only its total", () => {
  const wide = layout(stateAfter(noise(1, 9, 9), parameter("kernel", 6)), SIZE);
  assert.equal(wide?.sum?.kind, "subtotals");
  const deep = layout(stateAfter(noise(3, 9, 9)), SIZE);
  assert.equal(deep?.sum?.kind, "total");
  const compared = layout(stateAfter(noise(1, 9, 9)), { ...SIZE, plain: true });
  assert.equal(compared?.sum, null);
});

test("rows and columns are numbered from 0, those of the window and of the cell in their colours", () => {
  const state = stateAfter(noise(1, 9, 9), parameter("padding", 1), { type: "step", step: 0 });
  const at = layout(state, SIZE);
  assert.ok(at);
  const said = (/** @type {Mark[]} */ marks, /** @type {string} */ fill) =>
    marks.flatMap((mark) => (mark.kind === "text" && mark.fill === fill ? [Number(mark.text)] : []));
  /** @type {Mark[]} */
  const all = [];
  axisMarks(all, at, layerOf(state));
  const nine = Array.from({ length: 9 }, (_, line) => line);
  assert.deepEqual(said(all, "faint"), [...nine, ...nine, ...nine, ...nine]);
  /** @type {Mark[]} */
  const own = [];
  ownAxisMarks(own, at, layerOf(state), { row: 0, col: 0 });
  assert.deepEqual(said(own, "kernel"), [0, 1, 0, 1], "padding has no number");
  assert.deepEqual(said(own, "output"), [0, 0]);
});

test("a refused window is drawn to scale over an input that stays, and the rest is pale and dashed", () => {
  const fits = stateAfter(noise(1, 5, 5), parameter("padding", 0));
  const shown = reduce(fits, { type: "numbers", numbers: numbersFor(fits) });
  const refused = reduce(shown, parameter("kernel", 7));
  const first = layout(refused, SIZE);
  assert.ok(first && refused.problem);
  const at = refusedLayout(refused, layerOf(refused), first);
  const drawn = refusedScene(scene(refused, at, "light", { gliding: false }), refused, at);
  const frame = drawn.live.find((mark) => mark.kind === "outline" && mark.stroke === "warn");
  assert.ok(frame?.kind === "outline");
  const [, , width, height] = frame.rects[0] ?? [0, 0, 0, 0];
  assert.equal(width - 4, 7 * at.input.cell);
  assert.equal(height - 4, 7 * at.input.cell);
  const words = drawn.live.flatMap((mark) => (mark.kind === "text" ? [mark.text] : []));
  assert.ok(words.includes("5 there") && words.includes("2 missing"), words.join());
  const planes = drawn.base.filter((mark) => mark.kind === "plane");
  assert.deepEqual(
    planes.map(({ alpha, rect: [x] }) => [x < at.middle.x, alpha ?? 1]),
    planes.map(({ rect: [x] }) => [x < at.middle.x, x < at.middle.x ? 1 : 0.4]),
  );
  assert.equal(refusedScene(drawn, shown, at), drawn, "a setting that fits is left as it is");
});

test("a refused window lies over no channel of its input, however large it is", () => {
  for (const [sides, kernel] of [
    [5, 7],
    [64, 70],
    [128, 150],
    [128, 999],
  ]) {
    const fits = stateAfter(noise(3, Number(sides), Number(sides)), parameter("padding", 0));
    const shown = reduce(fits, { type: "numbers", numbers: numbersFor(fits) });
    const refused = reduce(shown, parameter("kernel", Number(kernel)));
    const first = layout(refused, SIZE);
    assert.ok(first && refused.problem);
    if (sides === 128) assert.ok(layout(shown, SIZE)?.channels.length, "there is something to lie over");
    const at = refusedLayout(refused, layerOf(refused), first);
    const drawn = refusedScene(scene(refused, at, "light", { gliding: false }), refused, at);
    const frame = drawn.live.find((mark) => mark.kind === "outline" && mark.stroke === "warn");
    assert.ok(frame?.kind === "outline", `${sides}, ${kernel}`);
    const [, top, , height] = frame.rects[0] ?? [0, 0, 0, 0];
    for (const { y } of at.channels) assert.ok(y > top + height, `${sides}, ${kernel}: ${y}`);
  }
});

test("what is said of a refusal takes its height from the grids: nothing hangs out of the room", () => {
  const shown = stateAfter(parameter("padding", 1), parameter("filters", 3));
  for (const kernel of [0, 12, 40])
    for (const [width, height] of [
      [1006, 320],
      [1080, 470],
      [1522, 720],
    ]) {
      const refused = reduce(shown, parameter("kernel", kernel));
      const at = layout(refused, { width: Number(width), height: Number(height), filled: true });
      assert.ok(at && refused.problem);
      assert.ok(at.height <= Number(height), `kernel ${kernel}: ${at.height} of ${height}`);
    }
});

test("a refused window is drawn over a phone's input too, and its words fit", () => {
  for (const [width, sides] of [
    [358, 9],
    [358, 28],
    [288, 5],
  ]) {
    const fits = stateAfter(noise(1, Number(sides), Number(sides)), parameter("padding", 0));
    const shown = reduce(fits, { type: "numbers", numbers: numbersFor(fits) });
    const refused = reduce(shown, parameter("kernel", Number(sides) + 3));
    const at = layout(refused, { width: Number(width), height: 560 });
    assert.ok(at);
    const drawn = refusedScene(scene(refused, at, "light", { gliding: false }), refused, at);
    const frame = drawn.live.find((mark) => mark.kind === "outline" && mark.stroke === "warn");
    assert.ok(frame?.kind === "outline");
    const [left, top, across, down] = frame.rects[0] ?? [0, 0, 0, 0];
    assert.ok(left >= 0 && left + across <= at.width, `${left} to ${left + across} of ${at.width}`);
    assert.ok(top + down < at.output.y && top + down < 400, "in sight, above what is not current");
    const label = drawn.base.find((mark) => mark.kind === "text" && mark.text.startsWith("not current"));
    assert.ok(label?.kind === "text" && label.x + label.text.length * 6.4 <= at.width);
    assert.ok(at.height >= at.output.y + at.output.rows * at.output.cell);
  }
});

test("the opening's pictures are 336 pixels wide on a desk and on a tablet, its numbers can be read on a phone", () => {
  const opened = stateAfter({ type: "open", link: SCENE });
  const at = (/** @type {import("../../../static/js/picture/layout/layout.js").Size} */ size) => {
    const found = layout(opened, size);
    assert.ok(found);
    return found;
  };
  for (const size of [
    { width: 1080, height: 520, filled: true },
    { width: 736, height: 654 },
  ]) {
    const { input, output, sum, slices } = at(size);
    assert.deepEqual([input.cell * 84, output.cell * 84], [336, 336], JSON.stringify(size));
    assert.ok(sum && Number(slices[0]?.kernel?.cell) >= LEGIBLE, "the result stands at its kernel");
  }
  const phone = at({ width: 358, height: 434 });
  assert.equal(phone.slices.length, 3);
  assert.ok(Number(phone.slices[2]?.kernel?.cell) >= LEGIBLE);
  assert.ok(phone.height <= 500, `${phone.height}`);
});
