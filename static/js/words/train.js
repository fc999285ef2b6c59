// The words of the training room. Text only: knows no state and no DOM.

import { many, number } from "./format.js";

const percent = (/** @type {number} */ part, digits = 1) =>
  `${(100 * part).toFixed(digits).replace(/\.0$/, "")} %`;

/** 2nd, 3rd, 21st. */
function ordinal(/** @type {number} */ place) {
  const teens = place % 100 > 10 && place % 100 < 14;
  return `${place}${(!teens && ["th", "st", "nd", "rd"][place % 10]) || "th"}`;
}

/** A share with as many digits that its logarithm has three right ones, however near to 1 it is. */
export function shareText(/** @type {number} */ share) {
  const beyond = share > 0.5 && share < 1 ? 2 - Math.floor(Math.log10(1 - share)) : 3;
  return number(share, Math.max(3, beyond));
}

export const trainWords = {
  view: "Train",
  asNumber: "as a number",
  column: "Settings of training",
  data: "Data",
  counts: (/** @type {number} */ learn, /** @type {number} */ check) =>
    `${learn} to learn, ${check} to check`,
  changeData: "change",
  dataDone: "done",
  set: "Set",
  sets: { strokes: "Strokes", glyphs: "Digits", stored: "Your own" },
  kinds: "Kinds",
  kindNames: { cross: "X", ring: "O", square: "□", backslash: "\\", slash: "/" },
  size: "Cells a side",
  learn: "To learn",
  check: "To check",
  shift: "Shift",
  noise: "Noise",
  wrong: "Wrong labels",
  seed: "Seed",
  learning: "Learning",
  optimiser: "Optimiser",
  rate: "Rate",
  batch: "Batch",
  dropout: "Dropout",
  noDropout: "The network has no dropout layer.",
  augment: "Augment",
  loss: "Loss",
  smaller: (/** @type {string} */ loss) => `${loss}, smaller is better`,
  start: "Start",
  steps: "Steps",
  more: "More settings",
  branches: "Changing one branches the curve.",
  anew: "This holds from the next training on.",
  train: "Train",
  trainAnew: "Train anew",
  pause: "Pause",
  goOn: "Go on",
  network: "Network",
  fromPage: "Train the network on view",
  toPage: "Show it on the stage",
  givenStart: "Weights on view",
  taken: (
    /** @type {number[]} */ sizes,
    /** @type {string[]} */ kinds,
    /** @type {"none" | "filters" | "votes"} */ change,
  ) => {
    const on = `The layers of the stage, on drawings of ${sizes.join("×")} (${kinds.join(", ")})`;
    if (change === "none") return `${on}.`;
    const kind = many(kinds.length, "filter");
    if (change === "filters") return `${on}; the last layer has ${kind}, one a class.`;
    return `${on}, and behind them a dense layer of ${kind}, one a class.`;
  },
  stageUnfit: {
    reason: "the layers on the stage make no network",
    remedy: "Mend them under Layer, then train.",
  },
  stageNotSquare: {
    reason:
      "the network on the stage takes no grey picture of 5 to 28 cells a side, which is what the drawings are",
    remedy: "Make its input a picture of one channel, or train a network for series under Forecast.",
  },
  stageNotOn: (/** @type {number[]} */ shape) => ({
    reason: `the network on the stage does not take your examples of ${shape.join("×")}`,
    remedy: "Choose another set under Data, or change its layers.",
  }),
  votesFor: (/** @type {string} */ name) => `votes for this ${name}`,
  beats: "One training step, in four beats",
  beat: { forward: "Forward", loss: "Loss", backward: "Backward", update: "Update" },
  beatsHead: "One step, in four beats",
  beatsTold: (/** @type {number} */ step, /** @type {number} */ batch) =>
    `step ${step}, a batch of ${batch}; shown for one drawing of it`,
  gradientOf: (/** @type {number} */ filter) => `gradient of filter ${filter}`,
  correlated: "the input, correlated with what the loss sends back",
  weightAt: (/** @type {number} */ filter, /** @type {number} */ cell, /** @type {number} */ cols) =>
    `filter ${filter}, row ${Math.floor(cell / cols)}, col ${cell % cols}`,
  weight: "weight",
  newWeight: "new weight",
  byOptimiser: (/** @type {string} */ optimiser, /** @type {number} */ rate) => `${optimiser}, rate ${rate}`,
  logOf: (/** @type {number} */ share) => `−log ${shareText(share)}`,
  dropped: (
    /** @type {string} */ layer,
    /** @type {number} */ off,
    /** @type {number} */ of,
    /** @type {number} */ rate,
  ) =>
    `${layer} drops ${off} of ${many(of, "cell")} in this training step (hatched) and multiplies the others by 1/(1 − ${rate}) = ${number(1 / (1 - rate), 3)}. Evaluation drops none.`,
  lossHeads: (/** @type {string} */ high) => [
    "",
    "vote",
    `e^(vote − ${high})`,
    "share",
    "sent back: share − target",
  ],
  meanOf: (/** @type {number} */ count, /** @type {number} */ mean) =>
    `The mean of the ${count} losses of the batch is ${number(mean, 4)}: that is what the step makes smaller.`,
  sentBack:
    "Each vote gets back its share, less 1 for the class that is right, divided by the examples of the batch.",
  reads: "what the layer reads",
  sent: "what comes back for its sums",
  share: "this drawing’s share",
  others: (/** @type {number} */ count) => `the other ${count}`,
  gradient: "gradient",
  before: "before",
  after: "after",
  change: "step",
  terms: (
    /** @type {number} */ cell,
    /** @type {number} */ cols,
    /** @type {[number, number][]} */ terms,
    /** @type {number} */ more,
    /** @type {number} */ rest,
    /** @type {number} */ total,
  ) =>
    `Row ${Math.floor(cell / cols)}, col ${cell % cols}: ${terms.map(([value, back]) => `${number(value, 2)} · ${number(back, 2)}`).join(" + ")}${more > 0 ? ` + ${more} smaller products (${number(rest, 2)})` : ""} = ${number(total, 3)}`,
  otherWay:
    "The walk the other way: each step stamps what came back for it, times the kernel, on the cells that it read. So each layer gets what the next one sends:",
  rule: (/** @type {string} */ optimiser, /** @type {string} */ formula) => `${optimiser}: ${formula}`,
  rowValue: (/** @type {string} */ name, /** @type {number} */ value) => `${name} = ${number(value, 3)}`,
  updated: (
    /** @type {number} */ gradient,
    /** @type {string[]} */ rows,
    /** @type {number} */ rate,
    /** @type {number} */ before,
    /** @type {number} */ step,
    /** @type {number} */ after,
  ) =>
    `g = ${number(gradient, 3)}${rows.map((row) => `, ${row}`).join("")}, rate ${rate}: ${number(before, 4)} ${step < 0 ? "−" : "+"} ${number(Math.abs(step), 3)} = ${number(after, 4)}`,
  batchOf: "The batch of this training step",
  inBatch: (/** @type {number} */ place, /** @type {string} */ name, /** @type {number} */ loss) =>
    `Drawing ${place} of the batch, ${name}: loss ${number(loss, 3)}`,
  howWrong: "how wrong",
  softmaxGives: (/** @type {string} */ name) => `softmax gives ${name}`,
  filters: "Filters",
  filtersTold: (/** @type {number} */ count) => `${count}, random at step 0`,
  startRow: "step 0",
  nowRow: "now",
  maps: (/** @type {string} */ name) => `maps of ${name}`,
  gets: (/** @type {number} */ wrong, /** @type {number} */ of) => `It gets ${wrong} of ${of} wrong`,
  getsAll: (/** @type {number} */ of) => `It gets all ${of} right`,
  surest: "surest mistakes first",
  says: (/** @type {string} */ is, /** @type {string} */ says) => [`${is}, says `, says],
  sure: (/** @type {number} */ part) => `${percent(part, 0)} sure`,
  saysHead: (/** @type {string} */ name) => `says ${name}`,
  isHead: (/** @type {string} */ name) => `is ${name}`,
  cell: (/** @type {string} */ is, /** @type {string} */ says, /** @type {number} */ count) =>
    `${many(count, "example")} of ${is} that it calls ${says}`,
  curve: "Loss",
  now: (/** @type {number} */ step) => `now: ${step}`,
  best: (/** @type {number} */ step) => `best: step ${step}`,
  ends: { validation: "validation", trained: "training, as trained", evaluated: "training, evaluated" },
  short: { validation: "validation", trained: "as trained", evaluated: "evaluated" },
  place: (/** @type {number} */ step, /** @type {number} */ of) => [
    `training step `,
    String(step),
    ` of ${of}`,
  ],
  right: (/** @type {number} */ accuracy) => [` · right `, percent(accuracy)],
  rewind: "Back to the start",
  back: "One training step back",
  play: "Play",
  stop: "Stop",
  forwardStep: "One training step on",
  end: "To the newest training step",
  scrub: "Training step",
  speed: "Training steps a second",
  fastest: "max",
  perSecond: "steps/s",
  ready: "Press Train: the filters start at random and learn from the drawings.",
  waiting: "Training …",
  itself: "training",
  busy: "The server is busy. Training begins as soon as it has room.",
  lost: "The connection is lost. Training goes on from the last checkpoint as soon as a server answers.",
  progress: (/** @type {number} */ step, /** @type {number} */ of, /** @type {number | null} */ accuracy) =>
    `Training step ${step} of ${of}${accuracy === null ? "" : `, ${percent(accuracy)} right`}.`,
  thinned: (/** @type {number} */ kept, /** @type {number} */ every) =>
    `${many(kept, "snapshot")} kept, every ${ordinal(every)} training step: as many as fit in 32 MB.`,
  gap: (/** @type {string} */ gap) => `; gap ${gap} (validation less training, evaluated)`,
  variants: "The drawing that is chosen, as augmentation changes it each time:",
  variant: (/** @type {number} */ place) => `Variant ${place}`,
  parameters: (/** @type {number} */ count) => many(count, "parameter"),
  example: (/** @type {string} */ name) => `A drawing of ${name}: look at it`,
  filter: (/** @type {number} */ place, /** @type {string} */ when) => `Filter ${place}, ${when}`,
  map: (/** @type {number} */ place, /** @type {string} */ name) => `Map ${place} of ${name}`,
  experiments: "Experiments",
  experimentHeads: ["experiment", "set to", "branched at", "best validation", "right", "with it"],
  experiment: (/** @type {number} */ place) => `Experiment ${place}`,
  setTo: (
    /** @type {string} */ set,
    /** @type {string} */ optimiser,
    /** @type {number} */ rate,
    /** @type {number} */ batch,
    /** @type {number} */ dropout,
    /** @type {boolean} */ augments,
    /** @type {number} */ seed,
  ) =>
    `${set}, ${optimiser} ${rate}, batch ${batch}, dropout ${dropout}, ${augments ? "augmented" : "not augmented"}, seed ${seed}`,
  bestAt: (/** @type {string} */ loss, /** @type {number} */ step) => `${loss} at step ${step}`,
  rightShare: (/** @type {number} */ part) => percent(part),
  none: "–",
  look: "Look at it",
  compareRun: "Compare",
  saveRun: "Save as a file",
  openFile: "Open an experiment…",
  code: "Code",
  codeTitle: "This experiment as code",
  codeAbout:
    "The program repeats the first training steps and asserts the same losses. It loads the start, the order and what is dropped from experiment.npz, which lies beside it.",
  codeFile: "Save experiment.npz",
  codeSaved: "Saved. Put it beside the program.",
  /** A refusal as the room says it: the name of a setting only where the words do not tell it. @param {{ code: string, pointer?: string, field?: string, value?: unknown, reason?: string, remedy?: string, detail: string }} problem */
  refused: ({ code, pointer, field, value, reason, remedy, detail }) => {
    if (code === "not_found" && pointer === "/data/id")
      return "This server does not have these examples any more: it keeps them until the day that is told. Open the saved file, which has them in it, press “Train on my drawings” again, or choose another set under Data.";
    if (code === "not_found")
      return `${reason}. Open the saved file of the experiment, which brings along what it needs.`;
    if (code === "malformed" && field)
      return `This experiment says ${field} = ${JSON.stringify(value)}: ${reason}. Nothing was changed; mend it and open it again.`;
    return [reason, remedy].filter(Boolean).join(". ") || detail;
  },
  notAnExperiment: {
    reason: "this file holds no experiment",
    remedy: "Open a file that was saved here, or a body of POST train.",
  },
  comparedEnd: (/** @type {number} */ place) => `validation of experiment ${place}`,
  teach: "Teach it your own",
  teachHint: "Draw a few of each, then train.",
  teachLacks: (/** @type {string} */ name, /** @type {number} */ count) =>
    `Draw ${count} more of ${name}, then train.`,
  pictures: "pictures…",
  ownPictures: (/** @type {string} */ kind) => `Pictures of ${kind}`,
  noPictures: (/** @type {string[]} */ names) =>
    `${names.join(", ")}: no picture that this browser can read. All else was taken.`,
  teachSame: (/** @type {string} */ name) =>
    `Two kinds are called ${name}: give each a name of its own, then train.`,
  teachReady: "Enough to train; more of each are better.",
  teachKept: (/** @type {number} */ count, /** @type {string} */ day) =>
    `${many(count, "drawing")}, kept on the server until ${day}.`,
  trainOnMine: "Train on my drawings",
  anotherKind: "another kind",
  removeLast: "remove last",
  clear: "Clear",
  drawNew: "Draw a new one and see the votes",
  drawKind: (/** @type {string} */ name) =>
    `Draw ${name}: with a pointer, or with arrow keys and Shift to move only`,
  kindNamed: (/** @type {number} */ place) => ["X", "O", "third", "fourth"][place] ?? `kind ${place + 1}`,
  kindName: (/** @type {number} */ place) => `Name of kind ${place}`,
  itSays: (/** @type {string} */ name) => `It says ${name}:`,
  vote: (/** @type {string} */ name, /** @type {string} */ vote, /** @type {number} */ share) =>
    `${vote} for ${name} (${percent(share, 0)})`,
  settings: "Settings",
  close: "Close",
  headline: (/** @type {number} */ step) => `Training step ${step}`,
  sub: (/** @type {number} */ batch, /** @type {number} */ steps) => `of ${steps}, a batch of ${batch} each`,
  readyHead: "Filters that learn",
  verdict: (
    /** @type {string} */ is,
    /** @type {string} */ says,
    /** @type {[name: string, vote: number, share: number][]} */ votes,
  ) =>
    `This ${is}: ${votes.map(([name, vote, share]) => `${number(vote, 3)} for ${name} (${percent(share, 1)})`).join(", ")}. It says ${says}.`,
  finding: (/** @type {string} */ reason, /** @type {string} */ remedy) =>
    `${reason.charAt(0).toUpperCase()}${reason.slice(1)}. ${remedy}`,
  byHeart: (/** @type {number} */ step, /** @type {number} */ loss, /** @type {number} */ count) =>
    `After step ${step}, training still falls and validation rises to ${number(loss, 2)}: it learns the ${count} by heart.`,
};
