// The settings of a forecast and the request that they make. Pure: knows no DOM and no server.

/** @import { Settings, Series, Told } from "../types/forecast.js" */

export const HORIZONS = [1, 12, 24, 48];
/** Asked for whatever is shown: fewer are the first of these. */
export const MOST = 48;

/** @type {Settings} */
export const USUAL = {
  series: { kind: "seasons" },
  held: 48,
  seed: 0,
  silence: "counted",
  kernel: 2,
  layers: 6,
  filters: 8,
  padding: "causal",
  steps: 300,
  rate: 0.01,
  recurrent: false,
};

/** Each layer sees twice as far as the one before. */
export function dilationsOf(/** @type {number} */ layers) {
  return Array.from({ length: layers }, (_, layer) => 2 ** layer);
}

/** The layers of the network: a stack, and a value for each step. @param {Settings} settings */
export function layersOf({ kernel, layers, filters, padding }) {
  const stack = dilationsOf(layers).map((dilation) => ({
    operation: "convolution",
    kernel,
    dilation,
    filters,
    padding,
    bias: true,
    activation: "relu",
  }));
  return [...stack, { operation: "convolution", kernel: 1, filters: 1, bias: true }];
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

/** The content of an answer's messages: each report, and the answer last. @param {string} text @returns {Told} */
export function toldIn(text) {
  const lines = text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const answer = lines.at(-1);
  return {
    reports: lines.filter(({ type }) => type === "step"),
    answer: answer?.type === "forecast" ? answer : null,
    problem: answer?.type === "error" ? answer.problem : null,
  };
}
