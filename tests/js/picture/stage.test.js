// Layout and scene: where things stand and what is marked, on made-up numbers; without a canvas.

import assert from "node:assert/strict";
import { test } from "node:test";
import { asSeries } from "../../../static/js/dialogs/dialogs.js";
import { gridText } from "../../../static/js/dialogs/grid_text.js";
import { parseValues } from "../../../static/js/dialogs/number_text.js";
import { tallOf } from "../../../static/js/picture/grid/grids.js";
import { depthOn, outputPlane, valueAt } from "../../../static/js/picture/grid/planes.js";
import { LEGIBLE } from "../../../static/js/picture/layout/fitted.js";
import { hit } from "../../../static/js/picture/layout/hit.js";
import { layout } from "../../../static/js/picture/layout/layout.js";
import "../../../static/js/picture/layout/narrow_rooms.js";
import { scene } from "../../../static/js/picture/scene.js";
import { viewOf } from "../../../static/js/state/selectors.js";
import { reduce } from "../../../static/js/state/state.js";
import { stampOf, sumOf } from "../../../static/js/step/sum.js";
import { typed } from "../../../static/js/words/format.js";
import { numbersFor, stateAfter } from "../page.js";

/** @import { Action, State } from "../../../static/js/state/state.js" */
/** @import { Box } from "../../../static/js/picture/grid/grids.js" */
/** @import { Layout } from "../../../static/js/picture/layout/layout.js" */

const SIZES = [
  { width: 1080, height: 560 },
  { width: 736, height: 500 },
  { width: 358, height: 440 },
  { width: 288, height: 400 },
  { width: 617, height: 440, filled: true, hall: true },
  { width: 660, height: 330, filled: true, hall: true },
];
/** @type {Record<string, Action[]>} */
const SETTINGS = {
  first: [],
  dilated: [
    { type: "parameter", name: "dilation", value: 2 },
    { type: "parameter", name: "stride", value: 2 },
  ],
  photograph: [{ type: "source", source: { kind: "noise", shape: [3, 512, 512] } }],
  filters: [
    { type: "source", source: { kind: "noise", shape: [3, 6, 6] } },
    { type: "parameter", name: "filters", value: 64 },
  ],
  pooled: [{ type: "operation", name: "max_pooling" }],
  series: [{ type: "source", source: { kind: "sample", name: "series" } }],
  volume: [{ type: "source", source: { kind: "noise", shape: [1, 6, 6, 6] } }],
  channels: [{ type: "source", source: { kind: "noise", shape: [64, 8, 8] } }],
  turned: [operation("transposed_convolution"), parameter("stride", 2)],
  stamped: [operation("transposed_convolution"), parameter("stride", 2), { type: "walk", walk: "stamp" }],
  "stamped in colour": [
    { type: "source", source: { kind: "noise", shape: [3, 24, 24] } },
    operation("transposed_convolution"),
    parameter("kernel", 4),
    parameter("stride", 2),
    { type: "walk", walk: "stamp" },
  ],
  "stamped series": [
    { type: "source", source: { kind: "sample", name: "series" } },
    operation("transposed_convolution"),
    parameter("stride", 3),
    { type: "walk", walk: "stamp" },
  ],
  "stamped volume": [
    { type: "source", source: { kind: "noise", shape: [2, 5, 5, 5] } },
    operation("transposed_convolution"),
    parameter("stride", 2),
    { type: "walk", walk: "stamp" },
  ],
  "whole input": [operation("dense")],
  "whole series": [{ type: "source", source: { kind: "sample", name: "series" } }, operation("dense")],
  "whole picture": [{ type: "source", source: { kind: "noise", shape: [3, 128, 128] } }, operation("dense")],
  "pooled picture": [
    { type: "source", source: { kind: "noise", shape: [1, 400, 400] } },
    operation("global_average_pooling"),
  ],
  uneven: [operation("adaptive_max_pooling"), parameter("size", 4)],
  weighted: [operation("bilinear_upsampling")],
  "weighted in colour": [
    { type: "source", source: { kind: "noise", shape: [3, 32, 32] } },
    operation("bilinear_upsampling"),
    parameter("factor", 3),
  ],
  inserted: [operation("zero_insertion")],
  matrix: [operation("unfold"), parameter("padding", 0)],
  "wide matrix": [{ type: "source", source: { kind: "noise", shape: [3, 28, 28] } }, operation("unfold")],
  "matrix of a series": [{ type: "source", source: { kind: "sample", name: "series" } }, operation("unfold")],
};

