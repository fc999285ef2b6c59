// Networks to begin with, each with a question, as links of the page hold them; and their cards, which draw the shapes of
// their layers. Data and a list of buttons; comes by import with the examples.

import { shapeOf } from "../../state/setting.js";
import { el } from "../../ui/dom.js";
import { networkWords } from "../../words/network.js";
import { joinedOf } from "../joining.js";
import { networkStyle } from "./style.js";

/** @import { LinkedLayer, LinkState } from "../../types/page.js" */
/** @import { ParameterValue } from "../../types/layer.js" */
/** @import { Weights } from "../../types/source.js" */
/** @import { Dispatch } from "../../panels/controls.js" */
/** @import { State } from "../../state/state.js" */

/** @typedef {{ title: string, question: string, link: LinkState }} NetworkExample */

const random = (/** @type {number} */ seed) =>
  /** @type {Weights} */ ({ kind: "preset", name: "random", seed });
const values = (/** @type {any} */ nested, /** @type {number[]} */ bias = []) =>
  /** @type {Weights} */ ({ kind: "values", values: nested, ...(bias.length > 0 ? { bias } : {}) });

/** A layer as a link holds it. @returns {LinkedLayer} */
function layer(
  /** @type {string} */ operation,
  /** @type {Record<string, ParameterValue>} */ spec = {},
  /** @type {Partial<LinkedLayer>} */ more = {},
) {
  return { operation, spec, ...more };
}
const conv = (
  /** @type {number} */ filters,
  /** @type {Record<string, ParameterValue>} */ spec = {},
  more = {},
) =>
  layer(
    "convolution",
    { kernel: 3, filters, padding: "same", ...spec },
    { weights: random(filters), ...more },
  );
const relu = { activation: "relu" };
const pool = (/** @type {Record<string, ParameterValue>} */ spec = { kernel: 2 }) =>
  layer("max_pooling", spec);

/** Ink along one diagonal counts, all other ink counts against it. */
const DOWN = [
  [1, -1, -1],
  [-1, 1, -1],
  [-1, -1, 1],
];
const UP = DOWN.map((row) => [...row].reverse());
/** A vote per pooled cell: where the strokes of an X lie, and everywhere else. */
const voted = (/** @type {number} */ on, /** @type {number} */ off) =>
  [DOWN, UP].map((cells) => cells.map((row) => row.map((cell) => (cell > 0 ? on : off))));

const series = (/** @type {number} */ size) =>
  /** @type {const} */ ({ kind: "sample", name: "series", size });
const scene = (/** @type {number} */ size) => /** @type {const} */ ({ kind: "sample", name: "scene", size });
const ones = (/** @type {number} */ side) => Array.from({ length: side }, () => new Array(side).fill(1));
const causal = (/** @type {number} */ kernel, /** @type {number} */ dilation) => ({
  kernel,
  dilation,
  padding: "causal",
});

/** Weights of a dense layer (outputs, numbers, 1), between −0.2 and 0.2, without a pattern that shows. */
const dealt = (/** @type {number} */ outputs, /** @type {number} */ numbers) =>
  Array.from({ length: outputs }, (_, output) =>
    Array.from({ length: numbers }, (_, at) =>
      [(((output * numbers + at) * 17) % 41) / 100 - 0.2].map((one) => Number(one.toFixed(2))),
    ),
  );

/** Blocks of two causal layers each, with what went in added to what came out. @returns {LinkedLayer[]} */
function temporal(/** @type {number} */ kernel, /** @type {number[]} */ dilations) {
  return dilations.flatMap((dilation, at) => {
    const before = at === 0 ? "input" : `add${at}`;
    return [
      conv(1, { ...causal(kernel, dilation), ...relu }, { inputs: [before], weights: random(2 * at) }),
      conv(1, causal(kernel, dilation), { weights: random(2 * at + 1) }),
      layer("add", {}, { inputs: [`conv${2 * at + 2}`, before] }),
    ];
  });
}

/** @type {(title: string, question: string, layers: LinkedLayer[], rest?: Partial<LinkState>) => NetworkExample} */
const example = (title, question, layers, rest = {}) => ({
  title,
  question,
  link: { layers, views: ["network"], ...rest },
});

