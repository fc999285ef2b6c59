// The words of the training room: a share is printed so that the logarithm beside it is that of the printed number.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shareText, trainWords } from "../../../static/js/words/train.js";

test("the logarithm of a printed share is the loss that stands beside it", () => {
  for (const share of [0.02, 0.3, 0.5, 0.55, 0.9, 0.99, 0.999, 0.99945, 0.9999951, 1 - 3e-9]) {
    const printed = -Math.log(Number(shareText(share)));
    const loss = -Math.log(share);
    assert.ok(Math.abs(printed - loss) <= 0.012 * loss, `${shareText(share)}: ${printed} for ${loss}`);
  }
  assert.equal(shareText(1), "1");
  assert.equal(trainWords.logOf(0.99945), "−log 0.99945");
});