/** @returns {Action} */
function operation(/** @type {string} */ name) {
  return { type: "operation", name };
}

/** @returns {Action} */
function parameter(/** @type {string} */ name, /** @type {any} */ value) {
  return { type: "parameter", name, value };
}

function numbered(/** @type {State} */ state) {
  return reduce(state, { type: "numbers", numbers: numbersFor(state) });
}

for (const [name, actions] of Object.entries(SETTINGS)) {
  for (const size of SIZES) {
    test(`${name} keeps within ${size.width}×${size.height} and its grids do not overlap`, () => {
      const at = layout(stateAfter(...actions), size);
      assert.ok(at);
      const boxes = [at.input, at.output];
      for (const { patch, kernel, stamp } of at.slices)
        boxes.push(...[patch, kernel, stamp].flatMap((box) => box ?? []));
      if (at.lens) boxes.push(at.lens);
      const rects = boxes.flatMap((box) => (box ? [rect(box)] : []));
      for (const [left, top, right, bottom] of rects) {
        assert.ok(left >= 0 && top >= 0, `${left}, ${top}`);
        assert.ok(right <= size.width + 1, `${right} is beyond ${size.width}`);
        assert.ok(bottom <= at.height + 1, `${bottom} is beyond ${at.height}`);
      }
      for (const [index, one] of rects.entries())
        for (const other of rects.slice(index + 1)) assert.ok(!overlap(one, other), `${one} and ${other}`);
    });
  }

  test(`${name} is drawn from the same state the same way, and the state stays`, () => {
    const state = numbered(stateAfter(...actions));
    const at = layout(state, { width: 1080, height: 560 });
    assert.ok(at);
    const copy = structuredClone({ ...state, catalog: null });
    const one = scene(state, at, "light", { gliding: false });
    const other = scene(state, at, "light", { gliding: false });
    assert.deepEqual(one, other);
    assert.equal(one.base, other.base, "what lies under the window is made once");
    assert.deepEqual(structuredClone({ ...state, catalog: null }), copy);
  });
}

for (const [name, actions] of Object.entries(SETTINGS)) {
  test(`${name}: whatever is pointed at or lit is marked on the stage`, () => {
    const state = numbered(stateAfter(...actions));
    const at = layout(state, { width: 1080, height: 560 });
    const layer = viewOf(state);
    assert.ok(at && layer);
    const cells = layer.axes.map((axis) => axis.size - 1);
    const outputs = layer.axes.reduce((total, axis) => total * axis.output, 1);
    /** @type {Action[]} */
    const hints = [
      ...["input", "padding", "kernel", "dilation", "stride", "output", "output_padding"].map(
        (origin) => /** @type {Action} */ ({ type: "light", origin }),
      ),
      { type: "point", at: { grid: "input", cell: cells } },
      { type: "point", at: { grid: "output", step: outputs - 1 } },
      { type: "point", at: { grid: "kernel", channel: 0, tap: 0 } },
      { type: "point", at: { grid: "kernel", channel: 0, tap: layer.taps - 1 } },
    ];
    for (const hint of hints) {
      const { live } = scene(reduce(state, hint), at, "light", { gliding: false });
      const rects = live.flatMap((mark) => ("rects" in mark ? mark.rects : []));
      for (const [x, y, width, tall] of rects) {
        assert.ok(width >= 0 && tall >= 0, JSON.stringify([hint, x, y, width, tall]));
        assert.ok(x > -400 && y > -400, JSON.stringify([hint, x, y]));
        assert.ok(x + width < 3000 && y + tall < 3000, JSON.stringify([hint, x, y, width, tall]));
      }
    }
  });
}

