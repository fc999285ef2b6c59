// Links: round trips of drawn states, readable text, and what a broken link says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode, LARGEST_LINK_BYTES } from "../../../static/js/link/fragment.js";
import { draws, operationInfo } from "../support.js";

/** @import { JsonNumber, NestedNumbers } from "../../../static/js/types/numbers.js" */
/** @import { LinkedLayer, LinkState } from "../../../static/js/types/page.js" */
/** @import { OperationInfo } from "../../../static/js/types/registry.js" */
/** @import { ParameterValue } from "../../../static/js/types/layer.js" */
/** @import { Source, Weights } from "../../../static/js/types/source.js" */

const operations = [operationInfo("convolution"), operationInfo("max_pooling")];
const [convolution] = /** @type {[OperationInfo]} */ (/** @type {unknown} */ (operations));
const ID = "0123456789abcdef".repeat(4);

/** @param {LinkState} state */
function linked(state) {
  const result = encode(state);
  assert.ok(result.ok, JSON.stringify(result));
  return result.fragment;
}

/** @param {string} fragment */
function opened(fragment) {
  const result = decode(fragment, operations);
  assert.ok(result.ok, JSON.stringify(result));
  return result;
}

/** @param {string} fragment */
function refused(fragment) {
  const result = decode(fragment, operations);
  assert.ok(!result.ok, fragment);
  assert.equal(result.problem.code, "broken_link");
  for (const part of ["field", "reason", "remedy", "detail"]) assert.ok(part in result.problem, part);
  return result.problem;
}

/** The refusal of one unreadable detail of a link; the others of its parts make the state. @param {string} fragment */
function faulty(fragment) {
  const result = opened(fragment);
  const [problem, ...others] = result.problems;
  assert.ok(problem && others.length === 0, fragment);
  assert.equal(problem.code, "broken_link");
  for (const part of ["field", "reason", "remedy", "detail"]) assert.ok(part in problem, part);
  return { detail: problem.detail, state: result.state };
}

/** @param {ReturnType<typeof draws>} drawn @returns {Record<string, ParameterValue>} */
function drawnSpec({ whole, one, chance }) {
  const entry = () =>
    chance(0.5) ? whole(0, 9) : /** @type {[number, number]} */ ([whole(-1, 9), whole(0, 9)]);
  /** @type {Record<string, ParameterValue>} */
  const spec = {};
  if (chance(0.5)) spec.kernel = chance(0.5) ? whole(-3, 4096) : [whole(1, 9), whole(1, 9)];
  if (chance(0.5)) spec.padding = one([whole(0, 5), "same", "full", [entry(), entry()], [[whole(0, 9), 3]]]);
  if (chance(0.3)) spec.padding_mode = one(["reflect", "circular"]);
  if (chance(0.3)) spec.bias = chance(0.5);
  if (chance(0.3)) spec.filters = whole(1, 64);
  return spec;
}

/** @param {ReturnType<typeof draws>} drawn @returns {JsonNumber} */
function drawnNumber({ random, one, whole }) {
  return one([
    whole(-9, 9),
    random() - 0.5,
    random() * 1e30,
    random() * 1e-12,
    "NaN",
    "Infinity",
    "-Infinity",
  ]);
}

/** @param {ReturnType<typeof draws>} drawn @param {number[]} shape @returns {NestedNumbers} */
function drawnNested(drawn, shape) {
  const [length, ...inner] = shape;
  if (length === undefined) return drawnNumber(drawn);
  return Array.from({ length }, () => drawnNested(drawn, inner));
}

