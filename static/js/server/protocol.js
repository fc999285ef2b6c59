// The stream's messages and binary frames: the mirror of the Python protocol module, held by recorded bytes in
// tests/golden. Turns bytes into views and objects into text; opens no connection and keeps no job.

import { many } from "../words/format.js";

/** @import { ClientMessage, FloatArray, Frame, FrameKind, JobFields, JobRequest, ServerMessage, StreamItem } from "../types/stream.js" */

export const SUBPROTOCOL = "convscope.v1";
/** "CSV1" as bytes. */
export const MAGIC = 0x31565343;
export const VERSION = 1;
export const HEADER_BYTES = 32;

const LARGEST_ITEM_BYTES = 16 * 1024 * 1024;
const LENGTH_BYTES = 4;
const OPENING_BRACE = 0x7b;
const FLAG_LAST = 1;
/** @type {Record<number, FrameKind>} */
const KINDS = {
  1: "steps",
  2: "input",
  3: "weight",
  4: "bias",
  5: "partial",
  6: "stamps",
  7: "snapshot",
  8: "checkpoint",
};
/** @type {Record<number, { name: Frame["dtype"], array: Float32ArrayConstructor | Float64ArrayConstructor }>} */
const DTYPES = { 1: { name: "float32", array: Float32Array }, 2: { name: "float64", array: Float64Array } };

/** Bytes or text that are not this protocol. */
export class ProtocolError extends Error {
  /** @override */
  name = "ProtocolError";
}

/**
 * One binary frame; its planes are views into `buffer`, nothing is copied. Typed arrays follow the machine's
 * byte order, which is little-endian wherever a browser runs.
 * @param {ArrayBuffer} buffer
 * @returns {Frame}
 */
export function decodeFrame(buffer) {
  const bytes = buffer.byteLength;
  if (bytes < HEADER_BYTES) {
    throw new ProtocolError(
      `a frame has a header of ${HEADER_BYTES} bytes, and this one has ${bytes} in all`,
    );
  }
  const header = new DataView(buffer, 0, HEADER_BYTES);
  const word = (/** @type {number} */ offset) => header.getUint32(offset, true);
  if (word(0) !== MAGIC) throw new ProtocolError(`this is no frame: it begins with ${hex(word(0))}`);
  const version = header.getUint8(4);
  if (version !== VERSION) {
    throw new ProtocolError(`the frame has version ${version}, and this page reads version ${VERSION}`);
  }
  const kind = KINDS[header.getUint8(5)];
  if (!kind) throw new ProtocolError(`no kind of frame has the number ${header.getUint8(5)}`);
  const dtype = DTYPES[header.getUint8(6)];
  if (!dtype) throw new ProtocolError(`no dtype has the number ${header.getUint8(6)}`);
  const count = word(20);
  const lanes = word(24);
  const windows = word(28);
  const expected = HEADER_BYTES + (lanes + windows) * count * dtype.array.BYTES_PER_ELEMENT;
  if (bytes !== expected) {
    const planes = `${many(lanes + windows, "plane")} of ${many(count, "number")} in ${dtype.name}`;
    throw new ProtocolError(`a frame of ${planes} has ${many(expected, "byte")}, and this one has ${bytes}`);
  }

  /** @returns {FloatArray} */
  const plane = (/** @type {number} */ number, /** @type {number} */ first, /** @type {number} */ planes) => {
    if (!(number >= 0 && number < planes)) throw new RangeError(`plane ${number} of ${planes}`);
    const offset = HEADER_BYTES + (first + number) * count * dtype.array.BYTES_PER_ELEMENT;
    return new dtype.array(buffer, offset, count);
  };
  return {
    kind,
    dtype: dtype.name,
    last: (header.getUint8(7) & FLAG_LAST) !== 0,
    job: word(8),
    sequence: word(12),
    first: word(16),
    count,
    lanes,
    windows,
    bytes,
    value: (number) => plane(number, 0, lanes),
    window: (number) => plane(number, lanes, windows),
  };
}

/**
 * One text message of the server.
 * @param {string} text
 * @returns {ServerMessage}
 */
