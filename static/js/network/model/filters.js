// The filters of a layer as pictures, on one scale: of three channels in their colours, else one channel in grey. A click puts
// a filter on the stage. Comes by import; asks for no numbers itself.

import { dialog } from "../../dialogs/dialogs.js";
import { el, setText } from "../../ui/dom.js";
import { later } from "../../words/dialogs.js";
import { joinedOf } from "../joining.js";

/** @import { Placed } from "../../types/network.js" */
/** @import { Dispatch } from "../../panels/controls.js" */
/** @import { State } from "../../state/state.js" */
/** Where weights come from, once they are there. @typedef {{ tensors(name: string): { weight: Float32Array } | null }} Activations */

const MOST = 128;
const SIDE = 56; // pixels of a picture, about
const [LEAST_CELL, MOST_CELL] = [4, 16];
const COLOURS = 3;

/** The layer whose filters are looked at first: the one on the stage, or the first that reads colours, or any. */
export function filteredBy(/** @type {State} */ state) {
  const { shapes, names } = joinedOf(state);
  const placed = names.flatMap((name, at) => {
    const one = shapes?.placed.get(name);
    return one?.geometry.weight_shape && one.geometry.kernel_shape.length > 0 ? [{ at, one }] : [];
  });
  const wide = placed.filter(({ one }) => one.geometry.kernel_shape.some((size) => size > 1));
  return (
    wide.find(({ at }) => at === state.chosen) ??
    wide.find(({ one }) => one.geometry.channels_per_group === COLOURS) ??
    wide[0] ??
    null
  );
}

/**
 * The pixels of one filter: 0 is the middle, and the largest weight of all filters reaches an end.
 * @param {ArrayLike<number>} weight @param {{ lane: number, channels: number, taps: number, most: number }} of
 */
export function pixelsOf(weight, { lane, channels, taps, most }) {
  const pixels = new Uint8ClampedArray(4 * taps);
  const first = lane * channels * taps;
  for (let tap = 0; tap < taps; tap++) {
    for (let colour = 0; colour < COLOURS; colour++) {
      const channel = channels === COLOURS ? colour : 0;
      const value = Number(weight[first + channel * taps + tap]);
      pixels[4 * tap + colour] = 127.5 + 127.5 * (most > 0 ? value / most : 0);
    }
    pixels[4 * tap + 3] = 255;
  }
  return pixels;
}

/** @param {Activations} activations @param {Dispatch} dispatch @param {State} state */
export function filtersDialog(activations, dispatch, state) {
  const found = filteredBy(state);
  const about = el("p", { role: "status", text: found ? later.filtersWait : later.filtersLack });
  const grid = el("div", { class: "net-filters" });
  const made = dialog(later.filtersTitle(found?.one.node.name ?? ""), about, grid);
  made.classList.add("net-sheet");
  if (found) look(found.one, found.at);

  /** Waits for the weights, which the activations ask for. */
  function look(/** @type {Placed} */ placed, /** @type {number} */ at) {
    if (!made.isConnected) return;
    const tensors = activations.tensors(placed.node.name);
    if (!tensors) return void requestAnimationFrame(() => look(placed, at));
    const { lanes, channels_per_group: channels, kernel_shape: kernel, taps } = placed.geometry;
    const [rows, cols] = kernel.length === 2 ? kernel : [1, taps];
    const most = tensors.weight.reduce((high, one) => Math.max(high, Math.abs(one)), 0);
    setText(about, later.filtersAbout(lanes, channels, Math.min(lanes, MOST)));
    for (let lane = 0; lane < Math.min(lanes, MOST); lane++) {
      const pixels = pixelsOf(tensors.weight, { lane, channels, taps, most });
      const picture = painted(pixels, Number(rows), Number(cols));
      const onclick = () => {
        made.close();
        dispatch({ type: "choose", layer: at });
        dispatch({ type: "lane", lane });
      };
      const label = later.filterOf(lane + 1, lanes);
      grid.append(el("button", { type: "button", "aria-label": label, title: label, onclick }, picture));
    }
  }
}

function painted(
  /** @type {Uint8ClampedArray<ArrayBuffer>} */ pixels,
  /** @type {number} */ rows,
  /** @type {number} */ cols,
) {
  const canvas = el("canvas", { width: cols, height: rows });
  const cell = Math.max(LEAST_CELL, Math.min(MOST_CELL, Math.floor(SIDE / Math.max(rows, cols))));
  canvas.style.width = `${cols * cell}px`;
  canvas.style.height = `${rows * cell}px`;
  canvas.getContext("2d")?.putImageData(new ImageData(pixels, cols, rows), 0, 0);
  return canvas;
}
