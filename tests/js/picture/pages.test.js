// Small maps are shown by pages where there is no room for all: none lies outside its room, and every map is on a page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { smallsIn } from "../../../static/js/picture/layout/fitted.js";
import { layout } from "../../../static/js/picture/layout/layout.js";
import { besides } from "../../../static/js/stage/gestures.js";
import { reduce } from "../../../static/js/state/state.js";
import { stateAfter } from "../page.js";
import { draws } from "../support.js";

/** @import { Action } from "../../../static/js/state/state.js" */

test("maps keep within their room, and the pages of all maps hold each of them once", () => {
  const { whole } = draws(8);
  for (let round = 0; round < 500; round++) {
    const [width, most, count] = [whole(60, 500), whole(60, 400), whole(2, 400)];
    /** @type {Set<number>} */
    const seen = new Set();
    for (let chosen = 0; chosen < count; ) {
      const maps = Array.from({ length: count }, (_, index) => ({ index, chosen: index === chosen }));
      const { smalls, height, pager } = smallsIn(maps, 10, 20, width, most, 1);
      assert.ok(height <= most, `${height} of ${most}`);
      for (const { x, y, size } of smalls)
        assert.ok(x >= 10 && x + size <= 10 + width && y >= 20 && y + size <= 20 + most);
      assert.ok(smalls.some(({ index }) => index === chosen));
      for (const { index } of smalls) seen.add(Number(index));
      if (!pager) break;
      assert.equal(pager.maps.length, count);
      assert.equal(smalls[0]?.index, pager.first);
      const { before, after } = besides(pager);
      assert.equal(before === undefined, pager.first === 0);
      if (!after) break;
      chosen = Number(after.index);
    }
    assert.equal(seen.size, count);
  }
});

test("with many channels and filters nothing of the stage leaves its room", () => {
  /** @type {Record<string, Action[]>} */
  const many = {
    convolution: [{ type: "source", source: { kind: "noise", shape: [64, 28, 28] } }],
    filters: [{ type: "parameter", name: "filters", value: 200 }],
    transposed: [
      { type: "operation", name: "transposed_convolution" },
      { type: "source", source: { kind: "noise", shape: [64, 28, 28] } },
      { type: "parameter", name: "filters", value: 32 },
      { type: "parameter", name: "stride", value: 2 },
    ],
    dense: [
      { type: "operation", name: "dense" },
      { type: "parameter", name: "filters", value: 64 },
    ],
    pooling: [
      { type: "operation", name: "max_pooling" },
      { type: "source", source: { kind: "noise", shape: [64, 28, 28] } },
    ],
  };
  for (const [name, actions] of Object.entries(many))
    for (const size of [
      { width: 1000, height: 380, filled: true },
      { width: 920, height: 340, filled: true },
      { width: 1600, height: 800, filled: true },
    ]) {
      const at = layout(stateAfter(...actions), size);
      assert.ok(at);
      for (const { x, y, size: side } of [...at.channels, ...at.lanes])
        assert.ok(x + side <= size.width && y + side <= size.height, `${name}: ${x}, ${y}`);
    }
});

test("the page with the map that is chosen is shown", () => {
  const first = stateAfter({ type: "source", source: { kind: "noise", shape: [64, 28, 28] } });
  const size = { width: 1000, height: 380, filled: true };
  for (const channel of [0, 33, 63]) {
    const at = layout(reduce(first, { type: "channel", channel }), size);
    assert.ok(at?.pagers?.input);
    assert.ok(at.channels.some(({ index }) => index === channel));
  }
});
