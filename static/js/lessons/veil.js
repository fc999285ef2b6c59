// The cover of the number that a question asks for, on the stage until it is answered: a tile with a question mark on its
// cell, or a sheet over the output. Knows the layout; decides nothing about the question.

import { around, cellRect, rectOf } from "../picture/grid/cells.js";
import { viewOf } from "../state/selectors.js";
import { byId, el, setAttribute } from "../ui/dom.js";

/** @import { Ask, Hides } from "../types/lesson.js" */
/** @import { Layout } from "../picture/layout/layout.js" */
/** @import { State } from "../state/state.js" */
/** @import { Rect } from "../picture/grid/cells.js" */

/** Around the output's frame; where its rows and columns are numbered, with the numbers. */
const MARGIN = 3;
const NUMBERED = 26;

/**
 * The hidden part of a question: of a number that is no cell's the whole output, and its size where that is the number.
 * @param {Ask | null} ask @param {Hides | null} hides @param {State} state
 */
export function hiddenOf(ask, hides, state) {
  if (!ask || ask.hides || ask.about || hides !== "value") return hides;
  const sizes = /** @type {unknown[]} */ (viewOf(state)?.output_shape ?? []);
  return sizes.includes(ask.key.value) ? "shape" : "output";
}

/**
 * Where the cover lies; null: there is nothing to cover.
 * @param {Hides | null} hides @param {Ask["about"]} about @param {State} state @param {Layout | null} at @returns {Rect | null}
 */
export function coverOf(hides, about, state, at) {
  const layer = viewOf(state);
  if (!hides || !layer || !at) return null;
  if (hides !== "value") {
    const { output, curves, lanes } = at;
    const maps = lanes.map((map) => /** @type {Rect} */ ([map.x, map.y, map.width, map.height]));
    const own = [output.frame ?? rectOf(output), ...(curves ? [curves.output] : []), ...maps];
    const [x, y, width, height] = around(own);
    const apart = at.numbered ? NUMBERED : MARGIN;
    return [x - apart, y - apart, width + 2 * apart, height + 2 * apart];
  }
  // Another map is on view, or the cell lies anywhere on a magnified one.
  if (about?.grid !== "output" || about.lane !== state.lane || at.output.frame) return null;
  const col = about.cell.at(-1);
  if (col === undefined || layer.result === "columns") return null;
  return cellRect(at.output, about.cell.length > 1 ? Number(about.cell.at(-2)) : 0, col);
}

/** @returns {{ update(hides: Hides | null, rect: Rect | null): void, remove(): void }} */
export function createVeil() {
  const tile = el("div", { class: "veil", text: "?", "aria-hidden": "true" });
  return {
    update(hides, rect) {
      setAttribute(document.documentElement, "data-veil", hides);
      if (!rect) return tile.remove();
      const [x, y, width, height] = rect;
      for (const [name, value] of Object.entries({ left: x, top: y, width, height }))
        tile.style.setProperty(name, `${value}px`);
      tile.style.setProperty("--side", `${Math.min(width, height)}px`);
      tile.classList.toggle("whole", hides !== "value");
      if (!tile.isConnected) byId("stage").append(tile);
    },
    remove() {
      tile.remove();
      setAttribute(document.documentElement, "data-veil", null);
    },
  };
}
