// The dialog that takes the picture away: a step, the final state or the animation as a file, drawn by the server
// from the replayed walk, with a caption to go with it. Comes by import.

import { dialog } from "./dialogs.js";
import { el } from "./dom.js";
import { viewedStep, walkOf } from "./state.js";
import { text } from "./strings.js";

/** @import { FigureRequest } from "./types.js" */
/** @import { State } from "./state.js" */
/** @import { createApi } from "./connection.js" */

const STILL = ["svg", "pdf", "png", "tikz"];
const MOVING = ["gif", "webp", "apng"];
/** @type {Record<string, string>} */
const ENDINGS = { tikz: "tex", apng: "png" };

/** What the dialog was left at, for the next time. */
const chosen = { what: "step", format: "svg", layout: "side", theme: "light", width: "160", font: "8" };

/** @param {State} state @param {ReturnType<typeof createApi>} api */
export function exportDialog(state, api) {
  const asked = state.shown?.asked;
  if (!asked) return;
  const pick = (/** @type {keyof typeof chosen} */ name, /** @type {Record<string, string>} */ choices) => {
    const field = el("select", {
      "aria-label": text.figure.labels[name],
      onchange: () => {
        chosen[name] = field.value;
        show();
      },
    });
    for (const [value, words] of Object.entries(choices)) field.append(el("option", { value, text: words }));
    field.value = chosen[name];
    return field;
  };
  const number = (
    /** @type {"width" | "font"} */ name,
    /** @type {number} */ low,
    /** @type {number} */ high,
  ) => {
    const field = el("input", {
      type: "number",
      class: "number",
      min: low,
      max: high,
      value: chosen[name],
      "aria-label": text.figure.labels[name],
      onchange: () => {
        chosen[name] = field.value;
        show();
      },
    });
    return field;
  };
  const format = pick("format", {});
  const row = (/** @type {string} */ label, /** @type {HTMLElement} */ field) =>
    el("label", { class: "row" }, el("span", { class: "name", text: label }), field);
  const { labels } = text.figure;
  const preview = el("img", { class: "figure", alt: "" });
  const told = el("p", { class: "about", role: "status" });
  const save = el("button", { type: "button", class: "primary", text: text.figure.save, onclick: download });
  const controller = { number: 0 };
  let url = "";
  const made = dialog(
    text.figure.title,
    el(
      "div",
      { class: "figure-options" },
      row(labels.what, pick("what", text.figure.what)),
      row(labels.format, format),
      row(labels.layout, pick("layout", text.figure.layouts)),
      row(labels.theme, pick("theme", text.figure.themes)),
      row(labels.width, number("width", 20, 600)),
      row(labels.font, number("font", 4, 30)),
    ),
    preview,
    told,
    el("div", { class: "buttons" }, save),
  );
  made.addEventListener("close", () => URL.revokeObjectURL(url));
  show();

  /** @returns {FigureRequest} */
  function request(/** @type {string} */ form) {
    const moving = MOVING.includes(form);
    return {
      .../** @type {NonNullable<typeof asked>} */ (asked),
      format: form,
      step: chosen.what === "final" || moving ? "final" : viewedStep(state),
      walk: walkOf(state) === "stamp" ? "scatter" : "gather",
      lane: state.lane,
      layout: chosen.layout,
      theme: chosen.theme,
      width_mm: Number(chosen.width),
      font_pt: Number(chosen.font),
    };
  }

  /** The picture as it will be, and the words that go with it. */
  async function show() {
    const moving = chosen.what === "animation";
    const forms = moving ? MOVING : STILL;
    if (!forms.includes(chosen.format)) chosen.format = /** @type {string} */ (forms[0]);
    format.replaceChildren(...forms.map((one) => el("option", { value: one, text: one.toUpperCase() })));
    format.value = chosen.format;
    const turn = ++controller.number;
    const still = request("svg");
    const [picture, words] = await Promise.all([
      api.figure(still),
      api.figureWords({ ...still, format: "json" }),
    ]);
    if (turn !== controller.number) return;
    save.disabled = !picture.ok;
    if (!picture.ok) {
      told.textContent = picture.problem.detail;
      return;
    }
    URL.revokeObjectURL(url);
    url = URL.createObjectURL(picture.value);
    preview.src = url;
    preview.alt = words.ok ? words.value.alt : "";
    told.textContent = words.ok ? words.value.caption : "";
  }

  async function download() {
    save.disabled = true;
    told.textContent = text.figure.drawing;
    const answer = await api.figure(request(chosen.format));
    save.disabled = false;
    if (!answer.ok) {
      told.textContent = answer.problem.detail;
      return;
    }
    const file = URL.createObjectURL(answer.value);
    const name = `convscope.${ENDINGS[chosen.format] ?? chosen.format}`;
    el("a", { href: file, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(file), 10_000);
    told.textContent = text.figure.saved;
  }
}
