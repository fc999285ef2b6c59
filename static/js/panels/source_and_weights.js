// The input and the weights: where the numbers come from. Turns what a person does into actions; what is rarely
// needed (typing, uploading, editing weights) comes by import. Knows no canvas and opens no connection.

import { chosenOf } from "../state/selectors.js";
import { PRESET, shapeOfValues } from "../state/setting.js";
import { isTooLong, uploadedSource } from "../state/uploaded.js";
import { el, setOptions, setText, setValue } from "../ui/dom.js";
import { numberBox } from "../ui/number_box.js";
import { shape } from "../words/format.js";
import { say, text } from "../words/page.js";

/** @import { SampleInfo } from "../types/registry.js" */
/** @import { Source, WeightPreset, Weights } from "../types/source.js" */
/** @import { Control, Dispatch } from "./controls.js" */
/** @import { State } from "../state/state.js" */

/**
 * What the panels ask the page to do beside actions.
 * @typedef {object} Doors
 * @property {() => void} typeValues @property {(files: Iterable<File>, as?: "input" | "weights") => void} take
 * @property {(id: string) => void} remove
 */

const SIZES = [8, 16, 28, 32, 64, 96, 128, 256, 512, 1024];

/** @param {string} label @param {...HTMLElement} fields */
function line(label, ...fields) {
  const element = el("div", { class: "row" }, el("span", { class: "name", text: label }));
  element.append(el("div", { class: "fields" }, el("div", { class: "line choose" }, ...fields)));
  return element;
}

/** A whole number, once it is typed. @param {string} label @param {(value: number) => void} set @param {number} low @param {number} high */
function whole(label, set, low, high) {
  return numberBox(label, set, { low, high, on: "change" });
}

/** @param {string} label @param {(value: string) => void} set */
function select(label, set) {
  const field = el("select", { "aria-label": label, onchange: () => set(field.value) });
  return field;
}

/** @param {string} words @param {() => void} act */
function button(words, act) {
  return el("button", { type: "button", text: words, onclick: act });
}

/** @param {string} label @param {string} accept @param {(files: FileList) => void} take */
function picker(label, accept, take) {
  const field = el("input", {
    type: "file",
    class: "unseen",
    accept,
    "aria-label": label,
    onchange: () => {
      if (field.files?.length) take(field.files);
      field.value = "";
    },
  });
  return { field, opener: el("label", { class: "button" }, label, field) };
}

// ------------------------------------------------------------------------------------- the input

/**
 * @param {Dispatch} dispatch @param {Doors} doors
 * @returns {Control}
 */
