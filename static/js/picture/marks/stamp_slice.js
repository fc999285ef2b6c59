// One row of the slices of a stamping walk: the input cell, the kernel as it is, and the stamp that they make. Pure: makes
// marks; knows no canvas and no DOM.

import { currentNumbers, viewedStep } from "../../state/selectors.js";
import { landings } from "../../step/stamps.js";
import { tapRect } from "../grid/cells.js";
import { depthOn, outputPlane, tensorsOf } from "../grid/planes.js";
import { gridMarks, scaleOfWeights, weightsAt } from "./slices.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Theme } from "../../types/page.js" */
/** @import { Rect } from "../grid/cells.js" */
/** @import { Slice } from "../layout/fitted.js" */
/** @import { Mark } from "../scene.js" */
/** @import { State } from "../../state/state.js" */

/** One input cell, the kernel as it is, and their products: the stamp. */
export function stampSlice(
  /** @type {Mark[]} */ marks,
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {Theme} */ theme,
  /** @type {Slice} */ slice,
) {
  const numbers = currentNumbers(state);
  const tensors = tensorsOf(numbers);
  const step = viewedStep(state);
  const group = Math.floor(state.lane / layer.lanes_per_group);
  const { kernel, patch, stamp } = slice;
  if (!kernel || !patch || !stamp) return;
  const cells = kernel.rows * kernel.cols;
  const { tap: shown, output } = depthOn(layer, step);
  const tap = slice.depth ?? shown;
  const taps = Array.from({ length: cells }, (_, at) => tap * cells + at);
  const weights = weightsAt(state, layer, slice.channel - group * layer.channels_per_group, taps);
  const value = tensors ? Number(tensors.input[slice.channel * layer.steps + step]) : null;
  const scale = scaleOfWeights(state, layer, theme);
  gridMarks(marks, state, theme, {
    box: patch,
    values: value === null ? null : [value],
    scale: null,
    role: "input",
  });
  gridMarks(marks, state, theme, { box: kernel, values: weights, scale, role: "kernel" });
  const products = value === null ? null : (weights?.map((weight) => weight * value) ?? null);
  const total = outputPlane(layer, numbers, state.lane, theme, output)?.scale ?? scale;
  gridMarks(marks, state, theme, { box: stamp, values: products, scale: total, role: "output" });
  const landed = landings(layer, step);
  const cropped = taps.flatMap((at, number) => (landed[at]?.outside ? [tapRect(stamp, number)] : []));
  if (cropped.length > 0) marks.push(...croppedMarks(cropped));
}

/** Cells that are written beyond the output: dimmed and hatched. @returns {Mark[]} */
export function croppedMarks(/** @type {Rect[]} */ rects) {
  return [
    { kind: "rects", rects, fill: "sheet", alpha: 0.55 },
    { kind: "hatch", rects, texture: "padding" },
  ];
}
