// The reducer: what a person does and what it leaves alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { verdicts } from "../../../static/js/dialogs/frameworks.js";
import { pasted } from "../../../static/js/dialogs/weights.js";
import { coordinate, stepPosition } from "../../../static/js/layer/walk.js";
import { keyAction } from "../../../static/js/panels/keys.js";
import { fixesFor, mending } from "../../../static/js/state/fixes.js";
import {
  chosenOf,
  currentNumbers,
  lastStep,
  viewedStep,
  viewOf,
  walkOf,
} from "../../../static/js/state/selectors.js";
import { reduce } from "../../../static/js/state/state.js";
import { stepShowing } from "../../../static/js/step/showing.js";
import { stepWriting } from "../../../static/js/step/stamp_sum.js";
import { linkOfOne, numbersFor, stateAfter } from "../page.js";

/** @import { Action, State } from "../../../static/js/state/state.js" */

/** @returns {Action} */
const parameter = (/** @type {string} */ name, /** @type {any} */ value) => ({
  type: "parameter",
  name,
  value,
});

function layerOf(/** @type {State} */ state) {
  assert.ok(state.shown);
  return state.shown.geometry;
}

test("the first state fits, shows a picture and stands still", () => {
  const state = stateAfter();
  assert.deepEqual(layerOf(state).output_shape, [3, 9, 9]);
  assert.equal(state.playing, false);
  assert.equal(state.problem, null);
});

test("every action of a person is the same after a way through JSON", () => {
  /** @type {Action[]} */
  const actions = [
    parameter("kernel", [3, 5]),
    parameter("padding", "same"),
    { type: "source", source: { kind: "noise", shape: [3, 8, 8], seed: 4 } },
    { type: "weights", weights: { kind: "preset", name: "random", seed: 3 } },
    { type: "edit_weight", index: 4, value: 0.5 },
    { type: "lane", lane: 2 },
    { type: "step", step: 11 },
    { type: "example", operation: "transposed_convolution", index: 0 },
    { type: "walk", walk: "stamp" },
    { type: "step", step: 2 },
    { type: "play" },
  ];
  const replayed = JSON.parse(JSON.stringify(actions));
  assert.deepEqual(stateAfter(...replayed), stateAfter(...actions));
});

test("reduce leaves the state it was given as it was", () => {
  const before = stateAfter({ type: "play" });
  const copy = structuredClone(before);
  reduce(before, parameter("stride", 2));
  reduce(before, { type: "tick", step: 40, fraction: 0.5, done: false });
  assert.deepEqual(before, copy);
});

test("a setting that does not fit keeps the last picture and names the field", () => {
  const before = stateAfter();
  const state = reduce(before, parameter("kernel", 15));
  assert.equal(state.shown, before.shown);
  assert.equal(state.problem?.field, "kernel");
  assert.equal(chosenOf(state).spec.kernel, 15);
  const mended = reduce(state, parameter("kernel", 5));
  assert.equal(mended.problem, null);
  assert.deepEqual(layerOf(mended).kernel_shape, [5, 5]);
});

test("a slider keeps the place of the window and never starts to play", () => {
  let state = stateAfter({ type: "step", step: 40 });
  for (const stride of [2, 3, 4, 1]) {
    state = reduce(state, parameter("stride", stride));
    assert.equal(state.playing, false);
  }
  assert.deepEqual(stepPosition(layerOf(state), state.step), [4, 4]);
});

test("a slider does not stop what plays", () => {
  const state = stateAfter({ type: "play" }, parameter("stride", 2));
  assert.equal(state.playing, true);
});

test("a setting that does not fit stops nothing that plays, and starts nothing that stands", () => {
  const through = [parameter("kernel", 15), parameter("kernel", 5)];
  assert.equal(stateAfter({ type: "play" }, ...through).playing, true);
  assert.equal(stateAfter(...through).playing, false);
  const passing = stateAfter({ type: "play" }, parameter("kernel", 15));
  assert.equal(passing.problem?.field, "kernel");
  const ticked = reduce(passing, { type: "tick", step: 1, fraction: 0.5, done: false });
  assert.equal(ticked.step, passing.step, "nothing moves while nothing fits");
  assert.equal(reduce(reduce(passing, { type: "pause" }), parameter("kernel", 5)).playing, false);
});

test("numbers of another setting are not current", () => {
  const state = stateAfter();
  const numbered = reduce(state, { type: "numbers", numbers: numbersFor(state) });
  assert.ok(currentNumbers(numbered));
  assert.equal(currentNumbers(reduce(numbered, parameter("stride", 2))), null);
  assert.equal(currentNumbers(reduce(numbered, { type: "weights", weights: null })), null);
});

