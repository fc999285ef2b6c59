// The page computes the same of a trained network as the core; tables of mistakes; losses and shares.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { networkOf } from "../../../static/js/network/graph.js";
import { shapesOf } from "../../../static/js/network/shapes.js";
import { createForward, placesIn } from "../../../static/js/train/forward.js";
import {
  classOf,
  createJudge,
  exampleAt,
  lossOf,
  sharesOf,
  verdictsOf,
} from "../../../static/js/train/judged.js";
import { draws, operationInfo } from "../support.js";

const read = (/** @type {string} */ name) =>
  JSON.parse(readFileSync(new URL(`../../golden/${name}.json`, import.meta.url), "utf8"));
const { networks } = read("training");
const { activations } = read("arithmetic");
const infos = activations.map((/** @type {any} */ one) => one.activation ?? one);

for (const { title, layers, input_shape: shape, parameters, statistics, row, example, values } of networks)
  test(`every layer of ${title} gives in the page what it gives in the core`, () => {
    const shapes = shapesOf(networkOf(layers, operationInfo), shape);
    const forward = createForward(shapes, placesIn([...parameters, ...statistics]), infos);
    const found = forward.values(Float32Array.from(row), Float32Array.from(example));
    for (const [name, wanted] of Object.entries(values)) {
      const given = /** @type {Float32Array} */ (found.get(name));
      assert.equal(given.length, wanted.length, name);
      for (const [at, value] of wanted.entries())
        assert.ok(
          Math.abs(Number(given[at]) - value) <= 2e-5 * (1 + Math.abs(value)),
          `${name}[${at}]: ${given[at]}, ${value}`,
        );
    }
  });

test("a loss reads the outputs of the last layer before its softmax", () => {
  const { layers, input_shape: shape, parameters, statistics, row, example, values } = networks[1];
  const shapes = shapesOf(networkOf(layers, operationInfo), shape);
  const forward = createForward(shapes, placesIn([...parameters, ...statistics]), infos);
  const outputs = forward.outputs(Float32Array.from(row), Float32Array.from(example));
  const wanted = Object.values(values).at(-1);
  for (const [at, share] of sharesOf(outputs).entries()) assert.ok(Math.abs(share - wanted[at]) < 1e-5);
});

test("shares are 1 together, keep the order of the outputs, and bear outputs of any size", () => {
  const draw = draws(3);
  for (let turn = 0; turn < 200; turn++) {
    const outputs = Float32Array.from(
      { length: 2 + draw.whole(0, 5) },
      () => (draw.random() - 0.5) * 10 ** draw.whole(0, 4),
    );
    const shares = sharesOf(outputs);
    assert.ok(Math.abs(shares.reduce((total, one) => total + one, 0) - 1) < 1e-5);
    assert.equal(classOf(shares), classOf(outputs));
  }
});

test("the loss of a share of a half is log 2, and certainty costs nothing", () => {
  assert.ok(Math.abs(lossOf([0.5, 0.5], 0) - Math.LN2) < 1e-12);
  assert.equal(lossOf([0, 1], 1) + 0, 0);
});

test("a table counts each example once, and lists the surest mistakes first", () => {
  const outputs = [
    [2, 0],
    [0, 3],
    [0, 9],
    [1, 0],
  ].map((one) => Float32Array.from(one));
  const { table, wrong, right, count } = verdictsOf(outputs, [0, 0, 0, 1], 2);
  assert.deepEqual(table, [
    [1, 2],
    [1, 0],
  ]);
  assert.deepEqual(
    wrong.map(({ place }) => place),
    [2, 1, 3],
  );
  assert.deepEqual([right, count], [1, 4]);
});

test("a lone output says the second class above 0", () => {
  assert.equal(classOf(Float32Array.of(0.1)), 1);
  assert.equal(classOf(Float32Array.of(-0.1)), 0);
  assert.deepEqual(sharesOf(Float32Array.of(0)), [0.5, 0.5]);
});

test("the unseen are judged a few at a time, and a judgement is whole before it counts", () => {
  const draw = draws(5);
  const labels = Int32Array.from({ length: 40 }, () => draw.whole(0, 2));
  const x = Float32Array.from({ length: 120 }, draw.random);
  const part = { x, labels };
  const set = {
    classes: ["a", "b", "c"],
    shape: [1, 3],
    training: part,
    validation: part,
    mean: [0],
    deviation: [1],
  };
  const forward = /** @type {any} */ ({
    outputs: (/** @type {Float32Array} */ row, /** @type {Float32Array} */ one) =>
      one.map((value) => value * Number(row[0])),
  });
  const [first, second] = [Float32Array.of(1), Float32Array.of(-1)];
  const judge = createJudge();
  const some = (/** @type {number} */ count) => () => count-- > 0;
  assert.equal(judge.advance(forward, first, set, some(39)).verdicts, null);
  // A newer row waits until the judgement that has begun is whole.
  const whole = judge.advance(forward, second, set, some(1));
  assert.equal(whole.row, first);
  const outputs = Array.from(labels, (_, at) => x.subarray(3 * at, 3 * at + 3));
  assert.deepEqual(whole.verdicts, verdictsOf(outputs, labels, 3));
  assert.equal(
    judge.advance(forward, first, set, () => assert.fail("it is known")),
    whole,
  );
  const other = judge.advance(forward, second, set, some(40));
  assert.equal(other.row, second);
  assert.equal(other.verdicts?.count, 40);
  assert.deepEqual([...exampleAt(set, { part: "validation", place: 99 }).values], [...x.subarray(117)]);
});
