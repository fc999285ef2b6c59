// Links stay: those of every version open as they did, and what they cannot hold goes by its content's id.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { linkOf } from "../../../static/js/link/address.js";
import { permits } from "../../../static/js/link/embedding.js";
import { decode, encode, VERSIONS } from "../../../static/js/link/fragment.js";
import { createKeeping, npyBytes } from "../../../static/js/link/stored_values.js";
import { comparedSetting } from "../../../static/js/state/comparing.js";
import { askedOf, isStale } from "../../../static/js/state/resolve.js";
import { chosenOf } from "../../../static/js/state/selectors.js";
import { initial, reduce } from "../../../static/js/state/state.js";
import { catalog, linkOfOne, stateAfter } from "../page.js";
import { operationInfo } from "../support.js";

/** @import { LinkState } from "../../../static/js/types/page.js" */
/** @import { Plan } from "../../../static/js/types/plan.js" */

/** Written once for each version and never again: what a link meant is what it means. */
const kept = JSON.parse(readFileSync(new URL("../../kept/links.json", import.meta.url), "utf8"));
const ID = "0123456789abcdef".repeat(4);

/** @returns {LinkState} */
function read(/** @type {string} */ link) {
  const result = decode(link, catalog().operations);
  assert.ok(result.ok, link);
  return result.state;
}

for (const version of VERSIONS) {
  test(`links of ${version} open as they did`, () => {
    assert.ok(kept[version].length >= 10);
    for (const { link, opens: one, output_shape, step } of kept[version]) {
      const opens = linkOfOne(one);
      assert.deepEqual(read(link), opens, link);
      const state = stateAfter({ type: "open", link: opens });
      assert.equal(state.problem, null, link);
      const shape = state.opening ? null : (state.shown?.geometry.output_shape ?? null);
      assert.deepEqual(shape, output_shape, link);
      if (step !== undefined) assert.equal(state.step, step, link);
    }
  });
}

test("no version is kept that the page does not read", () => {
  assert.deepEqual(Object.keys(kept), [...VERSIONS]);
});

test("step, filter and channel of an upload's link hold once the server has told its shape", () => {
  const link = read(`#v1&op=convolution&filters=4&source=image:${ID}&step=9&lane=2&channel=1`);
  const opening = stateAfter({ type: "open", link });
  assert.equal(opening.opening, link);
  const known = { ...link, source: { kind: /** @type {const} */ ("noise"), shape: [3, 6, 6] } };
  const reference = stateAfter({ type: "open", link: known });
  const key = JSON.stringify([
    [{ operation: "convolution", filters: 4 }],
    { kind: "image", id: ID },
    chosenOf(opening).weights,
  ]);
  const plan = /** @type {Plan} */ (/** @type {unknown} */ ({ layers: [{ input_shape: [3, 6, 6] }] }));
  const planned = reduce(opening, { type: "planned", key, plan });
  for (const name of /** @type {const} */ (["step", "lane", "channel"]))
    assert.equal(planned[name], reference[name], name);
  assert.deepEqual([planned.step, planned.lane, planned.channel], [9, 2, 1]);
  assert.equal(planned.opening, null);
});

test("weights that a link names are not refitted from the kernel that was on view before", () => {
  for (const link of [
    "#v1&op=convolution&kernel=5&filters=5&bias=true&weights=preset:mixed;seed=0;edits=30:7.5;bias=1,2,3,4,5",
    "#v1&op=transposed_convolution&kernel=2&filters=4&bias=true&weights=preset:mixed;edits=9:7.5;bias=1,2,3,4",
  ]) {
    const opens = read(link);
    const state = stateAfter({ type: "open", link: opens });
    assert.deepEqual(chosenOf(state).weights, opens.layers[0]?.weights, link);
    // A change that leaves the number of filters as it is leaves the biases as they are.
    const wider = reduce(state, { type: "parameter", name: "kernel", value: 4 });
    assert.deepEqual(chosenOf(wider).weights?.bias, opens.layers[0]?.weights?.bias, link);
    const more = reduce(state, { type: "parameter", name: "filters", value: 6 });
    assert.equal(chosenOf(more).weights?.bias?.length, 6, link);
  }
});

