// The pointer on the stage: which cell it points at, and which actions a click makes. Comes by import with what the opening
// picture does without; draws nothing.

import { lengthOf, resolve, weightIndex } from "../layer/walk.js";
import { planeAxes, planeTaps } from "../picture/grid/grids.js";
import { depthOn } from "../picture/grid/planes.js";
import { hit } from "../picture/layout/hit.js";
import { otherWalk, viewedStep, viewOf } from "../state/selectors.js";
import { stepShowing } from "../step/showing.js";
import { outputCellAt, outputIndex } from "../step/sum.js";

/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { Dispatch } from "../panels/controls.js" */
/** @import { Hit } from "../picture/layout/hit.js" */
/** @import { Action, Pointed, State } from "../state/state.js" */
/** @import { stageView } from "./stage.js" */

/**
 * Turns the pointer over the stage into actions; the answer does the same with a click from before it was here.
 * @param {ReturnType<typeof stageView>} stage @param {Dispatch} dispatch @param {() => State} current
 */
export function pointer({ element, canvas, layout, pointOf }, dispatch, current) {
  /** @returns {Hit} */
  function under(/** @type {MouseEvent} */ event) {
    const { x, y } = pointOf(event.clientX, event.clientY);
    const at = layout();
    return at && hit(at, x, y);
  }

  element.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" || (event.target !== canvas && event.target !== element)) return;
    const found = under(event);
    element.classList.toggle("pointable", found !== null);
    dispatch({ type: "point", at: pointedOf(current(), found) });
  });
  element.addEventListener("pointerleave", () => dispatch({ type: "point", at: null }));
  element.addEventListener("click", click);

  function click(/** @type {MouseEvent} */ event) {
    if (event.target !== canvas) return;
    const found = under(event);
    const pointed = pointedOf(current(), found);
    if (found?.part === "slice") openWeight(found);
    else for (const action of clickedOn(current(), found)) dispatch(action);
    // A finger cannot hover: what it taps is said until it taps elsewhere or another step comes.
    const { pointerType } = /** @type {PointerEvent} */ (event);
    if (pointerType === "touch") dispatch({ type: "point", at: pointed?.grid === "kernel" ? null : pointed });
  }

  async function openWeight(/** @type {Extract<Hit, { part: "slice" }>} */ found) {
    const state = current();
    const layer = viewOf(state);
    const box = found.slice.kernel;
    if (!layer || !box || !layer.weight_shape) return;
    const group = Math.floor(state.lane / layer.lanes_per_group);
    const within = found.slice.channel - group * layer.channels_per_group;
    const tap = fullTap(state, layer, found);
    const index = weightIndex(layer, state.lane, within, tap);
    const x = box.x + (found.tap % box.cols) * box.cell;
    const y = box.y + Math.floor(found.tap / box.cols) * box.cell;
    const { editInPlace } = await import("../dialogs/weights.js");
    editInPlace(element, dispatch, current(), index, { x, y, cell: box.cell });
  }

  return click;
}

/** The step of the walk on view that makes an output cell, or begins to. */
function stepOfOutput(/** @type {State} */ state, /** @type {number} */ cell) {
  const layer = viewOf(state);
  const other = otherWalk(state);
  return layer && other ? other.stepWriting(state, outputCellAt(layer, cell)) : cell;
}

/** The number of a tap among all of the kernel. */
function fullTap(
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {Extract<Hit, { part: "slice" }>} */ { slice, tap },
) {
  const plane = planeTaps(layer);
  return layer.axes.length < 3 ? tap : (slice.depth ?? depthOn(layer, viewedStep(state)).tap) * plane + tap;
}

/** The actions of a click on a spot of the picture: it goes to a step and keeps it, and lets a kept one go. @returns {Action[]} */
export function clickedOn(/** @type {State} */ state, /** @type {Hit} */ found) {
  const pointed = pointedOf(state, found);
  const pinned = (/** @type {number | null} */ step) =>
    step === null
      ? []
      : /** @type {Action[]} */ ([
          { type: "step", step },
          { type: "pin", step },
        ]);
  if (pointed?.grid === "output") {
    const { lane } = pointed;
    const steps = pinned(stepOfOutput(state, pointed.step));
    return lane === undefined ? steps : [{ type: "lane", lane }, ...steps];
  }
  if (pointed?.grid === "input") return pinned(stepShowing(state, pointed.cell));
  if (found?.part === "lane") return [{ type: "lane", lane: found.lane }];
  if (found?.part === "channel") return [{ type: "channel", channel: found.channel }];
  return found ? (answers.get(found.part)?.(state, found) ?? []) : [];
}

/** The actions of a click on further parts of the picture, by the part. @type {Map<string, (state: State, found: any) => Action[]>} */
const answers = new Map();

/**
 * @template {NonNullable<Hit>["part"]} Part
 * @param {Part} part @param {(state: State, found: Extract<Hit, { part: Part }>) => Action[]} answer
 */
export function answerClicks(part, answer) {
  answers.set(part, answer);
}

/** The cell that a spot of the picture stands for. @returns {Pointed} */
export function pointedOf(/** @type {State} */ state, /** @type {Hit} */ found) {
  const layer = viewOf(state);
  if (!layer || !found) return null;
  const { row, col } = planeAxes(layer);
  const depth = depthOn(layer, state.step);
  const volume = layer.axes.length === 3;
  if (found.part === "output") {
    if (layer.result === "columns") return { grid: "output", step: found.col, lane: found.row };
    const within = found.col >= 0 && found.col < col.output && found.row >= 0;
    if (!within || found.row >= (row?.output ?? 1)) return null;
    const cell = row ? [...(volume ? [depth.output] : []), found.row, found.col] : [found.col];
    return { grid: "output", step: outputIndex(layer, cell) };
  }
  if (found.part === "input") {
    const across = found.col >= 0 && found.col < lengthOf(col) ? resolve(col, found.col) : -1;
    const down = !row ? 0 : found.row >= 0 && found.row < lengthOf(row) ? resolve(row, found.row) : -1;
    if (across < 0 || down < 0) return null;
    const before = volume ? [Math.max(0, depth.input)] : [];
    return { grid: "input", cell: row ? [...before, down, across] : [across] };
  }
  if (found.part === "slice")
    return { grid: "kernel", channel: found.slice.channel, tap: fullTap(state, layer, found) };
  return null;
}
