// One training step as the page looks at it: asked for once, and never that of another run.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bundleOf } from "../../../static/js/train/asking.js";
import { X_OR_O } from "../../../static/js/train/experiment.js";
import { createLook } from "../../../static/js/train/look.js";
import { newRun } from "../../../static/js/train/run.js";
import { settled } from "../fakes.js";

test("a run that has the number of one before it, since that was never trained on, is looked at by itself", async () => {
  /** @type {string[]} */
  const asked = [];
  const file = bundleOf([["example", Float32Array.of(0)]], { updates: "0" });
  const send = async (/** @type {string} */ _, /** @type {{ body: string }} */ { body }) => {
    asked.push(body);
    return { ok: true, value: { status: 200, headers: new Headers(), blob: new Blob([file]) } };
  };
  const look = createLook(
    /** @type {any} */ ({ send }),
    ({ first }) => first,
    () => {},
  );
  const runs = [newRun(X_OR_O), newRun({ ...X_OR_O, seed: 2 })];
  for (const run of [...runs, ...runs]) {
    look.at(run, 0, null, false);
    for (let turn = 0; turn < 20; turn++) await settled();
    assert.equal(look.at(run, 0, null, false)?.of, run);
  }
  assert.deepEqual(
    asked.map((body) => JSON.parse(body).seed),
    [X_OR_O.seed, 2],
  );
});
