// Frames and messages: the bytes that Python recorded, hostile bytes, and answers cut at any place.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import {
  cancelMessage,
  creditMessage,
  decodeFrame,
  decodeMessage,
  frameSplitter,
  HEADER_BYTES,
  MAGIC,
  ProtocolError,
  splitFrames,
  startMessage,
} from "../../../static/js/server/protocol.js";
import { frameBytes, withLength } from "../frames.js";
import { draws } from "../support.js";

/** @import { StreamItem } from "../../../static/js/types/stream.js" */

const GOLDEN = new URL("../../golden/", import.meta.url);
const KINDS = [null, "steps", "input", "weight", "bias", "partial", "stamps"];
const DTYPES = [null, "float32", "float64"];

test("the page reads the frames that Python recorded", () => {
  for (const name of ["frames.bin", "frames.json"]) {
    assert.ok(
      existsSync(new URL(name, GOLDEN)),
      `tests/golden/${name} is missing: python -m tests.golden.write`,
    );
  }
  const bytes = readFileSync(new URL("frames.bin", GOLDEN));
  const { frames } = JSON.parse(readFileSync(new URL("frames.json", GOLDEN), "utf8"));
  assert.ok(frames.length > 0);
  for (const { offset, length, checksum, kind, dtype, ...header } of frames) {
    const frame = decodeFrame(Uint8Array.prototype.slice.call(bytes, offset, offset + length).buffer);
    assert.equal(frame.kind, KINDS[kind]);
    assert.equal(frame.dtype, DTYPES[dtype]);
    assert.equal(frame.bytes, length);
    const { last, job, sequence, first, count, lanes, windows } = frame;
    assert.deepEqual({ last, job, sequence, first, count, lanes, windows }, header);
    let sum = 0;
    for (let plane = 0; plane < lanes + windows; plane++) {
      const values = plane < lanes ? frame.value(plane) : frame.window(plane - lanes);
      assert.equal(values.length, count);
      for (const value of values) if (Number.isFinite(value)) sum += value;
    }
    assert.equal(sum, checksum);
  }
});

