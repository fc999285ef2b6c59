// First, row, step, play, last, scrub; speed, loop and whether the output builds up. Turns what a person does into
// actions and shows the step.

import { stepPosition } from "../layer/walk.js";
import { stepsTold, viewedStep, viewOf } from "../state/selectors.js";
import { SPEEDS } from "../state/speeds.js";
import { el, setAttribute, setText } from "../ui/dom.js";
import { changingIcon, icon } from "../ui/icon.js";
import { placeText, say, text } from "../words/page.js";

/** @import { Dispatch } from "./controls.js" */
/** @import { State } from "../state/state.js" */

/** The key that does the same, as an event names it and as people read it. */
const KEYS = {
  first: ["Home", "Home"],
  rowBack: ["ArrowUp", "↑"],
  back: ["ArrowLeft", "←"],
  play: [" ", "space"],
  pause: [" ", "space"],
  forward: ["ArrowRight", "→"],
  rowForward: ["ArrowDown", "↓"],
  last: ["End", "End"],
  loopIn: ["i", "i"],
  loopOut: ["o", "o"],
  loopOff: ["l", "l"],
};
/** @typedef {keyof typeof KEYS} Move */

/** The slider's last place, beyond the last number: as it streams. */
const STREAMING = SPEEDS.length;

/** The speeds that are one click away. */
const SEGMENTS = [0.25, 0.5, 1, 2, 4, Number.POSITIVE_INFINITY];

/** @param {HTMLElement} element @param {Dispatch} dispatch @param {(key: string) => void} press does what a key does */
export function transport(element, dispatch, press) {
  /** @type {State} */
  let state;
  const label = (/** @type {Move} */ name) => say.withKey(text[name], String(KEYS[name][1]));
  /** A button does what its key does. @param {Move} name */
  const button = (name) => {
    const { sign, draw } = changingIcon(name);
    const act = () => press(String(KEYS[name][0]));
    const named = { "aria-label": text[name], title: label(name) };
    const made = el("button", { type: "button", class: `icon ${name}`, ...named, onclick: act }, sign);
    return { made, draw };
  };
  const play = button("play");
  const moves = /** @type {Move[]} */ (["first", "rowBack", "back", "forward", "rowForward", "last"]).map(
    (name) => button(name).made,
  );
  moves.splice(3, 0, play.made);
  const scrub = el("input", {
    type: "range",
    class: "scrub",
    min: 0,
    step: 1,
    "aria-label": text.scrub,
    oninput: () => dispatch({ type: "step", step: Number(scrub.value) }),
  });
  const track = el("div", { class: "track" }, el("span", { class: "band", "aria-hidden": "true" }), scrub);
  const count = el("span");
  const where = el("span", { class: "where" });
  const place = el("p", { class: "place" }, count, where);
  const speed = el("input", {
    type: "range",
    min: 0,
    max: STREAMING,
    "aria-label": text.speed,
    oninput: () => dispatch({ type: "speed", steps_per_s: SPEEDS[Number(speed.value)] ?? "Infinity" }),
  });
  const speedText = el("span", { class: "speed-text" });
  const steady = SEGMENTS.map((steps_per_s) => ({
    steps_per_s,
    made: el("button", {
      type: "button",
      text: Number.isFinite(steps_per_s) ? say.fraction(steps_per_s) : "×",
      title: say.speed(steps_per_s),
      "aria-label": say.speed(steps_per_s),
      onclick: () =>
        dispatch({ type: "speed", steps_per_s: Number.isFinite(steps_per_s) ? steps_per_s : "Infinity" }),
    }),
  }));
  const segments = el(
    "div",
    { class: "segments speed", role: "group", "aria-label": text.speed },
    ...steady.map(({ made }) => made),
  );
  const off = button("loopOff").made;
  const loop = el(
    "div",
    { class: "loop", role: "group", "aria-label": text.loop },
    el("span", { text: text.loop, "aria-hidden": "true" }),
    button("loopIn").made,
    button("loopOut").made,
    off,
  );
  const building = el("input", {
    type: "checkbox",
    onchange: () => dispatch({ type: "building", on: building.checked }),
  });
  const built = el(
    "label",
    { class: "building", title: say.withKey(text.buildingAbout, "u") },
    building,
    text.building,
  );
  const more = el(
    "div",
    { class: "more-controls", id: "more-controls" },
    built,
    loop,
    el("label", { class: "speed", title: say.withKey(text.speed, ". ,") }, speed, speedText),
  );
  const opener = el(
    "button",
    {
      type: "button",
      class: "icon open-more",
      title: text.moreControls,
      "aria-label": text.moreControls,
      "aria-expanded": "false",
      "aria-controls": "more-controls",
      onclick: () => setAttribute(opener, "aria-expanded", String(element.classList.toggle("more-open"))),
    },
    icon("more"),
  );
  element.append(el("div", { class: "buttons" }, ...moves), track, place, segments, opener, more);
  return {
    update(/** @type {State} */ next) {
      state = next;
      const layer = viewOf(state);
      if (!layer) return;
      const step = viewedStep(state);
      const last = Math.max(1, layer.steps - 1);
      const playing = state.playing ? "pause" : "play";
      play.draw(playing);
      setAttribute(play.made, "aria-label", text[playing]);
      setAttribute(play.made, "title", label(playing));
      setAttribute(scrub, "max", String(layer.steps - 1));
      if (scrub.value !== String(state.step)) scrub.value = String(state.step);
      scrub.style.setProperty("--at", `${(100 * state.step) / last}%`);
      const position = placeText(stepPosition(layer, step));
      setText(count, say.step(step, layer.steps));
      setText(where, ` · ${position}`);
      setAttribute(scrub, "aria-valuetext", `${say.step(step, stepsTold(state, layer))}, ${position}`);
      showLoop(last);
      building.checked = state.building;
      const speedPlace = String(SPEEDS.filter((one) => one < state.speed).length);
      if (speed.value !== speedPlace && document.activeElement !== speed) speed.value = speedPlace;
      setAttribute(speed, "aria-valuetext", say.speed(state.speed));
      speed.style.setProperty("--at", `${(100 * Number(speedPlace)) / STREAMING}%`);
      setText(speedText, say.speed(state.speed));
      for (const { made, steps_per_s } of steady)
        setAttribute(made, "aria-pressed", String(steps_per_s === state.speed));
    },
  };

  function showLoop(/** @type {number} */ last) {
    const range = state.loop;
    track.classList.toggle("ranged", range !== null);
    track.style.setProperty("--from", String((range?.from ?? 0) / last));
    track.style.setProperty("--upto", String((range?.to ?? last) / last));
    off.disabled = range === null;
    setAttribute(loop, "aria-label", range ? say.loop(range.from, range.to) : text.loop);
  }
}
