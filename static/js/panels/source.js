// The input: thumbnails of what the layer can read, and its size. Turns what a person does into actions; further rows
// (more pictures, noise, typed values, scale) come later. Knows no canvas and opens no connection.

import { el, pictured, setAttribute, setText, setValue } from "../ui/dom.js";
import { numberBox } from "../ui/number_box.js";
import { fold, line, picker } from "../ui/rows.js";
import { axisNames, say, text } from "../words/page.js";

/** @import { SampleInfo } from "../types/registry.js" */
/** @import { Source } from "../types/source.js" */
/** @import { Control, Dispatch } from "./controls.js" */
/** @import { State } from "../state/state.js" */

/** A panel whose further rows come later. @typedef {Control & { extend(more: Control): void }} Extended */
/**
 * Functions of the page that the panels call, beside actions.
 * @typedef {object} InputActions
 * @property {(words?: string) => void} typeValues
 * @property {(files: Iterable<File>, as?: "input" | "weights") => void} take
 * @property {(id: string) => void} remove
 */

/** Seeded noise takes the sizes of the input before it, up to these. */
const MOST_NOISE = 64;
const MOST_NOISE_CHANNELS = 8;
const MOST_CHANNELS = 64;
const MOST_SIDE = 1024;

/**
 * @param {Dispatch} dispatch @param {InputActions} inputActions @param {SampleInfo[]} samples
 * @returns {Extended}
 */
export function sourcePanel(dispatch, inputActions, samples) {
  /** @type {State} */
  let state;
  /** @type {Control | null} */
  let extra = null;
  const choose = (/** @type {Source} */ source) => dispatch({ type: "source", source });
  const upload = picker(text.upload, "image/*,.avif,.tif,.tiff,.npy", (files) => inputActions.take(files));
  upload.opener.classList.add("thumb", "yours");
  const pictures = samples.map((sample, at) => {
    const thumb = thumbnail(sample.title, () => choose(sampleSource(sample)));
    pictured(thumb, "samples");
    thumb.style.setProperty("background-size", `${samples.length}00% 100%`);
    thumb.style.setProperty("background-position", `${(100 * at) / Math.max(1, samples.length - 1)}% 0`);
    return { name: sample.name, tile: sample.tile ?? 0, thumb };
  });
  const noise = thumbnail(text.noise, () => choose(noiseOf(state.inputShape)));
  noise.classList.add("noise");
  // Those that stand in sight; the others are behind one line of words.
  const first = pictures
    .filter(({ tile }) => tile > 0)
    .sort((one, other) => one.tile - other.tile)
    .map(({ thumb }) => thumb);
  const others = pictures.flatMap(({ thumb }) => (first.includes(thumb) ? [] : thumb));
  const more = fold(text.moreInputs, el("div", { class: "thumbs" }, ...others));

  const sizes = el("div", { class: "sizes", role: "group", "aria-label": text.size });
  const size = line(text.size, sizes);
  const about = el("p", { class: "about" });
  const group = { class: "thumbs", role: "group", "aria-labelledby": "source-title" };
  const element = el(
    "section",
    { class: "panel source", "aria-labelledby": "source-title" },
    el("h2", { id: "source-title", class: "input", text: text.source }),
    el("div", group, upload.opener, ...first, noise),
    about,
    size,
    more.element,
  );

  let form = 0;
  /** @type {HTMLInputElement[]} */
  let fields = [];
  /** A box for the channels and one for each axis. */
  function build(/** @type {number} */ count) {
    const names = axisNames(count - 1).map((name) => text.sides[name] ?? name);
    fields = [text.channels, ...names].map((label, at) =>
      numberBox(
        label,
        async (value) => {
          const { resized } = await import("./more_inputs.js");
          choose(resized(state, at, value));
        },
        { low: 1, high: at === 0 ? MOST_CHANNELS : MOST_SIDE, on: "change" },
      ),
    );
    const between = () => el("span", { text: "×", "aria-hidden": "true" });
    sizes.replaceChildren(...fields.flatMap((field, at) => (at > 0 ? [between(), field] : [field])));
  }

  return {
    element,
    extend(control) {
      extra = control;
      more.element.append(control.element);
      if (state) extra.update(state);
    },
    update(next) {
      state = next;
      const { source } = state.setting;
      const chosen = source.kind === "sample" ? source.name : source.kind;
      for (const { name, thumb } of pictures) setAttribute(thumb, "aria-pressed", String(name === chosen));
      setAttribute(noise, "aria-pressed", String(chosen === "noise"));
      upload.opener.classList.toggle("chosen", chosen === "image");
      if (!first.some((one) => one.ariaPressed === "true") && (chosen !== "image" || isArray(state)))
        more.show(chosen);
      setText(about, aboutSource(state));
      const shape = state.inputShape;
      size.hidden = !shape;
      if (shape && shape.length !== form) build(shape.length);
      form = shape?.length ?? form;
      for (const [at, field] of fields.entries()) setValue(field, String(shape?.[at]));
      extra?.update(state);
    },
  };
}

/** Which of an array's axes are channels is said below. */
function isArray(/** @type {State} */ { setting: { source }, uploads }) {
  return source.kind === "image" && uploads[source.id]?.kind === "array";
}

/** @param {string} title @param {() => void} act */
function thumbnail(title, act) {
  return el("button", { type: "button", class: "thumb", title, "aria-label": title, onclick: act });
}

/** A sample at a size whose cells can be told apart. @returns {Source} */
function sampleSource(/** @type {SampleInfo} */ { name, shape, scalable }) {
  const longest = Math.max(...shape.slice(1));
  return { kind: "sample", name, ...(scalable && longest > MOST_NOISE ? { size: MOST_NOISE } : {}) };
}

/** Noise in place of an input, of its shape as far as its numbers can be read. */
export function noiseOf(/** @type {number[] | null} */ before) {
  const most = (/** @type {number} */ at) => (at > 0 ? MOST_NOISE : MOST_NOISE_CHANNELS);
  const shape = before?.map((side, at) => Math.min(side, most(at))) ?? [3, 12, 12];
  return {
    kind: /** @type {const} */ ("noise"),
    shape,
    seed: 0,
    distribution: /** @type {const} */ ("normal"),
  };
}

function aboutSource(/** @type {State} */ { setting: { source }, uploads, inputShape }) {
  if (source.kind === "sample") return "";
  if (source.kind !== "image") return source.kind === "values" ? text.typed : text.noise;
  const stored = uploads[source.id];
  return stored
    ? say.stored(text.uploaded, stored.shape, inputShape, stored.expires, stored.notes ?? [])
    : text.uploaded;
}
