// Channels and filters as volumes: who reads whom, and a picture that shows it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { groupings } from "../../../static/js/dialogs/volumes.js";
import {
  aimAt,
  readBy,
  readersOf,
  volumeScene,
  volumesOf,
} from "../../../static/js/picture/marks/volumes.js";
import { viewOf } from "../../../static/js/state/selectors.js";
import { reduce } from "../../../static/js/state/state.js";
import { sayLater } from "../../../static/js/words/dialogs.js";
import { numbersFor, stateAfter } from "../page.js";

/** @import { Action } from "../../../static/js/state/state.js" */

/** @returns {Action[]} */
function setting(
  /** @type {number} */ channels,
  /** @type {number} */ filters,
  /** @type {number} */ groups,
) {
  return [
    { type: "source", source: { kind: "noise", shape: [channels, 6, 6] } },
    { type: "settings", values: { filters, groups } },
  ];
}

/** @type {Record<string, Action[]>} */
const SETTINGS = {
  dense: setting(3, 64, 1),
  grouped: setting(8, 16, 4),
  depthwise: setting(16, 16, 16),
  first: [],
  pooled: [setting(5, 1, 1)[0] ?? { type: "undo" }, { type: "operation", name: "max_pooling" }],
  unfolded: [{ type: "operation", name: "unfold" }],
  series: [{ type: "source", source: { kind: "sample", name: "series" } }],
  volume: [{ type: "source", source: { kind: "noise", shape: [2, 5, 5, 5] } }],
  whole: [{ type: "operation", name: "dense" }],
};

function shown(/** @type {Action[]} */ actions) {
  const state = stateAfter(...actions);
  const layer = viewOf(state);
  assert.ok(layer && state.problem === null);
  return { state: reduce(state, { type: "numbers", numbers: numbersFor(state) }), layer };
}

test("a filter reads its group's channels, and a channel is read by its group's filters", () => {
  const { layer } = shown(setting(8, 16, 4));
  assert.deepEqual(readBy(layer, 0), [0, 1]);
  assert.deepEqual(readBy(layer, 15), [6, 7]);
  assert.deepEqual(readersOf(layer, 2), [4, 5, 6, 7]);
  for (let lane = 0; lane < 16; lane++)
    for (let channel = 0; channel < 8; channel++)
      assert.equal(readBy(layer, lane).includes(channel), readersOf(layer, channel).includes(lane));
});

test("the ways to group lead from dense to depthwise, and each is a setting that fits", () => {
  const { state, layer } = shown(setting(8, 16, 1));
  assert.deepEqual(groupings(layer), [1, 2, 4, 8]);
  for (const value of groupings(layer))
    assert.equal(reduce(state, { type: "parameter", name: "groups", value }).problem, null);
});

for (const [name, actions] of Object.entries(SETTINGS)) {
  for (const size of [
    { width: 1160, height: 560 },
    { width: 310, height: 400 },
  ]) {
    test(`${name}: every channel and filter is drawn within ${size.width} and found again`, () => {
      const { state, layer } = shown(actions);
      const at = volumesOf(layer, size);
      assert.equal(at.channels.length, Math.min(64, Number(layer.input_shape[0])));
      assert.equal(at.filters.length, Math.min(64, layer.lanes));
      assert.equal(at.maps.length, at.filters.length);
      const rects = [
        ...at.channels,
        ...at.filters.flat(),
        ...at.maps,
        ...at.blocks.input,
        ...at.blocks.output,
      ];
      for (const [x, y, width, tall] of rects) {
        assert.ok(width > 0 && tall > 0);
        assert.ok(
          x >= 0 && y >= 0 && x + width <= size.width + 1 && y + tall <= size.height + 1,
          `${[x, y]}`,
        );
      }
      for (const [index, [x, y, width, tall]] of at.channels.entries())
        assert.deepEqual(aimAt(at, x + width / 2, y + tall / 2), { kind: "channel", index });
      for (const [index, [x, y, width, tall]] of at.maps.entries())
        assert.deepEqual(aimAt(at, x + width / 2, y + tall / 2), { kind: "filter", index });
      for (const aim of /** @type {const} */ ([
        null,
        { kind: "channel", index: 0 },
        { kind: "filter", index: layer.lanes - 1 },
      ])) {
        const { base, live } = volumeScene(state, at, "light", aim);
        assert.ok(base.length > 0 && live.some(({ kind }) => kind === "path"));
      }
    });
  }
}

test("a filter's lines go to exactly the channels that it reads", () => {
  const { state, layer } = shown(setting(8, 16, 4));
  const at = volumesOf(layer, { width: 1160, height: 560 });
  const { live } = volumeScene(state, at, "light", { kind: "filter", index: 5 });
  const bright = live.flatMap((mark) =>
    mark.kind === "path" && mark.stroke === "kernel" ? [mark.points] : [],
  );
  const from = bright.map(([, y]) => at.channels.findIndex(([, top, , tall]) => top + tall / 2 === y));
  assert.deepEqual(from, [2, 3]);
});

test("the words say what the picture shows", () => {
  assert.match(
    sayLater.weightShape([16, 2, 3, 3], 2, 4),
    /^Weight \(16, 2, 3, 3\): 16 filters, .* 2 channels of its group/,
  );
  assert.equal(
    sayLater.reads(4, ["channel 3", "channel 4"], 16, true),
    "Filter 5 of 16 reads channel 3, channel 4 and gives output channel 5.",
  );
});
