// The dialog that takes the picture away: a step, the final state, a film strip or the animation as a file, drawn by
// the server from the replayed walk, with the words that go with it. Comes by import.

import { lastStep, viewedStep, walkOf } from "../state/selectors.js";
import { worded } from "../state/wording.js";
import { el } from "../ui/dom.js";
import { choiceField, lineOf, numberField } from "../ui/fields.js";
import { later, sayLater } from "../words/dialogs.js";
import { text } from "../words/page.js";
import { copyField, dialog } from "./dialogs.js";
import { DEFAULT, FORMATS, namesOf, RECORDED } from "./formats.js";
import { record, videoForms } from "./recording.js";

/** @import { FigureRequest } from "../types/api.js" */
/** @import { State } from "../state/state.js" */
/** @import { createApi } from "../server/api.js" */

const STILL = namesOf("still");
const MOVING = namesOf("moving");
/** The figures of a network as a whole. */
const WHOLE = ["chain", "fields", "dilation"];
/** Pictures on a film strip, and side by side. */
const MOST_PICTURES = 12;
const COLUMNS = 3;

/** The choice that the dialog was left at, for the next time. */
const chosen = {
  what: "step",
  format: DEFAULT,
  layout: "side",
  theme: "light",
  width: 160,
  font: 8,
  dpi: 150,
  fps: 2,
  plays: 0,
  background: "theme",
  words: "caption",
};

