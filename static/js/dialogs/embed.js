// The dialog that makes a frame for another page: its size, how it starts, what it hides and locks, and the element
// to paste. Comes by import; asks the links for the address.

import { PARTS } from "../link/hideable.js";
import { worded } from "../state/wording.js";
import { el, styleSheet } from "../ui/dom.js";
import { choiceField, lineOf, numberField } from "../ui/fields.js";
import { later, sayLater } from "../words/dialogs.js";
import { text } from "../words/page.js";
import { copyField, dialog } from "./dialogs.js";

/** @import { LinkState } from "../types/page.js" */
/** @import { State } from "../state/state.js" */
/** @import { createLinks } from "../link/address.js" */

/** Sizes that slides and columns of text have. */
const SIZES = ["480×270", "640×360", "720×405", "960×540", "1280×720"];
const LEAST = 160;
const MOST = 4096;

/** The parts that three kinds of frames leave out; whoever wants another goes into the details. */
const FORMS = {
  figure: ["header", "settings", "headings", "walk", "readout", "zoom", "steps", "more", "speed"],
  player: ["settings", "zoom"],
  everything: [],
};

/** The choice that the dialog was left at, for the next time. */
const chosen = {
  form: /** @type {keyof typeof FORMS | ""} */ (""),
  size: "720×405",
  width: 720,
  height: 405,
  starts: "paused",
  theme: "reader",
  /** @type {Record<string, string>} */
  controls: {},
};

/** Hide what a kind of frame leaves out, and show all else. */
function take(/** @type {keyof typeof FORMS} */ form) {
  chosen.form = form;
  chosen.controls = Object.fromEntries(FORMS[form].map((name) => [name, "hidden"]));
}

/** The element that shows a link in another page. @param {string} source @param {string} title */
export function frameOf(source, title, width = 720, height = 405) {
  const quoted = (/** @type {string} */ words) =>
    words.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  return `<iframe src="${quoted(source)}" title="${quoted(title)}" width="${width}" height="${height}" style="border:0" loading="lazy" allow="clipboard-write; fullscreen"></iframe>`;
}

/** @param {State} state @param {ReturnType<typeof createLinks>} links */
export function embedDialog(state, links) {
  const words = later.embed;
  if (chosen.form === "") {
    styleSheet("cards", true);
    take("figure");
  }
  const operation = state.shown?.operation;
  /** @param {string} label @param {Record<string, string>} choices @param {string} value @param {(value: string) => void} set */
  const choice = (label, choices, value, set) =>
    lineOf(
      label,
      choiceField(label, choices, value, (one) => {
        set(one);
        show();
      }),
    );
  const pixels = (/** @type {"width" | "height"} */ name) =>
    numberField(words[name], LEAST, MOST, chosen[name], (value) => {
      chosen[name] = value;
      chosen.size = "";
      size.value = "";
      show();
    });
  const width = pixels("width");
  const height = pixels("height");
  const sizes = Object.fromEntries([...SIZES.map((one) => [one, one]), ["", words.ownSize]]);
  const size = choiceField(words.size, sizes, chosen.size, (value) => {
    chosen.size = value;
    const [wide, high] = value.split("×").map(Number);
    if (wide && high) Object.assign(chosen, { width: wide, height: high });
    show();
  });
  const names = [
    ...Object.entries(words.parts).filter(([name]) => name in PARTS),
    ...(operation?.parameters ?? []).map((one) => [one.name, one.title]),
  ];
  const controls = el("div", { class: "embed-options" });
  const showControls = () =>
    controls.replaceChildren(
      ...names.map(([name = "", title = ""]) =>
        choice(title, words.states, chosen.controls[name] ?? "shown", (value) => {
          chosen.controls[name] = value;
        }),
      ),
    );
  showControls();
  const forms = Object.entries(words.forms).map(([form, { title, about }]) =>
    el(
      "label",
      { class: "form" },
      el("input", {
        type: "radio",
        name: "embed-form",
        checked: form === chosen.form,
        onchange() {
          take(/** @type {keyof typeof FORMS} */ (form));
          showControls();
          show();
        },
      }),
      el("b", { text: title }),
      el("span", { class: "about", text: about }),
    ),
  );
  const code = el("textarea", {
    rows: 4,
    cols: 56,
    readonly: true,
    spellcheck: "false",
    "aria-label": words.code,
  });
  const status = el("p", { class: "about", role: "status" });
  const box = el("div", { class: "preview-box" });
  const copy = el("button", {
    type: "button",
    class: "primary",
    text: words.copy,
    onclick: () => copyField(code, status),
  });
  const made = dialog(
    later.embed.title,
    el("div", { class: "forms", role: "radiogroup", "aria-label": words.form }, ...forms),
    el(
      "details",
      { class: "embed-details" },
      el("summary", { text: words.details }),
      el(
        "div",
        { class: "embed-options" },
        lineOf(words.size, size),
        lineOf(words.width, width),
        lineOf(words.height, height),
        choice(words.starts, words.startsAs, chosen.starts, (value) => {
          chosen.starts = value;
        }),
        choice(words.theme, words.themes, chosen.theme, (value) => {
          chosen.theme = value;
        }),
      ),
      el("details", { class: "embed-controls" }, el("summary", { text: words.controls }), controls),
    ),
    box,
    code,
    status,
    el("div", { class: "buttons" }, copy),
  );
  made.classList.add("embed");
  let turn = 0;
  show();

  async function show() {
    width.value = String(chosen.width);
    height.value = String(chosen.height);
    const having = (/** @type {string} */ value) =>
      names.map(([name = ""]) => name).filter((name) => chosen.controls[name] === value);
    /** @type {Partial<LinkState>} */
    const others = {
      hide: having("hidden"),
      lock: having("locked"),
    };
    if (chosen.starts === "playing") others.playing = true;
    if (chosen.theme !== "reader") others.theme = chosen.theme === "dark" ? "dark" : "light";
    const mine = ++turn;
    copy.disabled = true; // what is copied is what was chosen
    const made = await links.fragment(others);
    if (mine !== turn) return;
    copy.disabled = !made.ok;
    if (!made.ok) {
      status.textContent = worded(made.problem, state.catalog.operations);
      return;
    }
    const title = `${text.title}: ${(operation?.title ?? "").toLowerCase()}`;
    const source = links.frame(made.value.fragment);
    code.value = frameOf(source, title, chosen.width, chosen.height);
    status.textContent = made.value.kept ? sayLater.linkKeptUntil(made.value.kept) : "";
    // A new frame and not a new address: the preview leaves nothing in the history.
    const frame = el("iframe", {
      title: words.preview,
      src: `embed${made.value.fragment}`,
      width: chosen.width,
      height: chosen.height,
    });
    const scale = Math.min(1, box.clientWidth / chosen.width, (innerHeight * 0.45) / chosen.height);
    frame.style.setProperty("transform", `scale(${scale})`);
    box.style.setProperty("height", `${Math.ceil(chosen.height * scale)}px`);
    box.replaceChildren(frame);
  }
}
