// Cards of layers while a lesson asks what they would tell: what a cell sees, and how many weights it has.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../../static/js/link/fragment.js";
import { cardsOf } from "../../../static/js/network/chain/described.js";
import { layout } from "../../../static/js/picture/layout/layout.js";
import { scene } from "../../../static/js/picture/scene.js";
import { reduce } from "../../../static/js/state/state.js";
import "../../../static/js/features.js";
import { catalog, numbersFor, stateAfter } from "../page.js";

/** The state of a link, with numbers. */
function opened(/** @type {string} */ fragment) {
  const link = decode(fragment, catalog().operations);
  assert.ok(link.ok, fragment);
  const state = stateAfter({ type: "open", link: link.state });
  return reduce(state, { type: "numbers", numbers: numbersFor(state) });
}

test("cards do not tell what is asked for while the output is covered", () => {
  const state = opened("#v1&op=convolution&kernel=3&source=sample:cross&layer=op=dense%26filters=2");
  const words = (/** @type {typeof state} */ one) =>
    cardsOf(one)
      .map(({ about, sees }) => `${about} ${sees}`)
      .join("; ");
  assert.match(words(state), /sees 3×3.*49 weights each/);
  assert.match(words({ ...state, veil: "value" }), /sees 3×3.*49 weights each/);
  for (const veil of /** @type {const} */ (["output", "shape"]))
    assert.doesNotMatch(words({ ...state, veil }), /sees|weights/);
});

test("the picture does not say the largest number, nor how far a kernel reaches, while that may be asked for", () => {
  const state = opened("#v1&op=convolution&kernel=3&dilation=2&source=sample:cross");
  const at = layout(state, { width: 1080, height: 560, filled: true });
  assert.ok(at);
  const said = (/** @type {typeof state} */ one) => {
    const { base, live } = scene(one, at, "light", { gliding: false });
    const marks = [...base, ...live];
    const legend = marks.some(({ kind }) => kind === "legend");
    const span = marks.some((mark) => mark.kind === "text" && /sees 5×5/.test(mark.text));
    return { legend, span };
  };
  assert.deepEqual(said(state), { legend: true, span: true });
  assert.deepEqual(said({ ...state, veil: "value" }), { legend: false, span: true });
  assert.deepEqual(said({ ...state, veil: "output" }), { legend: false, span: false });
});
