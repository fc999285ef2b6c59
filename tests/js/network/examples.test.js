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
import { mendingElsewhere, sizeFixes } from "../../../static/js/network/resizing.js";
import { networkTotals } from "../../../static/js/network/totals.js";
import { arrayOf } from "../../../static/js/network/ways.js";
import { uploadedSource } from "../../../static/js/server/uploaded.js";
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

test("each network takes a picture of one's own, of any shape and with any channels, at once or by one click", () => {
  const id = "c".repeat(64);
  const shapes = [
    [3, 97, 131],
    [1, 61, 60],
    [4, 20, 20],
    [3, 40, 400],
  ];
  /** @type {Record<string, string>} */
  const taken = {};
  for (const shape of shapes)
    for (const { title } of NETWORKS) {
      const uploads = /** @type {any} */ ({ [id]: { id, kind: "picture", shape } });
      const own = reduce(opened(title), { type: "stored", uploads });
      const dropped = reduce(own, { type: "source", source: uploadedSource(own, id) });
      const [first] = dropped.problem ? [...sizeFixes(dropped), ...mendingElsewhere(dropped)] : [];
      assert.ok(!dropped.problem || first, `${title} on ${shape.join("×")}: ${dropped.problem?.detail}`);
      const state = first ? reduce(dropped, first.action) : dropped;
      assert.equal(state.problem, null, `${title} on ${shape.join("×")}`);
      assert.equal(state.setting.source.kind, "image");
      taken[`${title} ${shape.join("×")}`] = `${first?.words ?? ""} ${state.inputShape?.join("×")}`.trim();
    }
  const at = (/** @type {string} */ title) => taken[`${title} 3×97×131`];
  assert.equal(at("A VGG block"), "3×95×128");
  // Twice halved, its sizes come back only from multiples of four.
  assert.equal(at("A small U-Net"), "3×92×124");
  // As large as the digit, or the next size whose last window still fits.
  assert.equal(at("LeNet-5"), "3×32×43");
  assert.equal(at("Any image size"), "A convolution of 4×4 3×95×128");
  assert.equal(at("Is it an X?"), "A convolution of 3×3 1×95×128");
});

test("what the server refuses for its cost or for its weights is mended in one click, whichever layer is on the stage", () => {
  const lenet = reduce(opened("LeNet-5"), {
    type: "source",
    source: { kind: "sample", name: "scene", size: 128 },
  });
  const weights = (/** @type {State} */ state) =>
    joinedOf(state).shapes?.placed.get("dense1")?.geometry.parameters.weight ?? 0;
  const problem = { code: "too_large", field: "weights", pointer: "/layers/5", excess: 1.5 };
  const [smaller] = sizeFixes({ ...lenet, problem: /** @type {any} */ (problem) });
  assert.ok(smaller);
  const mended = reduce(lenet, smaller.action);
  assert.ok(weights(mended) <= weights(lenet) / 1.5, smaller.words);
  assert.ok(weights(mended) > weights(lenet) / 2, "and no smaller than it must be");

  const wavenet = reduce(opened("WaveNet, six layers"), {
    type: "source",
    source: { kind: "noise", shape: [2, 30] },
  });
  const unfit = { code: "unfit", field: "weights", pointer: "/layers/0/weights" };
  const [other] = sizeFixes({ ...wavenet, problem: /** @type {any} */ (unfit) });
  assert.equal(other?.words, "Other weights for conv1");
  assert.ok(other && reduce(wavenet, other.action).setting.layers[0]?.weights?.kind === "preset");
});

test("each series takes one of one's own, of an odd length", () => {
  const id = "d".repeat(64);
  for (const title of ["WaveNet, six layers", "A temporal convolution network"]) {
    const uploads = /** @type {any} */ ({ [id]: { id, kind: "array", shape: [301] } });
    const own = reduce(opened(title), { type: "stored", uploads });
    const state = reduce(own, { type: "source", source: uploadedSource(own, id) });
    assert.equal(state.problem, null, title);
    assert.equal(state.shown?.geometries.at(-1)?.output_shape.at(-1), 301);
  }
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
