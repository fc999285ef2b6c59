// The settings of a forecast and the request that they make. Pure: knows no DOM and no server.

/** @import { Settings, Series, Forecasted } from "../types/forecast.js" */

export const HORIZONS = [1, 12, 24, 48];
/** Asked for whatever is shown: fewer are the first of these. */
export const MOST = 48;
/** Training steps from one checkpoint to the next. */
const CHECKPOINTS = 50;

/** @type {Settings} */
export const USUAL = {
  series: { kind: "seasons" },
  held: 48,
  seed: 0,
  silence: "counted",
  kernel: 2,
  layers: 6,
  filters: 8,
  blocks: false,
  padding: "causal",
  steps: 300,
  rate: 0.01,
  recurrent: false,
  own: null,
};
/** More layers than that are no link. */
const MOST_LAYERS = 64;

/** Each layer sees twice as far as the one before. */
export function dilationsOf(/** @type {number} */ layers) {
  return Array.from({ length: layers }, (_, layer) => 2 ** layer);
}

/**
 * The convolutions that follow each other: one for each dilation, or the two of a block; of the stage's layers those with a
 * window, and none where they are no plain row of convolutions.
 * @param {Settings} settings @returns {import("./fields.js").Layer[]}
 */
export function stackOf({ kernel, layers, blocks, own }) {
  if (own) return windowsOf(own);
  return dilationsOf(layers).flatMap((dilation) => Array(blocks ? 2 : 1).fill({ kernel, dilation }));
}

/** @param {NonNullable<Settings["own"]>} own */
function windowsOf(own) {
  const number = (/** @type {unknown} */ value) => Number(Array.isArray(value) ? value[0] : (value ?? 1));
  const plain = own.every(
    ({ inputs, stride, padding, kernel }, place) =>
      (!inputs || (inputs.length === 1 && inputs[0] === (own[place - 1]?.name ?? "input"))) &&
      number(stride) === 1 &&
      (["same", "causal"].includes(String(padding)) || number(kernel) === 1),
  );
  const windows = own.map(({ kernel, dilation }) => ({ kernel: number(kernel), dilation: number(dilation) }));
  return plain ? windows.filter(({ kernel }) => kernel > 1) : [];
}

/** The layers of the network: a stack, or blocks of two convolutions and a skip; and a value for each step. @param {Settings} settings */
export function layersOf(settings) {
  const { layers, filters, padding, blocks, own } = settings;
  if (own)
    return own.map((layer) =>
      layer.padding === "same" || layer.padding === "causal" ? { ...layer, padding } : layer,
    );
  const usual = { operation: "convolution", filters, padding, bias: true, activation: "relu" };
  const last = { operation: "convolution", kernel: 1, filters: 1, bias: true };
  if (!blocks) return [...stackOf(settings).map((one) => ({ ...usual, ...one })), last];
  const { kernel } = settings;
  const made = dilationsOf(layers).flatMap((dilation, place) => {
    const name = `block${place + 1}`;
    const before = place === 0 ? "input" : `block${place}`;
    // Only maps of equal number can be added: the one value of a step is spread over as many first.
    const skip =
      place === 0 ? [{ operation: "convolution", name: "skip1", inputs: [before], kernel: 1, filters }] : [];
    return [
      { ...usual, name: `${name}.a`, inputs: [before], kernel, dilation },
      { ...usual, name: `${name}.b`, inputs: [`${name}.a`], kernel, dilation },
      ...skip,
      { operation: "add", name, inputs: [`${name}.b`, place === 0 ? "skip1" : before] },
    ];
  });
  return [...made, { ...last, inputs: [`block${layers}`] }];
}

/** The settings that differ from the usual ones, as a link holds them; nothing when none do. @param {Settings} settings */
export function linkText(settings) {
  const differs = Object.entries(settings).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(USUAL[/** @type {keyof Settings} */ (name)]),
  );
  return differs.length === 0 ? null : JSON.stringify(Object.fromEntries(differs));
}

const CHOICES = {
  silence: ["counted", "masked", "weighted", "trimmed"],
  padding: ["causal", "same"],
};
/** @type {Record<string, [number, number]>} */
const BOUNDS = {
  held: [1, 512],
  seed: [0, 2 ** 32 - 1],
  kernel: [1, 16],
  layers: [1, 10],
  filters: [1, 32],
  steps: [1, 2000],
};

/** The settings of a link; what it leaves out, and what is none, is as usual. @param {string | null} text @returns {Settings} */
export function settingsIn(text) {
  const given = JSON.parse(text ?? "{}");
  const fits = (/** @type {string} */ name, /** @type {unknown} */ value) => {
    const bounds = BOUNDS[name];
    if (bounds) return Number.isInteger(value) && bounds[0] <= Number(value) && Number(value) <= bounds[1];
    if (name in CHOICES) return CHOICES[/** @type {keyof typeof CHOICES} */ (name)].includes(String(value));
    if (name === "rate") return typeof value === "number" && value > 0 && value <= 1;
    if (name === "series") return isSeries(value);
    if (name === "own") return isLayers(value);
    return typeof value === "boolean";
  };
  const known = Object.entries(given).filter(([name, value]) => name in USUAL && fits(name, value));
  return { ...USUAL, ...Object.fromEntries(known) };
}

function isLayers(/** @type {any} */ value) {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= MOST_LAYERS &&
    value.every((layer) => typeof layer?.operation === "string")
  );
}

function isSeries(/** @type {any} */ value) {
  if (["seasons", "bursts", "copy"].includes(value?.kind)) return true;
  return value?.kind === "recorded" && /^[0-9a-f]{64}$/.test(value.id) && typeof value.column === "string";
}

/** The body of POST forecast. @param {Settings} settings */
export function requestOf(settings) {
  const { series, held, seed, silence, steps, rate, recurrent } = settings;
  const quiet = series.kind === "bursts" || series.kind === "copy" ? { silence } : {};
  return {
    layers: layersOf(settings),
    data: { ...series, held, ...quiet },
    optimiser: { kind: "adam", rate },
    steps,
    report: Math.max(1, Math.round(steps / 15)),
    seed,
    horizon: MOST,
    checkpoints: CHECKPOINTS,
    ...(recurrent ? { recurrent: { hidden: 16, radius: 1, clip: 1 } } : {}),
  };
}

/** How many values to hold back of a series of so many: 48, or a fifth of few. */
export function heldOf(/** @type {number} */ count) {
  return Math.max(1, Math.min(48, Math.floor(count / 5)));
}

/** `mean (y − t)²` over the first values that both have; values that are none are left out. @param {number[]} found @param {number[]} wanted @param {number} count */
export function errorOf(found, wanted, count) {
  const squares = found
    .slice(0, count)
    .flatMap((value, place) => (place < wanted.length ? [(value - Number(wanted[place])) ** 2] : []))
    .filter(Number.isFinite);
  return squares.length === 0 ? null : squares.reduce((sum, square) => sum + square, 0) / squares.length;
}

/** The values that were held back. @param {Series} series */
export function heldValues({ values, now, first }) {
  return values.slice(now - first);
}

/** The content of an answer's messages: each report, and the answer last. @param {any[]} lines @param {Forecasted["breaks"]} breaks @returns {Forecasted} */
export function replyIn(lines, breaks = []) {
  const answer = lines.at(-1);
  return {
    reports: lines.filter(({ type }) => type === "step"),
    answer: answer?.type === "forecast" ? answer : null,
    problem: answer?.type === "error" ? answer.problem : null,
    breaks,
  };
}
