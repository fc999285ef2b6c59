// Teach it your own: a pad a class, drawings that are kept beside it, and a pad for a new one whose votes are shown. Turns
// drawings into a set that the server keeps; trains nothing itself.

import { el, setAttribute, setText } from "../ui/dom.js";
import { picker } from "../ui/rows.js";
import { number } from "../words/format.js";
import { trainWords } from "../words/train.js";
import { jsonPosted } from "./asking.js";
import { drawingOf, drawingPad } from "./drawing_pad.js";
import { AUGMENTED, endingIn, X_OR_O } from "./experiment.js";
import { sharesOf } from "./judged.js";

/** @import { Theme } from "../types/page.js" */
/** @import { Problem } from "../types/plan.js" */
/** @import { ExampleSet, Experiment } from "../types/training.js" */
/** @import { Api } from "./asking.js" */
/** @import { Trained } from "./forward.js" */

const SIDE = 12;
const CELL = 8;
/** A drawing is done when nothing was drawn for so long: an X has two strokes. */
const DONE_MS = 900;
const LEAST = 2; // drawings of a kind
const MOST_KINDS = 4;
/** From so many of each kind on some are kept to check by. */
const CHECKED_FROM = 8;

/**
 * @param {Api} api @param {() => Theme} theme @param {(experiment: Experiment) => void} train
 * @param {(problem: Problem) => void} refused
 */
