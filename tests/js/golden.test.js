// The mirror of the geometry against the golden files that Python writes; GEOMETRY_SWEEP names one more.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { geometry } from "../../static/js/geometry.js";
import { shapeOf } from "../../static/js/setting.js";
import "../../static/js/features.js";

/** @import { LayerGeometry, OperationInfo, Spec, Unfit } from "../../static/js/types.js" */
/** @typedef {{ spec: Spec, input_shape: number[], geometry?: LayerGeometry, problem?: Unfit }} Case */
/** @typedef {{ operation: OperationInfo, cases: Case[] }} Golden */

const FOLDER = new URL("../golden/", import.meta.url);
/** What is no operation. */
const OTHERS = new Set(["frames.json", "sources.json"]);
const sweep = process.env.GEOMETRY_SWEEP;

/** Golden files by what they are called; a sweep holds one or a list of them. @returns {[string, Golden][]} */
function goldenFiles() {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".json") && !OTHERS.has(name));
  /** @type {[string, Golden][]} */
  const files = names.map((name) => [name, JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"))]);
  if (!sweep) return files;
  const fresh = [JSON.parse(readFileSync(sweep, "utf8"))].flat();
  return [
    ...files,
    .../** @type {[string, Golden][]} */ (
      fresh.map((golden) => [`${sweep} ${golden.operation.name}`, golden])
    ),
  ];
}

test("the page knows the shape of every sample and picture at every size before the server says it", () => {
  const { samples, uploads, cases } = JSON.parse(readFileSync(new URL("sources.json", FOLDER), "utf8"));
  assert.ok(cases.length > 300);
  for (const { source, shape } of cases)
    assert.deepStrictEqual(shapeOf(source, samples, uploads), shape, JSON.stringify(source));
});

test("the golden folder holds at least two operations", () => {
  assert.ok(goldenFiles().length >= 2);
});

for (const [name, golden] of goldenFiles()) {
  test(`the mirror gives every geometry and refusal of ${name}`, () => {
    assert.ok(golden.cases.length > 0, "it holds no case");
    for (const { spec, input_shape, geometry: expected, problem } of golden.cases) {
      const result = geometry(golden.operation, spec, input_shape);
      const told = `${JSON.stringify(spec)} on ${input_shape.join("×")}`;
      if (expected) assert.deepStrictEqual(result, { ok: true, geometry: expected }, told);
      else assert.deepStrictEqual(result, { ok: false, problem }, told);
    }
  });
}
