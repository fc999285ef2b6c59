// The column of the training room: data, learning, and what leads to a training. Turns fields into changes of the
// experiment; decides nothing else.

import { el, setAttribute, setText, setValue } from "../ui/dom.js";
import { choiceField } from "../ui/fields.js";
import { numberBox, numberIn } from "../ui/number_box.js";
import { fold } from "../ui/rows.js";
import { trainWords } from "../words/train.js";
import { AUGMENTED, CLASSES, endingIn, NOTHING_CHANGED, otherSet, withDropout } from "./experiment.js";
import { inkScale, paint, picture, planeOf } from "./pictures.js";

/** @import { Theme } from "../types/page.js" */
/** @import { OperationInfo } from "../types/registry.js" */
/** @import { Choice, Choices } from "./asking.js" */
/** @import { DrawnData, ExampleSet, Experiment } from "../types/training.js" */

/** Examples of a class that stand in the column. */
const SHOWN = 4;
const MOST_ROWS = 5;
/** The side of a variant, about. */
const VARIANT = 50;
/** The start that is not drawn: the weights that the stage shows. */
const GIVEN = "given";

/**
 * @typedef {object} ColumnActions
 * @property {(next: Experiment) => void} set
 * @property {() => void} train
 * @property {() => void} fromStage train the network that the stage shows
 * @property {(part: "training" | "validation", place: number) => void} choose
 * @property {(name: string) => OperationInfo} operationOf
 */

/** Names to titles. */
const named = (/** @type {Choice[]} */ some) =>
  Object.fromEntries(some.map(({ name, title }) => [name, title]));

