// Tests of resting.js: a resting cell is asked for once, and its answer is kept. They need no server.
import assert from "node:assert/strict";
import test from "node:test";
import { createResting } from "../../../static/js/network/resting.js";

/** @returns {{ promise: Promise<number | null>, give: (value: number | null) => void }} */
function later() {
  /** @type {(value: number | null) => void} */
  let give = () => {};
  const promise = new Promise((resolve) => {
    give = resolve;
  });
  return { promise, give };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

test("a cell is asked for once, also while its answer is on its way, and the answer is kept", async () => {
  let drawn = 0;
  let asked = 0;
  const resting = createResting(0, () => drawn++);
  const owner = {};
  const { promise, give } = later();
  const of = () =>
    resting(owner, "a", () => {
      asked++;
      return promise;
    });
  assert.equal(of(), undefined);
  await turn();
  assert.equal(of(), undefined);
  await turn();
  assert.equal(asked, 1);
  give(7);
  await turn();
  assert.deepEqual([of(), asked, drawn], [7, 1, 1]);
});

test("of cells that the pointer runs over only the last is asked for", async () => {
  /** @type {string[]} */
  const asked = [];
  const resting = createResting(0, () => {});
  const owner = {};
  for (const key of ["a", "b", "c"])
    resting(owner, key, async () => {
      asked.push(key);
      return null;
    });
  await turn();
  assert.deepEqual(asked, ["c"]);
  assert.equal(
    resting(owner, "c", async () => 1),
    null,
  );
});
