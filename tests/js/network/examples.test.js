// The networks that the page offers: each fits, is a link that opens as it is, and says what it claims.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { linkOf } from "../../../static/js/link/address.js";
import { decode, encode } from "../../../static/js/link/fragment.js";
import { numbersOfFields } from "../../../static/js/network/chain/described.js";
import { isSeries } from "../../../static/js/network/chain/dilation.js";
import { NETWORKS, settingOf } from "../../../static/js/network/chain/examples.js";
import { isFacing } from "../../../static/js/network/chain/u_layout.js";
import { fieldsOf } from "../../../static/js/network/fields.js";
import { joinedOf } from "../../../static/js/network/joining.js";
import { sizeFixes } from "../../../static/js/network/resizing.js";
import { networkTotals } from "../../../static/js/network/totals.js";
import { arrayOf } from "../../../static/js/network/ways.js";
import { asked } from "../../../static/js/state/resolve.js";
import { initial, reduce } from "../../../static/js/state/state.js";
import { catalog } from "../page.js";
import { operationInfo } from "../support.js";

/** @import { State } from "../../../static/js/state/state.js" */

const GOLDEN = new URL("../../golden/", import.meta.url);
const operations = readdirSync(GOLDEN)
  .filter((name) => name.endsWith(".json"))
  .flatMap((name) => operationInfo(name.replace(".json", "")) ?? []);
const sample = { description: "", scalable: true, axes: 2 };
const samples = [
  { ...sample, name: "cross", title: "X", shape: [1, 9, 9], scalable: false },
  { ...sample, name: "digit", title: "Digit", shape: [1, 28, 28] },
  { ...sample, name: "scene", title: "Scene", shape: [3, 128, 128] },
  { ...sample, name: "series", title: "Series", shape: [1, 64], axes: 1 },
];
const start = initial({ ...catalog(), operations, samples });
const opened = (/** @type {string} */ title) => {
  const link = NETWORKS.find((one) => one.title === title)?.link;
  assert.ok(link, title);
  return reduce(start, { type: "open", link });
};
const shapesOf = (/** @type {string} */ title) => {
  const { shapes } = joinedOf(opened(title));
  assert.ok(shapes);
  return shapes;
};

test("each network fits, and the link that the page writes opens as the same network", () => {
  assert.ok(NETWORKS.length >= 11);
  for (const { title, question, link } of NETWORKS) {
    const state = reduce(start, { type: "open", link });
    assert.equal(state.problem, null, title);
    assert.equal(settingOf(start, link).joined.fault, null, title);
    assert.match(question, /\?$/, "each asks something");
    const made = encode(linkOf(state));
    assert.ok(made.ok, title);
    const read = decode(made.fragment, operations);
    assert.ok(read.ok && read.problems.length === 0, title);
    const again = reduce(start, { type: "open", link: read.state });
    assert.deepEqual(asked(again), asked(state), title);
    assert.deepEqual([again.views, again.chosen], [["network"], state.chosen]);
  }
});

test("the X's network has 56 parameters, as many as its picture says", () => {
  assert.equal(networkTotals(shapesOf("Is it an X?")).parameters, 56);
});

test("six layers of doubling dilation see 64 steps, and four blocks of kernel 8 see 211", () => {
  const size = (/** @type {string} */ title) => {
    const shapes = shapesOf(title);
    assert.ok(isSeries(shapes));
    return numbersOfFields(shapes).get(shapes.network.last.name)?.size;
  };
  assert.deepEqual(size("WaveNet, six layers"), [64]);
  assert.deepEqual(size("A temporal convolution network"), [211]);
});

test("the U-Net faces itself, and no other network does", () => {
  for (const { title } of NETWORKS) assert.equal(isFacing(shapesOf(title)), title === "A small U-Net", title);
});

test("only a kernel that the stride does not divide overlaps unevenly", () => {
  const shapes = shapesOf("A checkerboard and three cures");
  const uneven = (/** @type {string} */ layer) => {
    const counts = [4, 5].flatMap((row) =>
      [4, 5].map((col) => {
        const field = fieldsOf(shapes, { layer, place: [row, col] }, "backward", true).get("input");
        return field ? arrayOf(field).reduce((total, ways) => total + ways, 0) : 0;
      }),
    );
    return new Set(counts).size > 1;
  };
  assert.equal(uneven("stride2_kernel3"), true);
  assert.equal(uneven("stride2_kernel4"), false);
});

test("a flattened network refuses another size; each remedy takes all sizes, with as many parameters", () => {
  const state = opened("Any image size");
  const { source } = state.setting;
  const sized = (/** @type {State} */ from, /** @type {number} */ size) =>
    reduce(from, { type: "source", source: /** @type {any} */ ({ ...source, size }) });
  const refused = sized(state, 64);
  assert.match(String(refused.problem?.reason), /expects 128 numbers and reads 512 numbers/);
  const fixes = sizeFixes(refused);
  assert.deepEqual(
    fixes.map(({ words }) => words),
    ["A convolution of 4×4", "The mean of each map first, other weights", "An input of 32×32"],
  );
  for (const { action } of fixes.slice(0, 2)) {
    const mended = reduce(refused, action);
    const parameters = [32, 64, 100].map((size) => {
      const other = sized(mended, size);
      assert.equal(other.problem, null);
      const { shapes } = joinedOf(other);
      return shapes && networkTotals(shapes).parameters;
    });
    assert.equal(new Set(parameters).size, 1);
  }
});
