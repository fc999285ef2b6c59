// Sheets that come by import open one at a time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createSingle } from "../../../static/js/ui/one_at_a_time.js";

test("while a sheet is on its way, neither it nor another is asked for again; then each may come", async () => {
  /** @type {string[]} */
  const opened = [];
  /** @type {(() => void)[]} */
  const arrive = [];
  const single = createSingle(() => assert.fail("nothing failed"));
  const sheet = single(async (/** @type {string} */ name) => {
    await new Promise((come) => arrive.push(() => come(null)));
    opened.push(name);
  });
  const other = single(async () => opened.push("other"));
  const first = sheet("first");
  await Promise.all([sheet("again"), other()]);
  assert.deepEqual(opened, []);
  arrive[0]?.();
  await first;
  await other();
  assert.deepEqual(opened, ["first", "other"]);
});

test("a sheet that cannot come says so, and may be asked for again", async () => {
  let said = 0;
  let offline = true;
  const single = createSingle(() => said++);
  const sheet = single(async () => {
    if (offline) throw new TypeError("Failed to fetch");
  });
  await assert.rejects(sheet());
  assert.equal(said, 1);
  offline = false;
  await sheet();
  assert.equal(said, 1);
});