test("on a phone the output prints its numbers, and an unfolded one has all its rows", () => {
  /** @type {Record<string, Action[]>} */
  const settings = {
    filters: [parameter("filters", 8)],
    dilated: [parameter("dilation", 2), parameter("padding", 2)],
    "large kernel": [parameter("kernel", 5), parameter("padding", 2)],
    "in colour": [
      { type: "source", source: { kind: "noise", shape: [3, 9, 9] } },
      { type: "channel", channel: "rgb" },
    ],
  };
  const phone = { width: 358, height: 582 };
  for (const [name, actions] of Object.entries(settings)) {
    const at = layout(stateAfter(...actions), phone);
    assert.ok(at && at.output.cell >= LEGIBLE, `${name}: ${at?.output.cell}`);
    assert.ok(at.height <= phone.height * 1.1, `${name}: ${at.height}`);
  }
  const unfolded = layout(stateAfter(...(SETTINGS.matrix ?? [])), { width: 288, height: 378 });
  assert.ok(unfolded && unfolded.height <= 400 && unfolded.output.rows * tallOf(unfolded.output) > 80);
});

test("moving the window leaves what lies under it", () => {
  const state = numbered(stateAfter());
  const at = layout(state, { width: 1080, height: 560 });
  assert.ok(at);
  const one = scene(state, at, "light", { gliding: false });
  const moved = scene(reduce(state, { type: "step", step: 60 }), at, "light", { gliding: false });
  assert.equal(one.base, moved.base);
  assert.notDeepEqual(one.live, moved.live);
});

test("without numbers, nothing but lines is drawn, and dots as soon as they are overdue", () => {
  const early = stateAfter();
  const state = reduce(early, { type: "overdue", key: String(early.shown?.key) });
  const at = layout(state, { width: 1080, height: 560 });
  assert.ok(at);
  const { base, live } = scene(state, at, "dark", { gliding: false });
  const kinds = new Set([...base, ...live].map((mark) => mark.kind));
  assert.ok(kinds.has("dots"));
  const { base: before } = scene(early, at, "dark", { gliding: false });
  assert.ok(before.every((mark) => mark.kind !== "dots"));
  assert.ok(!kinds.has("plane") && !kinds.has("numbers"));
});

test("a point on a grid finds its cell", () => {
  const at = layout(stateAfter(), { width: 1080, height: 560 });
  assert.ok(at);
  const { input, output } = at;
  assert.deepEqual(hit(at, input.x + 1, input.y + 1), { part: "input", row: -1, col: -1 });
  const x = output.x + 3.5 * output.cell;
  assert.deepEqual(hit(at, x, output.y + 2.5 * output.cell), { part: "output", row: 2, col: 3 });
  assert.equal(hit(at, input.x - 4, input.y), null);
});

test("the sum of a step is the combine applied to its window", () => {
  const state = numbered(stateAfter({ type: "step", step: 40 }));
  const sum = sumOf(state);
  assert.ok(sum);
  assert.equal(sum.terms.length, 9);
  assert.deepEqual(sum.position, [4, 4]);
  const worked = sum.terms.reduce((total, { value, weight }) => total + value * weight, 0);
  assert.equal(sum.total, worked);
  assert.equal(sum.terms[0]?.value, 3 * 9 + 3);
});