export function sourcePanel(dispatch, doors) {
  /** @type {State} */
  let state;
  const change = (/** @type {object} */ part) =>
    dispatch({ type: "source", source: /** @type {Source} */ ({ ...state.setting.source, ...part }) });
  const kind = select(text.source, (value) => choose(value));
  const about = el("p", { class: "about" });
  const remove = button(text.deleteUpload, () => {
    if (state.setting.source.kind === "image") doors.remove(state.setting.source.id);
  });
  remove.title = text.deleteUploadAbout;
  const upload = picker(text.upload, "image/*,.avif,.tif,.tiff,.npy", (files) => doors.take(files));
  const typing = button(text.typeValues, doors.typeValues);
  const size = select(text.size, (value) => change({ size: value === "" ? null : Number(value) }));
  const channels = select(text.channels, (value) => change({ channels: value }));
  const axes = select(text.readAs, (value) => change({ axes: Number(value) }));
  const scale = select(text.scale, (value) => change({ scale: value }));
  const seed = whole(text.seed, (value) => change({ seed: value }), 0, 2 ** 31);
  const another = button(text.another, () => {
    const { source } = state.setting;
    if (source.kind === "noise") change({ seed: (source.seed ?? 0) + 1 });
  });
  const distribution = select(text.distribution, (value) => change({ distribution: value }));
  const sides = [text.channels, text.rows, text.cols].map((label, at) =>
    whole(
      label,
      (value) => {
        const { source } = state.setting;
        if (source.kind !== "noise") return;
        const own = source.shape.length === 3 ? source.shape : [1, 16, 16];
        change({ shape: own.with(at, value) });
      },
      1,
      at === 0 ? 64 : 1024,
    ),
  );
  const rows = {
    size: line(text.size, size),
    channels: line(text.channels, channels),
    scale: line(text.scale, scale),
    axes: line(text.readAs, axes),
    shape: line(text.shape, ...sides),
    seed: line(text.seed, seed, another),
    distribution: line(text.distribution, distribution),
  };
  const element = el(
    "section",
    { class: "panel", "aria-labelledby": "source-title" },
    el("h2", { id: "source-title", text: text.source }),
    el("div", { class: "line choose wide" }, kind),
    about,
    el("div", { class: "buttons" }, upload.opener, typing, remove),
    ...Object.values(rows),
  );

  function choose(/** @type {string} */ value) {
    if (value === "typed") return doors.typeValues();
    if (value === "noise") {
      const shape =
        state.inputShape?.length === 3
          ? state.inputShape.map((side, at) => Math.min(side, at ? 64 : 8))
          : [3, 12, 12];
      return dispatch({ type: "source", source: { kind: "noise", shape, seed: 0, distribution: "normal" } });
    }
    if (value.startsWith("sample ")) {
      const name = value.slice(7);
      const sample = state.catalog.samples.find((one) => one.name === name);
      const longest = Math.max(...(sample?.shape.slice(1) ?? [0]));
      const size = sample?.scalable && longest > 64 ? { size: 64 } : {};
      return dispatch({ type: "source", source: { kind: "sample", name, ...size } });
    }
    if (value.startsWith("image "))
      dispatch({ type: "source", source: uploadedSource(state, value.slice(6)) });
  }

  return {
    element,
    update(next) {
      state = next;
      const { source } = state.setting;
      const uploads = Object.values(state.uploads);
      setOptions(kind, [
        ...state.catalog.samples.map(
          (one) => /** @type {[string, string]} */ ([`sample ${one.name}`, one.title]),
        ),
        ...uploads.map(
          (one) =>
            /** @type {[string, string]} */ ([`image ${one.id}`, `${text.uploaded} ${shape(one.shape)}`]),
        ),
        ...(source.kind === "image" && !state.uploads[source.id]
          ? [/** @type {[string, string]} */ ([`image ${source.id}`, text.uploaded])]
          : []),
        ["noise", text.noise],
        ["typed", text.typed],
      ]);
      kind.value =
        source.kind === "sample"
          ? `sample ${source.name}`
          : source.kind === "image"
            ? `image ${source.id}`
            : source.kind === "noise"
              ? "noise"
              : "typed";
      setText(about, aboutSource(state));
      remove.hidden = !(source.kind === "image" && state.uploads[source.id]?.delete_token);
      setText(typing, source.kind === "values" ? text.editValues : text.typeValues);
      showPicture(source);
      showAxes(source);
      rows.shape.hidden = rows.seed.hidden = rows.distribution.hidden = source.kind !== "noise";
      if (source.kind === "noise") {
        for (const [at, field] of sides.entries()) setValue(field, String(source.shape[at] ?? 1));
        setValue(seed, String(source.seed ?? 0));
        setOptions(distribution, Object.entries(text.distributions));
        distribution.value = source.distribution ?? "normal";
      }
    },
  };

  /** Whether the first axis of an array are its channels is for a person to say. */
  function showAxes(/** @type {Source} */ source) {
    const stored = source.kind === "image" ? state.uploads[source.id] : null;
    const sizes = source.kind === "values" ? shapeOfValues(source.values, 0) : stored?.shape;
    const own = source.kind === "values" || stored?.kind === "array" ? (sizes?.length ?? 0) : 0;
    rows.axes.hidden = own < 2 || own > 3 || (own === 3 && sizes?.[0] === 1);
    if (rows.axes.hidden || !sizes || (source.kind !== "values" && source.kind !== "image")) return;
    setOptions(axes, [
      [String(own - 1), say.channelsEach(sizes)],
      [String(own), say.oneChannel(sizes)],
    ]);
    axes.value = String(source.axes ?? 2);
  }

  function showPicture(/** @type {Source} */ source) {
    const sample = source.kind === "sample" ? sampleOf(state, source.name) : null;
    const stored = source.kind === "image" ? state.uploads[source.id] : null;
    const picture = source.kind === "image" && stored?.kind !== "array";
    rows.size.hidden = !(picture || sample?.scalable || (stored && isTooLong(state, stored)));
    rows.channels.hidden = !(picture || (sample && sample.shape[0] === 3));
    rows.scale.hidden = !(picture || sample);
    if (source.kind !== "sample" && source.kind !== "image") return;
    const longest = Math.max(...(stored?.shape.slice(-2) ?? [state.catalog.limits.working_size]));
    const sizes = SIZES.filter((one) => one <= Math.min(longest, state.catalog.limits.working_size));
    if (source.size && !sizes.includes(source.size)) sizes.push(source.size);
    setOptions(size, [
      ["", text.ownSize],
      ...sizes
        .sort((a, b) => a - b)
        .map((one) => /** @type {[string, string]} */ ([String(one), String(one)])),
    ]);
    size.value = source.size ? String(source.size) : "";
    setOptions(channels, Object.entries(text.channelChoices));
    channels.value = source.channels ?? "own";
    const scales = Object.entries(text.scaleChoices).filter(([name]) => name !== "own" || sample);
    setOptions(scale, scales);
    scale.value = source.scale ?? (sample ? "own" : "0-1");
  }
}

