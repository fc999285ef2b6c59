// The arithmetic of what cells see, layer by layer, with the numbers put in: size, jump, start. Writes a table beside the
// settings; computes nothing that receptive.js does not.

import { byId, el, setText } from "../../ui/dom.js";
import { number } from "../../words/format.js";
import { networkWords } from "../../words/network.js";
import { SOURCE } from "../graph.js";
import { joinedOf } from "../joining.js";
import { seenCell } from "../seen.js";
import { numbersOfFields } from "./described.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { FieldCell, Placed, ReceptiveNumbers, Shapes } from "../../types/network.js" */
/** @import { State } from "../../state/state.js" */

/** One row: the words of each cell. @typedef {{ name: string, size: string, jump: string, start: string, on: boolean }} Row */

const joined = (/** @type {(number | null)[]} */ values) => {
  const words = values.map((value) => (value === null ? "–" : number(value)));
  return new Set(words).size === 1 ? String(words[0]) : words.join("×");
};

/** The rows of all layers, the source first. @param {Shapes} shapes @param {string} [seen] the layer of the cell on view @returns {Row[]} */
export function rowsOf(shapes, seen) {
  const numbers = numbersOfFields(shapes);
  return [SOURCE, ...shapes.network.layers.map(({ name }) => name)].flatMap((name) => {
    const own = numbers.get(name);
    if (!own) return [];
    const placed = shapes.placed.get(name);
    const before =
      placed && placed.node.inputs.length === 1 ? numbers.get(String(placed.node.inputs[0])) : undefined;
    const worked = placed && before ? workedOut(placed, before, own) : null;
    return [
      {
        name,
        size: worked?.size ?? joined(own.size),
        jump: worked?.jump ?? joined(own.jump),
        start: joined(own.start),
        on: name === seen,
      },
    ];
  });
}

/** `3 + 2·1 = 5` and `1·3 = 3`, where one window slides evenly and alike on all axes. */
function workedOut(
  /** @type {Placed} */ { geometry },
  /** @type {ReceptiveNumbers} */ before,
  /** @type {ReceptiveNumbers} */ own,
) {
  const step = evenStep(geometry);
  const [size, jump, then] = [alike(before.size), alike(before.jump), alike(own.size)];
  if (!step || size === null || jump === null || then === null || then !== size + step.reach * jump)
    return null;
  const next = alike(own.jump);
  return {
    size: step.reach === 0 ? String(then) : `${size} + ${step.reach}·${number(jump)} = ${then}`,
    jump:
      next === null || step.stride === 1
        ? joined(own.jump)
        : `${number(jump)}·${step.stride} = ${number(next)}`,
  };
}

/** The one number of all axes, or null. @returns {number | null} */
function alike(/** @type {(number | null)[]} */ values) {
  return new Set(values).size === 1 ? (values[0] ?? null) : null;
}

/** How far a window reaches beyond its first cell, and how far it moves, alike on all axes. */
function evenStep(/** @type {LayerGeometry} */ { axes }) {
  const steps = axes.map(({ reads, spread }) =>
    reads.kind === "affine" && spread === 1 ? `${(reads.taps - 1) * reads.gap} ${reads.stride}` : "",
  );
  const [reach, stride] = (steps[0] ?? "").split(" ").map(Number);
  if (new Set(steps).size !== 1 || reach === undefined || stride === undefined) return null;
  return { reach, stride };
}

/** Where the cell on view begins to see, with the numbers put in; null where cells are not evenly apart. */
export function startOf(/** @type {Shapes} */ shapes, /** @type {FieldCell | null} */ cell) {
  const numbers = cell && numbersOfFields(shapes).get(cell.layer);
  if (!cell || !numbers || cell.place.length !== numbers.size.length) return null;
  return cell.place.map((at, axis) => {
    const [start, jump, size] = [numbers.start[axis], numbers.jump[axis], numbers.size[axis]];
    if (start === undefined || size === undefined || typeof jump !== "number" || !Number.isInteger(jump))
      return null;
    return { at, start, jump, first: start + at * jump, last: start + at * jump + size - 1 };
  });
}

/** The table beside the settings, while there is a network. */
export function arithmetic() {
  const body = el("tbody");
  const sentence = el("p", { class: "about" });
  const heads = networkWords.arithmetic.heads.map((text) => el("th", { scope: "col", text }));
  const element = el(
    "section",
    { class: "panel net-arithmetic", "aria-labelledby": "net-sees" },
    el("h2", { id: "net-sees", text: networkWords.arithmetic.title }),
    el("table", {}, el("thead", {}, el("tr", {}, ...heads)), body),
    sentence,
  );
  const settings = byId("controls");
  const layer = settings.querySelector(":scope > .layer");
  if (layer) layer.after(element);
  else settings.append(element);
  /** @type {unknown[]} */
  let shown = [];
  return {
    element,
    update(/** @type {State} */ state) {
      const { shapes, fault } = joinedOf(state);
      element.hidden = state.setting.layers.length < 2 || !shapes || fault !== null;
      if (element.hidden || !shapes) return;
      const cell = seenCell(state);
      const now = [shapes, cell?.layer, String(cell?.place)];
      if (now.every((part, at) => part === shown[at])) return;
      if (shapes !== shown[0] || cell?.layer !== shown[1])
        body.replaceChildren(
          ...rowsOf(shapes, cell?.layer).map(({ name, size, jump, start, on }) =>
            el(
              "tr",
              { class: on ? "on" : "" },
              el("th", { scope: "row", text: name }),
              ...[size, jump, start].map((text) => el("td", { text })),
            ),
          ),
        );
      shown = now;
      const starts = startOf(shapes, cell);
      setText(sentence, networkWords.arithmetic.starts(starts ?? []));
    },
  };
}