test("taps that a step does not have are not drawn, summed or outlined", () => {
  const actions = [operation("adaptive_max_pooling"), parameter("size", 4)];
  const wide = { type: "source", source: { kind: "noise", shape: [1, 10, 10] } };
  const state = numbered(stateAfter(/** @type {Action} */ (wide), ...actions, { type: "step", step: 5 }));
  const at = layout(state, { width: 1080, height: 560 });
  assert.ok(at);
  const layer = viewOf(state);
  const reads = layer?.axes.map((axis) => axis.reads);
  const counts = reads?.map((read) => (read.kind === "table" ? read.counts[1] : 0)) ?? [];
  const { live } = scene(state, at, "light", { gliding: false });
  const { input } = at;
  const window = live.find((mark) => mark.kind === "outline" && mark.stroke === "kernel");
  assert.ok(window?.kind === "outline");
  assert.deepEqual(window.rects[0]?.slice(2), [
    Number(counts[1]) * input.cell,
    Number(counts[0]) * input.cell,
  ]);
  const inside = sumOf(state)?.terms.filter((term) => !term.outside) ?? [];
  assert.equal(inside.length, Number(counts[0]) * Number(counts[1]));
});

test("the weights of a step stand beside its window", () => {
  const state = numbered(stateAfter(operation("bilinear_upsampling"), { type: "step", step: 20 }));
  const sum = sumOf(state);
  const inside = sum?.terms.filter((term) => !term.outside) ?? [];
  assert.equal(
    inside.reduce((total, term) => total + term.weight, 0),
    1,
  );
  const at = layout(state, { width: 1080, height: 560 });
  assert.ok(at?.slices[0]?.kernel);
});

test("a matrix has a row per lane and a column per step, and a point on it names both", () => {
  const state = numbered(stateAfter(...(SETTINGS.matrix ?? [])));
  const at = layout(state, { width: 1080, height: 560 });
  assert.ok(at);
  assert.deepEqual([at.output.rows, at.output.cols], state.shown?.geometry.output_shape);
  assert.deepEqual(at.lanes, []);
  const pointed = reduce(state, { type: "point", at: { grid: "output", step: 9, lane: 4 } });
  const sum = sumOf(pointed);
  // 7 windows a row of a 9 by 9 input: step 9 is at (1, 2), and tap 4 its middle.
  assert.deepEqual(sum?.source, [2, 3]);
  assert.equal(sum?.result, 2 * 9 + 3);
});

test("a large matrix stays within the stage and its rows can be told apart", () => {
  for (const size of SIZES.slice(0, 2)) {
    const at = layout(stateAfter(...(SETTINGS["wide matrix"] ?? [])), size);
    assert.ok(at);
    assert.ok(at.output.cols * at.output.cell <= size.width);
    assert.ok(Number(at.output.tall) >= 5);
  }
});

test("a stamp is what the pointed cell gains, or the first that is written", () => {
  const cropping = [operation("transposed_convolution"), parameter("stride", 2), parameter("padding", 1)];
  const state = numbered(stateAfter(...cropping, { type: "walk", walk: "stamp" }, { type: "step", step: 0 }));
  const stamp = stampOf(state);
  assert.ok(stamp);
  assert.deepEqual(stamp.target, [0, 0]);
  assert.equal(stamp.tap, 4, "the first row and column of the kernel are cropped");
  assert.equal(stamp.written, 4);
  assert.equal(stamp.after, stamp.before + stamp.terms.reduce((sum, term) => sum + term.product, 0));
  const last = reduce(state, { type: "step", step: 1e6 });
  const pointed = stampOf(reduce(last, { type: "point", at: { grid: "output", step: 0 } }));
  assert.equal(pointed?.tap, null);
  assert.equal(pointed.before, pointed.after);
  assert.ok(pointed.complete);
});

test("both walks draw the same output in the end", () => {
  const actions = [operation("transposed_convolution"), parameter("stride", 2)];
  const gathering = numbered(stateAfter(...actions));
  const stamping = reduce(reduce(gathering, { type: "walk", walk: "stamp" }), { type: "step", step: 1e6 });
  const size = { width: 1080, height: 560 };
  const planes = [gathering, stamping].map((state) => {
    const at = layout(state, size);
    assert.ok(at);
    const { base, live } = scene(state, at, "light", { gliding: false });
    const { output } = at;
    const marks = [...base, ...live].filter(
      (mark) => mark.kind === "plane" && mark.rect[0] >= output.x && mark.rect[2] >= 13 * output.cell,
    );
    const mark = marks.at(-1);
    assert.ok(mark?.kind === "plane");
    const { plane } = mark;
    return [...plane.rows].flatMap((row) =>
      [...plane.cols].map((col) => plane.data[row * plane.stride + col]),
    );
  });
  assert.deepEqual(planes[0], planes[1]);
});