test("edits keep their tap when the kernel changes", () => {
  const edited = stateAfter({ type: "edit_weight", index: 4, value: 7 });
  const state = reduce(edited, parameter("kernel", 5));
  const { weights } = chosenOf(state);
  assert.deepEqual(weights?.kind === "preset" ? weights.edits : null, [[6, 7]]);
});

test("a pasted grid is one change, whose bad numbers change nothing", () => {
  assert.deepEqual(pasted("1 0 −1\n2, 0; -2\n[1/2 0 .5]"), [1, 0, -1, 2, 0, -2, 0.5, 0, 0.5]);
  assert.equal(pasted("1 zero 2"), null);
  const state = stateAfter({
    type: "edit_weights",
    edits: [
      [0, 5],
      [3, -1],
    ],
  });
  const { weights } = chosenOf(state);
  assert.deepEqual(weights?.kind === "preset" ? weights.edits : null, [
    [0, 5],
    [3, -1],
  ]);
  const back = reduce(state, { type: "undo" });
  assert.deepEqual(back.setting, stateAfter().setting);
});

test("the arrow keys stop at the edges", () => {
  const first = stateAfter({ type: "step", step: 0 });
  assert.equal(reduce(first, { type: "move", by: "step", n: -1 }).step, 0);
  assert.equal(reduce(first, { type: "move", by: "row", n: -1 }).step, 0);
  assert.equal(reduce(first, { type: "move", by: "row", n: 1 }).step, 9);
});

test("a pointer shows another step and leaves the played one", () => {
  const state = stateAfter({ type: "step", step: 5 }, { type: "point", at: { grid: "output", step: 60 } });
  assert.equal(viewedStep(state), 60);
  assert.equal(state.step, 5);
});

test("the step that shows a cell reads it", () => {
  const state = stateAfter(parameter("stride", 3), parameter("dilation", 2));
  const layer = layerOf(state);
  for (let row = 0; row < 9; row++) {
    const step = stepShowing(state, [row, 4]);
    if (step === null) continue;
    const [at = 0] = stepPosition(layer, step);
    const reads = layer.axes[0]?.reads;
    assert.ok(reads);
    const taps = Array.from({ length: reads.taps }, (_, tap) => coordinate(reads, at, tap));
    assert.ok(taps.includes(row));
  }
});

test("the plan corrects a shape that the page could only guess", () => {
  const state = stateAfter({ type: "source", source: { kind: "image", id: "unknown" } });
  assert.equal(state.inputShape, null);
  const key = JSON.stringify([
    [{ operation: "convolution", padding: 1, filters: 3 }],
    { kind: "image", id: "unknown" },
    chosenOf(state).weights,
  ]);
  const plan = /** @type {any} */ ({ version: 1, layers: [{ input_shape: [3, 20, 30] }] });
  const planned = reduce(state, { type: "planned", key, plan });
  assert.deepEqual(layerOf(planned).output_shape, [3, 20, 30]);
  assert.equal(planned.channel, "rgb");
});

// ------------------------------------------------------------------------------------- walks

const STAMPING = /** @type {Action[]} */ ([
  { type: "operation", name: "transposed_convolution" },
  parameter("stride", 2),
  { type: "walk", walk: "stamp" },
]);

test("a stamping walk has a step per input cell, and the moves are its own", () => {
  const state = stateAfter(...STAMPING, { type: "step", step: 0 });
  assert.equal(lastStep(state), 80);
  assert.equal(reduce(state, { type: "move", by: "row", n: 1 }).step, 9);
  assert.equal(reduce(state, { type: "step", step: 1e6 }).step, 80);
  const gathering = reduce(state, { type: "walk", walk: "gather" });
  assert.equal(lastStep(gathering), 17 * 17 - 1);
});

test("the other walk goes on where the one stood", () => {
  const state = stateAfter(...STAMPING, { type: "step", step: 40 });
  const gathering = reduce(state, { type: "walk", walk: "gather" });
  const back = reduce(gathering, { type: "walk", walk: "stamp" });
  assert.equal(back.step, 40);
});

test("a layer of one walk gathers whatever was chosen, and the choice is kept", () => {
  const state = stateAfter(...STAMPING);
  const other = reduce(state, { type: "operation", name: "convolution" });
  assert.equal(walkOf(other), "gather");
  assert.equal(viewOf(other), other.shown?.geometry);
  assert.equal(walkOf(reduce(other, { type: "operation", name: "transposed_convolution" })), "stamp");
});

test("pointing at the input shows the stamp of that cell, a point on the output leaves the step", () => {
  const state = stateAfter(...STAMPING, { type: "step", step: 5 });
  assert.equal(viewedStep(reduce(state, { type: "point", at: { grid: "input", cell: [2, 3] } })), 21);
  assert.equal(viewedStep(reduce(state, { type: "point", at: { grid: "output", step: 77 } })), 5);
  assert.equal(stepShowing(state, [2, 3]), 21);
  assert.equal(stepWriting(state, [3, 5]), 11, "the first that reaches it is the cell at (1, 2)");
});

