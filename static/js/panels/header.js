// The buttons of the header: undo and redo, export, the link, projector, theme, help. Turns clicks into actions and calls;
// decides nothing.

import { el, setAttribute, setText } from "../ui/dom.js";
import { say, text } from "../words/page.js";
import { tool } from "./toolbox.js";

/** @import { Theme } from "../types/page.js" */
/** @import { Dispatch } from "./controls.js" */
/** @import { State } from "../state/state.js" */

/** How long the link's button says how copying went. */
const SAYS_MS = 1500;

/**
 * @param {Dispatch} dispatch
 * @param {{ exported: () => void, copied: () => Promise<boolean>, project: () => void, help: () => void }} doors
 * @param {HTMLElement} connection what is told of the connection @param {Element} sheetHead where a phone has room
 * @param {{ operation: Element, examples: Element }} menu
 */
export function headerButtons(dispatch, { exported, copied, project, help }, connection, sheetHead, menu) {
  /** @type {Theme} */
  let shown;
  const theme = tool("", "◐", () => dispatch({ type: "theme", theme: shown === "dark" ? "light" : "dark" }));
  const link = tool(text.copyLink, text.link, async () => {
    setText(link, (await copied()) ? "✓" : "!");
    setTimeout(() => setText(link, text.link), SAYS_MS);
  });
  link.classList.remove("icon");
  const projector = tool(say.withKey(text.projector, "t"), "▣", project);
  projector.classList.add("projector-button");
  const undo = tool(text.undo, "↶", () => dispatch({ type: "undo" }));
  const redo = tool(text.redo, "↷", () => dispatch({ type: "redo" }));
  const figure = tool(text.figure.title, text.figure.open, exported, false);
  const edits = el("div", { class: "edits" }, undo, redo, figure);
  const element = el("div", { class: "actions" }, connection, edits, link, projector, theme);
  element.append(tool(text.help, "?", help));
  /** On a phone the header has no room for what the sheet can hold. */
  const phone = matchMedia("(max-width: 560px)");
  const settle = () => {
    (phone.matches ? sheetHead : element).children[0]?.after(edits);
    (phone.matches ? sheetHead : menu.operation).after(menu.examples);
  };
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
