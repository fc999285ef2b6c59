// The further rows of the input: typed values, scale, seed, earlier uploads; and what becomes of an input whose size is
// changed. Comes with the first sign of a hand. Turns what a person does into actions.

import { isTooLong, uploadedSource } from "../server/uploaded.js";
import { shapeOfValues } from "../state/setting.js";
import { el, setAttribute, setOptions, setText, setValue } from "../ui/dom.js";
import { button, line, select, wholeNumber } from "../ui/rows.js";
import { later, sayLater } from "../words/dialogs.js";
import { text } from "../words/page.js";
import { noiseOf } from "./source.js";

/** @import { Source } from "../types/source.js" */
/** @import { Control, Dispatch } from "./controls.js" */
/** @import { InputActions } from "./source.js" */
/** @import { State } from "../state/state.js" */

/** A picture of colours. */
const COLOURS = 3;

/**
 * The input with another number of channels, or another side. A picture keeps its proportions and has one plane or three;
 * what has one size only gives way to noise.
 * @param {State} state @param {number} at @param {number} value @returns {Source}
 */
export function resized(state, at, value) {
  const { source } = state.setting;
  const shape = state.inputShape ?? [];
  if (source.kind === "noise") return { ...source, shape: shape.with(at, value) };
  const own = ownShape(state);
  if (own && at === 0 && (value === 1 || value === COLOURS)) {
    const channels = value === own[0] ? "own" : value === 1 ? "grey" : "rgb";
    return /** @type {Source} */ ({ ...source, channels });
  }
  if (at > 0 && isResizable(state)) {
    const size = Math.max(1, Math.round((value * Math.max(...shape.slice(1))) / Number(shape[at])));
    return /** @type {Source} */ ({ ...source, size });
  }
  return { ...noiseOf(shape), shape: shape.with(at, value) };
}

/** @param {Dispatch} dispatch @param {InputActions} inputActions @returns {Control} */
export function moreInputs(dispatch, inputActions) {
  /** @type {State} */
  let state;
  const choose = (/** @type {Source} */ source) => dispatch({ type: "source", source });
  const change = (/** @type {object} */ part) =>
    choose(/** @type {Source} */ ({ ...state.setting.source, ...part }));
  const uploads = el("div", { class: "chips", role: "group", "aria-label": text.uploaded });
  const typing = button(later.typeValues, () => inputActions.typeValues());
  const remove = button(later.deleteUpload, () => {
    if (state.setting.source.kind === "image") inputActions.remove(state.setting.source.id);
  });
  remove.title = later.deleteUploadAbout;
  const scale = select(later.scale, (value) => change({ scale: value }));
  const axes = select(later.readAs, (value) => change({ axes: Number(value) }));
  const seed = wholeNumber(later.seed, (value) => change({ seed: value }), 0, 2 ** 31);
  const another = button(later.another, () => {
    const { source } = state.setting;
    if (source.kind === "noise") change({ seed: (source.seed ?? 0) + 1 });
  });
  const distribution = select(later.distribution, (value) => change({ distribution: value }));
  const rows = {
    axes: line(later.readAs, axes),
    seed: line(later.seed, seed, another),
    distribution: line(later.distribution, distribution),
    scale: line(later.scale, scale),
  };
  const element = el(
    "div",
    {},
    uploads,
    ...Object.values(rows),
    el("div", { class: "chips" }, typing, remove),
  );

  return {
    element,
    update(next) {
      state = next;
      const { source } = state.setting;
      showUploads();
      remove.hidden = !(source.kind === "image" && state.uploads[source.id]?.delete_token);
      setText(typing, source.kind === "values" ? later.editValues : later.typeValues);
      showScale();
      showAxes(source);
      rows.seed.hidden = rows.distribution.hidden = source.kind !== "noise";
      if (source.kind === "noise") {
        setValue(seed, String(source.seed ?? 0));
        setOptions(distribution, Object.entries(later.distributions));
        distribution.value = source.distribution ?? "normal";
      }
      const sizes = document.querySelector(".source .sizes");
      const free = source.kind === "noise" || isResizable(state);
      if (sizes) setAttribute(sizes, "title", free ? null : later.sizeAbout);
    },
  };

  /** Earlier uploads. */
  function showUploads() {
    const { source } = state.setting;
    const known = Object.values(state.uploads);
    uploads.hidden = known.length === 0;
    const key = known.map(({ id }) => id).join();
    if (uploads.dataset.of !== key) {
      uploads.dataset.of = key;
      uploads.replaceChildren(
        ...known.map(({ id, shape: own }) => {
          const made = button(`${text.uploaded} ${own.join("×")}`, () => choose(uploadedSource(state, id)));
          made.dataset.id = id;
          return made;
        }),
      );
    }
    for (const one of /** @type {HTMLCollectionOf<HTMLElement>} */ (uploads.children))
      setAttribute(one, "aria-pressed", String(source.kind === "image" && one.dataset.id === source.id));
  }

  /** Whether the first axis of an array are its channels is for a person to say. */
  function showAxes(/** @type {Source} */ source) {
    const stored = source.kind === "image" ? state.uploads[source.id] : null;
    const own = source.kind === "values" ? shapeOfValues(source.values, 0) : stored?.shape;
    const levels = source.kind === "values" || stored?.kind === "array" ? (own?.length ?? 0) : 0;
    rows.axes.hidden = levels < 2 || levels > 3 || (levels === 3 && own?.[0] === 1);
    if (rows.axes.hidden || !own || (source.kind !== "values" && source.kind !== "image")) return;
    setOptions(axes, [
      [String(levels - 1), sayLater.channelsEach(own)],
      [String(levels), sayLater.oneChannel(own)],
    ]);
    axes.value = String(source.axes ?? 2);
  }

  function showScale() {
    const { source } = state.setting;
    const sample = source.kind === "sample";
    rows.scale.hidden = !(sample || isPicture(state));
    if (!sample && source.kind !== "image") return;
    setOptions(
      scale,
      Object.entries(later.scaleChoices).filter(([name]) => name !== "own" || sample),
    );
    scale.value = source.scale ?? (sample ? "own" : "0-1");
  }
}

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