test("a key changes the walk, where there are two", () => {
  const state = stateAfter(...STAMPING);
  assert.deepEqual(keyAction("w", state), { type: "walk", walk: "gather" });
  assert.equal(keyAction("w", stateAfter()), null);
  assert.deepEqual(keyAction("End", state), { type: "step", step: 80 });
});

test("a link opens the walk that it names", () => {
  const link = linkOfOne({ operation: "transposed_convolution", spec: { stride: 2 }, step: 7 });
  const stamping = stateAfter({ type: "open", link: { ...link, view: "stamp" } });
  assert.deepEqual([walkOf(stamping), stamping.step], ["stamp", 7]);
  assert.equal(walkOf(reduce(stamping, { type: "open", link })), "gather");
});

test("the channel on view is one that the lane reads, and the lane one that reads it", () => {
  const source = /** @type {Action} */ ({ type: "source", source: { kind: "noise", shape: [4, 6, 6] } });
  const pooled = stateAfter(source, { type: "operation", name: "max_pooling" }, { type: "lane", lane: 2 });
  assert.equal(pooled.channel, 2);
  assert.equal(reduce(pooled, { type: "channel", channel: 3 }).lane, 3);
  const mixed = stateAfter(source, { type: "lane", lane: 2 });
  assert.equal(mixed.channel, 0, "a layer of one group reads them all");
});

// ------------------------------------------------------------------------------------- examples and frameworks

test("every example of the registry fits and sets the whole setting", () => {
  for (const { name, examples } of stateAfter().catalog.operations) {
    for (const [index, example] of examples.entries()) {
      const state = reduce(stateAfter(parameter("dilation", 3)), { type: "example", operation: name, index });
      assert.equal(state.problem, null, example.title);
      assert.equal(chosenOf(state).operation, name);
      assert.equal(chosenOf(state).spec.dilation, example.layers[0]?.dilation);
      assert.deepEqual(chosenOf(state).weights, example.weights ?? null);
    }
  }
});

test("each framework says what the layer is there, or why not", () => {
  const found = verdicts(stateAfter());
  assert.deepEqual(
    found.map(({ rules }) => rules),
    ["pytorch", "keras", "onnx"],
  );
  assert.deepEqual(found[0]?.output, [3, 9, 9]);
  assert.equal(found[0]?.layer, "torch.nn.Conv2d");
  assert.equal(found[1]?.output, null);
  assert.match(String(found[1]?.refusal), /^Padding 1: Keras/);
});

test("fewer filters take the filter on view away only until there are as many again", () => {
  const state = stateAfter(parameter("filters", 5), { type: "lane", lane: 4 }, parameter("filters", 2));
  assert.equal(state.lane, 1);
  assert.equal(reduce(state, parameter("filters", 5)).lane, 4);
  const chosen = reduce(reduce(state, { type: "lane", lane: 0 }), parameter("filters", 5));
  assert.equal(chosen.lane, 0, "a filter that was chosen meanwhile stays");
});

test("what a framework refuses is named with values that it takes", () => {
  const state = stateAfter(parameter("rules", "keras"));
  assert.equal(state.problem?.field, "padding");
  const padding = state.catalog.operations[0]?.parameters.find(({ name }) => name === "padding");
  assert.ok(padding);
  const fixes = fixesFor(state, padding);
  assert.ok(fixes.includes("same"));
  for (const fix of fixes) assert.equal(reduce(state, parameter("padding", fix)).problem, null);
});

test("every refusal of a framework can be mended with a button, whatever the kind of the parameter", () => {
  /** @type {[string, Record<string, any>][]} */
  const settings = [
    ["convolution", { rules: "onnx", padding_mode: "reflect", padding: 1 }],
    ["convolution", { rules: "pytorch", flip: true }],
    ["transposed_convolution", { rules: "pytorch", output_size: 12 }],
    ["max_pooling", { rules: "keras", ceil_mode: true }],
    ["average_pooling", { rules: "keras", count_include_pad: true, padding: "same" }],
    ["transposed_convolution", { rules: "keras", padding: "valid", dilation: 2, stride: 2 }],
  ];
  for (const [operation, spec] of settings) {
    const actions = Object.entries(spec).map(([name, value]) => parameter(name, value));
    const state = stateAfter({ type: "operation", name: operation }, parameter("padding", 0), ...actions);
    if (!state.problem) continue;
    const { field } = state.problem;
    const info = state.catalog.operations.find(({ name }) => name === operation);
    const own = info?.parameters.find(({ name }) => name === field);
    assert.ok(own, `${operation} has ${field}`);
    const fixes = fixesFor(state, own);
    assert.ok(fixes.length > 0, `${operation}: ${state.problem.detail}`);
    for (const fix of fixes) assert.equal(reduce(state, parameter(own.name, fix)).problem, null);
  }
});

