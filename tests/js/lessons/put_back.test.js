// A lesson sets states and never owns one: whatever a person does with the stage of a step, it can be put back, and the
// person's own state comes back in the end; the projector layout stays as it was chosen.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { linkOf } from "../../../static/js/link/address.js";
import { decode } from "../../../static/js/link/fragment.js";
import { same } from "../../../static/js/state/setting.js";
import { reduce } from "../../../static/js/state/state.js";
import "../../../static/js/features.js";
import { catalog, stateAfter } from "../page.js";
import { draws } from "../support.js";

/** @import { LinkState } from "../../../static/js/types/page.js" */
/** @import { Action, State } from "../../../static/js/state/state.js" */

const ACTIONS = 10_000;
const TEXTS = new URL("../../../app/lessons/texts/", import.meta.url);

/** The states of our lessons that the operations of these tests can show. @returns {LinkState[]} */
function steps() {
  const { operations } = catalog();
  const texts = readdirSync(TEXTS).map((name) => readFileSync(new URL(name, TEXTS), "utf8"));
  const stages = texts.flatMap((text) =>
    [...text.matchAll(/```stage\n([\s\S]*?)```/g)].map(([, body]) => `${body}`),
  );
  const links = stages.map((body) => {
    const lines = body.split("\n");
    const layers = lines.filter((line) => line.startsWith("layer:"));
    const own = lines.filter((line) => /^[#&]/.test(line)).join("");
    return own + layers.map((line) => `&layer=${encodeURIComponent(line.slice(6).trim())}`).join("");
  });
  return links.flatMap((link) => {
    const found = decode(link, operations);
    return found.ok ? [found.state] : [];
  });
}

/** The part of a state that belongs to a step, as the player has it. */
function looks(/** @type {State} */ state) {
  const { playing: _, speed: __, theme: ___, views: ____, lesson: _____, ...link } = linkOf(state);
  return link;
}

/** An action of a person or of a question while a step is on view. @returns {Action} */
function drawnAction(/** @type {ReturnType<typeof draws>} */ { one, whole, chance }) {
  return one([
    () => /** @type {Action} */ ({ type: "step", step: whole(-3, 90) }),
    () => /** @type {Action} */ ({ type: "lane", lane: whole(0, 3) }),
    () => /** @type {Action} */ ({ type: "channel", channel: whole(0, 2) }),
    () =>
      /** @type {Action} */ ({
        type: "parameter",
        name: one(["kernel", "stride", "padding", "filters"]),
        value: whole(1, 4),
      }),
    () => /** @type {Action} */ ({ type: "operation", name: one(["convolution", "max_pooling", "dense"]) }),
    () =>
      /** @type {Action} */ ({ type: "source", source: { kind: "sample", name: one(["cross", "series"]) } }),
    () => /** @type {Action} */ ({ type: "pin" }),
    () => /** @type {Action} */ ({ type: "building", on: chance(0.5) }),
    () => /** @type {Action} */ ({ type: "theme", theme: one(["light", "dark"]) }),
    () => /** @type {Action} */ ({ type: "speed", steps_per_s: whole(1, 9) }),
    () => /** @type {Action} */ ({ type: "veil", hides: one([null, "value", "output", "shape"]) }),
    () =>
      /** @type {Action} */ ({
        type: "point",
        at: chance(0.5) ? null : { grid: "output", step: whole(0, 80) },
      }),
    () => /** @type {Action} */ ({ type: "view", name: "projector", on: chance(0.5) }),
  ])();
}

test("ten thousand drawn actions on the stages of our lessons break nothing, and each is put back", () => {
  const all = steps();
  assert.ok(all.length > 60, `${all.length} states of lessons`);
  const drawn = draws(1018);
  const own = stateAfter({ type: "operation", name: "max_pooling" });
  const before = linkOf(own);
  let state = own;
  /** The step as the player sets it. */
  const set = (/** @type {LinkState} */ link) => {
    const wanted = state.views.filter((one) => one === "projector");
    const views = [...new Set([...(link.views ?? []), ...wanted])];
    return reduce(state, {
      type: "open",
      link: { theme: state.theme ?? undefined, step: 0, ...link, views, lesson: "one/1" },
    });
  };
  let step = /** @type {LinkState} */ (all[0]);
  state = set(step);
  let begun = looks(state);
  for (let turn = 0; turn < ACTIONS; turn++) {
    const does = drawn.whole(0, 99);
    if (does < 3) {
      step = drawn.one(all);
      state = set(step);
      begun = looks(state);
    } else if (does < 6) {
      const projected = state.views.includes("projector");
      state = set(step);
      assert.deepEqual(looks(state), begun, "a step that is put back is as it began");
      assert.equal(state.views.includes("projector"), projected, "the layout stays");
    } else state = reduce(state, drawnAction(drawn));
    assert.ok(state.setting.layers.length > 0);
    assert.ok(Number.isInteger(state.step) && state.step >= 0);
  }
  // The lesson is left: the own state is there, whatever was done.
  state = reduce(state, { type: "open", link: { ...before, views: [] } });
  const after = linkOf(state);
  assert.ok(same({ ...before, theme: after.theme, speed: after.speed }, after));
});