test("of a volume, a slice is shown that has numbers", () => {
  const actions = [operation("transposed_convolution"), parameter("stride", 2)];
  const source = { type: "source", source: { kind: "noise", shape: [1, 4, 4, 4] } };
  const state = stateAfter(/** @type {Action} */ (source), ...actions);
  const layer = viewOf(state);
  assert.ok(layer);
  for (let step = 0; step < layer.steps; step++) assert.ok(depthOn(layer, step).input >= 0);
});

test("the largest wins a pool, and padding never", () => {
  const pooled = stateAfter({ type: "operation", name: "max_pooling" }, { type: "step", step: 0 });
  const sum = sumOf(numbered(pooled));
  assert.equal(sum?.winner, 3);
  assert.ok(sum?.terms[0]?.padded);
  assert.equal(sum.result, 0);
});

test("values are read as rows, as channels and as JSON", () => {
  assert.deepEqual(parseValues("1 2\n3,4"), {
    ok: true,
    values: [
      [
        [1, 2],
        [3, 4],
      ],
    ],
  });
  assert.deepEqual(parseValues("1 2\n\n3 −4"), { ok: true, values: [[[1, 2]], [[3, -4]]] });
  assert.deepEqual(parseValues("1 2 3"), { ok: true, values: [1, 2, 3] });
  assert.deepEqual(parseValues("[[1, 2], [3, 4]]"), {
    ok: true,
    values: [
      [1, 2],
      [3, 4],
    ],
  });
  assert.equal(parseValues("1 2\n3").ok, false);
  assert.equal(parseValues("1 two").ok, false);
  assert.equal(parseValues("").ok, false);
});

test("a grid is read in whatever form it was copied", () => {
  const grid = [
    [1, 2.5],
    [-3, 4],
  ];
  for (const words of [
    "[[1, 2.5], [-3, 4]]",
    "x = np.array([[1, 2.5],\n              [-3, 4]], dtype=np.float32)\n",
    "[[ 1.   2.5]\n [-3.   4. ]]",
    "tensor([[1.0000, 2.5000],\r\n        [-3.0000, 4.0000]], device='cuda:0')",
    "[1 2.5; −3 4]",
    "[[1, 2.5,], [-3, 4,],]",
  ])
    assert.deepEqual(parseValues(words), { ok: true, values: grid }, words);
  for (const words of [
    "1\t2.5\r\n-3\t4\r\n",
    "1;2,5\n-3;4",
    "1\t2,5\n-3\t4",
    "1, 5/2\n-3, 4",
    "| x 0 | 0 | 1 |\n| --- | ---: | ---: |\n| **0** | 1 | 2.5 |\n| **1** | -3 | 4 |\n",
  ])
    assert.deepEqual(parseValues(words), { ok: true, values: [grid] }, words);
  const special = { ok: true, values: ["NaN", "-Infinity", "Infinity", 1e-7] };
  assert.deepEqual(parseValues("nan, -inf, Infinity 1e-7"), special);
  assert.deepEqual(parseValues("np.array([np.nan, -np.inf, np.inf, 1e-7])"), special);
  for (const words of [
    "[[1, 2], [3]]",
    "[1, 2",
    "[[1, 2], 3]",
    "[]",
    "[1 ... 9]",
    "[[[[[[1]]]]]]",
    "1 0x10",
    "1e39",
    "[1] [2",
  ])
    assert.equal(parseValues(words).ok, false, words);
  for (const form of ["numpy", "csv", "markdown"]) {
    const grid = { name: "x", shape: [1, 2, 2], values: new Float32Array([0.1, -2, 3e-9, 7]) };
    const text = gridText(grid, /** @type {any} */ (form));
    assert.deepEqual(
      parseValues(text),
      {
        ok: true,
        values: [
          [
            [0.1, -2],
            [3e-9, 7],
          ],
        ],
      },
      form,
    );
  }
});

