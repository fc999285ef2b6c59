// A cell of the stage as an answer: where a question asks for one, a click on its grid answers and pins nothing. Knows the
// stage and no lesson.

import { hit } from "../picture/layout/hit.js";
import { pointedOf } from "../stage/pointer.js";
import { viewOf } from "../state/selectors.js";
import { byId } from "../ui/dom.js";

/** @import { Ask } from "../types/lesson.js" */
/** @import { Hit } from "../picture/layout/hit.js" */
/** @import { Stage } from "../stage/gestures.js" */
/** @import { State } from "../state/state.js" */

/**
 * The place of a cell as keys have it: with its map, where they name one.
 * @param {State} state @param {Hit} found @param {Ask} ask @returns {number[] | null}
 */
export function cellOf(state, found, ask) {
  const layer = viewOf(state);
  const pointed = pointedOf(state, found);
  if (!layer || !found || found.part !== ask.grid || pointed?.grid !== ask.grid) return null;
  const cell = layer.axes.length === 1 ? [found.col] : [found.row, found.col];
  const [first] = /** @type {number[][]} */ (ask.key.value);
  const channel = state.channel === "rgb" ? 0 : state.channel;
  return first && first.length > cell.length
    ? [found.part === "output" ? state.lane : channel, ...cell]
    : cell;
}

/**
 * @param {Stage} stage @param {() => State} current @param {() => Ask | null} asked the open question for a cell
 * @param {(draft: string) => void} answer @returns {() => void} ends it
 */
export function answerOnStage(stage, current, asked, answer) {
  const clicked = (/** @type {MouseEvent} */ event) => {
    const ask = asked();
    const at = stage.layout();
    if (!ask || !at || event.target !== byId("canvas")) return;
    const { x, y } = stage.pointOf(event.clientX, event.clientY);
    const cell = cellOf(current(), hit(at, x, y), ask);
    if (!cell) return;
    event.stopPropagation();
    answer(cell.join(", "));
  };
  document.addEventListener("click", clicked, true);
  return () => document.removeEventListener("click", clicked, true);
}
