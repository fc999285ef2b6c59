// The mirror of the geometry against the golden files that Python writes; GEOMETRY_SWEEP names one more.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { FORMATS } from "../../../static/js/dialogs/formats.js";
import { activated } from "../../../static/js/layer/activations.js";
import { FRAMEWORKS } from "../../../static/js/layer/catalog.js";
import { combined } from "../../../static/js/layer/combine.js";
import { readFormula } from "../../../static/js/layer/formula.js";
import { geometry } from "../../../static/js/layer/geometry.js";
import { BEYOND, PADDING } from "../../../static/js/layer/walk.js";
import { shapeOf } from "../../../static/js/state/setting.js";
import "../../../static/js/features.js";

/** @import { Divisor, OperationInfo } from "../../../static/js/types/registry.js" */
/** @import { LayerGeometry, Unfit } from "../../../static/js/types/geometry.js" */
/** @import { Spec } from "../../../static/js/types/layer.js" */
/** @typedef {{ spec: Spec, input_shape: number[], geometry?: LayerGeometry, problem?: Unfit }} Case */
/** @typedef {{ operation: OperationInfo, cases: Case[] }} Golden */

const FOLDER = new URL("../../golden/", import.meta.url);
/** Files that hold no operation. */
const OTHERS = new Set([
  "frames.json",
  "sources.json",
  "arithmetic.json",
  "networks.json",
  "sets.json",
  "training.json",
]);
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

test("the page lists the frameworks and the forms of figures as the server does", () => {
  const lists = JSON.parse(readFileSync(new URL("sets.json", FOLDER), "utf8"));
  assert.deepStrictEqual({ frameworks: FRAMEWORKS, formats: FORMATS }, lists);
  assert.deepStrictEqual(Object.keys(FRAMEWORKS), Object.keys(lists.frameworks));
  assert.deepStrictEqual(Object.keys(FORMATS), Object.keys(lists.formats));
});

test("the page knows the shape of every sample and picture at every size before the server says it", () => {
  const { samples, uploads, cases } = JSON.parse(readFileSync(new URL("sources.json", FOLDER), "utf8"));
  assert.ok(cases.length > 300);
  for (const { source, shape } of cases)
    assert.deepStrictEqual(shapeOf(source, samples, uploads), shape, JSON.stringify(source));
});

/** @typedef {{ values: number[], weights: number[], codes: number[], divisor: Divisor | null, p: number | null, bias: number, lanes: number, totals: number[] }} Window */

test("the page combines windows as the core does, by every combine", () => {
  const { combines } = JSON.parse(readFileSync(new URL("arithmetic.json", FOLDER), "utf8"));
  assert.ok(combines.length >= 8);
  for (const { combination, cases } of combines) {
    for (const window of /** @type {Window[]} */ (cases)) {
      const weighted = combination.term === "product" || combination.term === "factor";
      const terms = window.values.map((value, tap) => {
        const weight = weighted ? Number(window.weights[tap]) : 1;
        const code = Number(window.codes[tap]);
        const place = { padded: code === PADDING, outside: code === BEYOND };
        return { channel: 0, tap, value, weight, product: value * weight, index: tap, ...place };
      });
      const layer = { combination, divisor: window.divisor, p: window.p, lanes_per_group: window.lanes };
      for (const [lane, total] of window.totals.entries()) {
        const made = combined(terms, /** @type {LayerGeometry} */ (layer), window.bias, lane).total;
        const about = `${combination.name} of ${JSON.stringify(window)}: ${made}`;
        assert.ok(Math.abs(made - total) <= 1e-12 * (1 + Math.abs(total)), about);
      }
    }
  }
});

test("the page computes every activation of single values by its formula, as the core does", () => {
  const { activations } = JSON.parse(readFileSync(new URL("arithmetic.json", FOLDER), "utf8"));
  assert.ok(activations.length >= 8);
  for (const { activation, cases } of activations) {
    for (const [x, expected] of cases) {
      const made = activated(activation, x);
      if (activation.across === "channels") assert.equal(made, null);
      else {
        const about = `${activation.name}(${x}) = ${expected}, not ${made}`;
        assert.ok(Math.abs(Number(made) - expected) <= 1e-12 * (1 + Math.abs(expected)), about);
      }
    }
  }
});

test("a formula that cannot be read is refused with its text", () => {
  for (const formula of ["max(x", "x x", "y", "1 +", "log(x)", ""])
    assert.throws(() => readFormula(formula), /the formula/, formula);
});

test("the golden folder holds at least two operations", () => {
  assert.ok(goldenFiles().length >= 2);
});

for (const [name, golden] of goldenFiles()) {
  test(`the mirror gives every geometry and refusal of ${name}`, () => {
    assert.ok(golden.cases.length > 0, "it holds no case");
    for (const { spec, input_shape, geometry: expected, problem } of golden.cases) {
      const result = geometry(golden.operation, spec, input_shape);
      const about = `${JSON.stringify(spec)} on ${input_shape.join("×")}`;
      const { combination } = golden.operation;
      if (expected)
        assert.deepStrictEqual(result, { ok: true, geometry: { ...expected, combination } }, about);
      else assert.deepStrictEqual(result, { ok: false, problem }, about);
    }
  });
}
