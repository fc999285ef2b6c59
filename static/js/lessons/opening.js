// The opening: a scene whose output builds up within five seconds and stops, one sentence, and three things to do next.
// Comes by import for who is new, or asks for it. Turns time and clicks into actions; draws nothing.

import { chosenOf, chosenProblem, lastStep, viewOf } from "../state/selectors.js";
import { besideSheet, byId, drawing, el } from "../ui/dom.js";
import { openingText as words } from "../words/opening.js";
import { haveMet } from "./met.js";
import "./scene_marks.js";

/** @import { LinkState } from "../types/page.js" */
/** @import { Control, Dispatch } from "../panels/controls.js" */
/** @import { State } from "../state/state.js" */

const SIDE = 84;
/** The window stands on the cabin in the end. */
const END = 46 * SIDE + 64;
/** The first row at walking pace, then as fast as it streams; all of it is there by then. */
const FIRST_STEPS_PER_S = 60;
const MOST_MS = 5000;
const USUAL_STEPS_PER_S = 4;
const INSTEAD = "mixed";

const NOTHING = [
  [0, 0, 0],
  [0, 0, 0],
  [0, 0, 0],
];
const alike = (/** @type {number[][]} */ kernel) => [kernel, kernel, kernel];
const plus = [
  [0, 1, 0],
  [1, 1, 1],
  [0, 1, 0],
];
const all = (/** @type {number} */ value) => NOTHING.map((row) => row.map(() => value));
/** Six questions in whole numbers, of like strength on this scene: one scale of colours serves all maps. */
const FILTERS = [
  alike([
    [-1, 0, 1],
    [-2, 0, 2],
    [-1, 0, 1],
  ]),
  alike([
    [-1, -2, -1],
    [0, 0, 0],
    [1, 2, 1],
  ]),
  alike([
    [0, -2, 0],
    [-2, 8, -2],
    [0, -2, 0],
  ]),
  alike([
    [-2, -1, 0],
    [-1, 0, 1],
    [0, 1, 2],
  ]),
  [all(-1), NOTHING, all(1)],
  [plus, NOTHING, NOTHING],
];

/** Repeating the edge as padding: beside zeros, the border would outshine the picture. @type {LinkState} */
export const SCENE = {
  layers: [
    {
      operation: "convolution",
      spec: { kernel: 3, filters: FILTERS.length, padding: "same", padding_mode: "replicate" },
      weights: { kind: "values", values: FILTERS },
    },
  ],
  source: { kind: "sample", name: "scene", size: SIDE },
  channel: "rgb",
};

/** The scene as it begins: built up step by step, or finished where nothing moves by itself. @returns {LinkState} */
export function sceneFor(/** @type {boolean} */ still) {
  return { ...SCENE, step: still ? END : 0, building: !still };
}

/**
 * @typedef {object} Page
 * @property {Dispatch} dispatch @property {() => State} current
 * @property {() => void} start the two-minute start @property {() => void} paste a layer
 * @property {() => void} ended @property {() => Promise<unknown>} [bring] what plays the scene, where the page began with it
 */

/**
 * @param {Page} page @param {boolean} still whether nothing moves by itself
 * @returns {Control & { close(): void, giveWay(state: State): void }}
 */
