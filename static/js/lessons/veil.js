// The cover of the number that a question asks for, on the stage until it is answered: a tile with a question mark on its
// cell, or a sheet over the output. Knows the layout; decides nothing about the question.

import { around, cellRect, rectOf } from "../picture/grid/cells.js";
import { viewOf } from "../state/selectors.js";
import { byId, el, setAttribute, setText } from "../ui/dom.js";

/** @import { Ask, Hides } from "../types/lesson.js" */
/** @import { Layout } from "../picture/layout/layout.js" */
/** @import { State } from "../state/state.js" */
/** @import { Rect } from "../picture/grid/cells.js" */

/** Around the output's frame; where its rows and columns are numbered, with the numbers. */
const MARGIN = 3;
const NUMBERED = 26;
/** Around a curve, for the mark of a point at its edge. */
const POINT = 6;

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
 * Where covers lie: over the cell, or over the output and its maps; none where there is nothing to cover.
 * @param {Hides | null} hides @param {Ask["about"]} about @param {State} state @param {Layout | null} at @returns {Rect[]}
 */
export function coversOf(hides, about, state, at) {
  const layer = viewOf(state);
  if (!hides || !layer || !at) return [];
  if (hides !== "value") {
    const { output, curves, lanes } = at;
    const apart = at.numbered ? NUMBERED : MARGIN;
    const own = grown(around([output.frame ?? rectOf(output), ...(curves ? [curves.output] : [])]), apart);
    const small = lanes.map((map) => /** @type {Rect} */ ([map.x, map.y, map.width, map.height]));
    if (small.length === 0) return [own];
    // Maps that lie below the output go with it, where nothing else lies between them.
    const maps = grown(around(small), MARGIN);
    const both = around([own, maps]);
    const others = [rectOf(at.input), rectOf(at.middle)];
    return others.some((other) => overlap(both, other)) ? [own, maps] : [both];
  }
  // Another map is on view, or the cell lies anywhere on a magnified one.
  if (about?.grid !== "output" || about.lane !== state.lane || at.output.frame) return [];
  const col = about.cell.at(-1);
  if (col === undefined || layer.result === "columns") return [];
  const cell = cellRect(at.output, about.cell.length > 1 ? Number(about.cell.at(-2)) : 0, col);
  // The height of a curve tells the number as well.
  return at.curves ? [cell, grown(at.curves.output, POINT)] : [cell];
}

/** @returns {Rect} */
function grown(/** @type {Rect} */ [x, y, width, height], /** @type {number} */ by) {
  return [x - by, y - by, width + 2 * by, height + 2 * by];
}

function overlap(/** @type {Rect} */ [x, y, width, height], /** @type {Rect} */ [left, top, across, down]) {
  return x < left + across && left < x + width && y < top + down && top < y + height;
}

/** @returns {{ update(hides: Hides | null, rects: Rect[]): void, remove(): void }} */
export function createVeil() {
  /** @type {HTMLElement[]} */
  const tiles = [];
  return {
    update(hides, rects) {
      setAttribute(document.documentElement, "data-veil", hides);
      while (tiles.length < rects.length) tiles.push(el("div", { class: "veil", "aria-hidden": "true" }));
      for (const [at, tile] of tiles.entries()) {
        const rect = rects[at];
        if (!rect) {
          tile.remove();
          continue;
        }
        const [x, y, width, height] = rect;
        for (const [name, value] of Object.entries({ left: x, top: y, width, height }))
          tile.style.setProperty(name, `${value}px`);
        tile.style.setProperty("--side", `${Math.min(width, height)}px`);
        setText(tile, at === 0 ? "?" : "");
        tile.classList.toggle("whole", hides !== "value" || at > 0);
        if (!tile.isConnected) byId("stage").append(tile);
      }
    },
    remove() {
      for (const tile of tiles) tile.remove();
      setAttribute(document.documentElement, "data-veil", null);
    },
  };
}
