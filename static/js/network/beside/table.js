// Variants of a network as one table: a row for each layer, a column for each variant, maps on one scale. Draws what it is
// given; decides nothing about networks.

import { naturalChannel } from "../../state/setting.js";
import { el, setText } from "../../ui/dom.js";
import { many, shape as shapeText } from "../../words/format.js";
import { networkWords } from "../../words/network.js";
import { drawThumbnail, isSingle, planeOf } from "../chain/thumbnail.js";
import { SOURCE } from "../graph.js";

/** @import { Theme } from "../../types/page.js" */
/** @import { Palette } from "../../picture/canvas.js" */
/** @import { Activation } from "../chain/activations.js" */
/** @import { Cell, Row, Variant } from "./variants.js" */

/** The largest map of a row is as wide. */
const WIDE = 72;
const LEAST = 8;

/**
 * @param {{ rows: Row[], variants: Variant[], totals: { title: string, values: string[], differs: boolean }[], full: boolean }} given
 * `full` tells cost and field of every layer
 */
export function besideTable({ rows, variants, totals, full }) {
  const words = networkWords.beside;
  /** @type {{ canvas: HTMLCanvasElement, name: string, column: number, shape: number[] }[]} */
  const maps = [];
  const body = rows.map(({ name, cells, differs }) => {
    const most = Math.max(...cells.map((cell) => (cell?.shape ? planeOf(gridOf(cell.shape)).cols : 0)));
    return el(
      "tr",
      { class: differs.length > 0 ? "differs" : "" },
      el("th", { scope: "row" }, el("b", { text: name, class: name === SOURCE ? "input" : "" })),
      ...cells.map((cell, column) => {
        if (!cell) return el("td", { class: "none", text: words.without });
        if (!cell.shape)
          return el("td", { class: cell.refusal ? "unfit" : "none", text: cell.refusal || "—" });
        const of = gridOf(cell.shape);
        const { rows: down, cols } = planeOf(of);
        const width = isSingle(of) ? LEAST : Math.max(LEAST, (WIDE * cols) / most);
        const canvas = el("canvas", { class: "net-tile", "aria-hidden": "true" });
        canvas.style.setProperty("width", `${width}px`);
        canvas.style.setProperty("height", `${Math.min(WIDE, Math.max(LEAST, (width * down) / cols))}px`);
        maps.push({ canvas, name, column, shape: of });
        return el("td", {}, el("div", {}, canvas, factsOf(cell, differs, column > 0 && full, full)));
      }),
    );
  });
  const last = totals.map(({ title, values, differs }) =>
    el(
      "tr",
      { class: differs ? "differs" : "" },
      el("th", { scope: "row", text: title }),
      ...values.map((value, column) =>
        el("td", {}, el("span", { class: differs && column > 0 ? "other" : "", text: value })),
      ),
    ),
  );
  const heads = [words.layer, ...variants.map(({ title }) => title)];
  const element = el(
    "table",
    {},
    el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col", text: head })))),
    el("tbody", { class: "totals" }, ...last),
    el("tbody", {}, ...body),
  );
  return {
    element,
    /**
     * The maps of all variants, those of a row on one scale.
     * @param {(column: number, name: string) => Activation | null} numbers @param {Theme} theme @param {Palette} palette
     */
    draw(numbers, theme, palette) {
      for (const { canvas, name, column, shape } of maps) {
        const own = numbers(column, name);
        const all = variants.flatMap((_, at) => numbers(at, name) ?? []);
        const range = /** @type {[number, number]} */ ([
          Math.min(...all.map((one) => one.range[0])),
          Math.max(...all.map((one) => one.range[1])),
        ]);
        const natural = name === SOURCE ? naturalChannel(shape) : 0;
        const lane = typeof natural === "number" ? Math.min(natural, Number(shape[0]) - 1) : natural;
        const how = { lane, theme, palette, field: null, cell: null, picture: name === SOURCE };
        drawThumbnail(canvas, shape, own && { data: own.data, range }, how);
      }
    },
  };
}

/** A layer in words; differences from the first column are marked. */
function factsOf(
  /** @type {Cell} */ { shape, about, parameters, work, sees },
  /** @type {string[]} */ differs,
  /** @type {boolean} */ marked,
  /** @type {boolean} */ full,
) {
  const fact = (/** @type {string} */ aspect, /** @type {string} */ words) =>
    words === ""
      ? []
      : [el("span", { class: marked && differs.includes(aspect) ? "other" : "", text: words })];
  const own = full || differs.includes("parameters");
  return el(
    "p",
    {},
    el("b", {}, ...fact("shape", shape ? shapeText(shape) : "")),
    ...(full ? fact("about", about) : []),
    ...fact("parameters", own && parameters > 0 ? many(parameters, "parameter") : ""),
    ...(full ? fact("work", work > 0 ? many(work, "multiply-add") : "") : []),
    ...(full ? fact("sees", sees) : []),
  );
}

/** @returns {number[]} */
const gridOf = (/** @type {number[]} */ shape) => (shape.length > 1 ? shape : [...shape, 1]);

/** A sentence above a table. */
export function lead() {
  const element = el("p", { class: "net-lead", role: "status" });
  return { element, say: (/** @type {string} */ words) => setText(element, words) };
}
