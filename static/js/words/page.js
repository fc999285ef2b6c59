// Every word of the interface, ready for other languages; stagewords.js has those of the tools around the stage and
// laterstrings.js those of sheets that come later. Text only: knows no state and no DOM.

import { count, many, number, shape } from "./format.js";

/** @import { ParameterInfo } from "../types/registry.js" */

const AXES = ["depth", "row", "col"];
const COLOURS = ["red", "green", "blue"];

/** The name of an input channel: its colour where there are three, its number otherwise. */
export function channelName(/** @type {number[]} */ inputShape, /** @type {number} */ channel) {
  const name = inputShape[0] === 3 && inputShape.length === 3 ? COLOURS[channel] : undefined;
  return name ?? `channel ${channel + 1}`;
}

/** The names of the last `axes` axes. */
export function axisNames(/** @type {number} */ axes) {
  return AXES.slice(-axes);
}

/** A choice of a parameter, or any other of its values, as people read it. */
export function choiceText(
  /** @type {unknown} */ value,
  /** @type {Pick<ParameterInfo, "labels"> | undefined} */ parameter = undefined,
) {
  const name = String(value);
  const known = parameter?.labels[name] ?? /** @type {Record<string, string>} */ (text.choices)[name];
  return known ?? (typeof value === "object" && value !== null ? JSON.stringify(value) : name);
}

/** A day as people read it, from `2026-12-01T…`: the day as the server counts it. */
export function day(/** @type {string} */ moment) {
  const at = new Date(`${moment.slice(0, 10)}T00:00:00Z`);
  return at.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
}

/** A family of operations, as the menu lists it. */
export function familyText(/** @type {string} */ family) {
  return /** @type {Record<string, string>} */ (text.families)[family] ?? family;
}

/** `row 3, col 4` */
export function placeText(/** @type {number[]} */ position) {
  const names = axisNames(position.length);
  return position.map((at, axis) => `${names[axis]} ${at}`).join(", ");
}

export const text = {
  title: "Convscope",
  skip: "Skip to the stage",
  operation: "Operation",
  families: {
    convolution: "Convolution",
    pooling: "Pooling",
    resampling: "Resampling",
    pointwise: "Cell by cell",
  },
  inFrameworks: "In frameworks",
  settings: "Settings",
  source: "Input",
  layer: "Layer",
  weights: "Weights",
  input: "Input",
  kernel: "Kernel",
  window: "Window",
  weighted: "Window and weights",
  stampHead: "Cell × kernel",
  turned: "kernel, turned around",
  walk: "Walk",
  walks: {
    gather: { name: "Gather", about: "A step per output cell: it gathers what its window reads." },
    stamp: {
      name: "Stamp",
      about: "A step per input cell: it stamps the kernel, times its value, onto the output.",
    },
  },
  output: "Output",
  link: "Link",
  help: "Keyboard and help",
  close: "Close",
  volumesOpen: "Channels and filters as volumes",
  projector: "Projector: large, with few controls",
  themeToDark: "Dark theme",
  themeToLight: "Light theme",
  linkAxes: "One value for all axes",
  unlinkAxes: "A value for each axis",
  automatic: "automatic",
  paddingNumber: "number",
  paddingSides: "each side",
  begin: "begin",
  end: "end",
  retry: "Try again",
  undo: "Undo",
  redo: "Redo",
  readOpen: "Paste code…",
  readTitle: "A layer from code",
  intents: "I want to…",
  moreIntents: "more wishes",
  share: "Share",
  copied: "Copied",
  views: "Views",
  layerView: "Layer",
  trainView: "Train",
  lessonsView: "Lessons",
  forecastView: "Forecast",
  examplesOpen: "Examples",
  foot: "More about Convscope",
  introduction: "Introduction",
  handbook: "Handbook",
  api: "API",
  solve: "Reach a size…",
  solveTitle: "Reach a size",
  // sources
  uploaded: "Your upload",
  noise: "Seeded noise",
  typed: "Typed values",
  upload: "yours",
  size: "Size",
  sides: /** @type {Record<string, string>} */ ({ depth: "Depth", row: "Rows", col: "Columns" }),
  moreInputs: "more pictures, typed values, scale",
  channels: "Channels",
  // weights
  preset: "Preset",
  presets: {
    mixed: "mixed",
    identity: "identity",
    sobel_vertical: "Sobel, vertical edges",
    sobel_horizontal: "Sobel, horizontal edges",
    gaussian: "Gaussian blur",
    laplacian: "Laplacian",
    emboss: "emboss",
    box: "box blur",
    diagonal: "diagonal \\",
    antidiagonal: "diagonal /",
    random: "random",
  },
  ownWeights: "your own values",
  editWeights: "Edit values of this filter",
  bias: "Bias",
  /** Choices of parameters that are written otherwise than they travel. */
  choices: {
    any: "Any",
    true: "on",
    false: "off",
  },
  sizeFormula: "Size formula",
  noWeights: "This operation has no weights.",
  // transport
  first: "First step",
  back: "One step back",
  play: "Play",
  pause: "Pause",
  forward: "One step forward",
  last: "Last step",
  scrub: "Step",
  speed: "Speed",
  fullSpeed: "as it streams",
  rowBack: "One row back",
  rowForward: "One row forward",
  loop: "Loop",
  loopIn: "Loop from this step",
  loopOut: "Loop up to this step",
  loopOff: "No loop",
  building: "build the output up",
  buildingAbout: "Show the output only as far as the walk has come",
  moreControls: "Speed and loop",
  previousFilter: "Previous filter",
  nextFilter: "Next filter",
  shownChannel: "Channel on view",
  ownColours: "own colours",
  // stage
  stageButtons: {
    title: "Magnify, pin, paint, compare",
    nearer: "Nearer (+)",
    farther: "Farther (−)",
    whole: "Show all (0)",
    pin: "Pin this step (p)",
    unpin: "Unpin (Esc)",
    paint: "Paint the input (e)",
    compare: "Compare A and B (c)",
  },
  stage: "Stage: input, kernel and output",
  lens: "around the window",
  table: "This step as a table",
  pending: "Waiting for numbers…",
  padding: "padding",
  zeroPlane: "zeros",
  sum: "sum",
  cost: {
    multiply_adds: "multiply-add",
    comparisons: "comparison",
    additions: "addition",
    weights: "weight",
    biases: "bias",
  },
  connection: {
    live: "Connected",
    connecting: "Connecting to the server…",
    incomplete: "A part of the page did not load: try again or reload it",
    busy: "The server is busy: this goes on by itself",
    fallback: "Connected without a socket",
    offline: "No network: numbers follow when it is back",
  },
  lost: "Connection lost, retrying…",
  restarting: "Server restarts, retrying…",
  connectedAgain: "Connected again, nothing lost",
};

