// The filters of the first layer that has some, at the start and now, and the chain with the maps of the example on view.
// Draws; decides nothing.

import { signedScale } from "../picture/grid/colour.js";
import { el, setAttribute, setText } from "../ui/dom.js";
import { number, shape as shapeText } from "../words/format.js";
import { trainWords } from "../words/train.js";
import { inkScale, mapScale, paint, picture, planeOf } from "./pictures.js";

/** @import { Theme } from "../types/page.js" */
/** @import { Placed, Shapes } from "../types/network.js" */
/** @import { Tensors, Values } from "./forward.js" */

const MOST_FILTERS = 4;
const MOST_MAPS = 4;

/** The first layer whose weight is made of kernels that can be drawn. @returns {Placed | null} */
export function filteredOf(/** @type {Shapes} */ shapes) {
  for (const placed of shapes.placed.values()) {
    const { geometry } = placed;
    if (geometry.weight_shape && !geometry.tensors && geometry.taps > 1 && geometry.steps > 1) return placed;
  }
  for (const placed of shapes.placed.values()) if (placed.geometry.weight_shape) return placed;
  return null;
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
     * @param {{ name: string, label: string, row: Float32Array | null, cell: number, printed: boolean, own: boolean }[]} times
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

/** The chain: the example, then each layer with its maps, then a vote for each class. */
export function mapChain() {
  const list = el("ol", { class: "tr-chain", role: "list" });
  /** @type {{ name: HTMLElement, about: HTMLElement, maps: HTMLElement, pictures: HTMLCanvasElement[], of: Shapes | null }[]} */
  const made = [];

  function card(/** @type {number} */ at) {
    const known = made[at];
    if (known) return known;
    const [name, about, maps] = [el("b"), el("span", { class: "muted" }), el("div", { class: "tr-maps" })];
    list.append(el("li", { class: "tr-card" }, el("span", { class: "tr-card-name" }, name, about), maps));
    const one = { name, about, maps, pictures: /** @type {HTMLCanvasElement[]} */ ([]), of: null };
    made[at] = one;
    return one;
  }

  /** @param {HTMLElement} maps @param {HTMLCanvasElement[]} pictures @param {number} count */
  function enough(maps, pictures, count) {
    while (pictures.length < count) {
      const one = picture();
      pictures.push(one);
      maps.append(one);
    }
    for (const [place, one] of pictures.entries()) one.hidden = place >= count;
  }

  return {
    element: list,
    /** @param {Shapes} shapes @param {Values} values @param {Theme} theme @param {string[]} classes */
    update(shapes, values, theme, classes) {
      const names = ["input", ...shapes.network.order.map(({ name }) => name)];
      for (const [at, name] of names.entries()) {
        const one = card(at);
        const data = values.get(name);
        const placed = shapes.placed.get(name);
        const shape = placed?.shape ?? shapes.input_shape;
        setText(one.name, name);
        setText(one.about, shapeText(placed?.geometry.output_shape ?? shape));
        if (!data) continue;
        const lanes = Number(shape[0]);
        const [rows, cols] = planeOf(shape);
        const vector = rows * cols === 1;
        const count = vector ? 1 : Math.min(MOST_MAPS, lanes);
        const [high, wide] = vector ? [Math.min(lanes, 16), 1] : [rows, cols];
        enough(one.maps, one.pictures, count);
        one.maps.classList.toggle("single", count === 1);
        const room = count === 1 ? 84 : 40;
        const cell = vector
          ? Math.max(4, Math.min(26, Math.floor(84 / high)))
          : Math.max(1, Math.floor(room / Math.max(rows, cols)));
        const scale = at === 0 ? inkScale(theme, data) : mapScale(theme, data);
        for (let place = 0; place < count; place++) {
          const canvas = /** @type {HTMLCanvasElement} */ (one.pictures[place]);
          paint(
            canvas,
            data,
            { rows: high, cols: wide, at: place * rows * cols, cell, scale },
            trainWords.map(place + 1, name),
          );
        }
      }
      for (const [at, { maps }] of made.entries()) {
        const card = maps.parentElement;
        if (card) card.hidden = at >= names.length;
      }
      const last = made[names.length - 1];
      const votes = values.get(String(names.at(-1)));
      if (last && votes && votes.length <= 6)
        setAttribute(
          last.maps,
          "data-votes",
          classes.map((name, at) => `${name} ${number(Number(votes[at]), 2)}`).join(" · "),
        );
    },
  };
}
