// The mirror of the core's networks against the golden file that Python writes: names, shapes, fields, numbers, refusals.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fieldsOf, runs } from "../../../static/js/network/fields.js";
import { Misjoined, networkOf } from "../../../static/js/network/graph.js";
import { receptiveFields, toNumbers } from "../../../static/js/network/receptive.js";
import { shapeOf, shapesOf } from "../../../static/js/network/shapes.js";
import { networkTotals } from "../../../static/js/network/totals.js";
import { arrayOf } from "../../../static/js/network/ways.js";
import { operationInfo } from "../support.js";

/** @import { NamedSpec, Shapes } from "../../../static/js/types/network.js" */
/** @typedef {Record<string, { shape: number[], cells: [number, number][], counts?: number[] }>} Told */
/** @typedef {{ layer: string, place: number[], counts: boolean, backward: Told, forward: Told }} Field */
/**
 * @typedef {{ layers: NamedSpec[], input_shape: number[], problem?: object, names: string[], order: string[],
 *   shapes: number[][], receptive: object[], totals: object, fields: Field[] }} Case
 */

/** @type {Case[]} */
const cases = JSON.parse(readFileSync(new URL("../../golden/networks.json", import.meta.url), "utf8"));
/** @type {Map<string, ReturnType<typeof operationInfo>>} */
const known = new Map();

function operationOf(/** @type {string} */ name) {
  if (!known.has(name)) known.set(name, operationInfo(name));
  return /** @type {ReturnType<typeof operationInfo>} */ (known.get(name));
}

const placed = (/** @type {Case} */ { layers, input_shape }) =>
  shapesOf(networkOf(layers, operationOf), input_shape);
const described = (/** @type {Case} */ { layers, input_shape }) => `${input_shape} ${JSON.stringify(layers)}`;
const fitting = cases.filter(({ problem }) => !problem);

test("networks that fit and networks that do not are both recorded", () => {
  assert.ok(fitting.length >= 60);
  assert.ok(cases.length - fitting.length >= 10);
});

test("names, order and shapes of every network are those of the core", () => {
  for (const one of fitting) {
    const shapes = placed(one);
    const { layers, order } = shapes.network;
    assert.deepEqual(
      layers.map(({ name }) => name),
      one.names,
      described(one),
    );
    assert.deepEqual(
      order.map(({ name }) => name),
      one.order,
      described(one),
    );
    assert.deepEqual(
      one.names.map((name) => shapeOf(shapes, name)),
      one.shapes,
      described(one),
    );
  }
});

test("every refusal of a network has the words and the pointer of the core", () => {
  for (const one of cases.filter(({ problem }) => problem)) {
    assert.throws(
      () => placed(one),
      (fault) => {
        assert.ok(fault instanceof Misjoined);
        const { field, value, reason, remedy, pointer } = fault.fault;
        assert.deepEqual({ field, value, reason, remedy, pointer }, one.problem, described(one));
        return true;
      },
    );
  }
});

test("size, jump, start and holes of every layer are those of the core, and so is what a network comes to", () => {
  for (const one of fitting) {
    const shapes = placed(one);
    const fields = receptiveFields(shapes);
    const numbers = one.names.map((name) => toNumbers(/** @type {any} */ (fields.get(name))));
    assert.deepEqual(numbers, one.receptive, described(one));
    assert.deepEqual(networkTotals(shapes), one.totals, described(one));
  }
});

/** Fields as the API carries them. @returns {Told} */
function carried(
  /** @type {Shapes} */ shapes,
  /** @type {Field} */ { layer, place, counts },
  /** @type {"backward" | "forward"} */ way,
) {
  return Object.fromEntries(
    [...fieldsOf(shapes, { layer, place }, way, counts)].map(([name, ways]) => {
      const array = arrayOf(ways);
      const one = { shape: shapeOf(shapes, name).slice(1), cells: runs(array) };
      return [name, counts ? { ...one, counts: [...array].filter((count) => count > 0) } : one];
    }),
  );
}

for (const way of /** @type {const} */ (["backward", "forward"]))
  test(`the cells of every field ${way}, and the ways to them, are those of the core`, () => {
    for (const one of fitting)
      for (const field of one.fields)
        assert.deepEqual(
          carried(placed(one), field, way),
          field[way],
          `${described(one)} ${field.layer} ${field.place}`,
        );
  });
