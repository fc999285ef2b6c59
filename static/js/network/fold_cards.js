// Groups of layers on the chain: a card for each that is folded, and which of them a person has unfolded. Turns clicks into
// calls; decides nothing about what makes a group.

import { el, setAttribute } from "../ui/dom.js";
import { shape } from "../words/format.js";
import { networkWords } from "../words/network.js";
import { groupsOf } from "./folding.js";
import { joinedOf } from "./joining.js";

/** @import { State } from "../state/state.js" */
/** @import { Card } from "./chain/described.js" */
/** @import { Group } from "./folding.js" */

/** @typedef {{ item: HTMLElement, open: HTMLButtonElement, card: HTMLElement, group: Group }} Fold */

/**
 * @param {{ cardAt: (layer: number) => { item: HTMLElement, choose: HTMLElement } | undefined, say: (words: string) => void, changed: () => void }} chain
 */
export function createFolds({ cardAt, say, changed }) {
  /** @type {Group[]} */
  let groups = [];
  /** @type {Fold[]} */
  let folds = [];
  /** @type {Card[]} */
  let cards = [];
  let chosen = -1;
  let built = "";
  /** The first layers of groups that a person unfolded. @type {Set<string>} */
  const unfolded = new Set();

  const has = (/** @type {Group} */ { first, length }, /** @type {number} */ layer) =>
    layer >= first && layer < first + length;
  const keyOf = (/** @type {Group} */ { first }) => String(cards[first + 1]?.name);
  const isUnfolded = (/** @type {Group} */ group) => unfolded.has(keyOf(group)) || has(group, chosen);

  function unfold(/** @type {Group} */ group) {
    unfolded.add(keyOf(group));
    changed();
    cardAt(group.first)?.choose.focus();
    say(networkWords.folded.shown(group.length));
  }

  /** The group that a layer stands in, if it is folded. */
  function folded(/** @type {number} */ layer) {
    const group = groups.find((one) => has(one, layer));
    return group && !isUnfolded(group) ? group : null;
  }

  return {
    folded,
    /** Cards of what is folded, each before the first of its layers. @param {State} state @param {Card[]} all the source first */
    update(state, all) {
      cards = all;
      chosen = state.chosen;
      const { names, specs } = joinedOf(state);
      groups = groupsOf(names, specs);
      const titleOf = (/** @type {number} */ at) =>
        state.catalog.operations.find(({ name }) => name === specs[at]?.operation)?.title ?? "";
      const away = groups.filter((group) => !isUnfolded(group));
      // Cards that are the same stay, and keep the focus.
      const key = JSON.stringify(away.map((group) => [group, wordsOf(group, cards, titleOf)]));
      if (key === built && folds.every(({ item }) => item.isConnected)) return;
      built = key;
      for (const { item } of folds) item.remove();
      folds = away.map((group) => {
        const fold = foldCard(group, wordsOf(group, cards, titleOf), () => unfold(group));
        cardAt(group.first)?.item.before(fold.item);
        return fold;
      });
    },
    /** The card of the group that a layer is folded into. @returns {HTMLElement | null} */
    cardOf(/** @type {number} */ layer) {
      const group = folded(layer);
      return folds.find((one) => one.group.first === group?.first)?.card ?? null;
    },
    /** The group that begins with a layer, where it can be folded again. */
    foldable(/** @type {number} */ layer) {
      const group = groups.find(({ first }) => first === layer);
      return group && unfolded.has(keyOf(group)) && !has(group, chosen) ? group : null;
    },
    fold(/** @type {number} */ first) {
      const group = groups.find((one) => one.first === first);
      if (!group) return;
      unfolded.delete(keyOf(group));
      changed();
      folds.find((one) => one.group.first === first)?.open.focus();
      say(networkWords.folded.away(group.length));
    },
  };
}

/** The layers behind a card. @param {Group} group @param {Card[]} cards @param {(at: number) => string} titleOf */
function wordsOf({ first, length, period }, cards, titleOf) {
  const block = Array.from({ length: period }, (_, at) => titleOf(first + at));
  const [begin, end] = [cards[first + 1], cards[first + length]];
  return {
    range: networkWords.folded.range(String(begin?.name), String(end?.name), length),
    about: networkWords.folded.block(block, length / period),
    sizes: end?.shape ? shape(end.shape) : "—",
    sees: end?.sees ?? "",
  };
}

/** @param {Group} group @param {ReturnType<typeof wordsOf>} words @param {() => void} unfold @returns {Fold} */
function foldCard(group, { range, about, sizes, sees }, unfold) {
  const open = el("button", {
    type: "button",
    class: "net-choose",
    "aria-expanded": "false",
    title: networkWords.folded.unfold,
    onclick: unfold,
  });
  setAttribute(open, "aria-label", networkWords.folded.label(range, about, sizes, sees));
  const words = el(
    "div",
    { class: "net-words", "aria-hidden": "true" },
    el("b", { text: range }),
    el("span", { class: "net-about", text: about }),
    el("span", {}, el("b", { text: sizes }), " ", el("span", { class: "kernel", text: sees })),
  );
  const card = el("div", { class: "net-card net-folded" }, words, open);
  const item = el("li", { class: "net-item" }, el("span", { class: "net-gap" }), card);
  return { item, open, card, group };
}
