// A network beside its like, in place of its maps: on three sizes, or compared with another. Comes by import with the first
// of them; asks for the numbers of each variant and turns remedies into actions.

import { addChanges } from "../../compare/changes.js";
import { beside } from "../../compare/lockstep.js";
import { el } from "../../ui/dom.js";
import { networkWords } from "../../words/network.js";
import { createActivations } from "../chain/activations.js";
import { sizeFixes } from "../resizing.js";
import { besideTable, lead } from "./table.js";
import { fittingPart, networkChanges, rowsOf, sizeVariants, totalsOf } from "./variants.js";

/** @import { Theme } from "../../types/page.js" */
/** @import { Palette } from "../../picture/canvas.js" */
/** @import { Dispatch } from "../../panels/controls.js" */
/** @import { State } from "../../state/state.js" */
/** @import { createApi } from "../../server/api.js" */
/** @import { Variant } from "./variants.js" */

addChanges((a, b, valueText) =>
  Math.max(a.setting.layers.length, b.setting.layers.length) > 1 ? networkChanges(a, b, valueText) : null,
);

/**
 * @param {ReturnType<typeof createApi>} api @param {() => void} redraw @param {Dispatch} dispatch
 */
export function besidePanel(api, redraw, dispatch) {
  const leadLine = lead();
  const fixes = el("div", { class: "net-offers" });
  const place = el("div", { class: "net-beside-table", tabindex: 0, role: "region" });
  const element = el("div", { class: "net-beside" }, leadLine.element, fixes, place);
  const activations = [0, 1, 2].map(() => createActivations(api, redraw));
  /** @type {ReturnType<typeof besideTable> | null} */
  let table = null;
  /** @type {Variant[]} */
  let variants = [];
  /** The states that have numbers. @type {(State | null)[]} */
  let parts = [];
  /** A of a comparison. @type {State | null} */
  let other = null;
  /** @type {unknown[]} */
  let shown = [];

  /** @returns {Variant[]} */
  function variantsOf(/** @type {State} */ state, /** @type {boolean} */ comparing) {
    if (!comparing) return sizeVariants(state) ?? [];
    other = beside(state, other, true);
    return [
      { title: "A", state: other },
      { title: "B", state },
    ];
  }

  function build(/** @type {State} */ state, /** @type {boolean} */ comparing) {
    variants = variantsOf(state, comparing);
    parts = variants.map((one) => fittingPart(one.state));
    const words = networkWords.beside;
    place.setAttribute("aria-label", comparing ? words.compared : words.sizes);
    fixes.replaceChildren();
    table = null;
    place.replaceChildren();
    if (variants.length === 0) return leadLine.say(words.oneSize);
    const rows = rowsOf(variants);
    table = besideTable({ rows, variants, totals: comparing ? totalsOf(variants) : [], full: comparing });
    place.append(table.element);
    if (comparing)
      return leadLine.say(
        words.differing(rows.filter(({ differs }) => differs.length > 0).length, rows.length),
      );
    const refusing = rows.filter(({ cells }) => cells.some((cell) => cell?.refusal));
    const others = rows.filter(({ differs }) => differs.includes("parameters"));
    const refused = variants.find((one) => one.state.problem?.code === "unfit");
    const offers = (refused ? sizeFixes(refused.state) : []).flatMap(({ words: label, action }) =>
      action.type === "open_setting" && action.setting.layers !== refused?.state.setting.layers
        ? [{ label, action }]
        : [],
    );
    const refusals = variants.filter((one) => one.state.problem?.code === "unfit").length;
    leadLine.say(
      words.sized(
        refusing.map(({ name }) => name),
        refusals,
        offers.length > 0,
        others.map(({ name }) => name),
      ),
    );
    for (const { label, action } of offers) {
      const setting = { ...action.setting, source: state.setting.source };
      fixes.append(
        el("button", {
          type: "button",
          class: "chip",
          text: label,
          onclick: () => dispatch({ ...action, setting }),
        }),
      );
    }
  }

  return {
    element,
    /** @param {State} state @param {Theme} theme @param {Palette} palette */
    update(state, theme, palette) {
      const comparing = state.compare !== null;
      const of = [comparing, state.compare, state.setting, state.inputShape, state.problem, state.uploads];
      if (of.some((part, at) => part !== shown[at])) {
        shown = of;
        build(state, comparing);
      }
      for (const [at, part] of parts.entries()) if (part) activations[at]?.update(part, true);
      table?.draw((column, name) => activations[column]?.of(name) ?? null, theme, palette);
    },
  };
}
