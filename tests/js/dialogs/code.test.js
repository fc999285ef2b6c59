// The input that a layer read from pasted code is given: the one at hand, or one of the shape that it takes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shapeFor } from "../../../static/js/dialogs/code.js";

const reply = {
  layers: [],
  framework: "pytorch",
  notes: [],
  input_channels: null,
  input_features: null,
  axes: null,
};

test("an input that the layer can take stays", () => {
  assert.equal(shapeFor(reply, [1, 9, 9]), null);
  assert.equal(shapeFor({ ...reply, axes: 2, input_channels: 3 }, [3, 5, 7]), null);
  assert.equal(shapeFor({ ...reply, input_features: 81 }, [1, 9, 9]), null);
  assert.equal(shapeFor({ ...reply, input_features: 12 }, [3, 4]), null);
});

test("channels and axes that differ give way to an input of the right shape", () => {
  assert.deepEqual(shapeFor({ ...reply, axes: 2, input_channels: 64 }, [1, 9, 9]), [64, 12, 12]);
  assert.deepEqual(shapeFor({ ...reply, axes: 1 }, [3, 9, 9]), [3, 32]);
  assert.deepEqual(shapeFor({ ...reply, axes: 3 }, null), [1, 8, 8, 8]);
});

test("a dense layer gets as many numbers as it takes", () => {
  assert.deepEqual(shapeFor({ ...reply, input_features: 10 }, [1, 9, 9]), [1, 10]);
  assert.deepEqual(shapeFor({ ...reply, input_features: 784 }, [1, 9, 9]), [1, 28, 28]);
  assert.deepEqual(shapeFor({ ...reply, input_features: 120 }, null), [1, 120]);
  for (const features of [1, 2, 64, 65, 100, 4096, 25088]) {
    const shape = shapeFor({ ...reply, input_features: features }, [1, 9, 9]) ?? [];
    assert.equal(
      shape.reduce((product, size) => product * size, 1),
      features,
    );
  }
});
