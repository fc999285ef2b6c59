// The transport of the training room: training time. Play, step, scrub to any kept snapshot, and how fast. Turns what a
// person does into calls; knows no network.

import { el, setAttribute, setText } from "../ui/dom.js";
import { changingIcon, icon } from "../ui/icon.js";
import { trainWords } from "../words/train.js";

/** @typedef {{ seek: (step: number) => void, by: (steps: number) => void, play: () => void, speed: (steps_per_s: number) => void }} ClockActions */
/** @typedef {{ step: number, of: number, known: number, playing: boolean, speed: number, accuracy: number | null, best: number | null }} Time */

export const SPEEDS = [1, 10, 100, Number.POSITIVE_INFINITY];

/** @param {ClockActions} actions */
export function trainClock(actions) {
  const tool = (
    /** @type {import("../ui/icon.js").Icon} */ sign,
    /** @type {string} */ words,
    /** @type {() => void} */ act,
  ) =>
    el(
      "button",
      { type: "button", class: `icon ${sign}`, "aria-label": words, title: words, onclick: act },
      icon(sign),
    );
  const { sign, draw } = changingIcon("play");
  const play = el("button", { type: "button", class: "icon play", onclick: actions.play }, sign);
  const buttons = el(
    "div",
    { class: "buttons" },
    tool("first", trainWords.rewind, () => actions.seek(0)),
    tool("back", trainWords.back, () => actions.by(-1)),
    play,
    tool("forward", trainWords.forwardStep, () => actions.by(1)),
    tool("last", trainWords.end, () => actions.seek(Number.POSITIVE_INFINITY)),
  );
  const scrub = el("input", {
    type: "range",
    class: "scrub",
    min: 0,
    step: 1,
    "aria-label": trainWords.scrub,
    oninput: () => actions.seek(Number(scrub.value)),
  });
  const tick = el("span", { class: "tr-tick", "aria-hidden": "true", hidden: true });
  const track = el("div", { class: "track" }, scrub, tick);
  const [before, step, after] = [el("span"), el("b"), el("span")];
  const [rightWords, right] = [el("span"), el("b")];
  const place = el("p", { class: "place" }, before, step, after, rightWords, right);
  const speeds = SPEEDS.map((speed) =>
    el("button", {
      type: "button",
      text: Number.isFinite(speed) ? String(speed) : trainWords.fastest,
      onclick: () => actions.speed(speed),
    }),
  );
  const segments = el(
    "div",
    { class: "segments speed", role: "group", "aria-label": trainWords.speed },
    ...speeds,
    el("span", { class: "tr-unit", text: trainWords.perSecond, "aria-hidden": "true" }),
  );
  const element = el("footer", { class: "transport tr-transport" }, buttons, track, place, segments);
  return {
    element,
    update(/** @type {Time} */ { step: at, of, known, playing, speed, accuracy, best }) {
      draw(playing ? "pause" : "play");
      const words = playing ? trainWords.stop : trainWords.play;
      setAttribute(play, "aria-label", words);
      setAttribute(play, "title", words);
      setAttribute(scrub, "max", String(of));
      if (scrub.value !== String(at)) scrub.value = String(at);
      const share = (/** @type {number} */ part) => `${(100 * part) / Math.max(1, of)}%`;
      scrub.style.setProperty("--at", share(at));
      scrub.style.setProperty("--to", share(known));
      tick.hidden = best === null;
      if (best !== null)
        tick.style.setProperty("left", `calc(8px + (100% - 16px) * ${best / Math.max(1, of)})`);
      const [a = "", b = "", c = ""] = trainWords.place(at, of);
      setText(before, a);
      setText(step, b);
      setText(after, c);
      setAttribute(scrub, "aria-valuetext", a + b + c);
      const [d = "", e = ""] = accuracy === null ? [] : trainWords.right(accuracy);
      setText(rightWords, d);
      setText(right, e);
      for (const [number, button] of speeds.entries())
        setAttribute(button, "aria-pressed", String(SPEEDS[number] === speed));
    },
  };
}
