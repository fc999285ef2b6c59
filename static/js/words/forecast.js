// The words of the forecast room. Text only: knows no state and no DOM.

import { many, number } from "./format.js";

export const forecastWords = {
  view: "Forecast",
  column: "Settings of the forecast",
  series: "Series",
  kinds: { seasons: "Trend, seasons, noise", bursts: "Bursts in silence", copy: "Copies after a gap" },
  own: "your own CSV",
  ownSeries: "Your own",
  columnOf: "Column",
  held: "Held back",
  seed: "Seed",
  silence: "Silence in training",
  silences: { counted: "counts", masked: "masked", weighted: "weighs as much", trimmed: "trimmed" },
  network: "Network",
  kernel: "Kernel",
  layers: "Layers",
  filters: "Filters",
  padding: "Padding",
  blocks: "TCN blocks",
  blocksAbout: "two convolutions and a skip for each dilation",
  fromStage: "Use the network on the stage",
  fromStack: "Back to a stack",
  ownLayers: (/** @type {string[]} */ names) =>
    `The stage's ${many(names.length, "layer")}: ${names.join(", ")}`,
  stageUnfit: {
    reason: "the layers on the stage make no network",
    remedy: "Mend them under Layer, then forecast.",
  },
  stageNoSeries: {
    reason: "the network on the stage is not on a series of one channel with a value for each step",
    remedy: "Make its input a series, such as the sample of that name, and its layers ones along it.",
  },
  paddings: { causal: "causal", same: "same" },
  dilations: (/** @type {number[]} */ dilations) => `dilations ${dilations.join(", ")}`,
  learning: "Learning",
  steps: "Steps",
  rate: "Rate",
  recurrent: "Recurrent layer",
  start: "Forecast",
  again: "Forecast anew",
  training: "Training …",
  progress: (/** @type {number} */ step, /** @type {number} */ of) => `training step ${step} of ${of}`,
  waits: {
    lost: "The connection is lost. The forecast goes on from its last checkpoint as soon as a server answers.",
    busy: "The server is busy. The forecast goes on from its last checkpoint as soon as it has room.",
    hidden: "This page is hidden.",
  },
  itself: "the forecast",
  example: "Example to train on",
  exampleAt: (
    /** @type {number} */ place,
    /** @type {number} */ count,
    /** @type {number[]} */ [first, last],
    /** @type {number} */ ahead,
  ) =>
    `${place} of ${count}: X is steps ${first} to ${last}, y ${Number(first) + ahead} to ${Number(last) + ahead}`,
  notDrawn: (/** @type {number} */ first) => `(the curve begins at step ${first})`,
  inputs: "X",
  targets: (/** @type {number} */ ahead) => `y, ${many(ahead, "step")} on`,
  settings: "Settings",
  close: "Close",
  about: (/** @type {number} */ horizon) =>
    horizon === 1 ? "one step on" : `${many(horizon, "step")} on, each from the one before`,
  ready: "A network learns to say the next value, and goes on from its own answers.",
  now: "now",
  end: "end",
  sees: (/** @type {number} */ past) => `sees ${many(past + 1, "step")}`,
  padded: (/** @type {number} */ step) => `before step ${step} it reads padding`,
  future: (/** @type {number} */ cells) => `and ${many(cells, "step")} of the future`,
  short: (/** @type {number} */ period) =>
    `too few for a season of ${period}: use more layers or a larger kernel`,
  enough: (/** @type {number} */ period) => `a season of ${period} fits`,
  beyond: (/** @type {number} */ window) =>
    `more than an example of ${many(window, "step")} has: every output reads padding`,
  error: "Error",
  errorAbout: (/** @type {number} */ count) => `mean square over the ${many(count, "value")} held back (○)`,
  ways: {
    network: "network",
    recurrent: "recurrent layer",
    seasonal: "seasonal-naive",
    naive: "naive",
  },
  parameters: (/** @type {number} */ count) => many(count, "parameter"),
  seasonAgo: (/** @type {number} */ period) => `the value ${many(period, "step")} ago`,
  lastValue: "the last value",
  oneStep: "one step on:",
  horizon: "Values forecast",
  horizons: (/** @type {number} */ steps) => (steps === 1 ? "1 step" : String(steps)),
  trainingStep: "Training step",
  place: (/** @type {number} */ step, /** @type {number} */ of) => [
    "training step ",
    String(step),
    ` of ${of}`,
  ],
  leak: "Has it seen the answer?",
  leakAbout: "the same network with both paddings, trained on the same steps",
  compare: (/** @type {string} */ padding) => `Compare with ${padding} padding`,
  apparent: "apparent",
  apparentAbout: "on the steps it was trained on",
  honest: "honest",
  honestAbout: "each value held back, with only what was there before",
  times: (/** @type {number} */ times) => `${number(times, 2)} times as large`,
  reads: (/** @type {string} */ padding, /** @type {number} */ past, /** @type {number} */ future) =>
    future === 0
      ? `${padding}: the output now reads ${many(past + 1, "step")}, nothing after now`
      : `${padding}: the output now reads ${many(past + 1, "step")}, and ${many(future, "step")} of the future`,
  diagram: (/** @type {string} */ padding) =>
    `The cells that one output reads through the layers, ${padding}`,
  fromFuture: "from the future",
  memory: "How far back does it reach?",
  memoryAbout: "size of the gradient of the last output by the input so many steps before, after training",
  stepsBack: "steps back",
  zero: "0",
  table: ["parameters", "one after another", "training", "error, one step on"],
  operations: (/** @type {number} */ count) => many(count, "operation"),
  seconds: (/** @type {number} */ took_ms, /** @type {number} */ since) =>
    `${number(took_ms / 1000, 2)} s${since ? ` from step ${since} on` : ""}`,
  sound: (/** @type {number} */ sound, /** @type {number} */ silence) =>
    `On sound its error is ${number(sound, 3)}, on silence ${number(silence, 3)}.`,
  read: (
    /** @type {{ separator: string, decimal: string, count: number, dates: { every: string } | null }} */ csv,
  ) =>
    `${many(csv.count, "row")}, separator ${csv.separator}, decimal ${csv.decimal}${
      csv.dates ? `, ${csv.dates.every} apart` : ""
    }.`,
  gaps: (/** @type {number} */ count) =>
    `${many(count, "gap")} filled by straight lines, which count in no error.`,
  tooLarge: "The file has more than 10 MB. Send a smaller one.",
  chart: (/** @type {string} */ name, /** @type {number} */ error) =>
    `The series ${name} and its forecast; the error of the network is ${number(error, 3)}`,
  whole: "The whole series; the part in the frame is enlarged below",
  lagChart: "The gradient at each lag, on powers of ten",
};
