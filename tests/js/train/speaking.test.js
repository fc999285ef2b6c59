// The words of a training that a screen reader says: no more than one sentence a second, and the last of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SPEAKS_MS, speaker } from "../../../static/js/train/speaking.js";

/** A clock that is moved by hand, and what was said when. */
function heard() {
  /** @type {[number, string][]} */
  const said = [];
  /** @type {{ at: number, then: () => void }[]} */
  let due = [];
  let now = 0;
  const speak = speaker(
    (words) => said.push([now, words]),
    (then, delay_ms) => due.push({ at: now + delay_ms, then }),
  );
  return {
    said,
    /** @param {number} to @param {string} [words] */
    at(to, words) {
      for (const one of due.filter(({ at }) => at <= to)) {
        now = one.at;
        one.then();
      }
      due = due.filter(({ at }) => at > to);
      now = to;
      if (words) speak(words, now);
    },
  };
}

test("however often a training tells of itself, its live region speaks once a second, and tells the end", () => {
  const { said, at } = heard();
  for (let frame = 0; frame <= 200; frame++) at(16 * frame, `step ${frame}`);
  at(10_000);
  assert.deepEqual(said[0], [0, "step 0"]);
  assert.equal(said.at(-1)?.[1], "step 200");
  for (const [place, [time]] of said.slice(1).entries())
    assert.ok(time - Number(said[place]?.[0]) >= SPEAKS_MS);
  assert.equal(said.length, 5);
});

test("a training that ends within a second is heard to its end, and the same words once", () => {
  const { said, at } = heard();
  at(0, "begins");
  at(300, "step 600 of 600");
  at(320, "step 600 of 600");
  at(5000, "step 600 of 600");
  assert.deepEqual(said, [
    [0, "begins"],
    [1000, "step 600 of 600"],
  ]);
});