/** @param {ColumnActions} actions @param {Experiment} first @param {Choices} choices */
export function trainColumn(actions, first, choices) {
  let experiment = first;
  const set = (/** @type {Partial<Experiment>} */ some) => actions.set({ ...experiment, ...some });
  const setData = (/** @type {Partial<DrawnData>} */ some) => {
    const data = /** @type {DrawnData} */ ({ ...experiment.data, ...some });
    set({ data, layers: endingIn(experiment.layers, data.classes.length) });
  };

  // ------------------------------------------------------------------- data

  const counts = el("span", { class: "aside" });
  const rows = el("div", { class: "tr-examples" });
  const about = el("p", { class: "tr-about" });
  const aboutWords = el("span");
  const change = el("button", {
    type: "button",
    class: "plain tr-change",
    "aria-expanded": "false",
    onclick: () => {
      settings.hidden = !settings.hidden;
      setAttribute(change, "aria-expanded", String(!settings.hidden));
      setText(change, settings.hidden ? trainWords.changeData : trainWords.dataDone);
    },
    text: trainWords.changeData,
  });
  about.append(aboutWords, change);
  const setField = choiceField(
    trainWords.set,
    { strokes: trainWords.sets.strokes, glyphs: trainWords.sets.glyphs },
    "strokes",
    (kind) => {
      const data = otherSet(experiment.data, /** @type {"strokes" | "glyphs"} */ (kind));
      set({ data, layers: endingIn(experiment.layers, data.classes.length) });
    },
  );
  const kinds = el("div", { class: "tr-kinds", role: "group", "aria-label": trainWords.kinds });
  const sizeBox = box(trainWords.size, 5, 28, (size) => setData({ size }));
  const learnBox = box(trainWords.learn, 2, 5000, (count) => setData({ count }));
  const checkBox = box(trainWords.check, 0, 2000, (validation) => setData({ validation }));
  const shift = slider(trainWords.shift, { low: 0, high: 4, step: 0.5 }, (value) =>
    setData({ shift: value }),
  );
  const noise = slider(trainWords.noise, { low: 0, high: 1, step: 0.05 }, (value) =>
    setData({ noise: value }),
  );
  const wrong = slider(trainWords.wrong, { low: 0, high: 0.5, step: 0.05 }, (value) =>
    setData({ wrong: value }),
  );
  const seedBox = box(trainWords.seed, 0, 2 ** 32 - 1, (seed) => set({ seed }));
  const settings = el(
    "div",
    { class: "tr-settings" },
    row(trainWords.set, setField),
    row(trainWords.kinds, kinds),
    row(trainWords.size, sizeBox),
    row(trainWords.learn, learnBox),
    row(trainWords.check, checkBox),
    shift.element,
    noise.element,
    wrong.element,
    row(trainWords.seed, seedBox),
  );
  settings.hidden = true;
  const data = el(
    "section",
    { class: "panel", "aria-labelledby": "tr-data" },
    el("h2", { id: "tr-data", class: "tr-input", text: trainWords.data }),
    counts,
    rows,
    about,
    settings,
  );

  // ------------------------------------------------------------------- learning

  const optimiser = choiceField(trainWords.optimiser, named(choices.optimisers), "adam", (kind) =>
    set({ optimiser: { ...experiment.optimiser, kind } }),
  );
  const rate = slider(
    trainWords.rate,
    { low: -4, high: 1, step: 0.1, read: (power) => Number((10 ** power).toPrecision(2)), write: Math.log10 },
    (value) => set({ optimiser: { ...experiment.optimiser, rate: value } }),
  );
  const batch = slider(trainWords.batch, { low: 1, high: 100, step: 1 }, (value) => set({ batch: value }));
  const dropout = slider(trainWords.dropout, { low: 0, high: 0.9, step: 0.05 }, (value) =>
    set({ layers: withDropout(experiment.layers, value, actions.operationOf) }),
  );
  const augment = el("input", {
    type: "checkbox",
    role: "switch",
    class: "switch",
    "aria-label": trainWords.augment,
    onchange: () => set({ augmentation: augment.checked ? AUGMENTED : NOTHING_CHANGED }),
  });
  const variantRow = el("div", { class: "tr-variants" });
  const variants = el("div", {}, el("p", { class: "muted", text: trainWords.variants }), variantRow);
  const loss = choiceField(trainWords.loss, named(choices.losses), "cross_entropy", (kind) =>
    set({ loss: kind }),
  );
  /** Weights of the stage that training may begin with. @type {Experiment["weights"]} */
  let given;
  const starts = { ...named(choices.starts), [GIVEN]: trainWords.givenStart };
  const start = choiceField(trainWords.start, starts, "pytorch", (kind) => {
    const { weights: _, ...rest } = experiment;
    actions.set(kind === GIVEN && given ? { ...rest, weights: given } : { ...rest, start: kind });
  });
  const givenChoice = /** @type {HTMLOptionElement} */ (start.querySelector(`[value=${GIVEN}]`));
  const steps = box(trainWords.steps, 1, 100_000, (value) => set({ steps: value }));
  const note = el("p", { class: "tr-note muted", role: "status" });
  const learning = el(
    "section",
    { class: "panel", "aria-labelledby": "tr-learning" },
    el("h2", { id: "tr-learning", class: "tr-kernel", text: trainWords.learning }),
    row(trainWords.optimiser, optimiser),
    rate.element,
    batch.element,
    dropout.element,
    row(trainWords.augment, augment),
    variants,
    row(trainWords.steps, steps),
    note,
    fold(trainWords.more, row(trainWords.loss, loss), row(trainWords.start, start)).element,
  );
  const train = el("button", {
    type: "button",
    class: "primary tr-train",
    text: trainWords.train,
    onclick: actions.train,
  });
  const taken = el("p", { class: "tr-note muted", role: "status" });
  const network = el(
    "section",
    { class: "panel tr-network", "aria-labelledby": "tr-network" },
    el("h2", { id: "tr-network", class: "tr-output", text: trainWords.network }),
    el("button", {
      type: "button",
      class: "plain tr-change aside",
      text: trainWords.fromPage,
      onclick: actions.fromStage,
    }),
    taken,
  );
  const element = el("div", { class: "tr-column" }, data, network, learning, train);

  /** The variants that are drawn, and how. @type {unknown[]} */
  let varied = [];
  function drawVariants(
    /** @type {{ x: Float32Array, shape: number[], count: number } | null} */ some,
    /** @type {Theme} */ theme,
  ) {
    variants.hidden = !some;
    if (!some || (varied[0] === some && varied[1] === theme)) return;
    varied = [some, theme];
    const [high, wide] = planeOf(some.shape);
    const cell = Math.max(1, Math.floor(VARIANT / Math.max(high, wide)));
    const each = some.x.length / Math.max(1, some.count);
    const pictures = Array.from({ length: some.count }, (_, at) => {
      const canvas = picture();
      const values = some.x.subarray(at * each, (at + 1) * each);
      const how = { rows: high, cols: wide, cell, scale: inkScale(theme, values) };
      paint(canvas, values, how, trainWords.variant(at + 1));
      return canvas;
    });
    variantRow.replaceChildren(...pictures);
  }

  /** Pictures of the set, a row a class. @type {unknown[]} */
  let drawn = [];

  function drawExamples(
    /** @type {ExampleSet} */ examples,
    /** @type {Theme} */ theme,
    /** @type {string} */ chosen,
  ) {
    if (drawn[0] === examples && drawn[1] === theme && drawn[2] === chosen) return;
    const same = drawn[0] === examples;
    drawn = [examples, theme, chosen];
    if (same && rows.childElementCount > 0) {
      for (const button of rows.querySelectorAll("button"))
        setAttribute(button, "aria-pressed", String(button.dataset.key === chosen));
      if (rows.dataset.theme === theme) return;
    }
    rows.dataset.theme = theme;
    const { classes, shape, training } = examples;
    const cells = shape.reduce((total, side) => total * side, 1);
    const [high, wide] = planeOf(shape);
    const cell = Math.max(1, Math.floor(48 / Math.max(high, wide)));
    const shown = classes.slice(0, MOST_ROWS).map((name, place) => {
      const mine = [...training.labels.keys()].filter((at) => training.labels[at] === place).slice(0, SHOWN);
      const pictures = mine.map((at) => {
        const canvas = picture();
        const values = training.x.subarray(at * cells, (at + 1) * cells);
        paint(canvas, values, { rows: high, cols: wide, cell, scale: inkScale(theme, values) }, "");
        canvas.removeAttribute("role");
        canvas.removeAttribute("aria-label");
        const key = `training ${at}`;
        return el(
          "button",
          {
            type: "button",
            class: "tr-example",
            "data-key": key,
            "aria-label": trainWords.example(name),
            "aria-pressed": String(key === chosen),
            onclick: () => actions.choose("training", at),
          },
          canvas,
        );
      });
      return el("div", { class: "tr-class" }, el("b", { text: name }), ...pictures);
    });
    rows.replaceChildren(...shown);
  }

  function drawKinds(/** @type {DrawnData} */ { kind, classes }) {
    const all = CLASSES[kind];
    if (kinds.dataset.kind !== kind) {
      kinds.dataset.kind = kind;
      kinds.replaceChildren(
        ...all.map((name) =>
          el("button", {
            type: "button",
            class: "tr-kind",
            "data-name": name,
            text: trainWords.kindNames[/** @type {keyof typeof trainWords.kindNames} */ (name)] ?? name,
            onclick: () => {
              const { classes: chosen } = /** @type {DrawnData} */ (experiment.data);
              const next = all.filter((one) => (one === name) !== chosen.includes(one));
              if (next.length >= 2) setData({ classes: next });
            },
          }),
        ),
      );
    }
    for (const button of kinds.querySelectorAll("button"))
      setAttribute(button, "aria-pressed", String(classes.includes(String(button.dataset.name))));
  }

  return {
    element,
    /**
     * @param {Experiment} next @param {ExampleSet | null} examples @param {Theme} theme @param {string} chosen
     * @param {number | null} dropped @param {{ button: string, note: string, taken: string, given: Experiment["weights"], variants: { x: Float32Array, shape: number[], count: number } | null }} said
     */
    update(next, examples, theme, chosen, dropped, said) {
      experiment = next;
      const { data: of } = next;
      if (examples) {
        setText(
          counts,
          trainWords.counts(examples.training.labels.length, examples.validation.labels.length),
        );
        drawExamples(examples, theme, chosen);
        setText(aboutWords, `${examples.classes.join(", ")}, ${examples.shape.slice(1).join("×")}`);
      }
      if (of.kind !== "stored") {
        setValue(setField, of.kind);
        drawKinds(of);
        setValue(sizeBox, String(of.size));
        setValue(learnBox, String(of.count));
        setValue(checkBox, String(of.validation));
        shift.update(of.shift);
        noise.update(of.noise);
      }
      wrong.update(of.wrong);
      setValue(seedBox, String(next.seed));
      setValue(optimiser, next.optimiser.kind);
      rate.update(next.optimiser.rate);
      batch.update(next.batch);
      dropout.update(dropped ?? 0);
      dropout.able(dropped !== null);
      augment.checked = JSON.stringify(next.augmentation) !== JSON.stringify(NOTHING_CHANGED);
      setValue(loss, next.loss);
      given = said.given ?? next.weights;
      givenChoice.hidden = givenChoice.disabled = !given;
      setValue(start, next.weights ? GIVEN : next.start);
      setText(taken, said.taken);
      taken.hidden = said.taken === "";
      drawVariants(said.variants, theme);
      setValue(steps, String(next.steps));
      setText(train, said.button);
      setText(note, said.note);
    },
  };
}