/** @type {NetworkExample[]} */
export const NETWORKS = [
  example(
    "Is it an X?",
    "Two filters look for strokes, the largest match of each third survives, eighteen numbers vote. Draw an O: does it still say X?",
    [
      layer("convolution", { kernel: 3, filters: 2, padding: "same" }, { weights: values([[DOWN], [UP]]) }),
      layer("activation", relu, { name: "relu1" }),
      pool({ kernel: 3 }),
      layer(
        "dense",
        { filters: 2, bias: true },
        { name: "X_or_O", weights: values([voted(0.3, -0.1), voted(-0.2, 0.1)], [-2.5, 2.9]) },
      ),
    ],
    { source: { kind: "sample", name: "cross" }, chosen: 2, step: 4 },
  ),
  example(
    "LeNet-5",
    "From 32×32 pixels to ten votes. Its weights are random: how much is left of the digit in the last maps?",
    [
      conv(6, { kernel: 5, padding: "valid", activation: "tanh" }),
      layer("average_pooling", { kernel: 2 }),
      conv(16, { kernel: 5, padding: "valid", activation: "tanh" }),
      layer("average_pooling", { kernel: 2 }),
      conv(120, { kernel: 5, padding: "valid", activation: "tanh" }),
      layer("dense", { filters: 84, activation: "tanh" }, { weights: random(84) }),
      layer("dense", { filters: 10 }, { weights: random(10) }),
    ],
    { source: { kind: "sample", name: "digit", size: 32 }, chosen: 0, step: 406 },
  ),
  example(
    "A VGG block",
    "Two 3×3 layers see as much as one of 5×5. With how many weights fewer?",
    [conv(8, relu), conv(8, relu, { weights: random(9) }), pool()],
    { source: scene(64), chosen: 1, step: 2080 },
  ),
  example(
    "A residual block",
    "The input is added to what two layers make of it. Which cells does a cell of the sum depend on by both ways?",
    [
      conv(4, {}, { name: "stem" }),
      conv(4, relu, { weights: random(5) }),
      conv(4, {}, { weights: random(6) }),
      layer("add", relu, { inputs: ["conv2", "stem"] }),
    ],
    { source: scene(48), chosen: 3, step: 1176 },
  ),
  example(
    "Depthwise separable",
    "First each channel alone, then all channels of a cell together. How many weights would one layer take that does both?",
    [conv(3, { groups: 3 }, { name: "depthwise" }), conv(8, { kernel: 1, ...relu }, { name: "pointwise" })],
    { source: scene(64), chosen: 0, step: 2080 },
  ),
  example(
    "A small U-Net",
    "Down to see far, up to draw sharp; skips carry the edges across. How far does a cell of the last layer see?",
    [
      conv(8, relu, { name: "down1a" }),
      conv(8, relu, { name: "down1", weights: random(1) }),
      pool(),
      conv(16, relu, { name: "down2a" }),
      conv(16, relu, { name: "down2", weights: random(2) }),
      pool(),
      conv(32, relu, { name: "bottom_a" }),
      conv(32, relu, { name: "bottom", weights: random(3) }),
      layer("transposed_convolution", { kernel: 2, stride: 2, filters: 16 }, { weights: random(4) }),
      layer("concatenate", {}, { name: "join2", inputs: ["transposed_conv1", "down2"] }),
      conv(16, relu, { name: "up2a", weights: random(5) }),
      conv(16, relu, { name: "up2", weights: random(6) }),
      layer("transposed_convolution", { kernel: 2, stride: 2, filters: 8 }, { weights: random(7) }),
      layer("concatenate", {}, { name: "join1", inputs: ["transposed_conv2", "down1"] }),
      conv(8, relu, { name: "up1a", weights: random(8) }),
      conv(8, relu, { name: "up1", weights: random(9) }),
      conv(1, { kernel: 1 }, { name: "out" }),
    ],
    { source: { kind: "sample", name: "scene", size: 64, channels: "grey" }, step: 1957 },
  ),
  example(
    "A DCGAN generator",
    "Noise grows to a picture by stamping. Its kernels of 5 at a stride of 2 overlap unevenly: where do you see it?",
    [
      layer(
        "transposed_convolution",
        { kernel: 5, stride: 2, padding: 2, output_padding: 1, filters: 8, ...relu },
        { weights: random(1) },
      ),
      layer(
        "transposed_convolution",
        { kernel: 5, stride: 2, padding: 2, output_padding: 1, filters: 4, ...relu },
        { weights: random(2) },
      ),
      layer(
        "transposed_convolution",
        { kernel: 5, stride: 2, padding: 2, output_padding: 1, filters: 1, activation: "tanh" },
        { weights: random(3) },
      ),
    ],
    { source: { kind: "noise", shape: [8, 4, 4], seed: 1 }, chosen: 2, step: 500 },
  ),
  example(
    "A checkerboard and three cures",
    "Four ways to twice the size, from a plain grid of ones. Why is only the first map of the last layer uneven?",
    [
      layer(
        "transposed_convolution",
        { kernel: 3, stride: 2, padding: 1, output_padding: 1 },
        { name: "stride2_kernel3", weights: values([[ones(3)]]) },
      ),
      layer(
        "transposed_convolution",
        { kernel: 4, stride: 2, padding: 1 },
        { name: "stride2_kernel4", inputs: ["input"], weights: values([[ones(4)]]) },
      ),
      layer("nearest_upsampling", { factor: 2 }, { inputs: ["input"] }),
      layer(
        "convolution",
        { kernel: 3, padding: "same", padding_mode: "replicate" },
        { name: "nearest", weights: values([[ones(3)]]) },
      ),
      layer("bilinear_upsampling", { factor: 2 }, { inputs: ["input"] }),
      layer(
        "convolution",
        { kernel: 3, padding: "same", padding_mode: "replicate" },
        { name: "bilinear", weights: values([[ones(3)]]) },
      ),
      layer(
        "concatenate",
        {},
        { name: "side_by_side", inputs: ["stride2_kernel3", "stride2_kernel4", "nearest", "bilinear"] },
      ),
    ],
    { source: { kind: "values", values: ones(6) }, chosen: 6, step: 65 },
  ),
  example(
    "WaveNet, six layers",
    "The dilation doubles from layer to layer. How far back does the last output see, with twelve weights?",
    [
      ...[1, 2, 4, 8, 16, 32].map((dilation) =>
        layer("convolution", causal(2, dilation), { weights: values([[[0.5, 0.5]]]) }),
      ),
      layer("convolution", { kernel: 1 }, { name: "dense", weights: values([[[1]]]) }),
    ],
    { source: series(70), chosen: 5, step: 69 },
  ),
  example(
    "A temporal convolution network",
    "Kernels of 8, dilations 1, 2, 4 and 8, two layers a block. How many steps does its last output depend on?",
    temporal(8, [1, 2, 4, 8]),
    { source: series(240), step: 239 },
  ),
  example(
    "Any image size",
    "Convolutions take any size; a dense layer behind flatten takes one. Change the size of the input: who refuses it, and what makes the network take it?",
    [
      conv(4, { stride: 2, padding: 1, ...relu }),
      conv(8, { stride: 2, padding: 1, ...relu }),
      conv(8, { stride: 2, padding: 1, ...relu }, { weights: random(9) }),
      layer("reshape", {}, { name: "flatten" }),
      layer("dense", { filters: 3 }, { weights: values(dealt(3, 8 * 4 * 4)) }),
    ],
    { source: scene(32), chosen: 0, step: 120 },
  ),
];