/** @returns {SampleInfo | null} */
function sampleOf(/** @type {State} */ state, /** @type {string} */ name) {
  return state.catalog.samples.find((one) => one.name === name) ?? null;
}

function aboutSource(/** @type {State} */ state) {
  const { source } = state.setting;
  if (source.kind === "sample") return sampleOf(state, source.name)?.description ?? "";
  if (source.kind === "image") {
    const stored = state.uploads[source.id];
    return stored
      ? say.stored(text.uploaded, stored.shape, state.inputShape, stored.expires, stored.notes ?? [])
      : text.uploaded;
  }
  return state.inputShape ? shape(state.inputShape) : "";
}

// ------------------------------------------------------------------------------------- the weights

/**
 * @param {Dispatch} dispatch @param {Doors} doors
 * @returns {Control}
 */
export function weightsPanel(dispatch, doors) {
  /** @type {State} */
  let state;
  /** @type {Control | null} */
  let editor = null;
  const preset = select(text.preset, (name) => {
    if (name === "own" || name === "edited") return;
    const bias = chosenOf(state).weights?.bias ?? null;
    /** @type {Weights} */
    const weights = { kind: "preset", name: /** @type {WeightPreset} */ (name), seed: 0 };
    dispatch({ type: "weights", weights: bias ? { ...weights, bias } : weights });
  });
  const reseed = (/** @type {number} */ seed) => {
    const { weights } = chosenOf(state);
    const own =
      weights?.kind === "preset" ? weights : { kind: /** @type {const} */ ("preset"), name: PRESET };
    dispatch({ type: "weights", weights: /** @type {Weights} */ ({ ...own, seed }) });
  };
  const seed = whole(text.seed, reseed, 0, 2 ** 31);
  const another = button(text.another, () => {
    const { weights } = chosenOf(state);
    reseed((weights?.kind === "preset" ? (weights.seed ?? 0) : 0) + 1);
  });
  const reset = button(text.resetWeights, () => dispatch({ type: "reset_weights" }));
  const upload = picker(text.weightsUpload, ".npy", (files) => doors.take(files, "weights"));
  const edits = el("span", { class: "about" });
  const body = el("div", { class: "editor" });
  const details = el("details", {}, el("summary", { text: text.editWeights }), body);
  details.addEventListener("toggle", async () => {
    if (!details.open || editor) return;
    const { weightsEditor } = await import("../dialogs/weights.js");
    editor = weightsEditor(dispatch);
    body.append(editor.element);
    editor.update(state);
  });
  const seeds = line(text.seed, seed, another);
  const rows = [line(text.preset, preset), seeds, details];
  const none = el("p", { class: "about", text: text.noWeights });
  const edited = el("div", { class: "buttons" }, upload.opener, reset, edits);
  const element = el(
    "section",
    { class: "panel", "aria-labelledby": "weights-title" },
    el("h2", { id: "weights-title", text: text.weights }),
    none,
    ...rows,
    edited,
  );
  return {
    element,
    update(next) {
      state = next;
      const weighted = state.shown === null || state.shown.operation.combination.term === "product";
      none.hidden = weighted;
      for (const one of rows) one.hidden = !weighted;
      edited.hidden = !weighted;
      if (!weighted) return;
      const { weights } = chosenOf(state);
      const named = !weights || weights.kind === "preset";
      const name = weights?.kind === "preset" ? weights.name : named ? PRESET : "own";
      const count = weights?.kind === "preset" ? (weights.edits?.length ?? 0) : 0;
      /** @type {[string, string][]} */
      const presets = Object.entries(text.presets);
      if (!named) presets.push(["own", text.ownWeights]);
      if (count > 0) presets.push(["edited", say.edited(new Map(presets).get(name) ?? name)]);
      setOptions(preset, presets);
      preset.value = count > 0 ? "edited" : name;
      seeds.hidden = name !== "random";
      if (weights?.kind === "preset") setValue(seed, String(weights.seed ?? 0));
      reset.hidden = named && count === 0;
      setText(edits, count > 0 ? say.edits(count) : "");
      if (details.open) editor?.update(state);
    },
  };
}
