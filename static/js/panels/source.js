// The input: thumbnails of what the layer can read, its size, and what is said of the chosen one. Turns what a person
// does into actions; what is rarely needed (typing, uploading) comes by import. Knows no canvas and opens no connection.

import { shapeOfValues } from "../state/setting.js";
import { isTooLong, uploadedSource } from "../state/uploaded.js";
import { besideSheet, el, setAttribute, setOptions, setText, setValue } from "../ui/dom.js";
import { numberBox } from "../ui/number_box.js";
import { axisNames, say, text } from "../words/page.js";
import { button, fold, line, picker, select, whole } from "./rows.js";

/** @import { SampleInfo } from "../types/registry.js" */
/** @import { Source } from "../types/source.js" */
/** @import { Control, Dispatch } from "./controls.js" */
/** @import { State } from "../state/state.js" */

/**
 * What the panels ask the page to do beside actions.
 * @typedef {object} Doors
 * @property {() => void} typeValues @property {(files: Iterable<File>, as?: "input" | "weights") => void} take
 * @property {(id: string) => void} remove
 */

/** Seeded noise takes the sizes of the input before it, up to these. */
const MOST_NOISE = 64;
const MOST_CHANNELS = 64;
const MOST_SIDE = 1024;
const NOISE = "noise";
/** A picture of colours. */
const COLOURS = 3;

/**
 * @param {Dispatch} dispatch @param {Doors} doors @param {SampleInfo[]} samples
 * @returns {Control}
 */
