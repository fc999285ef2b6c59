// Frames and answers as a server would write them, for the tests of those who read them.

/**
 * @typedef {object} FrameParts
 * @property {number} [kind] @property {number} [dtype] @property {boolean} [last]
 * @property {number} [job] @property {number} [sequence] @property {number} [first]
 * @property {number} count @property {number} lanes @property {number} [windows]
 * @property {number[][]} planes
 */

/** @param {FrameParts} parts @returns {ArrayBuffer} */
export function frameBytes({
  kind = 1,
  dtype = 1,
  last = false,
  job = 0,
  sequence = 0,
  first = 0,
  count,
  lanes,
  windows = 0,
  planes,
}) {
  const numbers = planes.flat();
  const payload = dtype === 1 ? Float32Array.from(numbers) : Float64Array.from(numbers);
  const bytes = new Uint8Array(32 + payload.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set([0x43, 0x53, 0x56, 0x31, 1, kind, dtype, last ? 1 : 0]);
  for (const [at, word] of [job, sequence, first, count, lanes, windows].entries()) {
    view.setUint32(8 + 4 * at, word, true);
  }
  bytes.set(new Uint8Array(payload.buffer), 32);
  return bytes.buffer;
}

/** An item of a POST frames answer. */
export function withLength(/** @type {ArrayBuffer} */ item) {
  const bytes = new Uint8Array(4 + item.byteLength);
  new DataView(bytes.buffer).setUint32(0, item.byteLength, true);
  bytes.set(new Uint8Array(item), 4);
  return bytes;
}