/**
 * The networks as cards that open on the stage.
 * @param {State} state @param {Dispatch} dispatch
 * @param {(question: string) => void} opened is told the question of the network that was opened
 */
export function networkCards(state, dispatch, opened) {
  networkStyle();
  return el(
    "section",
    { class: "net-examples" },
    el("h3", { text: networkWords.examples }),
    el(
      "ul",
      { class: "net-gallery" },
      ...NETWORKS.map(({ title, question, link }) => {
        const asked = question.split(/(?<=\.) /).at(-1) ?? question;
        const open = el(
          "button",
          {
            type: "button",
            class: "net-example",
            onclick() {
              dispatch({ type: "open", link });
              opened(asked);
            },
          },
          shapesPicture(state, link),
          el("b", { text: title }),
          el("span", { class: "about", text: question }),
        );
        return el("li", {}, open);
      }),
    ),
  );
}

const WIDE = 168;
const TALL = 58;

/** The layers of a network as blocks: as high as they have cells on an axis, as wide as they have channels, both on a scale of powers. */
function shapesPicture(/** @type {State} */ state, /** @type {LinkState} */ link) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDE} ${TALL}`);
  svg.setAttribute("class", "net-shapes");
  svg.setAttribute("aria-hidden", "true");
  const shapes = shapesOfLink(state, link);
  const widths = shapes.map(([channels = 1]) => 3 + 2.4 * Math.log2(1 + channels));
  const gap = 5;
  const total = widths.reduce((sum, width) => sum + width + gap, -gap);
  const scale = Math.min(1, WIDE / total);
  const most = Math.max(...shapes.map(([, ...sizes]) => Math.max(1, ...sizes)));
  let x = (WIDE - total * scale) / 2;
  for (const [at, [, ...sizes]] of shapes.entries()) {
    const part = Math.log2(1 + Math.max(1, ...sizes)) / Math.log2(1 + most);
    const height = Math.max(5, part * (TALL - 6));
    const width = Number(widths[at]) * scale;
    const block = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const role = at === 0 ? "input" : at === shapes.length - 1 ? "output" : "kernel";
    for (const [name, value] of Object.entries({
      x,
      y: (TALL - height) / 2,
      width,
      height,
      rx: 1.5,
      class: role,
    }))
      block.setAttribute(name, String(value));
    svg.append(block);
    x += width + gap * scale;
  }
  return svg;
}

/** The shapes of the source and of every layer; none where only the server knows the source. @returns {number[][]} */
export function shapesOfLink(/** @type {State} */ state, /** @type {LinkState} */ link) {
  const { inputShape, joined } = settingOf(state, link);
  const { shapes, names } = joined;
  if (!shapes || !inputShape) return [];
  return [inputShape, ...names.map((name) => shapes.placed.get(name)?.geometry.output_shape ?? [])];
}

/** The totals of the layers of a link. */
export function settingOf(/** @type {State} */ state, /** @type {LinkState} */ link) {
  const source = link.source ?? state.setting.source;
  const layers = link.layers.map(({ weights = null, ...one }) => ({ ...one, weights }));
  const inputShape = shapeOf(source, state.catalog.samples, state.uploads);
  return {
    inputShape,
    joined: joinedOf({ catalog: state.catalog, setting: { layers, source }, inputShape }),
  };
}