/** @param {ReturnType<typeof draws>} drawn @returns {Source} */
function drawnSource(drawn) {
  const { whole, one, random } = drawn;
  return one([
    /** @type {Source} */ ({ kind: "sample", name: "zone_plate" }),
    { kind: "sample", name: "cross", size: whole(1, 999), channels: "grey", scale: "0-255" },
    { kind: "image", id: ID, scale: "mean_std", mean: [random(), -random(), 0], std: [1, 2, 3] },
    {
      kind: "noise",
      shape: [whole(1, 9), whole(1, 99)],
      seed: whole(0, 2 ** 32 - 1),
      distribution: "uniform",
    },
    { kind: "values", values: drawnNested(drawn, one([[3], [2, 3], [2, 1, 3], [1, 2, 2, 2]])) },
    { kind: "values", values: drawnNested(drawn, [2, 3]), axes: one([1, 2]) },
    { kind: "image", id: ID, axes: 1 },
  ]);
}

/** @param {ReturnType<typeof draws>} drawn @returns {Weights} */
function drawnWeights(drawn) {
  const { whole, one, chance } = drawn;
  /** @type {Weights} */
  const weights = one([
    /** @type {Weights} */ ({ kind: "preset", name: "mixed" }),
    {
      kind: "preset",
      name: "random",
      seed: whole(0, 99),
      edits: [
        [whole(0, 99), drawnNumber(drawn)],
        [3, -0.5],
      ],
    },
    { kind: "values", values: drawnNested(drawn, [2, 1, 2, 2]) },
    { kind: "stored", id: ID },
    { kind: "stored", id: ID, layer: "block.2.down" },
  ]);
  return chance(0.5) ? { ...weights, bias: [drawnNumber(drawn), 0] } : weights;
}

const PLAIN = { operation: "convolution", spec: {} };

/** @returns {LinkedLayer} */
function drawnLayer(/** @type {ReturnType<typeof draws>} */ drawn) {
  /** @type {LinkedLayer} */
  const layer = { operation: "convolution", spec: drawnSpec(drawn) };
  if (drawn.chance(0.7)) layer.weights = drawnWeights(drawn);
  if (drawn.chance(0.3)) layer.name = drawn.one(["conv1", "_", "block.2.down", "A_b"]);
  return layer;
}

/** Changes that mailers, chats and content systems make to a link on its way. */
const CARRIED = [
  (/** @type {string} */ link) => `#${encodeURIComponent(link.slice(1))}`,
  (/** @type {string} */ link) => encodeURIComponent(encodeURIComponent(link)),
  (/** @type {string} */ link) => `#${link}`,
  (/** @type {string} */ link) => `##/${link}`,
  (/** @type {string} */ link) => link.replaceAll("&", "&amp;"),
  (/** @type {string} */ link) => link.replace("v1", "V1"),
  (/** @type {string} */ link) => `# ${link.slice(1)}%20`.replace(/=([^=&]*)%20$/, "=$1"),
];

