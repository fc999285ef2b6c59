// The way of a network from the stage into the training room and back: what fits is kept, what was changed is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode } from "../../../static/js/link/fragment.js";
import { idsOf } from "../../../static/js/link/stored_values.js";
import { networkOf } from "../../../static/js/network/graph.js";
import { product, shapesOf } from "../../../static/js/network/shapes.js";
import { operationOf } from "../../../static/js/state/resolve.js";
import { X_OR_O } from "../../../static/js/train/experiment.js";
import { experimentIn, fileOf, restored } from "../../../static/js/train/sharing/file.js";
import { linkedExperiment, linkText } from "../../../static/js/train/sharing/link.js";
import { experimentOf, settingOf, tensorsOf } from "../../../static/js/train/sharing/stage.js";
import { stateAfter } from "../page.js";
import { draws } from "../support.js";

/** @import { Experiment } from "../../../static/js/types/training.js" */
/** @import { Source } from "../../../static/js/types/source.js" */

const conv = (/** @type {object} */ more = {}, /** @type {object} */ rest = {}) => ({
  operation: "convolution",
  spec: { filters: 2, kernel: 3, bias: true, ...more },
  weights: { kind: "preset", name: "random", seed: 1 },
  ...rest,
});
const dense = (/** @type {number} */ filters) => ({
  operation: "dense",
  spec: { filters, bias: true },
  weights: null,
});

/** Layers on a picture as training takes them. @param {any[]} layers @param {Source} source @param {Partial<Experiment>} some @param {any} examples */
function taken(layers, source, some = {}, examples = null) {
  const state = stateAfter({ type: "open_setting", setting: { layers, source }, step: 0 });
  return experimentOf(state, { ...X_OR_O, ...some }, examples);
}

const noise = (/** @type {number[]} */ ...shape) =>
  /** @type {Source} */ ({ kind: "noise", shape, distribution: "normal" });

test("a network that votes for a few classes is trained as it is, on drawings as large as its picture", () => {
  const found = taken([conv(), dense(3)], noise(1, 9, 9));
  assert.ok(found.ok);
  const { layers, data, weights } = found.experiment;
  assert.deepEqual(
    layers.map(({ operation, name, filters }) => [operation, name, filters]),
    [
      ["convolution", "conv1", 2],
      ["dense", "dense1", 3],
    ],
  );
  assert.ok(data.kind === "strokes");
  assert.deepEqual([data.size, data.classes], [9, ["cross", "ring", "square"]]);
  assert.equal(weights, undefined);
  assert.match(found.words, /9×9 \(X, O, □\)\.$/);
});

test("ten outputs are trained on digits", () => {
  const found = taken([conv(), dense(10)], noise(1, 8, 8));
  assert.ok(found.ok && found.experiment.data.kind === "glyphs");
  assert.equal(found.experiment.data.classes.length, 10);
});

test("a last layer of votes gets a filter a class, and without one a layer of votes follows", () => {
  const many = taken([conv(), dense(100)], noise(1, 12, 12));
  assert.ok(many.ok);
  assert.equal(many.experiment.layers.at(-1)?.filters, 2);
  assert.match(many.words, /the last layer has 2 filters/);
  const maps = taken([conv()], noise(1, 12, 12));
  assert.ok(maps.ok);
  assert.deepEqual(maps.experiment.layers.at(-1)?.inputs, ["conv1"]);
  assert.match(maps.words, /behind them a dense layer of 2 filters/);
});

test("weights of a person's own are where training begins, unless their shape has become another", () => {
  const values = /** @type {const} */ ({
    kind: "values",
    values: [
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ],
    bias: [1],
  });
  const own = conv({ kernel: 2, filters: 1 }, { weights: values });
  const same = taken([own, dense(2)], noise(1, 9, 9));
  assert.ok(same.ok);
  assert.deepEqual(same.experiment.weights, { conv1: values });
  const colour = { kind: "values", values: [[[[1]], [[1]], [[1]]]], bias: [1] };
  const grey = taken([conv({ kernel: 1, filters: 1 }, { weights: colour }), dense(2)], noise(3, 64, 64));
  assert.ok(grey.ok);
  assert.deepEqual([grey.given, grey.experiment.weights], [{}, undefined]);
  assert.equal(/** @type {any} */ (grey.experiment.data).size, 12);
});

test("presets may be begun with, and are drawn anew unless a person asks for them", () => {
  const found = taken([conv(), dense(2)], noise(1, 9, 9));
  assert.ok(found.ok);
  assert.deepEqual(Object.keys(found.given), ["conv1"]);
  assert.equal(found.experiment.weights, undefined);
});

test("layers on a series, and own examples of another shape, are refused in words", () => {
  const series = taken([conv()], noise(1, 64));
  assert.ok(!series.ok);
  assert.match(String(series.problem.remedy), /Forecast/);
  const data = /** @type {const} */ ({ kind: "stored", id: "0".repeat(64), share: 0, wrong: 0 });
  const own = { classes: ["X", "O", "third"], shape: [1, 12, 12] };
  const fits = taken([conv(), dense(2)], noise(1, 9, 9), { data }, own);
  assert.ok(fits.ok);
  assert.equal(fits.experiment.layers.at(-1)?.filters, 3);
  assert.deepEqual(fits.experiment.data, data);
  const small = taken([conv({ kernel: 9 })], noise(1, 20, 20), { data }, { ...own, shape: [1, 5, 5] });
  assert.ok(!small.ok);
  assert.match(String(small.problem.reason), /1×5×5/);
});