/** @param {State} state @param {ReturnType<typeof createApi>} asking @param {Partial<typeof chosen>} [preset] */
export function exportDialog(state, asking, preset = {}) {
  const asked = state.shown?.asked;
  if (!asked) return;
  Object.assign(chosen, preset);
  const offered = offeredOf(state);
  if (!(chosen.what in offered)) chosen.what = "step";
  if (chosen.what === "step" && state.views.includes("network")) chosen.what = "fields";
  const { labels } = later.figure;
  const pick = (
    /** @type {"what" | "format" | "layout" | "theme" | "background" | "words"} */ name,
    /** @type {Record<string, string>} */ choices,
  ) =>
    choiceField(labels[name], choices, chosen[name], (value) => {
      chosen[name] = value;
      if (name === "words") field.value = words[value] ?? "";
      else show();
    });
  const number = (
    /** @type {"width" | "font" | "dpi" | "fps" | "plays"} */ name,
    /** @type {number} */ low,
    /** @type {number} */ high,
  ) =>
    numberField(labels[name], low, high, chosen[name], (value) => {
      chosen[name] = value;
      show();
    });
  const videos = videoForms();
  const format = pick("format", {});
  const dpi = lineOf(labels.dpi, number("dpi", 30, 1200));
  const fps = lineOf(labels.fps, number("fps", 1, 50));
  const plays = lineOf(labels.plays, number("plays", 0, 1000));
  const preview = el("img", { class: "figure", alt: "" });
  const status = el("p", { class: "about", role: "status" });
  const api = asking.reporting(() => {
    status.textContent = text.connection.busy;
  });
  const bar = el("progress", { max: 1, value: 0, hidden: true, "aria-label": later.figure.progress });
  const save = el("button", { type: "button", class: "primary", text: later.figure.save, onclick: download });
  const cancel = el("button", {
    type: "button",
    text: later.cancel,
    hidden: true,
    onclick: () => running?.abort(),
  });
  const field = el("textarea", {
    rows: 4,
    cols: 56,
    readonly: true,
    spellcheck: "false",
    "aria-label": later.figure.words,
  });
  const copy = el("button", { type: "button", text: later.copy, onclick: () => copyField(field, status) });
  /** @type {AbortController | null} */
  let running = null;
  /** @type {Record<string, string>} */
  let words = {};
  let turn = 0;
  /** Counts what was said of a file: the caption of a picture that comes later does not take its place. */
  let news = 0;
  let url = "";
  const made = dialog(
    later.figure.title,
    el(
      "div",
      { class: "figure-options" },
      lineOf(labels.what, pick("what", offered)),
      lineOf(labels.format, format),
      lineOf(labels.layout, pick("layout", later.figure.layouts)),
      lineOf(labels.theme, pick("theme", later.figure.themes)),
      lineOf(labels.background, pick("background", later.figure.backgrounds)),
      lineOf(labels.width, number("width", 20, 600)),
      lineOf(labels.font, number("font", 4, 30)),
      dpi,
      fps,
      plays,
    ),
    preview,
    status,
    bar,
    el("div", { class: "buttons" }, save, cancel),
    el(
      "details",
      { class: "figure-words" },
      el("summary", { text: later.figure.words }),
      pick("words", later.figure.kinds),
      field,
      el("div", { class: "buttons" }, copy),
    ),
  );
  made.addEventListener("close", () => {
    running?.abort();
    URL.revokeObjectURL(url);
  });
  show();

  /** @returns {FigureRequest} */
  function request(/** @type {string} */ form) {
    if (WHOLE.includes(chosen.what)) return { ...networkRequest(state), ...look(), format: form };
    const still = chosen.what === "step" && !MOVING.includes(form);
    const steps = lastStep(state) + 1;
    const strip = { first: 0, every: Math.max(1, Math.ceil(steps / MOST_PICTURES)), columns: COLUMNS };
    return {
      .../** @type {NonNullable<typeof asked>} */ (asked),
      format: form,
      step: still ? viewedStep(state) : "final",
      ...(chosen.what === "strip" ? { steps: strip } : {}),
      walk: walkOf(state) === "stamp" ? "scatter" : "gather",
      lane: state.lane,
      layout: chosen.layout,
      ...look(),
    };
  }

  /** How it is to look, whatever it shows. */
  function look() {
    return {
      theme: chosen.theme,
      width_mm: chosen.width,
      font_pt: chosen.font,
      dpi: chosen.dpi,
      fps: chosen.fps,
      plays: chosen.plays,
      background: isVideo() ? "theme" : chosen.background,
    };
  }

  /** The picture as it will be, and the words that go with it. */
  async function show() {
    const whole = WHOLE.includes(chosen.what);
    const moving = chosen.what === "animation" || (whole && MOVING.includes(chosen.format));
    const forms = whole
      ? [...STILL, ...MOVING]
      : moving
        ? [...MOVING, ...videos.map(({ name }) => name)]
        : STILL;
    if (!forms.includes(chosen.format)) chosen.format = /** @type {string} */ (forms[0]);
    format.replaceChildren(...forms.map((one) => el("option", { value: one, text: formText(one) })));
    format.value = chosen.format;
    dpi.hidden = !FORMATS[chosen.format]?.pixels && !isVideo();
    fps.hidden = !moving;
    plays.hidden = !moving || isVideo();
    const mine = ++turn;
    const heard = news;
    const still = request(DEFAULT);
    const [picture, answer] = await Promise.all([
      api.figure(still),
      api.figureWords({ ...still, format: "json" }),
    ]);
    if (mine !== turn) return;
    save.disabled = !picture.ok || running !== null;
    words = answer.ok
      ? { caption: answer.value.caption, alt: answer.value.alt, bibtex: answer.value.bibtex }
      : {};
    field.value = words[chosen.words] ?? "";
    if (!picture.ok) {
      status.textContent = worded(picture.problem, state.catalog.operations);
      return;
    }
    URL.revokeObjectURL(url);
    url = URL.createObjectURL(picture.value);
    preview.src = url;
    preview.alt = words.alt ?? "";
    if (news === heard && running === null) status.textContent = words.caption ?? "";
  }

  function isVideo() {
    return videos.some(({ name }) => name === chosen.format);
  }

  function progress(/** @type {number} */ done, /** @type {number} */ of) {
    bar.value = done / of;
    status.textContent = sayLater.drawn(done, of);
  }

  async function download() {
    const video = videos.find(({ name }) => name === chosen.format);
    running = new AbortController();
    news++;
    const { signal } = running;
    save.disabled = true;
    bar.hidden = cancel.hidden = false;
    bar.value = 0;
    status.textContent = later.figure.drawing;
    const form = video ? RECORDED : chosen.format;
    const answer = await api.figureTold(request(form), progress, signal);
    /** @type {Blob | null} */
    let file = answer.ok ? answer.value : null;
    if (file && video && !signal.aborted) {
      status.textContent = later.figure.recording;
      file = await record(file, video.type, progress, signal);
    }
    running = null;
    save.disabled = false;
    bar.hidden = cancel.hidden = true;
    if (signal.aborted) status.textContent = later.figure.cancelled;
    else if (!answer.ok) status.textContent = worded(answer.problem, state.catalog.operations);
    if (!file || signal.aborted) return;
    const address = URL.createObjectURL(file);
    const name = `convscope.${FORMATS[chosen.format]?.ending ?? chosen.format}`;
    el("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
    status.textContent = later.figure.saved;
  }
}

/** The figures that can be drawn: of a network also all of it. @returns {Record<string, string>} */
function offeredOf(/** @type {State} */ { setting, inputShape }) {
  const { chain, fields, dilation, ...layer } = later.figure.what;
  if (setting.layers.length < 2) return layer;
  return { ...layer, chain, fields, ...(inputShape?.length === 2 ? { dilation } : {}) };
}

/** The network with the cell whose field is on view. */
function networkRequest(/** @type {State} */ state) {
  const { layer: _, ...asked } = /** @type {NonNullable<State["shown"]>} */ (state.shown).asked;
  const kind = chosen.what;
  const base = {
    ...asked,
    kind,
    step: /** @type {const} */ ("final"),
    walk: /** @type {const} */ ("gather"),
    layout: "side",
  };
  const cell = state.seen ?? state.kept;
  if (kind === "chain" || !cell || cell.layer === "input") return { ...base, lane: 0 };
  return { ...base, layer: cell.layer, cell: cell.place, lane: cell.lane ?? 0 };
}

/** A form as people write it. */
function formText(/** @type {string} */ form) {
  const { forms } = later.figure;
  return FORMATS[form]?.title ?? /** @type {Record<string, string>} */ (forms)[form] ?? form;
}