test("every state comes back from its link, however it was carried", () => {
  const drawn = draws(8);
  const { whole, one, chance, random } = drawn;
  for (let round = 0; round < 3000; round++) {
    /** @type {LinkState} */
    const state = { layers: Array.from({ length: chance(0.8) ? 1 : whole(2, 4) }, () => drawnLayer(drawn)) };
    if (state.layers.length > 1) state.chosen = whole(0, 3);
    if (chance(0.7)) state.source = drawnSource(drawn);
    if (chance(0.5)) state.step = whole(0, 1e6);
    if (chance(0.5)) state.lane = whole(0, 63);
    if (chance(0.5)) state.channel = one([0, 2, "rgb"]);
    if (chance(0.5)) state.speed = one([random() * 60 + 0.01, Number.POSITIVE_INFINITY]);
    if (chance(0.3)) state.pins = [whole(0, 400), whole(0, 400)];
    if (chance(0.3)) state.zoom = [1 + random() * 40, random(), random()];
    if (chance(0.5)) state.playing = chance(0.5);
    if (chance(0.5)) state.reading = one(["0-1", "0-255"]);
    if (chance(0.5)) state.theme = one(["light", "dark"]);
    if (chance(0.5)) state.view = "planes";
    if (chance(0.2)) state.hide = [one(["header", "weights", "kernel"]), "readout"];
    if (chance(0.2)) state.lock = [one(["settings", "input", "ceil_mode"])];
    if (chance(0.2)) state.lesson = one(["shapes", "what-a-filter-sees/12", "own_lesson/1"]);
    if (chance(0.2)) state.unknown = { "lesson&1=2": "é #%;&=+ 3", other: "" };
    const fragment = linked(state);
    assert.match(fragment, /^#v1&op=convolution[\x21-\x7e]*$/);
    const result = opened(fragment);
    assert.deepEqual(result.state, state);
    assert.equal(result.notes.length, Object.keys(state.unknown ?? {}).length);
    assert.deepEqual(result.problems, []);
    const carried = one(CARRIED)(fragment);
    assert.deepEqual(opened(carried).state, state, carried);
  }
});

test("a link to a lesson step leaves the layers to the lesson, and one with layers says what is on view beside it", () => {
  assert.equal(linked({ layers: [], lesson: "shapes/3" }), "#v1&lesson=shapes/3");
  assert.deepEqual(opened("#v1&lesson=shapes/3").state, { layers: [], lesson: "shapes/3" });
  assert.deepEqual(opened("#v1&LESSON=Shapes&theme=dark").state, {
    layers: [],
    lesson: "shapes",
    theme: "dark",
  });
  assert.equal(
    linked(opened("#v1&lesson=shapes/3&op=convolution&stride=2").state),
    "#v1&op=convolution&stride=2&lesson=shapes/3",
  );
  for (const place of ["", "shapes/0", "shapes/-1", "shapes/3/4", "../etc/3", "a b", "shapes/1000"]) {
    const { state, problems } = opened(`#v1&op=convolution&lesson=${place}&stride=2`);
    assert.deepEqual([problems.length, problems[0]?.field, state.lesson], [1, "lesson", undefined], place);
    assert.equal(state.layers[0]?.spec.stride, 2, place);
  }
});

test("a control that no page has is named, and the others are hidden or locked", () => {
  for (const key of /** @type {const} */ (["hide", "lock"])) {
    const { detail, state } = faulty(`#v1&op=convolution&${key}=header,inptu,KERNEL,ceil_mode&stride=2`);
    assert.match(detail, /inptu/);
    assert.match(detail, /header, operation,.* or a setting of the layer/);
    assert.deepEqual(state[key], ["header", "kernel", "ceil_mode"]);
    assert.equal(state.layers[0]?.spec.stride, 2);
    const several = opened(`#v1&op=convolution&${key}=one,two`);
    assert.deepEqual([several.problems.length, several.state[key]], [2, []]);
    assert.equal(linked(several.state), "#v1&op=convolution");
  }
});

test("layers after the first are links of their own within the link", () => {
  /** @type {LinkedLayer[]} */
  const layers = [
    { operation: "convolution", spec: { kernel: 3 }, name: "edges" },
    { operation: "max_pooling", spec: { kernel: 2 } },
    { operation: "convolution", spec: {}, weights: { kind: /** @type {const} */ ("stored"), id: ID } },
  ];
  const fragment = linked({ layers, chosen: 1 });
  assert.equal(
    fragment,
    "#v1&op=convolution&kernel=3&name=edges&layer=op=max_pooling%26kernel=2" +
      `&layer=op=convolution%26weights=stored:${ID}&chosen=1`,
  );
  assert.deepEqual(opened(fragment).state, { layers, chosen: 1 });
  for (const part of ["layer=op=lstm", "layer=op=convolution%26kernel=many", "name=2nd", "chosen=last"]) {
    const { state, problems } = opened(`#v1&op=convolution&${part}&stride=2`);
    assert.deepEqual([problems.length, problems[0]?.field], [1, part.split("=")[0]], part);
    assert.equal(state.layers[0]?.spec.stride, 2, part);
  }
});

test("a link can be read by a person", () => {
  const fragment = linked({
    layers: [
      {
        operation: "convolution",
        spec: { kernel: [3, 5], padding: [[1, 2], 0], bias: true },
        weights: { kind: "preset", name: "mixed", edits: [[4, 1.5]] },
      },
    ],
    source: { kind: "sample", name: "cross", size: 64 },
    step: 12,
  });
  assert.equal(
    fragment,
    "#v1&op=convolution&kernel=3,5&padding=1:2,0&bias=true&source=sample:cross;size=64" +
      "&weights=preset:mixed;edits=4:1.5&step=12",
  );
});

test("a default that may be null travels as null", () => {
  const fragment = linked({ layers: [{ operation: "max_pooling", spec: { stride: null } }] });
  assert.deepEqual(opened(fragment).state.layers[0]?.spec, { stride: null });
});

test("a link without an operation opens the first, and without weights has none", () => {
  const { state } = opened("#v1&kernel=5");
  assert.deepEqual(state, { layers: [{ operation: convolution.name, spec: { kernel: 5 } }] });
  assert.deepEqual(
    opened(linked({ layers: [{ operation: "convolution", spec: {}, weights: null }] })).state.layers[0]
      ?.weights,
    undefined,
  );
});

test("typed values too large for a link are refused, and the field is named", () => {
  const values = Array.from({ length: 60 }, () => Array.from({ length: 60 }, () => 0.123));
  const result = encode({ layers: [PLAIN], source: { kind: "values", values } });
  assert.ok(!result.ok);
  assert.equal(result.problem.code, "link_too_long");
  assert.equal(result.problem.field, "source");
  assert.match(result.problem.detail, /a link holds 8192\. Upload the values and use their id\./);
  const exact = encode({
    layers: [PLAIN],
    unknown: { x: "y".repeat(LARGEST_LINK_BYTES - "#v1&op=convolution&x=".length) },
  });
  assert.ok(exact.ok && exact.fragment.length === LARGEST_LINK_BYTES);
});

test("ragged values cannot be linked", () => {
  const result = encode({
    layers: [PLAIN],
    source: { kind: "values", values: [[1, 2], [3]] },
  });
  assert.ok(!result.ok);
  assert.match(result.problem.detail, /its lists differ in length/);
});

test("capitals and blanks of a text processor change nothing", () => {
  const link =
    "#v1&op=convolution&kernel=3,5&padding=same&bias=true&source=sample:cross;size=64&weights=preset:mixed";
  const { state } = opened(link);
  for (const other of [
    link.toUpperCase(),
    link.replace("op=convolution", "Op=Convolution").replace("sample:cross", "Sample:Cross"),
    link.replaceAll("&", "&%20"),
    link.replaceAll("&", "%20&"),
    link.replace("kernel=3,5", "kernel%3D3,5"),
  ])
    assert.deepEqual(opened(other).state, state, other);
  assert.equal(opened("#V1&SPEED=INFINITY").state.speed, Number.POSITIVE_INFINITY);
  assert.deepEqual(opened("#v1&Orbit=3").state.unknown, { Orbit: "3" }, "what is not known stays as it was");
});

test("as fast as it streams is a word in a link, and the number of old links opens as it did", () => {
  assert.equal(linked({ layers: [PLAIN], speed: Infinity }), "#v1&op=convolution&speed=streaming");
  assert.equal(opened("#v1&speed=Infinity").state.speed, Number.POSITIVE_INFINITY);
});

test("a fragment that is no link, or names another version or operation, is refused and never opens something", () => {
  assert.match(refused("#v2&op=convolution").detail, /link = v2: this page reads links that begin with v1/);
  assert.match(refused("#v1&op=spiral").detail, /Use one of convolution, max_pooling/);
  assert.match(refused(`#v1&x=${"y".repeat(9000)}`).detail, /8192 bytes/);
  for (const fragment of [
    "#stage",
    "#v1x",
    "#op=convolution",
    "##",
    "#%",
    "#%ZZ",
    "#/",
    "#v1%ZZ&op=convolution",
  ])
    assert.match(refused(fragment).detail, /this page reads links that begin with v1/, fragment);
});

test("one detail that cannot be read says which it is and what would work, and does not void the rest", () => {
  assert.equal(
    faulty("#v1&op=convolution&kernel=3.5").detail,
    "kernel = 3.5: this must be a whole number. Use a whole number such as 3.",
  );
  for (const [part, words] of /** @type {[string, RegExp][]} */ ([
    ["kernel=99999", /Use at most 4096/],
    ["kernel=1,2,3,4", /one entry per axis/],
    ["padding=sideways", /Use one of valid, same, same_lower, full, causal/],
    ["bias=yes", /Use one of true, false/],
    ["source=cross", /no source has this kind/],
    ["source=sample:scene,64", /this is no name\. .*an option follows a semicolon/],
    ["source=image:abc", /64 hexadecimal digits/],
    ["source=values:2x2:1,2,3", /3 values do not fill 2×2/],
    ["source=values:1e9:1", /whole number/],
    ["source=noise:9,9", /source = noise:9,9/],
    ["source=noise:3x99999x99999", /no shape of an input/],
    ["weights=toString:mixed", /no weights have this kind/],
    ["step=-1", /Use 0 or more/],
    ["speed=0", /above 0/],
    ["zoom=8,2,0.5", /from 0 to 1/],
    ["theme=pink", /Use one of light, dark/],
    ["kernel=%ZZ", /percent/],
  ])) {
    const { detail, state } = faulty(`#v1&op=convolution&stride=2&${part}&lane=1`);
    assert.match(detail, words, part);
    assert.deepEqual(state, { layers: [{ operation: "convolution", spec: { stride: 2 } }], lane: 1 }, part);
  }
});

test("an option that cannot be read, or that its source does not have, leaves the source and its other options", () => {
  const cross = { kind: "sample", name: "cross", size: 64 };
  for (const [option, words] of /** @type {[string, RegExp][]} */ ([
    ["channels=pink", /channels=pink: this is not one of the choices/],
    ["sizes=9", /sizes=9: there is no such option\. Use size, channels, scale/],
    ["mean=1,2,3", /no such option/],
    ["__proto__=1", /no such option/],
  ])) {
    const { detail, state } = faulty(`#v1&source=sample:cross;${option};size=64`);
    assert.match(detail, words);
    assert.deepEqual(state.source, cross);
  }
  const { detail, state } = faulty("#v1&weights=preset:mixed;edits=1:x;bias=1,2");
  assert.match(detail, /edits=1:x: x is no number/);
  assert.deepEqual(state.layers[0]?.weights, { kind: "preset", name: "mixed", bias: [1, 2] });
  assert.equal(opened("#v1&kernel=x&stride=y&lane=z&padding=1").problems.length, 3, "each is told");
});

test("any text opens or is refused, and never throws", () => {
  const { whole, one } = draws(12);
  const pieces = [
    "v1",
    "&",
    "=",
    ":",
    ";",
    ",",
    "x",
    "%",
    "%41",
    "source",
    "weights",
    "values",
    "preset",
    "edits",
  ];
  const words = [
    ...pieces,
    "kernel",
    "padding",
    "1",
    "-",
    "NaN",
    "__proto__",
    "constructor",
    "op",
    "step",
    "1e5",
  ];
  for (let round = 0; round < 20_000; round++) {
    const text = `v1&${Array.from({ length: whole(0, 12) }, () => one(words)).join("")}`;
    const result = decode(text, operations);
    assert.equal(typeof result.ok, "boolean");
  }
  assert.equal(/** @type {Record<string, unknown>} */ ({}).polluted, undefined);
});
