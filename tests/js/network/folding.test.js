// Groups of long networks: blocks that repeat stand behind one card, and every layer is in one place.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FOLDED_FROM, groupsOf } from "../../../static/js/network/folding.js";
import { draws } from "../support.js";

/** @import { NamedSpec } from "../../../static/js/types/network.js" */

const named = (/** @type {object[]} */ layers) => {
  const specs = /** @type {NamedSpec[]} */ (layers.map((layer, at) => ({ name: `layer${at}`, ...layer })));
  return { names: specs.map(({ name }) => String(name)), specs };
};
const groupsFor = (/** @type {object[]} */ layers) => {
  const { names, specs } = named(layers);
  return groupsOf(names, specs);
};
const conv = (/** @type {number} */ filters) => ({ operation: "convolution", filters });

test("a network that can be looked at as it is has no groups", () => {
  assert.deepEqual(groupsFor(new Array(FOLDED_FROM).fill(conv(4))), []);
  assert.notDeepEqual(groupsFor(new Array(FOLDED_FROM + 1).fill(conv(4))), []);
});

test("residual blocks that repeat are one group a stage, though each reads layers of other names", () => {
  /** @type {object[]} */
  const layers = [conv(8)];
  for (const filters of [8, 16, 32])
    for (let block = 0; block < 8; block++) {
      const at = layers.length;
      layers.push({ ...conv(filters), activation: "relu" }, conv(filters), {
        operation: "add",
        inputs: [`layer${at + 1}`, `layer${at - 1}`],
      });
    }
  layers.push({ operation: "dense", filters: 10 });
  const groups = groupsFor(layers);
  assert.deepEqual(
    groups.map(({ first, length, period }) => [first, length, period]),
    [
      [1, 24, 3],
      [25, 24, 3],
      [49, 24, 3],
    ],
  );
});

test("1,024 equal layers are few cards, and the last layer stands alone", () => {
  const groups = groupsFor(new Array(1024).fill(conv(1)));
  assert.ok(groups.length <= 43);
  assert.equal(
    groups.reduce((all, { length }) => all + length, 0),
    1023,
  );
  assert.ok(groups.every(({ period }) => period === 1));
});

test("groups of drawn networks lie apart and in order, repeat as they say, and leave few layers alone", () => {
  const { whole } = draws(19);
  for (let round = 0; round < 60; round++) {
    const layers = Array.from({ length: whole(61, 200) }, () => conv(whole(1, 3)));
    const { names, specs } = named(layers);
    const groups = groupsOf(names, specs);
    let before = 0;
    for (const { first, length, period } of groups) {
      assert.ok(first >= before && length >= 3 && length <= 24 && length % period === 0);
      for (let at = first; at + period < first + length; at++)
        assert.deepEqual(layers[at], layers[at + period]);
      assert.ok(first - before < 3, "layers in no group stand between groups, at most two");
      before = first + length;
    }
    assert.ok(before <= layers.length - 1);
  }
});
