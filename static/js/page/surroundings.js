// The panels around the stage: the bar with views and actions, the words about the step on view, the transport. Makes
// and places the panels; decides nothing.

import { headerButtons, skipLink, viewsNav } from "../panels/header.js";
import { formulas, headline, planNotes, workedSum } from "../panels/readout.js";
import { tool } from "../panels/toolbox.js";
import { transport } from "../panels/transport.js";
import { walkSwitch } from "../panels/walk_switch.js";
import { byId, el } from "../ui/dom.js";
import { mark } from "../ui/icon.js";
import { say, text } from "../words/page.js";

/** @import { Theme } from "../types/page.js" */
/** @import { Dispatch } from "../panels/controls.js" */
/** @import { State } from "../state/state.js" */

/**
 * @typedef {object} Opens
 * @property {(opener: HTMLElement, copied: (ok: boolean) => void) => void} share
 * @property {() => void} project @property {() => void} help @property {() => void} examples @property {() => void} volumes
 * @property {(details: HTMLDetailsElement, box: HTMLElement) => void} table
 */

/**
 * @param {Dispatch} dispatch @param {Opens} opens @param {(key: string) => void} press does what a key does on the stage
 * @param {ReturnType<typeof import("../stage/stage.js").stageView>} stage
 * @param {HTMLElement} connection what is told of the connection @param {{ head: HTMLElement, button: HTMLElement }} column
 */
export function surroundings(dispatch, opens, press, stage, connection, column) {
  const walks = walkSwitch(dispatch);
  const head = headline();
  const sum = workedSum();
  const formula = formulas();
  const notes = planNotes();
  const header = headerButtons(dispatch, opens, connection, column.head);
  const views = viewsNav(opens.examples, (view) => {
    for (const name of /** @type {const} */ (["train", "forecast", "lessons"]))
      dispatch({ type: "view", name, on: name === view });
  });
  byId("bar").append(
    el("h1", {}, mark(), el("span", { text: text.title })),
    views.element,
    head.shapes,
    head.cost,
    header.element,
  );
  header.settle();
  byId("stage-tools").before(walks.element);
  const tableBox = el("div", { class: "table-box", tabindex: 0, role: "region", "aria-label": text.table });
  const tableDetails = el("details", { class: "table" }, el("summary", { text: text.table }), tableBox);
  tableDetails.addEventListener("toggle", () => {
    if (tableDetails.open) opens.table(tableDetails, tableBox);
  });
  const frameworksBox = el("details", { class: "frameworks" }, el("summary", { text: text.inFrameworks }));
  const volumes = tool(text.volumesOpen, say.withKey(text.volumesOpen, "v"), opens.volumes);
  volumes.classList.add("plain");
  const more = el("div", { class: "more" }, tableDetails, frameworksBox, volumes);
  const readout = byId("readout");
  readout.append(sum.title, formula.element, notes.element, sum.body, more);
  const moves = transport(byId("transport"), dispatch, press);
  byId("transport").append(column.button);
  skipLink(byId("skip"), stage.element);

  return {
    frameworksBox,
    /** @param {State} state @param {Theme} theme the one on view */
    update(state, theme) {
      header.update(state, theme);
      views.update(state);
      head.update(state);
      walks.update(state);
      stage.update(state, theme);
      sum.place(stage.layout()?.sum ?? null, stage.element, readout);
      sum.update(state);
      formula.update(state);
      notes.update(state);
      moves.update(state);
    },
  };
}
