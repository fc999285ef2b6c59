// The field of a cell of another layer on the grids of the stage: purple where the cell depends on them, green where it
// reaches them. Pure: marks for the scene; knows no canvas and no DOM.

import { cellRect } from "../picture/grid/cells.js";
import { planeAxes } from "../picture/grid/grids.js";
import { cellsOf, extentOf, runsOf } from "./fields.js";
import { joinedOf } from "./joining.js";
import { fieldsAround, seenCell } from "./seen.js";

/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { Layout } from "../picture/layout/layout.js" */
/** @import { Rect } from "../picture/grid/cells.js" */
/** @import { Box } from "../picture/grid/grids.js" */
/** @import { Mark, Role } from "../picture/scene.js" */
/** @import { State } from "../state/state.js" */
/** @import { Ways } from "./ways.js" */

/** Cells between which holes are drawn. */
const LEGIBLE_HOLES = 4;

/** @param {Mark[]} marks @param {State} state @param {Layout} at @param {LayerGeometry} layer */
export function fieldMarks(marks, state, at, layer) {
  const pointed = state.seen ?? state.kept;
  if (!pointed || layer.result !== "grid" || layer.axes.length > 2) return;
  const { shapes, fault, names } = joinedOf(state);
  const fields = shapes && !fault ? fieldsAround(shapes, seenCell(state)) : null;
  if (!fields) return;
  const { inputs } = shapes?.network.layers[state.chosen] ?? { inputs: [] };
  const { row, col } = planeAxes(layer);
  const spread = { row: row?.spread ?? 1, col: col.spread };
  const input = inputs.length === 1 ? String(inputs[0]) : null;
  for (const { name, box, apart } of [
    { name: String(names[state.chosen]), box: at.output, apart: { row: 1, col: 1 } },
    { name: input, box: at.input, apart: spread },
  ]) {
    if (name === null) continue;
    const [back, on] = [fields.back.get(name), fields.on.get(name)];
    if (back) mask(marks, box, back, apart, "kernel");
    else if (on) mask(marks, box, on, apart, "output");
    else if (fields.cell.layer === name) {
      const [down = 0, across = 0] =
        fields.cell.place.length > 1 ? fields.cell.place : [0, ...fields.cell.place];
      const rect = cellRect(box, down * apart.row, across * apart.col);
      marks.push({ ...clipped(box), kind: "outline", rects: [rect], stroke: "ink", line: 3, halo: true });
    }
  }
}

/** @param {Mark[]} marks @param {Box} box @param {Ways} ways @param {{ row: number, col: number }} apart @param {Role} role */
export function mask(marks, box, ways, apart, role) {
  const extent = extentOf(ways);
  const [[left, right], [top, bottom]] = /** @type {[[number, number], [number, number]]} */ ([
    extent.at(-1),
    extent.length > 1 ? extent.at(-2) : [0, 0],
  ]);
  const cols = Number(ways.sizes.at(-1));
  const first = cellRect(box, top * apart.row, left * apart.col);
  const last = cellRect(box, bottom * apart.row, right * apart.col);
  /** @type {Rect} */
  const frame = [first[0], first[1], last[0] + last[2] - first[0], last[1] + last[3] - first[1]];
  if (box.cell >= LEGIBLE_HOLES && cellsOf(ways) < (right - left + 1) * (bottom - top + 1)) {
    const rects = runsOf(ways).flatMap(([from, length]) =>
      Array.from({ length }, (_, at) =>
        cellRect(box, Math.floor((from + at) / cols) * apart.row, ((from + at) % cols) * apart.col),
      ),
    );
    marks.push({ ...clipped(box), kind: "outline", rects, stroke: role, line: 2 });
  }
  marks.push({ ...clipped(box), kind: "outline", rects: [frame], stroke: role, ...frameOn(box) });
}

/** The frame of a field: heavy round cells whose numbers are read, light in a small picture. */
function frameOn(/** @type {Box} */ { cell }) {
  return cell >= LEGIBLE_HOLES ? { line: 3, halo: true } : { line: 1.5 };
}

function clipped(/** @type {Box} */ { frame }) {
  return frame ? { clip: frame } : {};
}
