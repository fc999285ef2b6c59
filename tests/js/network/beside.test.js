// Networks beside each other: rows by layer, what differs, and the same network on three sizes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { beside } from "../../../static/js/compare/lockstep.js";
import {
  merged,
  networkChanges,
  rowsOf,
  sizeVariants,
  totalsOf,
} from "../../../static/js/network/beside/variants.js";
import { NETWORKS } from "../../../static/js/network/chain/examples.js";
import { sizeFixes } from "../../../static/js/network/resizing.js";
import { reduce } from "../../../static/js/state/state.js";
import { stateAfter } from "../page.js";
import { draws } from "../support.js";

/** @import { State } from "../../../static/js/state/state.js" */

const ANY = /** @type {(typeof NETWORKS)[number]} */ (
  NETWORKS.find(({ title }) => title === "Any image size")
);
const text = (/** @type {unknown} */ value) => String(value);

/** A (kept first) and B. */
function compared(/** @type {State} */ state, /** @type {any[]} */ ...changes) {
  const kept = reduce(state, { type: "compare", against: "kept" });
  const b = changes.reduce(reduce, kept);
  return { a: beside(b, null, true), b };
}
const rows = (/** @type {State} */ a, /** @type {State} */ b) =>
  rowsOf([
    { title: "A", state: a },
    { title: "B", state: b },
  ]);

test("the network for one size refuses half and double with the layer that does, and its remedies take all three", () => {
  const state = stateAfter({ type: "open", link: ANY.link });
  const found = sizeVariants(state) ?? [];
  assert.deepEqual(
    found.map(({ title }) => title),
    ["3×16×16", "3×32×32", "3×64×64"],
  );
  const dense = rowsOf(found).find(({ name }) => name === "dense1");
  assert.deepEqual(
    dense?.cells.map((cell) => cell?.shape),
    [null, [3], null],
  );
  assert.match(String(dense?.cells[2]?.refusal), /dense1 expects 128 numbers and reads 512 numbers/);
  const refused = /** @type {State} */ (found[2]?.state);
  const layers = sizeFixes(refused).flatMap(({ action }) =>
    action.type === "open_setting" && action.setting.layers !== state.setting.layers
      ? [action.setting.layers]
      : [],
  );
  assert.equal(layers.length, 2);
  const refusals = layers.map((one) => {
    const mended = reduce(state, {
      type: "open_setting",
      setting: { ...state.setting, layers: one },
      step: 0,
    });
    assert.equal(mended.problem, null);
    const three = sizeVariants(mended) ?? [];
    assert.ok(rowsOf(three).every(({ differs }) => !differs.includes("parameters")));
    return three.map((variant) => variant.state.problem?.reason ?? "");
  });
  // A convolution as large as what the layer read has no room on less; the mean of each map takes any size.
  assert.match(String(refusals[0]?.[0]), /spans 4 cells, and axis row has 2/);
  assert.deepEqual(refusals[0]?.slice(1), ["", ""]);
  assert.deepEqual(refusals[1], ["", "", ""]);
});

test("what has one size only is not put on three", () => {
  const state = stateAfter({ type: "open", link: ANY.link });
  const values = { kind: "values", values: [[1, 2, 3]] };
  assert.equal(sizeVariants(reduce(state, /** @type {any} */ ({ type: "source", source: values }))), null);
});

test("two networks are told apart by layer, setting and what they come to; equal ones in nothing", () => {
  const state = stateAfter({ type: "open", link: ANY.link });
  const equal = compared(state);
  assert.deepEqual(networkChanges(equal.a, equal.b, text), []);
  assert.ok(rows(equal.a, equal.b).every(({ differs }) => differs.length === 0));

  const { a, b } = compared(
    state,
    { type: "choose", layer: 1 },
    { type: "parameter", name: "kernel", value: 5 },
    { type: "parameter", name: "padding", value: 2 },
    { type: "add_layer", at: 1, operation: "max_pooling", spec: { kernel: 1 } },
  );
  assert.equal(b.problem, null);
  assert.deepEqual(networkChanges(a, b, text), [
    ["Operation of max_pooling1", "none", "Max pooling"],
    ["Kernel of conv2", "3", "5"],
    ["Padding of conv2", "1", "2"],
    ["Inputs of conv2", "conv1", "max_pooling1"],
  ]);
  const found = rows(a, b);
  assert.deepEqual(
    found.map(({ name }) => name),
    ["input", "conv1", "max_pooling1", "conv2", "conv3", "flatten", "dense1"],
  );
  const conv2 = found[3];
  assert.ok(["about", "parameters", "work", "sees"].every((aspect) => conv2?.differs.includes(aspect)));
  assert.ok(!conv2?.differs.includes("shape"));
  const [parameters] = totalsOf([
    { title: "A", state: a },
    { title: "B", state: b },
  ]);
  const more = 8 * 4 * (25 - 9); // of a larger kernel
  const [one = 0, other = 0] = (parameters?.values ?? []).map((value) => Number(value.replace(/\D/g, "")));
  assert.equal(other - one, more);
});

test("names of two lists become one list that has each once, and keeps the order of the second", () => {
  const drawn = draws(7);
  const pool = ["a", "b", "c", "d", "e", "f"];
  for (let turn = 0; turn < 300; turn++) {
    const [one = [], other = []] = [0, 1].map(() =>
      pool.filter(() => drawn.chance(0.6)).sort(() => drawn.whole(0, 2) - 1),
    );
    const all = merged([one, other]);
    assert.deepEqual(new Set(all), new Set([...one, ...other]));
    assert.equal(all.length, new Set(all).size);
    assert.deepEqual(
      all.filter((name) => other.includes(name)),
      other,
    );
  }
});
