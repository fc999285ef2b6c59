// Examples as cards: each a layer on an input, with a question that its picture answers; pairs to compare; and the
// classic figures. Comes by import; turns a choice into an action.

import { layersFrom } from "../state/setting.js";
import { byId, el, pictured, styleSheet } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { later } from "../words/dialogs.js";
import { familyText, text } from "../words/page.js";
import { dialog } from "./dialogs.js";
import { addClassics } from "./gallery.js";

/** @import { Example } from "../types/registry.js" */
/** @import { Spec } from "../types/layer.js" */
/** @import { Source, Weights } from "../types/source.js" */
/** @import { Dispatch } from "../panels/controls.js" */
/** @import { State } from "../state/state.js" */
/** @import { createApi } from "../server/api.js" */
/** @import { createSingle } from "../ui/one_at_a_time.js" */

/** Two settings of one layer that people mix up. @typedef {{ a: Spec, b: Spec, source: Source, weights: Weights, step: number }} Pair */
/** @type {Record<keyof typeof later.pairs, Pair>} */
const PAIRS = {
  // A stride leaves the odd cell of same at the end, where PyTorch has one on either side.
  same: {
    a: { operation: "convolution", kernel: 3, stride: 2, padding: 1 },
    b: { operation: "convolution", kernel: 3, stride: 2, padding: "same" },
    source: {
      kind: "values",
      values: [1, 2, 3, 4, 5, 6].map((row) => [0, 1, 2, 3, 4, 5].map((col) => row * (col + 1))),
    },
    weights: { kind: "preset", name: "sobel_vertical" },
    step: 0,
  },
  causal: {
    a: { operation: "convolution", kernel: 3, dilation: 4, padding: "causal" },
    b: { operation: "convolution", kernel: 3, dilation: 4, padding: "same" },
    source: { kind: "sample", name: "series", size: 32 },
    weights: { kind: "preset", name: "box" },
    step: 14,
  },
};

/**
 * @param {() => State} current @param {Dispatch} dispatch @param {ReturnType<typeof createApi>} api
 * @param {ReturnType<typeof createSingle>} single
 */
export async function examplesDialog(current, dispatch, api, single) {
  styled ??= styleSheet("cards", true);
  await styled;
  const { operations } = current().catalog;
  const all = operations.flatMap((operation) =>
    operation.examples.map((example, index) => ({ operation, example, index })),
  );
  /** @param {(typeof all)[number]} one @param {number} place */
  const cardOf = ({ operation, example, index }, place) => {
    const picture = el("span", { class: "picture" });
    pictured(picture, "examples");
    picture.style.setProperty("background-size", `100% ${all.length}00%`);
    picture.style.setProperty("background-position", `0 ${(100 * place) / Math.max(1, all.length - 1)}%`);
    return card(picture, example, () => {
      dispatch({ type: "example", operation: operation.name, index });
      made.close();
      ask(example.question);
    });
  };
  const pairs = Object.entries(PAIRS).map(([name, pair]) => {
    const words = later.pairs[/** @type {keyof typeof PAIRS} */ (name)];
    const letters = el("span", { class: "picture letters", "aria-hidden": "true", text: "A B" });
    return card(letters, words, () => {
      compare(dispatch, pair);
      made.close();
      ask(words.question);
    });
  });
  const pairsTitle = el("h3", { text: later.pairsTitle });
  const families = [...new Set(operations.map(({ family }) => family))];
  const made = dialog(
    text.examplesOpen,
    ...families.flatMap((family) => [
      el("h3", { text: familyText(family) }),
      el(
        "ul",
        { class: "cards" },
        ...all.flatMap((one, place) => (one.operation.family === family ? [cardOf(one, place)] : [])),
      ),
    ]),
    pairsTitle,
    el("ul", { class: "cards" }, ...pairs),
  );
  made.classList.add("wide");
  const { networkCards } = await import("../network/chain/examples.js");
  const open = (/** @type {string} */ question) => {
    made.close();
    ask(question);
  };
  pairsTitle.before(networkCards(current(), dispatch, open));
  await addClassics(made, current, dispatch, api, single);
}

/** @type {Promise<unknown> | null} */
let styled = null;

/** @param {Node} picture @param {Pick<Example, "title" | "caption" | "question">} words @param {() => void} open */
function card(picture, { title, caption, question }, open) {
  const button = el(
    "button",
    { type: "button", class: "card", onclick: open },
    picture,
    el("b", { text: title }),
    el("span", { text: caption }),
    el("span", { class: "question", text: question }),
  );
  return el("li", {}, button);
}

/** A is kept, then B is chosen. */
function compare(/** @type {Dispatch} */ dispatch, /** @type {Pair} */ { a, b, source, weights, step }) {
  const whole = (/** @type {Spec} */ layer) =>
    dispatch({ type: "open_setting", setting: { layers: layersFrom([layer], weights), source }, step });
  dispatch({ type: "compare", against: null });
  whole(a);
  dispatch({ type: "compare", against: "kept" });
  whole(b);
}

/** The question stands above the stage until it is closed or another takes its place. */
function ask(/** @type {string} */ question) {
  document.querySelector(".asked")?.remove();
  const asked = el("p", { class: "asked", role: "status" }, el("b", { text: question }));
  const close = el(
    "button",
    {
      type: "button",
      class: "icon",
      "aria-label": text.close,
      onclick: () => asked.remove(),
    },
    icon("close"),
  );
  asked.append(close);
  byId("view").prepend(asked);
}
