// The requests of the training room beside the stream: examples, sets, gradients, bundles. Reads .safetensors; knows
// no DOM.

import { problemOfAnswer } from "../layer/errors.js";

/** @import { createApi } from "../server/api.js" */
/** @import { Result } from "../types/plan.js" */
/** @import { DrawnData, ExampleSet, Experiment, StoredData } from "../types/training.js" */

/** @typedef {ReturnType<typeof createApi>} Api */
/** @typedef {{ shape: number[], data: Float32Array | Float64Array | Int32Array }} Tensor */
/** @typedef {{ tensors: Map<string, Tensor>, metadata: Record<string, string> }} Bundle */

const SAFETENSORS = "application/x-safetensors";

/** @param {Api} api @param {string} path @param {unknown} body @param {string} accept @returns {Promise<Result<Blob>>} */
export async function posted(api, path, body, accept) {
  const headers = { "Content-Type": "application/json", Accept: accept };
  return answered(api.send(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

/** @param {ReturnType<Api["send"]>} sent @returns {Promise<Result<Blob>>} */
async function answered(sent) {
  const answer = await sent;
  if (!answer.ok) return answer;
  const { status, headers, blob } = answer.value;
  if (status < 300) return { ok: true, value: blob };
  return { ok: false, problem: await problemOfAnswer(new Response(blob, { status, headers })) };
}

/** @param {Api} api @param {string} path @param {unknown} body @returns {Promise<Result<Bundle>>} */
export async function bundlePosted(api, path, body) {
  const answer = await posted(api, path, body, SAFETENSORS);
  return answer.ok ? { ok: true, value: bundleIn(await answer.value.arrayBuffer()) } : answer;
}

/** @param {Api} api @param {string} path @param {unknown} body @returns {Promise<Result<any>>} */
export async function jsonPosted(api, path, body) {
  const answer = await posted(api, path, body, "application/json");
  return answer.ok ? { ok: true, value: JSON.parse(await answer.value.text()) } : answer;
}

/** Keep arrays on the server. @param {Api} api @param {ArrayBuffer} file @returns {Promise<Result<{ id: string, expires: string }>>} */
export async function bundleKept(api, file) {
  const headers = { "Content-Type": SAFETENSORS, Accept: "application/json" };
  const answer = await answered(api.send("/bundles", { method: "POST", headers, body: file }));
  return answer.ok ? { ok: true, value: JSON.parse(await answer.value.text()) } : answer;
}

/** A choice that the core offers, by name and title. @typedef {{ name: string, title: string, formula: string, rate?: number }} Choice */
/** @typedef {{ losses: Choice[], optimisers: Choice[], starts: Choice[] }} Choices */

/** The sets, losses, optimisers and starts to choose from. @param {Api} api @returns {Promise<Result<Choices>>} */
export async function choicesOf(api) {
  const answer = await answered(api.send("/data", { headers: { Accept: "application/json" } }));
  return answer.ok ? { ok: true, value: JSON.parse(await answer.value.text()) } : answer;
}

/** Every example of a set. @param {Api} api @param {DrawnData | StoredData} data @param {number} seed @returns {Promise<Result<ExampleSet>>} */
export async function examplesOf(api, data, seed) {
  const answer = await bundlePosted(api, "/examples", { data, seed });
  if (!answer.ok) return answer;
  const { tensors, metadata } = answer.value;
  const tensor = (/** @type {string} */ name) => /** @type {Tensor} */ (tensors.get(name));
  const part = (/** @type {string} */ name) => ({
    x: /** @type {Float32Array} */ (tensor(`${name}.x`).data),
    labels: /** @type {Int32Array} */ (tensor(`${name}.labels`).data),
  });
  return {
    ok: true,
    value: {
      classes: JSON.parse(String(metadata.classes)),
      shape: tensor("training.x").shape.slice(1),
      training: part("training"),
      validation: part("validation"),
      mean: [...tensor("mean").data],
      deviation: [...tensor("deviation").data],
    },
  };
}

/** Variants of an example, as augmentation changes it: asked for once, the latest wins. @param {Api} api @param {() => void} changed */
export function createVariants(api, changed) {
  let key = "";
  /** @type {{ x: Float32Array, shape: number[], count: number } | null} */
  let found = null;
  return {
    /** Those of one example to train on; null until they have come. @param {Experiment} experiment @param {number} place */
    of({ data, seed, augmentation }, place) {
      const body = { data, seed, augmentation, variants_of: place };
      const wanted = JSON.stringify(body);
      if (wanted === key) return found;
      [key, found] = [wanted, null];
      bundlePosted(api, "/examples", body).then((answer) => {
        const tensor = answer.ok ? answer.value.tensors.get("variants") : null;
        if (wanted !== key || !tensor) return;
        const [count = 0, ...shape] = tensor.shape;
        found = { x: /** @type {Float32Array} */ (tensor.data), shape, count };
        changed();
      });
      return null;
    },
  };
}

const ARRAYS = { F32: Float32Array, F64: Float64Array, I32: Int32Array };

/** The tensors of a .safetensors file. @returns {Bundle} */
export function bundleIn(/** @type {ArrayBuffer} */ file) {
  const length = Number(new DataView(file).getBigUint64(0, true));
  const { __metadata__: metadata = {}, ...head } = JSON.parse(
    new TextDecoder().decode(new Uint8Array(file, 8, length)),
  );
  /** @type {Bundle["tensors"]} */
  const tensors = new Map();
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(head)) {
    const Type = ARRAYS[/** @type {keyof typeof ARRAYS} */ (dtype)];
    if (!Type) continue;
    const [start, stop] = offsets.map((/** @type {number} */ offset) => 8 + length + offset);
    tensors.set(name, { shape, data: new Type(file.slice(start, stop)) });
  }
  return { tensors, metadata };
}

/** Rows of numbers as a .safetensors file; without a shape a row is one axis. @param {[name: string, row: Float32Array, shape?: number[]][]} rows @param {Record<string, string>} metadata @returns {ArrayBuffer} */
export function bundleOf(rows, metadata) {
  /** @type {Record<string, unknown>} */
  const head = { __metadata__: metadata };
  let at = 0;
  for (const [name, row, shape = [row.length]] of rows) {
    head[name] = { dtype: "F32", shape, data_offsets: [at, at + row.byteLength] };
    at += row.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(head));
  const start = 8 + Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(start + at).fill(32, 8, start);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.set(text, 8);
  let place = start;
  for (const [, row] of rows) {
    file.set(new Uint8Array(row.buffer, row.byteOffset, row.byteLength), place);
    place += row.byteLength;
  }
  return file.buffer;
}
