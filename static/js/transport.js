// First, back, play, forward, last, scrub and speed. Turns what a person does into actions and shows the step.

import { el, setAttribute, setText } from "./dom.js";
import { stepPosition } from "./geometry.js";
import { SPEEDS, viewedStep, viewOf } from "./state.js";
import { placeText, say, text } from "./strings.js";

/** @import { Dispatch } from "./controls.js" */
/** @import { State } from "./state.js" */

const SHAPES = {
  first: "M6 5v14M19 5l-9 7 9 7z",
  back: "M17 5l-9 7 9 7z",
  play: "M7 4.5l12 7.5-12 7.5z",
  pause: "M8 5v14M16 5v14",
  forward: "M7 5l9 7-9 7z",
  last: "M18 5v14M5 5l9 7-9 7z",
};

/** @param {keyof typeof SHAPES} name */
function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SHAPES[name]);
  drawing.append(path);
  return {
    drawing,
    draw: (/** @type {keyof typeof SHAPES} */ other) => setAttribute(path, "d", SHAPES[other]),
  };
}

/** Speeds run over a wide range: the slider's place is their logarithm. */
const [SLOWEST, FASTEST] = SPEEDS;
const toPlace = (/** @type {number} */ speed) =>
  Math.round((100 * Math.log(speed / SLOWEST)) / Math.log(FASTEST / SLOWEST));
const toSpeed = (/** @type {number} */ place) => {
  const speed = SLOWEST * (FASTEST / SLOWEST) ** (place / 100);
  return speed < 1 ? Math.round(speed * 20) / 20 : speed < 10 ? Math.round(speed * 2) / 2 : Math.round(speed);
};

/** @param {HTMLElement} element @param {Dispatch} dispatch */
export function transport(element, dispatch) {
  /** @param {keyof typeof SHAPES} name @param {() => void} act */
  const button = (name, act) => {
    const { drawing, draw } = icon(name);
    const made = el(
      "button",
      { type: "button", class: `icon ${name}`, "aria-label": text[name], title: text[name], onclick: act },
      drawing,
    );
    return { made, draw };
  };
  let playing = false;
  const first = button("first", () => dispatch({ type: "step", step: 0 }));
  const back = button("back", () => dispatch({ type: "move", by: "step", n: -1 }));
  const play = button("play", () => dispatch({ type: playing ? "pause" : "play" }));
  const forward = button("forward", () => dispatch({ type: "move", by: "step", n: 1 }));
  const last = button("last", () => dispatch({ type: "step", step: Number(scrub.max) }));
  const scrub = el("input", {
    type: "range",
    class: "scrub",
    min: 0,
    step: 1,
    "aria-label": text.scrub,
    oninput: () => dispatch({ type: "step", step: Number(scrub.value) }),
  });
  const count = el("span");
  const where = el("span", { class: "where" });
  const place = el("p", { class: "place" }, count, where);
  const speed = el("input", {
    type: "range",
    min: 0,
    max: 100,
    "aria-label": text.speed,
    oninput: () => dispatch({ type: "speed", steps_per_s: toSpeed(Number(speed.value)) }),
  });
  const speedText = el("span", { class: "speed-text" });
  const hint = el("p", { class: "hint", text: text.hint });
  element.append(
    el("div", { class: "buttons" }, first.made, back.made, play.made, forward.made, last.made),
    scrub,
    place,
    el("label", { class: "speed" }, speed, speedText),
    hint,
  );
  return {
    update(/** @type {State} */ state) {
      const layer = viewOf(state);
      if (!layer) return;
      const step = viewedStep(state);
      playing = state.playing;
      play.draw(playing ? "pause" : "play");
      setAttribute(play.made, "aria-label", playing ? text.pause : text.play);
      setAttribute(play.made, "title", playing ? text.pause : text.play);
      setAttribute(scrub, "max", String(layer.steps - 1));
      if (scrub.value !== String(state.step)) scrub.value = String(state.step);
      scrub.style.setProperty("--at", `${(100 * state.step) / Math.max(1, layer.steps - 1)}%`);
      const position = placeText(stepPosition(layer, step));
      setText(count, say.step(step, layer.steps));
      setText(where, ` · ${position}`);
      setAttribute(scrub, "aria-valuetext", `${say.step(step, layer.steps)}, ${position}`);
      const speedPlace = String(toPlace(state.speed));
      if (speed.value !== speedPlace && document.activeElement !== speed) speed.value = speedPlace;
      setAttribute(speed, "aria-valuetext", say.speed(state.speed));
      speed.style.setProperty("--at", `${speedPlace}%`);
      setText(speedText, say.speed(state.speed));
    },
  };
}
