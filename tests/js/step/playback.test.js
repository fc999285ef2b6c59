// Time in, step out; and how far ahead of the playhead numbers are asked for.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  creditsToGrant,
  heldTo,
  nextChangeMs,
  playing,
  scrubbing,
  stepAt,
  stepOf,
  withSpeed,
} from "../../../static/js/step/playback.js";
import { draws } from "../support.js";

test("a step lasts as long as the speed says, and the last one its full time", () => {
  assert.deepEqual(stepAt(0, 2, 4, 0), { step: 0, fraction: 0, done: false });
  assert.deepEqual(stepAt(250, 2, 4, 0), { step: 0, fraction: 0.5, done: false });
  assert.deepEqual(stepAt(500, 2, 4, 0), { step: 1, fraction: 0, done: false });
  assert.deepEqual(stepAt(1999, 2, 4, 0), { step: 3, fraction: 0, done: false });
  assert.deepEqual(stepAt(2000, 2, 4, 0), { step: 3, fraction: 0, done: true });
  assert.deepEqual(stepAt(9000, 2, 4, 0), { step: 3, fraction: 0, done: true });
});

test("playback can begin anywhere, go round and go backwards", () => {
  assert.equal(stepAt(1000, 1, 10, 7).step, 8);
  assert.deepEqual(stepAt(10_500, 1, 4, 1, true), { step: 3, fraction: 0, done: false });
  assert.equal(stepAt(3000, 1, 4, 2, true).step, 1);
  assert.deepEqual(stepAt(1000, -1, 10, 7), { step: 6, fraction: 0, done: false });
  assert.deepEqual(stepAt(9000, -1, 10, 7), { step: 0, fraction: 0, done: true });
});

test("there is always a step, whatever is asked", () => {
  const { random, whole, chance } = draws(1);
  for (let round = 0; round < 5000; round++) {
    const steps = whole(0, 20);
    const seen = stepAt(random() * 5000 - 500, random() * 80 - 40, steps, whole(-5, 30), chance(0.5));
    assert.ok(Number.isInteger(seen.step) && seen.step >= 0 && seen.step < Math.max(1, steps));
    assert.ok(seen.fraction >= 0 && seen.fraction < 1);
    if (seen.step === steps - 1) assert.equal(seen.fraction, 0);
  }
});

test("a later time never shows an earlier step", () => {
  for (const clock of [playing(100, 3, 7), playing(100, 3, 7, { reducedMotion: true })]) {
    let before = 0;
    for (let now = 0; now < 6000; now += 13) {
      const { step } = stepOf(clock, now, 30);
      assert.ok(step >= before);
      before = step;
    }
    assert.equal(before, 29);
  }
});

test("a scrubbed clock stands still", () => {
  assert.deepEqual(stepOf(scrubbing(5), 1e6, 9), { step: 5, fraction: 0, done: false });
  assert.deepEqual(stepOf(scrubbing(50), 0, 9).step, 8);
  assert.equal(nextChangeMs(scrubbing(5), 0, 9), Number.POSITIVE_INFINITY);
});

test("under reduced motion the picture changes at most twice a second, and keeps the speed", () => {
  const clock = playing(0, 0, 8, { reducedMotion: true });
  const shown = new Set();
  for (let now = 0; now < 2000; now += 5) {
    const { step, fraction } = stepOf(clock, now, 100);
    assert.equal(fraction, 0);
    shown.add(step);
  }
  assert.deepEqual([...shown], [0, 4, 8, 12]);
  assert.equal(nextChangeMs(clock, 120, 100), 380);
});

test("the picture asks for no frame once it is done", () => {
  const clock = playing(0, 0, 10);
  assert.equal(nextChangeMs(clock, 50, 4), 0);
  assert.equal(nextChangeMs(clock, 400, 4), Number.POSITIVE_INFINITY);
  assert.equal(nextChangeMs(playing(0, 0, 0), 0, 4), Number.POSITIVE_INFINITY);
});

test("a new speed does not make the picture jump", () => {
  const clock = playing(0, 0, 4);
  const faster = withSpeed(clock, 625, 100, 40);
  const [before, after] = [stepOf(clock, 625, 100), stepOf(faster, 625, 100)];
  assert.deepEqual(after, before);
  assert.equal(stepOf(faster, 725, 100).step, 6);
});

test("playback waits for numbers that have not come and goes on from there", () => {
  const clock = playing(0, 0, 10);
  assert.equal(heldTo(clock, 500, 100, 20), clock);
  const held = heldTo(clock, 3000, 100, 20);
  assert.equal(stepOf(held, 3000, 100).step, 19);
  assert.equal(stepOf(held, 3100, 100).step, 20);
  assert.equal(heldTo(clock, 3000, 20, 20), clock, "all have come");
});

test("credits fill the look-ahead and no more", () => {
  const ahead = { playhead: 0, received: 0, inflight: 0, capacity: 4096 };
  assert.equal(creditsToGrant(ahead), 4);
  assert.equal(creditsToGrant({ ...ahead, inflight: 3 }), 1);
  assert.equal(creditsToGrant({ ...ahead, received: 4096 }), 0);
  assert.equal(creditsToGrant({ ...ahead, received: 4096, playhead: 1 }), 1);
  assert.equal(creditsToGrant({ ...ahead, steps: 100 }), 1);
  assert.equal(creditsToGrant({ ...ahead, steps: 100, received: 100 }), 0);
  assert.equal(creditsToGrant({ ...ahead, capacity: Number.POSITIVE_INFINITY }), 8);
  assert.equal(creditsToGrant({ ...ahead, inflight: 20 }), 0);
});

test("a stream fed by these credits never runs far ahead and always arrives", () => {
  const { whole } = draws(4);
  for (let round = 0; round < 100; round++) {
    const steps = whole(1, 20_000);
    const steps_per_frame = whole(50, 1200);
    const capacity = whole(1, 5000);
    let [playhead, received, inflight] = [0, 0, 0];
    for (let turn = 0; received < steps; turn++) {
      assert.ok(turn < 100_000);
      inflight += creditsToGrant({ playhead, received, inflight, capacity, steps_per_frame, steps });
      assert.ok(inflight <= 8);
      if (inflight > 0) {
        inflight--;
        received = Math.min(steps, received + steps_per_frame);
      }
      assert.ok(received - playhead <= capacity + 8 * steps_per_frame);
      playhead = Math.min(received, playhead + whole(0, 500));
    }
  }
});
