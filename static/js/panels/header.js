// The header: views, undo and redo, the Share menu, projector, theme, help. Turns clicks into actions and calls;
// decides nothing.

import { el, pageScrolls, setAttribute, setText } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { say, text } from "../words/page.js";
import { iconTool } from "./toolbox.js";

/** @import { Theme } from "../types/page.js" */
/** @import { Dispatch } from "./controls.js" */
/** @import { State } from "../state/state.js" */

/** The views that stand in place of the stage. @typedef {"train" | "forecast" | "lessons"} View */

/** How long the Share button says how copying went. */
const SAYS_MS = 1500;

/**
 * The ways to look at a setting, and the examples beside them. Only what works stands here; `add` is for a view that
 * comes by import.
 * @param {() => void} examples opens the cards @param {(view: View | null) => void} show a view in place of the stage, or the stage again
 */
export function viewsNav(examples, show) {
  const layer = el("button", { type: "button", text: text.layerView, onclick: () => show(null) });
  const train = el("button", { type: "button", text: text.trainView, onclick: () => show("train") });
  const forecast = el("button", { type: "button", text: text.forecastView, onclick: () => show("forecast") });
  const lessons = el("button", { type: "button", text: text.lessonsView, onclick: () => show("lessons") });
  const cards = el("button", {
    type: "button",
    class: "examples",
    text: text.examplesOpen,
    "aria-haspopup": "dialog",
    onclick: examples,
  });
  const element = el(
    "nav",
    { class: "views", "aria-label": text.views },
    layer,
    train,
    forecast,
    lessons,
    cards,
  );
  return {
    element,
    add: (/** @type {HTMLElement} */ view) => train.before(view),
    update(/** @type {State} */ { views }) {
      const places = /** @type {const} */ (["train", "forecast", "lessons"]);
      const shown = places.find((name) => views.includes(name));
      for (const [place, button] of [train, forecast, lessons].entries())
        setAttribute(button, "aria-current", shown === places[place] ? "page" : null);
      setAttribute(layer, "aria-current", shown ? null : "page");
    },
  };
}

/** The address holds the setting, and stays as it is; so does the page, where it does not scroll. */
export function skipLink(/** @type {HTMLElement} */ skip, /** @type {HTMLElement} */ stage) {
  setText(skip, text.skip);
  skip.addEventListener("click", (event) => {
    event.preventDefault();
    stage.focus({ preventScroll: !pageScrolls() });
  });
}

/** The column as a sheet, where the window has no room for it: its button, its head, and the way to open and close it. */
export function settingsSheet(/** @type {HTMLElement} */ column) {
  const open = (/** @type {boolean} */ opens) => {
    document.body.classList.toggle("sheet-open", opens);
    setAttribute(button, "aria-expanded", String(opens));
    if (opens) column.querySelector("button")?.focus();
    else button.focus();
  };
  const button = el("button", {
    type: "button",
    class: "open-settings",
    text: text.settings,
    "aria-expanded": "false",
    "aria-controls": column.id,
    onclick: () => open(!document.body.classList.contains("sheet-open")),
  });
  const head = el(
    "div",
    { class: "sheet-head" },
    el("h2", { text: text.settings }),
    el("button", { type: "button", text: text.close, onclick: () => open(false) }),
  );
  return { button, head, open };
}

/**
 * @param {Dispatch} dispatch
 * @param {{ share: (opener: HTMLElement, copied: (ok: boolean) => void) => void, project: () => void, help: () => void }} doors
 * @param {HTMLElement} connection what is told of the connection @param {Element} sheetHead where a phone has room
 */
export function headerButtons(dispatch, { share, project, help }, connection, sheetHead) {
  /** @type {Theme} */
  let shown;
  const theme = iconTool("", "theme", () =>
    dispatch({ type: "theme", theme: shown === "dark" ? "light" : "dark" }),
  );
  const label = el("span", { text: text.share });
  const sharing = el(
    "button",
    {
      type: "button",
      class: "share",
      "aria-haspopup": "true",
      "aria-expanded": "false",
      onclick: () =>
        share(sharing, (ok) => {
          setText(label, ok ? text.copied : "!");
          setTimeout(() => setText(label, text.share), SAYS_MS);
        }),
    },
    icon("share"),
    label,
    icon("down"),
  );
  const projector = iconTool(say.withKey(text.projector, "t"), "projector", project);
  projector.classList.add("projector-button");
  const undo = iconTool(text.undo, "undo", () => dispatch({ type: "undo" }));
  const redo = iconTool(text.redo, "redo", () => dispatch({ type: "redo" }));
  const edits = el("div", { class: "edits" }, undo, redo);
  const element = el("div", { class: "actions" }, connection, edits, sharing, projector, theme);
  element.append(iconTool(text.help, "help", help));
  /** On a phone the header has no room for what the sheet can hold. */
  const phone = matchMedia("(max-width: 560px)");
  const settle = () => void (phone.matches ? sheetHead : element).children[0]?.after(edits);
  phone.addEventListener("change", settle);
  return {
    element,
    /** Once bar and sheet are made. */
    settle,
    /** @param {State} state @param {Theme} next the theme on view */
    update(state, next) {
      shown = next;
      const toggle = next === "dark" ? text.themeToLight : text.themeToDark;
      setAttribute(theme, "aria-label", toggle);
      setAttribute(theme, "title", toggle);
      undo.disabled = state.history.past.length === 0;
      redo.disabled = state.history.future.length === 0;
    },
  };
}