test("every setting that does not fit has buttons, each of which mends it, and more than the parameter at fault", () => {
  /** @type {[string, Record<string, any>][]} */
  const settings = [
    ["convolution", { kernel: 12, padding: 0 }],
    ["convolution", { dilation: 9, padding: 0 }],
    ["convolution", { groups: 2, filters: 3 }],
    ["convolution", { rules: "pytorch", padding: "same", stride: 2 }],
    ["max_pooling", { kernel: 3, padding: 5 }],
    ["average_pooling", { divisor: 0 }],
    ["transposed_convolution", { padding: 30 }],
  ];
  const words = settings.map(([operation, spec]) => {
    const actions = Object.entries(spec).map(([name, value]) => parameter(name, value));
    const state = stateAfter({ type: "operation", name: operation }, ...actions);
    assert.ok(state.problem, operation);
    const fixes = mending(state);
    assert.ok(fixes.length > 0, state.problem.detail);
    for (const { action, words } of fixes) assert.equal(reduce(state, action).problem, null, words);
    return fixes.map((fix) => fix.words).join("; ");
  });
  assert.match(String(words[0]), /^Use kernel 9; Use padding 2/);
  assert.match(String(words[1]), /Use dilation 4/);
  assert.match(String(words[3]), /^Use padding 1; Use padding valid; Use stride 1/);
});

test("weights of another shape come with the layer they belong to, and what is too large with a size that is not", () => {
  /** @type {[string, any, number[]][]} */
  const tensors = [
    [
      "convolution",
      [
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      ],
      [2, 8, 8],
    ],
    ["transposed_convolution", [[[[1, 2, 3]], [[1, 2, 3]]]], [2, 9, 11]],
  ];
  for (const [name, values, output] of tensors) {
    const plain = stateAfter({ type: "operation", name }, parameter("padding", 0), {
      type: "weights",
      weights: { kind: "values", values },
    });
    const refused = {
      ...plain,
      problem: /** @type {any} */ ({ code: "unfit", field: "weights", detail: "" }),
    };
    const [layer, preset] = mending(refused);
    assert.deepEqual(layer && reduce(refused, layer.action).shown?.geometry.output_shape, output);
    assert.equal(preset && chosenOf(reduce(refused, preset.action)).weights?.kind, "preset");
  }
  const picture = stateAfter(
    { type: "source", source: { kind: "sample", name: "scene" } },
    parameter("filters", 60),
  );
  const problem = /** @type {any} */ ({ code: "too_large", field: "output", detail: "", excess: 2.5 });
  const states = mending({ ...picture, problem }).map(({ action }) => reduce(picture, action));
  assert.deepEqual(
    states.map(({ shown }) => shown?.geometry.output_shape),
    [
      [24, 128, 128],
      [60, 80, 80],
    ],
  );
  const spread = stateAfter({ type: "operation", name: "zero_insertion" }, parameter("factor", 4000));
  const far = /** @type {any} */ ({ code: "too_large", field: "factor", detail: "", excess: 16 });
  const [first] = mending({ ...spread, problem: far });
  assert.deepEqual(first?.action, { type: "parameter", name: "factor", value: 1000 });
});

test("what the plan says is kept with the setting it was said of", () => {
  const state = stateAfter();
  const key = String(state.shown?.key);
  const plan = /** @type {any} */ ({ layers: [{ input_shape: state.inputShape, notes: ["One.", "Two."] }] });
  assert.deepEqual(reduce(state, { type: "planned", key, plan }).planNotes, { key, notes: ["One.", "Two."] });
  assert.equal(reduce(state, { type: "planned", key: "another", plan }).planNotes, null);
});

test("what is pointed at does not hold the view when another step is asked for", () => {
  const state = reduce(stateAfter(), { type: "point", at: { grid: "output", step: 30 } });
  assert.equal(viewedStep(state), 30);
  const gone = reduce(state, { type: "step", step: 4 });
  assert.deepEqual([viewedStep(gone), gone.pointed], [4, null]);
  const there = reduce(state, { type: "step", step: 30 });
  assert.deepEqual(there.pointed, state.pointed, "a click on what is pointed at leaves it so");
  const input = reduce(stateAfter(), { type: "point", at: { grid: "input", cell: [1, 2] } });
  assert.deepEqual(reduce(input, { type: "step", step: 4 }).pointed, input.pointed);
});
