// The sentence about cells that no window reads, at the edge of the input, and what says how far a dilated kernel sees. Pure:
// makes marks; knows no state and no canvas.

import { lengthOf } from "../../layer/walk.js";
import { tell } from "../../words/stage.js";
import { unreadRanges } from "../grid/cells.js";
import { planeAxes } from "../grid/grids.js";

/** @import { AxisGeometry, LayerGeometry } from "../../types/geometry.js" */
/** @import { Layout } from "../layout/layout.js" */
/** @import { Mark } from "../scene.js" */

const SIZE = 14;

/** @param {Mark[]} marks @param {Layout} at @param {LayerGeometry} layer */
export function unreadMarks(marks, at, layer) {
  if (at.unread) {
    const { x, y } = at.unread;
    const text = unreadSentence(layer);
    if (text)
      marks.push({ kind: "text", text, x, y: y + 8, size: SIZE, align: "left", fill: "ink", bold: true });
  }
  if (at.span) {
    const text = spanSentence(layer);
    if (text) marks.push({ kind: "text", text, ...at.span, size: SIZE, align: "left", fill: "kernel" });
  }
}

/** `(5 − 2) / 2 leaves 1: column 4 is never read`; empty where all is read. */
export function unreadSentence(/** @type {LayerGeometry} */ layer) {
  const { row, col } = planeAxes(layer);
  const named = /** @type {const} */ ([
    [row, "row"],
    [col, "column"],
  ]);
  const parts = named.flatMap(([axis, name]) => {
    const ranges = axis ? unreadRanges(axis) : [];
    return axis && ranges.length > 0
      ? [
          {
            left: leftOver(axis),
            cells: tell.linesOf(name, ranges),
            many: ranges.length > 1 || ranges.some(([first, last]) => last > first),
          },
        ]
      : [];
  });
  if (parts.length === 0) return "";
  const left = new Set(parts.map((part) => part.left));
  const why = left.size === 1 ? parts[0]?.left : null;
  const several = parts.length > 1 || parts.some(({ many }) => many);
  return tell.unread(
    why ?? null,
    parts.map(({ cells }) => cells),
    several,
  );
}

/** The remainder of a division by the stride, as it is written; null where nothing is left or a stride passes cells over. */
function leftOver(/** @type {AxisGeometry} */ axis) {
  const { reads, begin, end } = axis;
  if (reads.kind !== "affine" || reads.stride < 2 || (reads.stride > reads.taps && reads.gap === 1))
    return null;
  const sees = (reads.taps - 1) * reads.gap + 1;
  const rest = lengthOf(axis) + begin + end - sees;
  const remainder = rest % reads.stride;
  if (remainder === 0 || rest < 0) return null;
  return tell.leaves(lengthOf(axis), begin + end, sees, reads.stride, remainder);
}

/** `three taps, two apart: sees 5×5`. */
export function spanSentence(/** @type {LayerGeometry} */ layer) {
  const affine = layer.axes.flatMap(({ reads, writes }) => {
    const own = writes.taps > 1 ? writes : reads;
    return own.kind === "affine" ? [own] : [];
  });
  if (affine.length < layer.axes.length || affine.every(({ gap, taps }) => gap === 1 || taps === 1))
    return "";
  const sees = affine.map(({ taps, gap }) => (taps - 1) * gap + 1);
  const same = new Set(affine.map(({ taps, gap }) => `${taps} ${gap}`)).size === 1;
  return tell.span(same ? Number(affine[0]?.taps) : null, Number(affine[0]?.gap), sees);
}