test("planes are views into the frame, values first and windows after them", () => {
  const buffer = frameBytes({
    count: 2,
    lanes: 2,
    windows: 1,
    planes: [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
  });
  const frame = decodeFrame(buffer);
  assert.deepEqual([...frame.value(1)], [3, 4]);
  assert.deepEqual([...frame.window(0)], [5, 6]);
  assert.equal(frame.value(0).buffer, buffer);
  assert.throws(() => frame.value(2), RangeError);
  assert.throws(() => frame.window(-1), RangeError);
  assert.throws(() => frame.window(0.5 + 0.6), RangeError);
});

test("float64 planes are read as such", () => {
  const frame = decodeFrame(frameBytes({ dtype: 2, count: 1, lanes: 1, planes: [[0.1]] }));
  assert.equal(frame.value(0)[0], 0.1);
  assert.ok(frame.value(0) instanceof Float64Array);
});

test("bytes that are no frame are refused in words", () => {
  /** @param {(view: DataView) => void} change */
  const changed = (change) => {
    const buffer = frameBytes({ count: 4, lanes: 1, planes: [[1, 2, 3, 4]] });
    change(new DataView(buffer));
    return () => decodeFrame(buffer);
  };
  assert.throws(() => decodeFrame(new ArrayBuffer(8)), {
    name: "ProtocolError",
    message: /header of 32 bytes/,
  });
  assert.throws(
    changed((view) => view.setUint32(0, 1, true)),
    /it begins with 0x00000001/,
  );
  assert.throws(
    changed((view) => view.setUint8(4, 2)),
    /version 2, and this page reads version 1/,
  );
  assert.throws(
    changed((view) => view.setUint8(5, 9)),
    /no kind of frame has the number 9/,
  );
  assert.throws(
    changed((view) => view.setUint8(6, 0)),
    /no dtype has the number 0/,
  );
  assert.throws(
    changed((view) => view.setUint32(20, 5, true)),
    /has 52 bytes, and this one has 48/,
  );
  assert.throws(
    changed((view) => view.setUint32(28, 0xffffffff, true)),
    ProtocolError,
  );
  assert.equal(MAGIC, new DataView(new TextEncoder().encode("CSV1").buffer).getUint32(0, true));
});

test("any bytes give a frame or a ProtocolError, nothing else", () => {
  const { whole, chance } = draws(5);
  for (let round = 0; round < 2000; round++) {
    const buffer = new Uint8Array(Array.from({ length: whole(0, 80) }, () => whole(0, 255))).buffer;
    if (buffer.byteLength >= HEADER_BYTES && chance(0.8)) {
      const view = new DataView(buffer);
      view.setUint32(0, MAGIC, true);
      view.setUint8(4, 1);
    }
    try {
      decodeFrame(buffer);
    } catch (error) {
      assert.ok(error instanceof ProtocolError);
    }
  }
});

test("messages of the server are read, and what is none is refused", () => {
  assert.deepEqual(decodeMessage('{"type":"superseded","job":3}'), { type: "superseded", job: 3 });
  for (const text of [
    "",
    "{",
    "null",
    "7",
    '{"type":"plan","job":1}',
    '{"type":"error","job":1}',
    '{"type":"x"}',
  ]) {
    assert.throws(() => decodeMessage(text), ProtocolError, text);
  }
});

test("messages of the page say every field", () => {
  const request = {
    layers: [{ operation: "convolution" }],
    source: { kind: /** @type {const} */ ("sample"), name: "cross" },
  };
  assert.deepEqual(JSON.parse(startMessage(7, request, 4)), {
    type: "start",
    job: 7,
    ...request,
    weights: null,
    first: 0,
    count: null,
    lanes: null,
    window: false,
    input: false,
    weight: false,
    credits: 4,
  });
  assert.deepEqual(JSON.parse(creditMessage(7, 2)), { type: "credit", job: 7, n: 2 });
  assert.deepEqual(JSON.parse(cancelMessage(7)), { type: "cancel", job: 7 });
});

/** An answer of POST frames: a text, frames of many sizes, a text. */
function answer() {
  const frames = [1, 7, 300].map((count, sequence) =>
    frameBytes({ sequence, count, lanes: 1, planes: [Array.from({ length: count }, (_, at) => at)] }),
  );
  const text = (/** @type {object} */ message) => new TextEncoder().encode(JSON.stringify(message)).buffer;
  const items = [
    text({ type: "plan", job: 0, plan: { version: 1, layers: [] } }),
    ...frames,
    text({ type: "end", job: 0, first: 0, steps: 308 }),
  ];
  return { bytes: Buffer.concat(items.map(withLength)), items };
}

/** @param {StreamItem} item */
const size = (item) => (item.kind === "frame" ? item.buffer.byteLength : -1);

test("an answer is cut into its items wherever its chunks end", async () => {
  const { bytes, items } = answer();
  const { whole } = draws(11);
  for (let round = 0; round < 300; round++) {
    const largest = whole(1, round % 3 === 0 ? 3 : 2000);
    const splitter = frameSplitter();
    /** @type {StreamItem[]} */
    const found = [];
    for (let at = 0; at < bytes.length; ) {
      const length = whole(0, largest);
      found.push(...splitter.push(bytes.subarray(at, at + length)));
      at += length;
    }
    splitter.end();
    assert.deepEqual(found.map(size), [
      -1,
      items[1]?.byteLength,
      items[2]?.byteLength,
      items[3]?.byteLength,
      -1,
    ]);
    const [, , frame] = found;
    assert.ok(frame?.kind === "frame");
    assert.deepEqual([...decodeFrame(frame.buffer).value(0)], [0, 1, 2, 3, 4, 5, 6]);
  }
});

test("the next chunk is asked for only when an item is", async () => {
  const { bytes } = answer();
  let asked = 0;
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += 50) {
      asked++;
      yield bytes.subarray(at, at + 50);
    }
  }
  const items = splitFrames(chunks());
  await items.next();
  assert.ok(asked <= 2);
  await items.return();
});

test("an answer that ends within an item is told", async () => {
  const { bytes } = answer();
  for (const cut of [2, 10, bytes.length - 1]) {
    const splitter = frameSplitter();
    splitter.push(bytes.subarray(0, cut));
    assert.throws(() => splitter.end(), /the answer ends/);
  }
});

test("an item of no length or of an absurd one is refused before memory is taken", () => {
  for (const length of [0, 0xffffffff]) {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, length, true);
    assert.throws(() => frameSplitter().push(bytes), ProtocolError);
  }
});