export function sourcePanel(dispatch, doors, samples) {
  /** @type {State} */
  let state;
  const choose = (/** @type {Source} */ source) => dispatch({ type: "source", source });
  const change = (/** @type {object} */ part) =>
    choose(/** @type {Source} */ ({ ...state.setting.source, ...part }));

  const upload = picker(text.upload, "image/*,.avif,.tif,.tiff,.npy", (files) => doors.take(files));
  upload.opener.classList.add("thumb", "yours");
  const pictures = samples.map((sample, at) => {
    const thumb = thumbnail(sample.title, () => choose(sampleSource(sample)));
    thumb.style.setProperty("background-image", `url("${besideSheet("../pictures/samples.png")}")`);
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
  const uploads = el("div", { class: "thumbs" });
  const typing = button(text.typeValues, doors.typeValues);
  const remove = button(text.deleteUpload, () => {
    if (state.setting.source.kind === "image") doors.remove(state.setting.source.id);
  });
  remove.title = text.deleteUploadAbout;
  const scale = select(text.scale, (value) => change({ scale: value }));
  const scales = line(text.scale, scale);
  const more = fold(text.moreInputs, el("div", { class: "thumbs" }, ...others), scales, typing);

  const sizes = el("div", { class: "sizes", role: "group", "aria-label": text.size });
  const axes = select(text.readAs, (value) => change({ axes: Number(value) }));
  const seed = whole(text.seed, (value) => change({ seed: value }), 0, 2 ** 31);
  const another = button(text.another, () => {
    const { source } = state.setting;
    if (source.kind === NOISE) change({ seed: (source.seed ?? 0) + 1 });
  });
  const distribution = select(text.distribution, (value) => change({ distribution: value }));
  const rows = {
    size: line(text.size, sizes),
    axes: line(text.readAs, axes),
    seed: line(text.seed, seed, another),
    distribution: line(text.distribution, distribution),
  };
  const about = el("p", { class: "about" });
  const element = el(
    "section",
    { class: "panel source", "aria-labelledby": "source-title" },
    el("h2", { id: "source-title", class: "input", text: text.source }),
    el(
      "div",
      { class: "thumbs", role: "group", "aria-labelledby": "source-title" },
      upload.opener,
      ...first,
      noise,
    ),
    uploads,
    about,
    remove,
    ...Object.values(rows),
    more.element,
  );

  let form = "";
  /** @type {HTMLInputElement[]} */
  let fields = [];
  /** A box for the channels and one for each axis. */
  function build(/** @type {number} */ count) {
    const names = axisNames(count - 1).map((name) => text.sides[name] ?? name);
    fields = [text.channels, ...names].map((label, at) =>
      numberBox(label, (value) => resize(at, value), {
        ...{ low: 1, high: at === 0 ? MOST_CHANNELS : MOST_SIDE },
        on: "change",
      }),
    );
    const between = () => el("span", { text: "×", "aria-hidden": "true" });
    sizes.replaceChildren(...fields.flatMap((field, at) => (at > 0 ? [between(), field] : [field])));
  }

  /** A picture keeps its proportions and has one plane or three; what has one size only gives way to noise. */
  function resize(/** @type {number} */ at, /** @type {number} */ value) {
    const { source } = state.setting;
    const shape = state.inputShape;
    if (!shape) return;
    if (source.kind === NOISE) return change({ shape: shape.with(at, value) });
    const own = ownShape(state);
    if (own && at === 0 && (value === 1 || value === COLOURS))
      return change({ channels: value === own[0] ? "own" : value === 1 ? "grey" : "rgb" });
    const side = shape[at] ?? 1;
    if (own && at > 0 && isResizable(state))
      return change({ size: Math.max(1, Math.round((value * Math.max(...shape.slice(1))) / side)) });
    choose({ ...noiseOf(shape), shape: shape.with(at, value) });
  }

  return {
    element,
    update(next) {
      state = next;
      const { source } = state.setting;
      const chosen = source.kind === "sample" ? source.name : source.kind;
      for (const { name, thumb } of pictures) setAttribute(thumb, "aria-pressed", String(name === chosen));
      setAttribute(noise, "aria-pressed", String(source.kind === NOISE));
      upload.opener.classList.toggle("chosen", source.kind === "image");
      if (source.kind === "values" || others.some((one) => one.ariaPressed === "true")) more.show(chosen);
      showUploads();
      setText(about, aboutSource(state));
      remove.hidden = !(source.kind === "image" && state.uploads[source.id]?.delete_token);
      setText(typing, source.kind === "values" ? text.editValues : text.typeValues);
      setAttribute(typing, "aria-pressed", String(source.kind === "values"));
      showSize();
      showScale();
      showAxes(source);
      rows.seed.hidden = rows.distribution.hidden = source.kind !== NOISE;
      if (source.kind === NOISE) {
        setValue(seed, String(source.seed ?? 0));
        setOptions(distribution, Object.entries(text.distributions));
        distribution.value = source.distribution ?? "normal";
      }
    },
  };

  /** What was uploaded before and is not on view is one click away. */
  function showUploads() {
    const { source } = state.setting;
    const known = Object.values(state.uploads);
    uploads.hidden = known.length < 2 && (source.kind === "image" || known.length === 0);
    const key = known.map(({ id }) => id).join();
    if (uploads.dataset.of !== key) {
      uploads.dataset.of = key;
      uploads.replaceChildren(
        ...known.map(({ id, shape: own }) => {
          const made = button(own.join("×"), () => choose(uploadedSource(state, id)));
          made.dataset.id = id;
          return made;
        }),
      );
    }
    for (const one of /** @type {HTMLCollectionOf<HTMLElement>} */ (uploads.children))
      setAttribute(one, "aria-pressed", String(source.kind === "image" && one.dataset.id === source.id));
  }

  function showSize() {
    const shape = state.inputShape;
    rows.size.hidden = !shape;
    if (!shape) return;
    if (form !== String(shape.length)) build(shape.length);
    form = String(shape.length);
    for (const [at, field] of fields.entries()) setValue(field, String(shape[at]));
    const free = state.setting.source.kind === NOISE || isResizable(state);
    setAttribute(sizes, "title", free ? null : text.sizeAbout);
  }

  /** Whether the first axis of an array are its channels is for a person to say. */
  function showAxes(/** @type {Source} */ source) {
    const stored = source.kind === "image" ? state.uploads[source.id] : null;
    const own = source.kind === "values" ? shapeOfValues(source.values, 0) : stored?.shape;
    const levels = source.kind === "values" || stored?.kind === "array" ? (own?.length ?? 0) : 0;
    rows.axes.hidden = levels < 2 || levels > 3 || (levels === 3 && own?.[0] === 1);
    if (rows.axes.hidden || !own || (source.kind !== "values" && source.kind !== "image")) return;
    setOptions(axes, [
      [String(levels - 1), say.channelsEach(own)],
      [String(levels), say.oneChannel(own)],
    ]);
    axes.value = String(source.axes ?? 2);
  }

  function showScale() {
    const { source } = state.setting;
    const sample = source.kind === "sample";
    scales.hidden = !(sample || isPicture(state));
    if (!sample && source.kind !== "image") return;
    setOptions(
      scale,
      Object.entries(text.scaleChoices).filter(([name]) => name !== "own" || sample),
    );
    scale.value = source.scale ?? (sample ? "own" : "0-1");
  }
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
function noiseOf(/** @type {number[] | null} */ before) {
  const shape = before?.map((side, at) => Math.min(side, at > 0 ? MOST_NOISE : 8)) ?? [3, 12, 12];
  return {
    kind: /** @type {const} */ ("noise"),
    shape,
    seed: 0,
    distribution: /** @type {const} */ ("normal"),
  };
}

/** @returns {SampleInfo | null} */
function sampleOf(/** @type {State} */ { setting: { source }, catalog }) {
  return source.kind === "sample" ? (catalog.samples.find(({ name }) => name === source.name) ?? null) : null;
}

function isPicture(/** @type {State} */ { setting: { source }, uploads }) {
  return source.kind === "image" && uploads[source.id]?.kind !== "array";
}

/** The shape of a picture or a sample before anything is made of it; null for arrays and typed values. */
function ownShape(/** @type {State} */ state) {
  const { source } = state.setting;
  const sample = sampleOf(state);
  if (sample) return sample.axes === 2 ? sample.shape : null;
  return source.kind === "image" && isPicture(state) ? (state.uploads[source.id]?.shape ?? null) : null;
}

function isResizable(/** @type {State} */ state) {
  const { source } = state.setting;
  const stored = source.kind === "image" ? state.uploads[source.id] : null;
  return (
    isPicture(state) || sampleOf(state)?.scalable === true || (stored ? isTooLong(state, stored) : false)
  );
}

function aboutSource(/** @type {State} */ state) {
  const { source } = state.setting;
  if (source.kind === "sample") return "";
  if (source.kind !== "image") return source.kind === "values" ? text.typed : text.noise;
  const stored = state.uploads[source.id];
  return stored
    ? say.stored(text.uploaded, stored.shape, state.inputShape, stored.expires, stored.notes ?? [])
    : text.uploaded;
}
