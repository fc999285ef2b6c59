// Refusals as people read them: titles of settings, and no name of a field.

import assert from "node:assert/strict";
import { test } from "node:test";
import { problem } from "../../../static/js/layer/errors.js";
import { worded } from "../../../static/js/state/wording.js";
import { catalog } from "../page.js";

const { operations } = catalog();
const about = (/** @type {string} */ field, /** @type {unknown} */ value, reason = "this cannot be") =>
  worded(problem("unfit", reason, "Use another.", { field, value }), operations);

test("a setting is called by its title, and what is no setting by what was given", () => {
  assert.equal(about("kernel", 99), "Kernel 99: this cannot be. Use another.");
  assert.equal(about("output_padding", [1, 2]), "Output padding [1, 2]: this cannot be. Use another.");
  assert.equal(about("kernel[1]", 0), "Kernel 0: this cannot be. Use another.");
  assert.equal(about("source.shape", "3x3"), "Input 3x3: this cannot be. Use another.");
  assert.equal(about("text", "LSTM"), "“LSTM”: this cannot be. Use another.");
  assert.equal(about("text", "LSTM", "LSTM is no layer"), "LSTM is no layer. Use another.");
});

test("no refusal of the page leads with the name of a field", () => {
  for (const { parameters } of operations)
    for (const { name } of parameters) assert.doesNotMatch(about(name, 1), /^[a-z_]+ = /, name);
  const plain = problem("unreachable", "the server did not answer", "Check that it runs.");
  assert.equal(worded(plain, operations), plain.detail);
});
