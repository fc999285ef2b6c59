// The status line for who listens: the step once it has stood for a moment, and what a key has changed that is otherwise
// only seen. Comes with the first sign of a hand. Decides nothing; knows one element and no picture.

import { stepPosition } from "../layer/walk.js";
import { stepsTold, viewedLane, viewedStep, viewOf, walkOf } from "../state/selectors.js";
import { stampOf, sumOf } from "../step/sum.js";
import { setText } from "../ui/dom.js";
import { awaited, number } from "../words/format.js";
import { channelName, placeText, say } from "../words/page.js";
import { later, tell } from "../words/stage.js";

/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { Control } from "./controls.js" */
/** @import { State } from "../state/state.js" */

/** A key that is held down says where it ended. */
const STANDS_MS = 350;

/** The step, its place, the filter where there are several, and what comes of it. */
function stepWords(/** @type {State} */ state, /** @type {LayerGeometry} */ layer) {
  const step = viewedStep(state);
  const which = layer.lanes > 1 ? `, ${laneWords(state, layer)}` : "";
  const stamp = stampOf(state);
  if (stamp) {
    const value = stamp.values.slice(0, 4).map((one) => (state.veil ? "?" : number(one.value, 3)));
    const place = placeText(stamp.position) + which;
    return tell.spokenStamp(step, stepsTold(state, layer), place, value.join(", "), stamp.written);
  }
  const sum = sumOf(state);
  if (!sum) return "";
  // A question of a lesson asks for it.
  const result = state.veil ? "?" : awaited(sum.served ?? sum.result, 4, sum.rounding);
  return tell.spoken(step, stepsTold(state, layer), placeText(sum.position) + which, result);
}

function laneWords(/** @type {State} */ state, /** @type {LayerGeometry} */ layer) {
  const which = layer.result === "columns" ? say.row : layer.weight_shape ? say.filter : say.channelOf;
  return which(viewedLane(state), layer.lanes);
}

/** The change of how the picture is looked at and played, in words; empty without one. */
export function newsOf(/** @type {State} */ before, /** @type {State} */ state) {
  const layer = viewOf(state);
  if (!layer || before.shown !== state.shown || walkOf(before) !== walkOf(state)) return "";
  const place = (/** @type {number} */ step) => placeText(stepPosition(layer, step));
  const { pins, loop, zoom, channel } = state;
  if (pins.length > before.pins.length)
    return tell.pinned(place(pins.at(-1)?.step ?? state.step), pins.length);
  if (pins.length < before.pins.length)
    return pins.length === 0 ? later.spoken.unpinned : later.spoken.onePin;
  if (loop !== before.loop) return loop ? tell.loops(loop.from, loop.to) : later.spoken.noLoop;
  if (zoom?.scale !== before.zoom?.scale) return zoom ? tell.magnified(zoom.scale) : later.spoken.whole;
  if (state.speed !== before.speed) return say.speed(state.speed);
  if (state.building !== before.building) return state.building ? later.spoken.builds : later.spoken.isWhole;
  if (channel !== before.channel && typeof channel === "number")
    return tell.channel(channelName(layer.input_shape, channel));
  return "";
}

/** @param {HTMLElement} element @returns {Pick<Control, "update">} */
export function spokenStatus(element, wait_ms = STANDS_MS) {
  let step = "";
  let news = "";
  /** @type {State | null} */
  let before = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return {
    update(state) {
      const layer = viewOf(state);
      // While it is painted, the painter speaks of the cell.
      if (!layer || state.playing || state.paint) {
        before = state;
        return;
      }
      const changed = before ? newsOf(before, state) : "";
      before = state;
      const words = stepWords(state, layer);
      const moved = words !== step && words !== "";
      if (!moved && changed === "") return;
      if (changed) news = changed;
      if (moved) step = words;
      clearTimeout(timer);
      const said = [news, moved || !news ? step : ""].filter(Boolean).join(". ");
      const stood = element.textContent;
      timer = setTimeout(() => {
        news = "";
        // Who was given other words meanwhile, by keys on the sum or a copy, is not told the step over them.
        if (element.textContent === stood) setText(element, said);
      }, wait_ms);
    },
  };
}
