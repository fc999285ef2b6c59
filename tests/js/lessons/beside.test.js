// The parts beside a lesson: the controls of a step, what covers the stage, the cell that a click means, the cards and
// their pictures, and a state as Markdown.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cellOf } from "../../../static/js/lessons/clicked.js";
import { rulesFor } from "../../../static/js/lessons/controls.js";
import { standing } from "../../../static/js/lessons/list.js";
import { convolved, pooled, stampsOn } from "../../../static/js/lessons/pictures.js";
import { nothing } from "../../../static/js/lessons/progress.js";
import { plain } from "../../../static/js/lessons/prose.js";
import { blockOf } from "../../../static/js/lessons/step_block.js";
import { coversOf, hiddenOf } from "../../../static/js/lessons/veil.js";
import { linkOf } from "../../../static/js/link/address.js";
import { decode } from "../../../static/js/link/fragment.js";
import { cellRect, rectOf } from "../../../static/js/picture/grid/cells.js";
import { layout } from "../../../static/js/picture/layout/layout.js";
import "../../../static/js/picture/layout/narrow_rooms.js";
import "../../../static/js/picture/layout/series.js";
import { catalog, stateAfter } from "../page.js";
import { asking } from "./asking.js";

/** @import { LessonInfo } from "../../../static/js/types/lesson.js" */

const SIZE = { width: 1000, height: 600, filled: true };

/** The state of a link, and where things stand in it. */
function opened(/** @type {string} */ fragment, size = SIZE) {
  const link = decode(fragment, catalog().operations);
  assert.ok(link.ok, fragment);
  const state = stateAfter({ type: "open", link: link.state });
  const at = layout(state, size);
  assert.ok(at);
  return { state, at };
}

test("a step leaves its controls in the column and hides all others", () => {
  const none = rulesFor([]);
  assert.match(none, /:not\(\.lesson, \.sheet-head\)/);
  assert.match(none, /\.open-settings/);
  const some = rulesFor(["kernel", "stride", "input"]);
  assert.match(some, /:not\(\.lesson, \.sheet-head, \[aria-labelledby=source-title\], \.layer\)/);
  assert.match(some, /\.row:not\(\[data-parameter="kernel"\], \[data-parameter="stride"\]\)/);
  assert.doesNotMatch(some, /open-settings/);
  assert.match(rulesFor(["operation"]), /\.row:not\(:has\(\.operation\)\)/);
  // The whole panel keeps all its rows.
  assert.doesNotMatch(rulesFor(["layer", "weights"]), /\.layer \.row/);
  assert.match(rulesFor(["steps"]), /:not\(\.lesson, \.sheet-head\)/);
  assert.doesNotMatch(rulesFor(['x"] * {}']), /[{]}/);
});

test("the number that is asked for is covered on its cell, and a size with the whole output", () => {
  const { state, at } = opened("#v1&op=convolution&filters=2&source=sample:cross&step=8");
  assert.deepEqual(coversOf("value", null, state, at), [], "no cell is asked for");
  const about = { grid: /** @type {const} */ ("output"), lane: 0, cell: [2, 3] };
  assert.deepEqual(coversOf("value", about, state, at), [cellRect(at.output, 2, 3)]);
  assert.deepEqual(coversOf(null, about, state, at), []);
  assert.deepEqual(coversOf("value", { ...about, lane: 1 }, state, at), [], "another map is on view");
  const [x, y, width, height] = rectOf(at.output);
  assert.deepEqual(coversOf("output", null, state, at), coversOf("shape", null, state, at));
  const [[left = 0, top = 0, across = 0, down = 0] = []] = coversOf("shape", null, state, at);
  assert.ok(left < x && top < y && left + across > x + width && top + down > y + height);
  assert.deepEqual(coversOf("value", null, state, null), []);
});

test("covers hide every map and never the input or the kernel, however narrow the page", () => {
  const overlap = (
    /** @type {number[]} */ [x = 0, y = 0, w = 0, h = 0],
    /** @type {number[]} */ [l = 0, t = 0, a = 0, d = 0],
  ) => x < l + a && l < x + w && y < t + d && t < y + h;
  for (const filters of [1, 3, 6, 64])
    for (const width of [358, 600, 760, 1100]) {
      const link = `#v1&op=convolution&filters=${filters}&padding=1&source=noise:3x8x8;seed=1`;
      const { state, at } = opened(link, { width, height: 600, filled: width > 760 });
      const covers = coversOf("shape", null, state, at);
      const said = `${filters} filters, ${width} px`;
      for (const map of at.lanes) {
        const inside = covers.some(
          ([x, y, w, h]) =>
            x <= map.x && y <= map.y && map.x + map.width <= x + w && map.y + map.height <= y + h,
        );
        assert.ok(inside, `${said}: a map is in sight`);
      }
      for (const other of [rectOf(at.input), rectOf(at.middle)])
        assert.ok(!covers.some((cover) => overlap(cover, other)), `${said}: another grid is covered`);
    }
});

test("of a series the height of the curve is hidden with the number", () => {
  const { state, at } = opened(
    "#v1&op=convolution&kernel=2&padding=causal&source=values:1x6:1,2,4,7,11,16;axes=1",
  );
  const about = { grid: /** @type {const} */ ("output"), lane: 0, cell: [5] };
  assert.ok(at.curves);
  const [cell, curve] = coversOf("value", about, state, at);
  assert.deepEqual(cell, cellRect(at.output, 0, 5));
  const [x, y, width, height] = at.curves.output;
  const [left = 0, top = 0, across = 0, down = 0] = curve ?? [];
  assert.ok(left < x && top < y && left + across > x + width && top + down > y + height);
});