export function openIntroduction({ dispatch, current, start, paste, ended, bring }, still) {
  if (!bring) dispatch({ type: "open", link: sceneFor(still) });
  const { setting } = current();
  let phase = still ? "stands" : "waits";
  const hide = el("button", { type: "button", class: "plain hide", text: words.hide, onclick: close });
  const head = el(
    "section",
    { class: "opening-head", "aria-labelledby": "opening-title" },
    el("h2", { id: "opening-title", text: words.headline }),
    el("p", { text: words.sentence }),
    hide,
  );
  const own = () => /** @type {HTMLElement | null} */ (document.querySelector(".yours input"))?.click();
  const cards = el(
    "ul",
    { class: "next", "aria-label": words.next },
    card("own", words.own, own),
    card("start", words.start, () => {
      close();
      start();
    }),
    card("paste", words.paste, paste),
  );
  const view = byId("view");
  view.prepend(head);
  view.append(cards);
  view.classList.add("introducing");
  haveMet();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function close() {
    settle();
    head.remove();
    cards.remove();
    view.classList.remove("introducing");
    ended();
  }

  /** The finished picture, as somebody finds it who waited. */
  function settle() {
    clearTimeout(timer);
    if (phase === "stands") return;
    phase = "stands";
    dispatch({ type: "pause" });
    dispatch({ type: "building", on: false });
    dispatch({ type: "speed", steps_per_s: USUAL_STEPS_PER_S });
    // A setting that a person chose meanwhile keeps its own step.
    if (current().setting === setting) dispatch({ type: "step", step: END });
  }

  /** The output builds up, unless a person has chosen something else meanwhile. */
  function walk() {
    if (phase !== "comes" || current().setting !== setting) return;
    phase = "walks";
    timer = setTimeout(settle, MOST_MS);
    dispatch({ type: "speed", steps_per_s: FIRST_STEPS_PER_S });
    dispatch({ type: "play" });
  }

  return {
    element: head,
    close,
    /** Nobody chose the scene's filters: where they do not fit what a person chooses, they give way to a preset. */
    giveWay(/** @type {State} */ state) {
      const own = setting.layers[0]?.weights;
      if (chosenOf(state).weights === own && chosenProblem(state)?.field === "weights")
        dispatch({ type: "weights", weights: { kind: "preset", name: INSTEAD } });
    },
    update(state) {
      if (state.setting !== setting) return close();
      if (phase === "waits" && state.numbers && viewOf(state)) {
        phase = "comes";
        if (bring) whenIdle(() => bring().then(walk));
        else walk();
      } else if (phase === "walks" && state.step >= SIDE) {
        phase = "runs";
        dispatch({ type: "speed", steps_per_s: "Infinity" });
      } else if (phase === "runs" && !state.playing && state.step === lastStep(state)) settle();
      // A person who stops it has it as it is.
      else if ((phase === "walks" || phase === "runs") && !state.playing) {
        phase = "stands";
        clearTimeout(timer);
      }
    },
  };
}

/** @param {"own" | "start" | "paste"} name @param {{ title: string, about: string }} words @param {() => void} act */
function card(name, { title, about }, act) {
  const picture = el("span", { class: `picture ${name}`, "aria-hidden": "true" });
  if (name === "own") picture.append(halves());
  if (name === "start") picture.append(windows());
  if (name === "paste") picture.append(el("code", { text: words.code }));
  return el(
    "li",
    {},
    el(
      "button",
      { type: "button", class: "card", onclick: act },
      picture,
      el("b", { text: title }),
      el("span", { text: about }),
    ),
  );
}

/** A picture, half of it as edges. */
function halves() {
  return el("img", { src: besideSheet("../pictures/edges.png"), alt: "", width: 96, height: 96 });
}

/** A window on the nine by nine. */
function windows() {
  const sign = drawing("svg", { viewBox: "0 0 96 80" });
  const put = (/** @type {string} */ kind, /** @type {number[]} */ [x = 0, y = 0, side = 0]) =>
    sign.append(drawing("rect", { x, y, width: side, height: side, class: kind }));
  put("below", [8, 8, 63]);
  for (let at = 1; at < 8; at++) {
    put("above", [8 + 7 * at, 8 + 7 * at, 7]);
    put("above", [8 + 7 * at, 64 - 7 * at, 7]);
  }
  put("window", [15, 15, 21]);
  put("written", [76, 12, 14]);
  return sign;
}

/** After the picture at hand is drawn; not every browser says when it is idle. */
function whenIdle(/** @type {() => void} */ act) {
  if (typeof requestIdleCallback === "function") requestIdleCallback(act, { timeout: 1000 });
  else setTimeout(act, 100);
}