function row(/** @type {string} */ label, /** @type {HTMLElement} */ field) {
  return el("div", { class: "tr-row" }, el("span", { class: "name", text: label }), field);
}

/** A whole number. @param {string} label @param {number} low @param {number} high @param {(value: number) => void} set */
function box(label, low, high, set) {
  const field = numberBox(label, set, { low, high, on: "change" });
  field.addEventListener("change", () => {
    const value = numberIn(field);
    if (value !== null) setValue(field, String(value));
  });
  return field;
}

/**
 * A slider with its number beside it; `read` makes the number of what the slider says, `write` the other way.
 * @param {string} label @param {{ low: number, high: number, step: number, read?: (value: number) => number, write?: (value: number) => number }} scale
 * @param {(value: number) => void} set
 */
function slider(label, { low, high, step, read = (value) => value, write = (value) => value }, set) {
  const range = el("input", {
    type: "range",
    min: low,
    max: high,
    step,
    "aria-label": label,
    oninput: () => set(read(Number(range.value))),
  });
  const typed = numberBox(`${label}, ${trainWords.asNumber}`, set, {
    whole: false,
    low: Math.min(read(low), 0),
    high: 1e12,
    on: "change",
  });
  const element = el(
    "div",
    { class: "tr-row tr-slider" },
    el("span", { class: "name", text: label }),
    range,
    typed,
  );
  return {
    element,
    update(/** @type {number} */ value) {
      const place = Math.min(high, Math.max(low, write(value)));
      if (Math.abs(Number(range.value) - place) > 1e-9) range.value = String(place);
      setAttribute(range, "aria-valuetext", String(value));
      range.style.setProperty("--at", `${(100 * (place - low)) / (high - low)}%`);
      setValue(typed, String(value));
    },
    able(/** @type {boolean} */ is) {
      range.disabled = !is;
      typed.disabled = !is;
      setAttribute(element, "title", is ? null : trainWords.noDropout);
    },
  };
}