test("a number that is no cell's is hidden with the output, and one of its sizes with the size", () => {
  const { state } = opened("#v1&op=convolution&source=sample:cross");
  assert.deepEqual(state.shown?.geometry.output_shape, [1, 7, 7]);
  assert.equal(hiddenOf(asking("number", 7), "value", state), "shape");
  assert.equal(hiddenOf(asking("number", 5), "value", state), "output");
  assert.equal(hiddenOf(asking("number", 7), null, state), null);
  const about = { grid: /** @type {const} */ ("output"), lane: 0, cell: [0, 0] };
  assert.equal(hiddenOf({ ...asking("number", 7), about }, "value", state), "value");
  assert.equal(hiddenOf({ ...asking("number", 7), hides: "value" }, "value", state), "value");
});

test("a click means the cell of the grid that is asked for, with its map where keys name one", () => {
  const { state } = opened("#v1&op=convolution&filters=2&source=sample:cross&lane=1");
  const ask = asking("cell", [[0, 0]]);
  assert.deepEqual(cellOf(state, { part: "output", row: 2, col: 3 }, ask), [2, 3]);
  assert.deepEqual(cellOf(state, { part: "output", row: 2, col: 3 }, asking("cell", [[0, 0, 0]])), [1, 2, 3]);
  assert.equal(cellOf(state, { part: "input", row: 2, col: 3 }, ask), null);
  assert.equal(cellOf(state, { part: "output", row: 7, col: 0 }, ask), null, "beyond the map");
  assert.deepEqual(cellOf(state, { part: "input", row: 8, col: 0 }, { ...ask, grid: "input" }), [8, 0]);
  const series = opened("#v1&op=convolution&source=sample:series").state;
  assert.deepEqual(cellOf(series, { part: "output", row: 0, col: 5 }, asking("cell", [[0]])), [5]);
});

test("the list goes on with what was worked in last, and counts what is done", () => {
  const info = (/** @type {string} */ name) =>
    /** @type {LessonInfo} */ ({
      name,
      title: name,
      line: "",
      goal: "",
      minutes: 9,
      steps: 4,
      questions: 3,
      fragment: "",
    });
  const infos = ["one", "two", "three"].map(info);
  assert.equal(standing(infos, nothing()).goOn?.info.name, "one");
  const kept = (/** @type {number} */ changed, more = {}) => ({
    begun: 1,
    of: 4,
    at: 2,
    changed,
    done: false,
    answers: {},
    ...more,
  });
  const lessons = { one: kept(9, { done: true }), two: kept(5), three: kept(7) };
  const found = standing(infos, { ...nothing(), lessons });
  assert.deepEqual([found.goOn?.info.name, found.goOn?.at, found.done], ["three", 2, 1]);
  assert.deepEqual(
    found.cards.map(({ begun }) => begun),
    [false, true, true],
  );
  // A record of a lesson that had other steps says nothing of this one.
  assert.equal(
    standing(infos, { ...nothing(), lessons: { two: kept(5, { of: 7 }) } }).goOn?.info.name,
    "one",
  );
  const all = { one: kept(1, { done: true }), two: kept(1, { done: true }), three: kept(1, { done: true }) };
  assert.equal(standing(infos, { ...nothing(), lessons: all }).goOn, null);
  assert.equal(standing([], nothing()).goOn, null);
});

test("pictures of cards are drawn from numbers that are computed", () => {
  const stroke = [
    [1, -1, -1],
    [-1, 1, -1],
    [-1, -1, 1],
  ];
  assert.deepEqual(
    convolved(stroke, [
      [1, -1],
      [-1, 1],
    ]),
    [
      [4, -2],
      [-2, 4],
    ],
  );
  assert.deepEqual(
    pooled(
      [
        [1, 3, 2, 0],
        [0, 4, 1, 1],
        [2, 0, 5, 1],
        [1, 2, 0, 3],
      ],
      2,
    ),
    [
      [4, 2],
      [2, 5],
    ],
  );
  assert.deepEqual(stampsOn(4, 3, 2), [1, 1, 2, 1, 2, 1, 2, 1, 1]);
});

test("a state is copied as a lesson step without what is about a person", () => {
  const { state } = opened(
    "#v1&op=convolution&stride=2&source=sample:cross&step=3&theme=dark&lesson=shapes/3",
  );
  const made = blockOf(linkOf(state));
  assert.ok(made.ok);
  const fragment = /```stage\n(#v1.*)\n```/.exec(made.text)?.[1];
  assert.match(made.text, /^## /);
  const read = decode(fragment ?? "", catalog().operations);
  assert.ok(read.ok);
  assert.deepEqual(read.state.layers, [{ operation: "convolution", spec: { stride: 2 } }]);
  assert.deepEqual(
    [read.state.step, read.state.theme, read.state.lesson, read.state.speed],
    [3, undefined, undefined, undefined],
  );
  const upload = { ...linkOf(state), source: { kind: /** @type {const} */ ("image"), id: "0".repeat(64) } };
  assert.equal(blockOf(upload).ok, false, "an upload is kept for days only");
});

test("prose is read as text, whatever it is made of", () => {
  assert.equal(
    plain([
      "A ",
      { kind: "strong", content: ["bold ", { kind: "role", role: "kernel", text: "filter" }] },
      " of ",
      { kind: "value", text: "3×3" },
    ]),
    "A bold filter of 3×3",
  );
});