test("a trained network comes to the stage with its parameters by name and the very example", () => {
  const draw = draws(3);
  const state = stateAfter();
  const info = (/** @type {string} */ name) => operationOf(state.catalog, name);
  const layers = X_OR_O.layers.filter(({ operation }) =>
    state.catalog.operations.some(({ name }) => name === operation),
  );
  const shapes = shapesOf(networkOf(layers, info), [1, 12, 12]);
  const parameters = /** @type {[string, number[]][]} */ ([
    ["conv1.weight", [4, 1, 3, 3]],
    ["conv1.bias", [4]],
    ["votes.weight", [2, 4, 5, 5]],
    ["votes.bias", [2]],
  ]);
  const row = Float32Array.from({ length: 242 }, draw.random);
  const begin = /** @type {any} */ ({ parameters });
  const tensors = tensorsOf(begin, row);
  assert.deepEqual(
    tensors.map(([name, , shape]) => [name, shape]),
    parameters,
  );
  assert.deepEqual(
    tensors.flatMap(([, numbers]) => [...numbers]),
    [...row],
  );
  const example = Float32Array.from({ length: 144 }, () => draw.random() * 10 - 5);
  const { setting, chosen } = settingOf({ ...X_OR_O, layers }, shapes, "a".repeat(64), example, [1, 12, 12]);
  assert.equal(chosen, 0);
  const stored = { kind: "stored", id: "a".repeat(64) };
  assert.deepEqual(
    setting.layers.map(({ weights }) => weights),
    [stored, null, stored],
  );
  assert.ok(setting.source.kind === "values");
  const back = /** @type {number[]} */ ([setting.source.values].flat(3)).map(Number);
  assert.equal(back.length, product([1, 12, 12]));
  assert.deepEqual(Float32Array.from(back), example);
  const whole = stateAfter({ type: "open_setting", setting, step: 0 });
  assert.equal(whole.problem, null);
  const again = experimentOf(whole, X_OR_O, null);
  assert.ok(again.ok);
  assert.deepEqual(again.experiment.weights, { conv1: stored, votes: stored });
});

test("a link of an experiment holds what differs, and opens as it was", () => {
  const draw = draws(7);
  for (let turn = 0; turn < 50; turn++) {
    const experiment = {
      ...X_OR_O,
      seed: draw.whole(0, 5),
      batch: draw.whole(1, 30),
      optimiser: { kind: draw.one(["adam", "sgd"]), rate: draw.random() },
    };
    const changes = draw.chance(0.5) ? [{ step: draw.whole(0, 99), settings: { batch: 3 } }] : [];
    const at = draw.chance(0.5) ? draw.whole(0, 600) : null;
    const text = linkText(experiment, changes, at);
    assert.deepEqual(linkedExperiment(text), { experiment, changes, at });
    const link = { layers: [{ operation: "convolution", spec: {} }], experiment: text };
    const made = encode(link);
    assert.ok(made.ok);
    const read = decode(made.fragment, stateAfter().catalog.operations);
    assert.ok(read.ok && read.problems.length === 0);
    assert.equal(read.state.experiment, text);
  }
  assert.equal(linkText(X_OR_O, [], null), "{}");
});

test("own examples in a link are told with the day until which they are kept", () => {
  const id = "b".repeat(64);
  const data = /** @type {const} */ ({ kind: "stored", id, share: 0, wrong: 0 });
  const experiment = linkText({ ...X_OR_O, data }, [], null);
  assert.deepEqual(idsOf({ layers: [], experiment }), [id]);
});

test("a text that is no experiment is refused where a link is read", () => {
  for (const text of ["{", "3", "null", '"x"']) {
    const read = decode(
      `v1&op=convolution&experiment=${encodeURIComponent(text)}`,
      stateAfter().catalog.operations,
    );
    assert.ok(read.ok);
    assert.equal(read.problems[0]?.field, "experiment");
  }
  for (const text of ["[]", '{"layers": 3}', '{"data": {"kind": "other"}}'])
    assert.equal(linkedExperiment(text)?.experiment.seed, text === "[]" ? X_OR_O.seed : undefined);
});

test("a file brings own examples along, and opens where the server has forgotten them", async () => {
  const id = "c".repeat(64);
  const data = /** @type {const} */ ({ kind: "stored", id, share: 0, wrong: 0 });
  const bytes = Uint8Array.from({ length: 300 }, (_, at) => at % 256);
  /** @type {{ path: string, body: unknown }[]} */
  const asked = [];
  const api = /** @type {any} */ ({
    send(/** @type {string} */ path, /** @type {any} */ { body } = {}) {
      asked.push({ path, body });
      const json = JSON.stringify({ id: "d".repeat(64), expires: "2027-01-01" });
      const blob = new Blob([path === "/bundles" ? json : bytes]);
      return Promise.resolve({ ok: true, value: { status: 200, headers: new Headers(), blob } });
    },
  });
  const text = await fileOf(api, { ...X_OR_O, data, changes: [] });
  assert.equal(asked[0]?.path, `/bundles/${id}`);
  const back = await restored(api, text);
  assert.deepEqual(new Uint8Array(/** @type {ArrayBuffer} */ (asked.at(-1)?.body)), bytes);
  assert.ok(back.ok);
  const found = experimentIn(back.value);
  assert.deepEqual(found?.experiment.data, { ...data, id: "d".repeat(64) });
  assert.ok((await restored(api, "no experiment")).ok);
  const sent = asked.length;
  const odd = await restored(api, JSON.stringify({ seed: 0, bundles: { 0: "AAAA", "": "AAAA" } }));
  assert.deepEqual(odd, { ok: true, value: '{"seed":0}' }); // names that are no id replace nothing
  assert.equal(asked.length, sent);
});
