// The requests of the API: a value or a problem, whatever the network does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createApi } from "../../../static/js/server/api.js";

/** @import { ConnectionEnvironment } from "../../../static/js/types/stream.js" */

/** @param {(url: string, init: RequestInit) => Response | Promise<Response>} answer */
function api(answer) {
  /** @type {ConnectionEnvironment["fetch"]} */
  const fetch = async (url, init) => answer(String(url), init ?? {});
  return createApi("/api/v1", { fetch });
}

test("a request answers with a value", async () => {
  const seen = /** @type {[string, RequestInit][]} */ ([]);
  const requests = api((url, init) => {
    seen.push([url, init]);
    return new Response(JSON.stringify({ id: "a", layers: [] }));
  });
  const request = { layers: [{ operation: "convolution" }], input_shape: [1, 9, 9] };
  assert.deepEqual(await requests.planJson(request), { ok: true, value: { id: "a", layers: [] } });
  assert.ok((await requests.operations()).ok && (await requests.samples()).ok);
  await requests.uploadFile(new Blob(["x"], { type: "image/webp" }));
  await requests.uploadFile(new Blob(["x"], { type: "text/plain" }));
  await requests.uploadFile(new Blob(["x"]));
  await requests.uploadArray(new ArrayBuffer(4));
  const read = await requests.imageBytes("a b");
  assert.ok(read.ok && read.value instanceof ArrayBuffer);
  assert.deepEqual(
    seen.map(([url, init]) => [init.method ?? "GET", url, new Headers(init.headers).get("content-type")]),
    [
      ["POST", "/api/v1/plan", "application/json"],
      ["GET", "/api/v1/operations", null],
      ["GET", "/api/v1/samples", null],
      ["POST", "/api/v1/images", "image/webp"],
      ["POST", "/api/v1/images", "text/plain"],
      ["POST", "/api/v1/images", "application/octet-stream"],
      ["POST", "/api/v1/images", "application/x-npy"],
      ["GET", "/api/v1/images/a%20b", null],
    ],
  );
});

test("a refusal, a broken answer and no answer at all have one shape", async () => {
  const problem = { code: "unfit", detail: "stride = 0: …", status: 422, field: "stride" };
  const request = { layers: [], source: { kind: /** @type {const} */ ("sample"), name: "cross" } };
  const cases = /** @type {const} */ ([
    [() => new Response(JSON.stringify(problem), { status: 422 }), "unfit", 422],
    [() => new Response("<html>", { status: 502 }), "refused", 502],
    [() => new Response("{", { status: 200 }), "unreachable", 0],
    [() => Promise.reject(new TypeError("Failed to fetch")), "unreachable", 0],
  ]);
  for (const [answer, code, status] of cases) {
    const result = await api(answer).runJson(request);
    assert.ok(!result.ok);
    assert.equal(result.problem.code, code);
    assert.equal(result.problem.status, status);
    assert.ok(result.problem.detail.length > 0);
  }
});

test("a request that a newer one took the place of says so", async () => {
  const controller = new AbortController();
  const asked = api((_url, init) => {
    controller.abort();
    return Promise.reject(init.signal?.reason);
  }).planJson({ layers: [], input_shape: [1, 1] }, controller.signal);
  const result = await asked;
  assert.ok(!result.ok && result.problem.code === "superseded");
});