/** Sentences with numbers in them. */
export const say = {
  more: (/** @type {number} */ others) => `… ${count(others)} more`,
  moreChannels: (/** @type {number} */ others) => `… ${many(others, "more channel")}`,
  unfitting: (/** @type {string} */ choice) => `${choice} (does not fit)`,
  /** Rows are counted from 0, as on every grid. */
  row: (/** @type {number} */ lane, /** @type {number} */ lanes) => `row ${lane} (of ${lanes})`,
  columns: (/** @type {number[]} */ sizes) => `${shape(sizes)}, a row per tap, a column per step`,
  slice: (/** @type {number[]} */ sizes, /** @type {number} */ depth) =>
    `${shape(sizes)}, depth ${depth < 0 ? "outside" : depth}`,
  stamps: (/** @type {string} */ place, /** @type {number} */ written, /** @type {number} */ cropped) =>
    `Input ${place} stamps ${many(written, "cell")}${cropped > 0 ? `, ${count(cropped)} cropped` : ""}`,
  matrixCell: (/** @type {number} */ lane, /** @type {number} */ step) =>
    `Output row ${lane}, column ${step}`,
  filter: (/** @type {number} */ lane, /** @type {number} */ lanes) => `filter ${lane + 1} of ${lanes}`,
  channelOf: (/** @type {number} */ lane, /** @type {number} */ lanes) => `channel ${lane + 1} of ${lanes}`,
  short: (/** @type {number} */ lane, /** @type {number} */ lanes) => `${lane + 1} of ${lanes}`,
  step: (/** @type {number} */ step, /** @type {number | null} */ steps) =>
    `step ${count(step + 1)}${steps === null ? "" : ` of ${count(steps)}`}`,
  speed: (/** @type {number} */ speed) => {
    if (!Number.isFinite(speed)) return text.fullSpeed;
    return `${say.fraction(speed)} ${speed > 1 ? "steps" : "step"}/s`;
  },
  fraction: (/** @type {number} */ part) =>
    /** @type {Record<number, string>} */ ({ 0.25: "¼", 0.5: "½" })[part] ?? number(part, 3),
  withKey: (/** @type {string} */ words, /** @type {string} */ key) => `${words} (${key})`,
  loop: (/** @type {number} */ from, /** @type {number} */ to) =>
    `Loop, steps ${count(from + 1)} to ${count(to + 1)}`,
  plane: (/** @type {number} */ depth) => `depth ${depth}`,
  edited: (/** @type {string} */ preset) => `${preset}, edited`,
  used: (/** @type {string | number} */ value) => `Use ${value}`,
  stored: (
    /** @type {string} */ name,
    /** @type {number[]} */ own,
    /** @type {number[] | null} */ used,
    /** @type {string | undefined} */ expires,
    /** @type {string[]} */ notes,
  ) => {
    const size = used && shape(used) !== shape(own) ? `${shape(own)}, used at ${shape(used)}` : shape(own);
    const remarks = notes.map((note) => `. ${note.charAt(0).toUpperCase()}${note.slice(1)}`).join("");
    return `${name}: ${size}${expires ? `; kept until ${day(expires)}` : ""}${remarks}`;
  },
  stageLabel: (/** @type {string} */ shapes, /** @type {string} */ place, /** @type {string} */ result) =>
    `${shapes}. ${place}${result ? `: ${result}` : ""}`,
};
