// Numbers in words: one thing in the singular, rows from 0, filters from 1, and speeds that are round.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseValues } from "../../../static/js/dialogs/number_text.js";
import { keyAction } from "../../../static/js/panels/keys.js";
import { SPEEDS } from "../../../static/js/state/speeds.js";
import { reduce } from "../../../static/js/state/state.js";
import { sayLater } from "../../../static/js/words/dialogs.js";
import { many } from "../../../static/js/words/format.js";
import { say, text } from "../../../static/js/words/page.js";
import { later, tell } from "../../../static/js/words/stage.js";
import { stateAfter } from "../page.js";
import { draws } from "../support.js";

test("one thing is said in the singular, and several in the plural", () => {
  assert.deepEqual(
    Object.values(text.cost).map((word) => [many(1, word), many(2, word)]),
    [
      ["1 multiply-add", "2 multiply-adds"],
      ["1 comparison", "2 comparisons"],
      ["1 addition", "2 additions"],
      ["1 weight", "2 weights"],
      ["1 bias", "2 biases"],
    ],
  );
  for (const said of [
    say.moreChannels(1),
    sayLater.edits(1),
    sayLater.oneChannel([3, 3]),
    sayLater.channelsEach([1, 3]),
    say.speed(1),
    say.speed(0.5),
    sayLater.moreFaults(1),
    sayLater.answered(200, 1),
    sayLater.concealed(1, 1),
    tell.cellsDiffer(0, 1, "", "0"),
    tell.pinsDiffer(0, 1, "0"),
    tell.useFilters(1),
  ])
    assert.doesNotMatch(said, /\b1 [\w-]*[^s\W]s\b|¼ steps|½ steps/, said);
  assert.match(tell.cellsDiffer(1, 81, "", "2"), /^1 of 81 output cells differs, by 2/);
  assert.match(tell.cellsDiffer(2, 81, "", "2"), /^2 of 81 output cells differ, by 2/);
  assert.match(tell.pinsDiffer(1, 9, "3"), /^1 of 9 terms differs\./);
});

test("rows are counted from 0, and filters and channels from 1", () => {
  const { filter, channel, row } = later.compare;
  assert.equal(say.filter(0, 3), "filter 1 of 3");
  assert.equal(say.channelOf(0, 3), "channel 1 of 3");
  assert.equal(say.row(0, 9), "row 0 (of 9)");
  assert.equal(say.matrixCell(0, 3), "Output row 0, column 3");
  assert.deepEqual(
    [filter, channel, row].map((kind) => tell.ofMap(kind, 2)),
    [" of filter 3", " of channel 3", " of row 2"],
  );
  assert.match(tell.mapsDiffer(row, [0, 2], 9, 4, 81, "1"), /2 of 9 rows: 0, 2\./);
  assert.match(tell.mapsDiffer(filter, [0, 2], 9, 4, 81, "1"), /2 of 9 filters: 1, 3\./);
  const reasons = ["1 2\n3 x", "1 2\n3 4 5"].map((words) => {
    const read = parseValues(words);
    return read.ok ? "" : read.reason;
  });
  assert.match(String(reasons[0]), /“x” in row 1 is no number/);
  assert.match(String(reasons[1]), /^Row 1 has 3 numbers and row 0 has 2\./);
});

test("keys go to the next round speed from wherever it stands, and there and back again", () => {
  const { random } = draws(25);
  const pressed = (/** @type {ReturnType<typeof stateAfter>} */ state, /** @type {string} */ key) => {
    const action = keyAction(key, state);
    assert.ok(action);
    return reduce(state, action);
  };
  for (let round = 0; round < 200; round++) {
    const odd = stateAfter({ type: "speed", steps_per_s: 0.25 + random() * 59 });
    for (const key of [".", ","]) assert.ok(SPEEDS.includes(pressed(odd, key).speed));
    assert.ok(pressed(odd, ".").speed > odd.speed && pressed(odd, ",").speed < odd.speed);
  }
  let state = stateAfter({ type: "speed", steps_per_s: 0.25 });
  const seen = [state.speed];
  while (seen.length < 20 && Number.isFinite(state.speed)) {
    const next = pressed(state, ".");
    assert.equal(pressed(next, ",").speed, state.speed);
    state = next;
    seen.push(state.speed);
  }
  assert.deepEqual(seen, [...SPEEDS, Number.POSITIVE_INFINITY]);
  assert.deepEqual(SPEEDS.slice(0, 5).map(say.speed), [
    "¼ step/s",
    "½ step/s",
    "1 step/s",
    "2 steps/s",
    "4 steps/s",
  ]);
});