test("a link that does not fit shows its own layer without the values at fault, and never another", () => {
  for (const [link, spec, field] of /** @type {[string, Record<string, unknown>, string][]} */ ([
    ["#v1&op=max_pooling&kernel=99&stride=2&source=noise:1x12x12", { stride: 2 }, "kernel"],
    ["#v1&op=convolution&groups=3&filters=4&source=noise:4x9x9", { filters: 4 }, "groups"],
    ["#v1&op=transposed_convolution&stride=0&filters=2", { filters: 2 }, "stride"],
    ["#v1&op=convolution&stride=0&kernel=99&lane=7", {}, "stride"],
  ])) {
    const opens = read(link);
    const state = stateAfter({ type: "open", link: opens });
    assert.equal(state.problem?.field, field, link);
    assert.deepEqual(chosenOf(state).spec, opens.layers[0]?.spec, link);
    assert.deepEqual(state.shown?.layer, { operation: opens.layers[0]?.operation, ...spec }, link);
    const mended = reduce(state, {
      type: "settings",
      values: { kernel: 1, stride: 1, groups: 1, output_padding: 0 },
    });
    assert.equal(mended.problem, null, link);
  }
});

test("nothing stands for a link whose input is gone", () => {
  const other = stateAfter({ type: "operation", name: "max_pooling" });
  const state = reduce(other, { type: "open", link: read(`#v1&op=unfold&source=image:${ID}`) });
  assert.equal(state.shown, null);
  assert.equal(isStale(state), false);
  const changed = reduce(state, { type: "source", source: { kind: "sample", name: "cross" } });
  assert.equal(changed.shown?.operation.name, "unfold");
});

test("of every operation on every input there is something on view, whatever a link says", () => {
  const golden = readdirSync(new URL("../../golden/", import.meta.url));
  const files = golden.filter((name) => name.endsWith(".json"));
  const operations = files.flatMap((name) => operationInfo(name.replace(".json", "")) ?? []);
  assert.ok(operations.length > 20);
  const start = initial({ ...catalog(), operations });
  const sizes = ["1x1", "1x5", "1x1x1", "1x9x9", "3x2x2", "2x2x2x2"];
  let refused = 0;
  for (const { name, parameters } of operations)
    for (const size of sizes) {
      const specs = parameters.flatMap(({ name: one, kind }) =>
        kind === "per_axis" || kind === "integer" ? ["0", "2", "7"].map((value) => `&${one}=${value}`) : [],
      );
      for (const spec of ["", ...specs]) {
        const link = `#v1&op=${name}${spec}&source=noise:${size}`;
        const made = decode(link, operations);
        assert.ok(made.ok, link);
        const state = reduce(start, { type: "open", link: made.state });
        assert.equal(state.shown?.operation.name, name, link);
        assert.deepEqual(chosenOf(state).spec, made.state.layers[0]?.spec, link);
        assert.equal(isStale(state), state.problem !== null, link);
        if (state.problem) refused += 1;
      }
    }
  assert.ok(refused > 100, `${refused} links are refused`);
  // Parts of unlike sizes cannot be joined: what comes before the joint is shown.
  const added = `layer=${encodeURIComponent("op=add&parts=2&inputs=half,input")}`;
  const made = decode(`#v1&op=max_pooling&kernel=2&name=half&${added}&source=noise:1x8x8`, operations);
  assert.ok(made.ok);
  const joint = reduce(start, { type: "open", link: made.state });
  assert.equal(joint.problem?.pointer?.slice(0, 9), "/layers/1");
  assert.equal(joint.shown?.operation.name, "max_pooling");
  assert.equal(joint.setting.layers.length, 2);
});

test("a link hides and locks controls until they are asked for again", () => {
  const link = read("#v1&op=convolution&hide=header,weights&lock=kernel");
  const state = stateAfter({ type: "open", link });
  assert.deepEqual([state.hide, state.lock], [["header", "weights"], ["kernel"]]);
  const shown = reduce(state, { type: "unhide" });
  assert.deepEqual([shown.hide, shown.lock], [[], []]);
});

test("what is locked cannot be done by any action that would", () => {
  const layer = { type: "layer", operation: "dense", values: {} };
  const whole = { type: "open_setting", setting: stateAfter().setting, step: 0 };
  /** @type {[lock: string, refused: object[]][]} */
  const cases = [
    [
      "kernel",
      [
        { type: "parameter", name: "kernel", value: 5 },
        { type: "settings", values: { kernel: 5 } },
        layer,
        whole,
      ],
    ],
    ["steps", [{ type: "step", step: 3 }, { type: "move", by: "step", n: 1 }, { type: "play" }]],
    ["weights", [{ type: "edit_weight", index: 0, value: 1 }, { type: "reset_weights" }, whole]],
    [
      "settings",
      [
        { type: "operation", name: "dense" },
        { type: "source", source: { kind: "sample", name: "x" } },
        layer,
      ],
    ],
    ["header", [{ type: "example", operation: "dense", index: 0 }]],
  ];
  const free = [{ type: "pause" }, { type: "unhide" }, { type: "point", at: null }, { type: "tick" }];
  for (const [lock, refused] of cases) {
    for (const action of refused) {
      assert.equal(permits([lock], /** @type {any} */ (action)), false, `${lock} ${JSON.stringify(action)}`);
      assert.equal(permits([], /** @type {any} */ (action)), true);
    }
    for (const action of free) assert.ok(permits([lock], /** @type {any} */ (action)));
  }
  assert.ok(permits(["kernel"], /** @type {any} */ ({ type: "parameter", name: "stride", value: 2 })));
});

