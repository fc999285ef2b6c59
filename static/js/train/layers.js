// The filters of the first layer that has some, at the start and now, with the gradient of the training step on view.
// Draws; decides nothing.

import { signedScale } from "../picture/grid/colour.js";
import { el, setText } from "../ui/dom.js";
import { trainWords } from "../words/train.js";
import { paint, picture, planeOf } from "./pictures.js";

/** @import { Theme } from "../types/page.js" */
/** @import { Placed, Shapes } from "../types/network.js" */
/** @import { Tensors } from "./forward.js" */

const MOST_FILTERS = 4;

/** The first layer whose weight is made of kernels that can be drawn. @returns {Placed | null} */
export function filteredOf(/** @type {Shapes} */ shapes) {
  for (const placed of shapes.placed.values()) {
    const { geometry } = placed;
    if (geometry.weight_shape && !geometry.tensors && geometry.taps > 1 && geometry.steps > 1) return placed;
  }
  for (const placed of shapes.placed.values()) if (placed.geometry.weight_shape) return placed;
  return null;
}

/** A row of filters: the parameters that hold them, and how they are drawn. @typedef {{ name: string, label: string, row: Float32Array | null, cell: number, printed: boolean, own: boolean }} Time */

/**
 * The filters at the start, now, and their gradient, which has a scale of its own.
 * @param {Float32Array | null} start @param {Float32Array} now @param {Float32Array | null} gradient @param {boolean} narrow
 * @returns {Time[]}
 */
export function timesOf(start, now, gradient, narrow) {
  const [small, large] = narrow ? [12, 27] : [13, 29];
  const { startRow, nowRow, gradient: gradientWord } = trainWords;
  return [
    { name: "start", label: startRow, row: start, cell: small, printed: false, own: false },
    { name: "now", label: nowRow, row: now, cell: large, printed: true, own: false },
    { name: "gradient", label: gradientWord, row: gradient, cell: large, printed: true, own: true },
  ];
}

/** Filters in columns, a row for each time of them. */
export function filterTable() {
  const title = el("h2", { class: "kernel", text: trainWords.filters });
  const about = el("span", { class: "about" });
  const grid = el("div", { class: "tr-filters" });
  const element = el(
    "section",
    { class: "tr-filter-box" },
    el("div", { class: "tr-head" }, title, about),
    grid,
  );
  /** @type {Map<string, { label: HTMLElement, pictures: HTMLCanvasElement[] }>} */
  const rows = new Map();

  /** @param {string} name @param {number} count */
  function rowOf(name, count) {
    const known = rows.get(name);
    if (known && known.pictures.length === count) return known;
    for (const one of known ? [known.label, ...known.pictures] : []) one.remove();
    const label = el("span", { class: "tr-row-name" });
    const pictures = Array.from({ length: count }, () => picture(`tr-filter ${name}`));
    grid.append(label, ...pictures);
    const made = { label, pictures };
    rows.set(name, made);
    return made;
  }

  return {
    element,
    /**
     * @param {Placed} placed @param {Tensors} tensors
     * @param {Time[]} times
     * @param {Theme} theme @param {string} ink
     */
    update(placed, tensors, times, theme, ink) {
      const { geometry } = placed;
      const weight = tensors.weight;
      element.hidden = !weight;
      if (!weight) return;
      const count = Math.min(MOST_FILTERS, geometry.lanes);
      const each = weight.size / geometry.lanes;
      const [rowsOf, cols] = planeOf([1, ...geometry.kernel_shape]);
      const high = rowsOf * geometry.channels_per_group;
      setText(about, trainWords.filtersTold(geometry.lanes));
      grid.style.setProperty("--filters", String(count));
      const shared = times
        .filter(({ own }) => !own)
        .flatMap(({ row }) => (row ? [row.subarray(weight.at, weight.at + weight.size)] : []));
      const most = Math.max(
        0,
        ...shared.map((part) => part.reduce((high, value) => Math.max(high, Math.abs(value)), 0)),
      );
      for (const { name, label, row, cell, printed, own } of times) {
        const made = rowOf(name, count);
        setText(made.label, label);
        made.label.hidden = row === null;
        const part = row?.subarray(weight.at, weight.at + weight.size);
        const reach = own && part ? part.reduce((high, value) => Math.max(high, Math.abs(value)), 0) : most;
        for (const [place, canvas] of made.pictures.entries()) {
          canvas.hidden = row === null;
          if (!part) continue;
          const room = Math.max(2, Math.floor(Math.min(cell, (cell * 3) / Math.max(high, cols))));
          const how = { rows: high, cols, at: place * each, cell: room, scale: signedScale(theme, reach) };
          paint(canvas, part, printed ? { ...how, ink } : how, trainWords.filter(place + 1, label));
        }
      }
    },
  };
}
