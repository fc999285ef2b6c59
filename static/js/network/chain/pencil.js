// The pencil of the network view: a hand draws into the source, and all layers follow. Turns strokes into actions; decides
// nothing about numbers.

import { between, nested } from "../../state/painting.js";
import { el, setAttribute, setText } from "../../ui/dom.js";
import { networkWords } from "../../words/network.js";
import { MOST_DRAWN } from "../drawing.js";
import { SOURCE } from "../graph.js";
import { joinedOf } from "../joining.js";
import { product } from "../shapes.js";

/** @import { FieldCell } from "../../types/network.js" */
/** @import { NestedNumbers } from "../../types/numbers.js" */
/** @import { Dispatch } from "../../panels/controls.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Activations } from "./chain.js" */
/** @import { Panel } from "./view_layout.js" */

/** Strokes are told apart by their number; the painter of the stage counts from 0. */
let strokes = 1_000_000;
const BELOW = 8;
const BAR = 34;

/**
 * @param {HTMLCanvasElement} canvas @param {(event: MouseEvent) => FieldCell | null} cellUnder
 * @param {Activations} activations @param {Dispatch} dispatch @param {() => State} current
 */
export function pencil(canvas, cellUnder, activations, dispatch, current) {
  let on = false;
  /** The stroke, where it is, and its value. @type {{ stroke: number, place: number[], value: number } | null} */
  let brush = null;
  let drew = false;
  const draw = el("button", { type: "button", text: networkWords.draw, onclick: () => turn(!on) });
  const clear = el("button", { type: "button", text: networkWords.clear, onclick: wipe });
  const element = el("div", { class: "net-pencil" }, draw, clear);
  turn(false);

  function turn(/** @type {boolean} */ next) {
    on = next;
    setAttribute(draw, "aria-pressed", String(on));
    setText(draw, on ? networkWords.drawn : networkWords.draw);
    clear.hidden = !on;
    canvas.classList.toggle("drawing", on);
  }

  /** Paper and ink: the lowest and the highest value there is. @returns {[number, number]} */
  function inks() {
    const [low, high] = activations.of(SOURCE)?.range ?? [0, 1];
    if (low < high) return [low, high];
    return low < 0 ? [low, -low] : low === 0 ? [0, 1] : [0, low];
  }

  /** The source as typed values, where it is something else. @returns {{ values?: NestedNumbers } | null} */
  function before(/** @type {State} */ { setting, inputShape }) {
    if (setting.source.kind === "values") return {};
    const numbers = activations.of(SOURCE);
    if (!numbers || !inputShape) return null;
    return { values: nested(numbers.data, inputShape[0] === 1 ? inputShape.slice(1) : inputShape) };
  }

  function put(/** @type {number} */ stroke, /** @type {number[][]} */ cells, /** @type {number} */ value) {
    const values = before(current());
    if (values) dispatch({ type: "draw", stroke, cells, value, ...values });
  }

  function wipe() {
    const [, rows = 1, cols = 1] = current().inputShape ?? [];
    const cells = Array.from({ length: rows * cols }, (_, at) => [Math.floor(at / cols), at % cols]);
    put(++strokes, cells, inks()[0]);
  }

  /** The value that a stroke from a cell writes: ink, or paper where there is ink. */
  function valueAt(/** @type {number[]} */ [row = 0, col = 0]) {
    const [low, high] = inks();
    const cols = Number(current().inputShape?.[2]);
    return activations.of(SOURCE)?.data[row * cols + col] === high ? low : high;
  }

  const placeUnder = (/** @type {MouseEvent} */ event) => {
    const cell = on ? cellUnder(event) : null;
    return cell?.layer === SOURCE ? cell.place : null;
  };
  const take = (/** @type {string} */ type, /** @type {(event: PointerEvent) => void} */ act) =>
    canvas.addEventListener(type, /** @type {EventListener} */ (act), { capture: true });
  take("pointerdown", (event) => {
    drew = false;
    const place = event.button === 0 && event.isPrimary ? placeUnder(event) : null;
    if (!place) return;
    event.stopPropagation();
    canvas.setPointerCapture(event.pointerId);
    canvas.focus({ preventScroll: true }); // else what loses it ends the stroke's change
    drew = true;
    brush = { stroke: ++strokes, place, value: valueAt(place) };
    dispatch({ type: "see", cell: null });
    put(brush.stroke, [place], brush.value);
  });
  take("pointermove", (event) => {
    if (!brush) return;
    event.stopPropagation();
    const place = placeUnder(event);
    if (!place || String(place) === String(brush.place)) return;
    put(brush.stroke, between(brush.place, place), brush.value);
    brush = { ...brush, place };
  });
  for (const end of ["pointerup", "pointercancel"])
    take(end, () => {
      brush = null;
    });
  // A stroke is no click: no cell is kept by it.
  take("click", (event) => drew && event.stopPropagation());
  // A finger that draws does not scroll.
  canvas.addEventListener(
    "touchstart",
    (event) => {
      const [touch] = event.touches;
      if (touch && placeUnder(new MouseEvent("touch", touch))) event.preventDefault();
    },
    { passive: false },
  );

  return {
    element,
    /** Whether a key draws: a space on a cell of the source. */
    key(/** @type {string} */ key, /** @type {FieldCell | null} */ cell) {
      if (!on || key !== " " || cell?.layer !== SOURCE) return false;
      put(++strokes, [cell.place], valueAt(cell.place));
      return true;
    },
    /**
     * Below the source, where it can be drawn on.
     * @param {Panel[]} panels @param {number} height of the picture @param {number} words that stand there already
     */
    place(panels, height, words) {
      const source = panels.find(({ name }) => name === SOURCE);
      const shape = joinedOf(current()).shapes?.input_shape ?? [];
      const [box] = source?.maps.map((map) => map.box) ?? [];
      element.hidden = !box || shape.length !== 3 || product(shape) > MOST_DRAWN;
      if (element.hidden || !box) return turn(false);
      const ends = source?.maps.map((map) => map.box.y + map.box.rows * map.box.cell) ?? [];
      const below = Math.min(height - BAR, Math.max(...ends) + BELOW + words);
      element.style.setProperty("transform", `translate(${Math.round(box.x)}px, ${Math.round(below)}px)`);
    },
  };
}
