// What covers on the stage the number that a question asks for, until it is answered: a tile with a question mark on its
// cell, or a sheet over the output where its size is asked. Knows the layout; decides nothing about the question.

import { stepPosition } from "../layer/walk.js";
import { cellRect, rectOf } from "../picture/grid/cells.js";
import { viewOf } from "../state/selectors.js";
import { byId, el, setAttribute } from "../ui/dom.js";

/** @import { Ask } from "../types/lesson.js" */
/** @import { Layout } from "../picture/layout/layout.js" */
/** @import { State } from "../state/state.js" */
/** @import { Rect } from "../picture/grid/cells.js" */

/** Around the output's frame, with the numbers of its rows and columns. */
const MARGIN = 26;

/**
 * Where the cover lies; null: there is nothing to cover.
 * @param {"nothing" | "value" | "shape"} hides @param {Ask["about"]} about @param {number} asked the step that was on view
 * @param {State} state @param {Layout | null} at @returns {Rect | null}
 */
export function coverOf(hides, about, asked, state, at) {
  const layer = viewOf(state);
  if (hides === "nothing" || !layer || !at) return null;
  if (hides === "shape") {
    const [x, y, width, height] = at.output.frame ?? rectOf(at.output);
    return [x - MARGIN, y - MARGIN, width + 2 * MARGIN, height + 2 * MARGIN];
  }
  // Another map is on view, or the cell lies anywhere on a magnified one.
  if ((about && about.lane !== state.lane) || about?.grid === "input" || at.output.frame) return null;
  const position = about?.cell ?? (asked < layer.steps ? stepPosition(layer, asked) : []);
  const col = position.at(-1);
  if (col === undefined || layer.result === "columns") return null;
  return cellRect(at.output, position.length > 1 ? Number(position.at(-2)) : 0, col);
}

/** @returns {{ update(hides: "nothing" | "value" | "shape", rect: Rect | null): void, remove(): void }} */
export function createVeil() {
  const tile = el("div", { class: "veil", text: "?", "aria-hidden": "true" });
  return {
    update(hides, rect) {
      setAttribute(document.documentElement, "data-veil", hides === "nothing" ? null : hides);
      if (!rect) return tile.remove();
      const [x, y, width, height] = rect;
      for (const [name, value] of Object.entries({ left: x, top: y, width, height }))
        tile.style.setProperty(name, `${value}px`);
      tile.style.setProperty("--side", `${Math.min(width, height)}px`);
      tile.classList.toggle("whole", hides === "shape");
      if (!tile.isConnected) byId("stage").append(tile);
    },
    remove() {
      tile.remove();
      setAttribute(document.documentElement, "data-veil", null);
    },
  };
}