test("typed rows become the channels of a series where that is asked for", () => {
  const wanted = {
    kind: "values",
    axes: 1,
    values: [
      [1, 2],
      [3, 4],
    ],
  };
  for (const words of ["1 2\n3 4", "1 2\n\n3 4", "[[1, 2], [3, 4]]", "[[[1, 2]], [[3, 4]]]"]) {
    const parsed = parseValues(words);
    assert.deepEqual(parsed.ok && asSeries(parsed.values), wanted, words);
  }
  assert.deepEqual(asSeries([1, 2, 3]), { kind: "values", values: [1, 2, 3] });
  assert.equal(
    asSeries([
      [[1], [2]],
      [[3], [4]],
    ]),
    null,
    "rows and channels are one too many",
  );
});

test("a picture in its own colours says the three numbers of a cell where there is room", () => {
  const state = numbered(
    stateAfter(
      { type: "source", source: { kind: "noise", shape: [3, 6, 6] } },
      { type: "parameter", name: "padding", value: 0 },
      { type: "channel", channel: "rgb" },
    ),
  );
  const at = layout(state, { width: 1040, height: 560 });
  assert.ok(at && at.input.cell >= 36);
  const printed = (/** @type {Layout} */ where) =>
    scene(state, where, "light", { gliding: false }).base.flatMap((mark) =>
      mark.kind === "numbers" && mark.plane.rgb ? [mark.plane] : [],
    );
  const [plane] = printed(at);
  assert.ok(plane);
  assert.deepEqual(valueAt(plane, 1, 2).colours, [8, 8 + 36, 8 + 72], "numbersFor counts up");
  assert.equal(printed({ ...at, input: { ...at.input, cell: 26 } }).length, 0);
});

test("a weight is read with its sign, a decimal comma or as a fraction", () => {
  assert.equal(typed("−0.5"), -0.5);
  assert.equal(typed("0,25"), 0.25);
  assert.equal(typed("1/9"), 1 / 9);
  assert.equal(typed("x"), null);
  assert.equal(typed(""), null);
});

/** @returns {[number, number, number, number]} */
function rect(/** @type {Box} */ box) {
  return [box.x, box.y, box.x + box.cols * box.cell, box.y + box.rows * tallOf(box)];
}

function overlap(/** @type {number[]} */ one, /** @type {number[]} */ other) {
  const [left = 0, top = 0, right = 0, bottom = 0] = one;
  const [otherLeft = 0, otherTop = 0, otherRight = 0, otherBottom = 0] = other;
  return left < otherRight - 1 && otherLeft < right - 1 && top < otherBottom - 1 && otherTop < bottom - 1;
}

test("the rounding of sums that are zero is not coloured as more", () => {
  const state = stateAfter({ type: "parameter", name: "filters", value: 1 });
  const layer = state.shown?.geometry;
  assert.ok(layer);
  const numbers = numbersFor(state);
  const high = (/** @type {[number, number]} */ range, weight = numbers.weight) =>
    outputPlane(layer, { ...numbers, weight, outputRange: [range] }, 0, "light", 0)?.scale?.high;
  const product = numbers.inputRange[1] * (Number(numbers.weight?.length) - 1);
  assert.equal(high([-1e-5, 2e-5]), product / 2 ** 16);
  assert.equal(high([-1, 2]), 2);
  assert.equal(high([0, 0]), 1);
  assert.equal(high([-1e-5, 2e-5], Float32Array.of(1e-5, Number.NaN, Number.POSITIVE_INFINITY)), 2e-5);
});