export function teaching(api, theme, train, refused) {
  /** @type {{ name: string, drawings: Float32Array[], pad: ReturnType<typeof drawingPad>, count: HTMLElement, timer?: ReturnType<typeof setTimeout> }[]} */
  const kinds = [];
  const pads = el("div", { class: "tr-pads" });
  const note = el("p", { class: "muted tr-teach-note", role: "status", text: trainWords.teachHint });
  const more = el("button", {
    type: "button",
    class: "plain tr-change",
    text: trainWords.anotherKind,
    onclick: () => addKind(),
  });
  const button = el("button", {
    type: "button",
    class: "tr-train tr-teach",
    text: trainWords.trainOnMine,
    onclick: start,
  });
  const votes = el("p", { class: "tr-new-votes", role: "status" });
  /** Votes for what stands on the pad. */
  let ask = () => {};
  const fresh = drawingPad(trainWords.drawNew, SIDE, CELL, theme, () => ask());
  const clear = el("button", {
    type: "button",
    text: trainWords.clear,
    onclick: () => {
      fresh.take();
      ask();
    },
  });
  const trying = el(
    "div",
    { class: "tr-try", hidden: true },
    el("p", { text: trainWords.drawNew }),
    el("div", { class: "tr-try-row" }, fresh.element, votes),
    clear,
  );
  const element = el(
    "section",
    { class: "panel tr-teaching", "aria-labelledby": "tr-teach" },
    el("h2", { id: "tr-teach", class: "tr-ink", text: trainWords.teach }),
    pads,
    note,
    more,
    button,
    trying,
  );

  function addKind() {
    const name = trainWords.kindNamed(kinds.length);
    const count = el("span", { class: "tr-count" });
    const kind = {
      name,
      drawings: /** @type {Float32Array[]} */ ([]),
      count,
      pad: drawingPad(trainWords.drawKind(name), SIDE, CELL, theme, (_, lifted) => {
        clearTimeout(timer);
        if (lifted) timer = setTimeout(() => keep(kind), DONE_MS);
      }),
    };
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const field = el("input", {
      type: "text",
      class: "tr-kind-name",
      value: name,
      maxlength: 12,
      "aria-label": trainWords.kindName(kinds.length + 1),
      onchange: () => {
        kind.name = field.value.trim() || name;
        field.value = kind.name;
      },
    });
    const undo = el("button", {
      type: "button",
      class: "plain",
      text: trainWords.removeLast,
      onclick: () => {
        kind.drawings.pop();
        tell();
      },
    });
    const { field: files, opener } = picker(trainWords.ownPictures(name), "image/*", (some) =>
      addPictures(kind, [...some]),
    );
    files.multiple = true;
    setText(/** @type {Text} */ (opener.firstChild), trainWords.pictures);
    kinds.push(kind);
    pads.append(
      el(
        "div",
        { class: "tr-pad" },
        el("div", { class: "tr-pad-head" }, field, count),
        kind.pad.element,
        el("div", { class: "tr-pad-foot" }, opener, undo),
      ),
    );
    more.hidden = kinds.length >= MOST_KINDS;
    tell();
  }

  /** Pictures of a person's own, each as a drawing of the pad's size. */
  async function addPictures(/** @type {(typeof kinds)[number]} */ kind, /** @type {File[]} */ files) {
    const found = await Promise.all(files.map((file) => drawingOf(file, SIDE)));
    kind.drawings.push(...found.flatMap((drawing) => (drawing ? [drawing] : [])));
    tell();
    const failed = files.filter((_, at) => !found[at]).map(({ name }) => name);
    if (failed.length > 0) setText(note, trainWords.noPictures(failed));
  }

  function keep(/** @type {(typeof kinds)[number]} */ kind) {
    if (kind.pad.empty) return;
    kind.drawings.push(kind.pad.take());
    tell();
  }

  function tell() {
    for (const { count, drawings } of kinds) setText(count, String(drawings.length));
    const lacking = kinds.find(({ drawings }) => drawings.length < LEAST);
    setAttribute(button, "aria-disabled", lacking ? "true" : null);
    setText(
      note,
      lacking ? trainWords.teachLacks(lacking.name, LEAST - lacking.drawings.length) : trainWords.teachReady,
    );
  }

  async function start() {
    for (const kind of kinds) keep(kind);
    if (kinds.some(({ drawings }) => drawings.length < LEAST)) return tell();
    const twice = kinds.find(({ name }, at) => kinds.findIndex((one) => one.name === name) < at);
    if (twice) return setText(note, trainWords.teachSame(twice.name));
    const examples = kinds.flatMap(({ name, drawings }) =>
      drawings.map((values) => ({ label: name, source: { kind: "values", values: rowsOf(values) } })),
    );
    const kept = await jsonPosted(api, "/data", { examples });
    if (!kept.ok) return refused(kept.problem);
    const fewest = Math.min(...kinds.map(({ drawings }) => drawings.length));
    const { id, classes, expires } = kept.value;
    setText(note, trainWords.teachKept(examples.length, String(expires).slice(0, 10)));
    train({
      ...X_OR_O,
      layers: endingIn(X_OR_O.layers, classes.length),
      data: { kind: "stored", id, share: fewest >= CHECKED_FROM ? 0.25 : 0, wrong: 0 },
      augmentation: AUGMENTED,
      batch: Math.min(16, examples.length),
      steps: 300,
    });
  }

  addKind();
  addKind();
  return {
    element,
    /** The network on view has been trained on drawings of this side, and can be asked. @param {Trained | null} network @param {Float32Array | null} row @param {ExampleSet | null} examples @param {boolean} moves whether the votes change with each training step, which nobody wants to hear */
    update(network, row, examples, moves) {
      setAttribute(votes, "aria-live", moves ? "off" : "polite");
      const fits = network !== null && row !== null && String(examples?.shape) === String([1, SIDE, SIDE]);
      trying.hidden = !fits;
      ask = () => {
        if (!fits || !network || !row || !examples || fresh.empty) return setText(votes, "");
        setText(votes, votesFor(network, row, examples));
      };
      ask();
    },
    repaint() {
      for (const { pad } of kinds) pad.show();
      fresh.show();
    },
  };

  function votesFor(
    /** @type {Trained} */ network,
    /** @type {Float32Array} */ row,
    /** @type {ExampleSet} */ { classes, mean, deviation },
  ) {
    const values = fresh.values().map((value) => (value - Number(mean[0])) / Number(deviation[0]));
    const outputs = network.forward.outputs(row, values);
    const shares = sharesOf(outputs);
    const lines = classes.map((name, at) =>
      trainWords.vote(name, number(Number(outputs[at] ?? 0), 2), Number(shares[at])),
    );
    const best = shares.indexOf(Math.max(...shares));
    return `${trainWords.itSays(String(classes[best]))} ${lines.join(", ")}.`;
  }
}

/** @returns {number[][]} */
function rowsOf(/** @type {Float32Array} */ values) {
  return Array.from({ length: SIDE }, (_, row) =>
    Array.from({ length: SIDE }, (_, col) => Math.round(1000 * Number(values[row * SIDE + col])) / 1000),
  );
}