export function decodeMessage(text) {
  let message;
  try {
    message = JSON.parse(text);
  } catch {
    throw new ProtocolError(`this message is no JSON: ${text.slice(0, 40)}`);
  }
  switch (message?.type) {
    case "plan":
      if (Array.isArray(message.plan?.layers)) return message;
      throw new ProtocolError("a plan message came without a plan");
    case "error":
      if (typeof message.problem?.code === "string") return message;
      throw new ProtocolError("an error message came without its problem");
    case "end":
    case "superseded":
      return message;
    default:
      throw new ProtocolError(`no message has the type ${String(message?.type)}`);
  }
}

/**
 * The fields of a job's request, all of them.
 * @param {JobRequest} request
 * @returns {JobFields}
 */
export function jobFields(request) {
  const { layers, source, weights = null, first = 0, count = null, lanes = null } = request;
  const { window = false, input = false, weight = false, layer } = request;
  const all = { layers, source, weights, first, count, lanes, window, input, weight };
  return layer === undefined ? all : { ...all, layer };
}

/** @param {number} job @param {JobRequest} request @param {number} credits */
export function startMessage(job, request, credits) {
  return text({ type: "start", job, ...jobFields(request), credits });
}

/** @param {number} job @param {number} n */
export function creditMessage(job, n) {
  return text({ type: "credit", job, n });
}

/** @param {number} job */
export function cancelMessage(job) {
  return text({ type: "cancel", job });
}

function text(/** @type {ClientMessage} */ message) {
  return JSON.stringify(message);
}

/**
 * Cuts an answer of POST frames into its items, wherever the chunks begin and end. Each item is preceded by its
 * length and gets a buffer of its own, so that a frame's planes are aligned.
 */
export function frameSplitter() {
  const length = new Uint8Array(LENGTH_BYTES);
  let lengthFilled = 0;
  /** @type {Uint8Array<ArrayBuffer> | null} */
  let item = null;
  let itemFilled = 0;
  return {
    /**
     * The items that this chunk completes.
     * @param {Uint8Array} chunk
     */
    push(chunk) {
      /** @type {StreamItem[]} */
      const items = [];
      let at = 0;
      while (at < chunk.length) {
        if (!item) {
          const part = chunk.subarray(at, at + LENGTH_BYTES - lengthFilled);
          length.set(part, lengthFilled);
          lengthFilled += part.length;
          at += part.length;
          if (lengthFilled < LENGTH_BYTES) break;
          item = new Uint8Array(itemLength(length));
          itemFilled = 0;
        }
        const part = chunk.subarray(at, at + item.length - itemFilled);
        item.set(part, itemFilled);
        itemFilled += part.length;
        at += part.length;
        if (itemFilled === item.length) {
          items.push(streamItem(item));
          item = null;
          lengthFilled = 0;
        }
      }
      return items;
    },
    /** The answer is over: throws when it ends within an item. */
    end() {
      if (item)
        throw new ProtocolError(
          `the answer ends after ${itemFilled} of ${many(item.length, "byte")} of an item`,
        );
      if (lengthFilled > 0) throw new ProtocolError("the answer ends within the length of an item");
    },
  };
}

/**
 * The items of an answer as they come; the next chunk is asked for when an item is.
 * @param {AsyncIterable<Uint8Array>} chunks
 * @returns {AsyncGenerator<StreamItem, void>}
 */
export async function* splitFrames(chunks) {
  const splitter = frameSplitter();
  for await (const chunk of chunks) yield* splitter.push(chunk);
  splitter.end();
}

/**
 * The chunks of a body, each asked for when the one before has been used.
 * @param {ReadableStream<Uint8Array>} body @param {AbortSignal} signal
 * @returns {AsyncGenerator<Uint8Array, void>}
 */
export async function* chunksOf(body, signal) {
  const reader = body.getReader();
  try {
    while (!signal.aborted) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function itemLength(/** @type {Uint8Array<ArrayBuffer>} */ length) {
  const bytes = new DataView(length.buffer).getUint32(0, true);
  if (bytes === 0 || bytes > LARGEST_ITEM_BYTES)
    throw new ProtocolError(`no item has ${many(bytes, "byte")}`);
  return bytes;
}

/** @returns {StreamItem} */
function streamItem(/** @type {Uint8Array<ArrayBuffer>} */ item) {
  if (item[0] !== OPENING_BRACE) return { kind: "frame", buffer: item.buffer };
  return { kind: "text", message: decodeMessage(new TextDecoder().decode(item)) };
}

function hex(/** @type {number} */ word) {
  return `0x${word.toString(16).padStart(8, "0")}`;
}