test("what a setting is compared with is in its link, and opens as it was", () => {
  /** @type {any[][]} */
  const cases = [
    [{ type: "compare", against: "pytorch" }],
    [
      { type: "compare", against: "kept" },
      { type: "parameter", name: "stride", value: 2 },
    ],
    [
      { type: "compare", against: "kept" },
      { type: "source", source: { kind: "noise", shape: [2, 9, 9] } },
      { type: "layer", operation: "max_pooling", values: { kernel: 2 } },
    ],
  ];
  for (const actions of cases) {
    const state = stateAfter(...actions);
    const made = encode(linkOf(state));
    assert.ok(made.ok && !made.without);
    const again = stateAfter({ type: "open", link: read(made.fragment) });
    const [one, other] = [state, again].map((of) => {
      const setting = comparedSetting(of);
      assert.ok(setting);
      return askedOf(of.catalog, setting, of.chosen);
    });
    assert.deepEqual(other, one);
  }
  assert.equal(stateAfter(...(cases[0] ?? []), { type: "open", link: read("#v1") }).compare, null);
});

test("a comparison that does not fit is left out of the link, and that is said", () => {
  const values = Array.from({ length: 60 }, (_, at) => Array.from({ length: 60 }, () => at / 7));
  const layers = [{ operation: "convolution", spec: {} }];
  const against = { layers, source: { kind: /** @type {const} */ ("values"), values } };
  const link = { layers, step: 2, against };
  const made = encode(link);
  assert.ok(made.ok && made.without === "against");
  assert.deepEqual(read(made.fragment), { layers, step: 2 });
  const broken = decode("#v1&op=convolution&against=op=no_such", catalog().operations);
  assert.ok(broken.ok && broken.problems[0]?.field === "against");
  assert.deepEqual(broken.state, { layers });
});

test("numbers travel as .npy: magic, a header of whole 64 bytes, float64", () => {
  for (const shape of [[3], [1, 2], [2, 1, 3], [1, 1, 2, 1, 2]]) {
    const cells = shape.reduce((product, side) => product * side, 1);
    const values = Array.from({ length: cells }, (_, at) => at / 3 - 1);
    const view = new DataView(npyBytes(shape, values));
    const head = 10 + view.getUint16(8, true);
    assert.equal(head % 64, 0);
    const text = String.fromCharCode(...new Uint8Array(view.buffer, 0, head));
    assert.ok(text.startsWith("\x93NUMPY\x01\x00"));
    assert.ok(text.includes(`'shape': (${shape.length === 1 ? `${shape[0]},` : shape.join(", ")})`));
    assert.ok(text.endsWith("\n"));
    assert.deepEqual(
      values.map((_, at) => view.getFloat64(head + 8 * at, true)),
      values,
    );
  }
});

test("values are put on the server once, and the first to go says until when the link holds", async () => {
  let uploads = 0;
  const api = /** @type {any} */ ({
    uploadArray: async () => {
      uploads++;
      return { ok: true, value: { id: ID, expires: "2026-12-01T10:00:00Z" } };
    },
    stored: async () => ({ ok: true, value: { id: "b", expires: "2026-11-30T00:00:00Z" } }),
  });
  const keeping = createKeeping(api);
  const values = [[1, 2.5, "NaN"]];
  const link = /** @type {any} */ ({
    layers: [{ operation: "convolution", spec: {} }],
    source: { kind: "values", values },
  });
  for (let turn = 0; turn < 2; turn++) {
    const shorter = await keeping.shortened(link, stateAfter(), "source");
    assert.deepEqual(shorter, { ok: true, value: { ...link, source: { kind: "image", id: ID } } });
  }
  assert.equal(uploads, 1);
  assert.equal(await keeping.until([ID]), "2026-12-01");
  assert.equal(await keeping.until([ID, "b"]), "2026-11-30");
});
