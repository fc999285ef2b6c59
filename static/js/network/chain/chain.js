// The chain above the stage: a card for the input and one for each layer, with what it gives and sees, and arcs for what
// skips layers. Turns what a person does into actions; decides nothing about networks.

import { readPalette } from "../../picture/palette.js";
import { isStale } from "../../state/resolve.js";
import { currentNumbers, isCovered, isWhole } from "../../state/selectors.js";
import { naturalChannel } from "../../state/setting.js";
import { byId, el, setAttribute, setText } from "../../ui/dom.js";
import { number, shape } from "../../words/format.js";
import { networkWords } from "../../words/network.js";
import { createFolds } from "../fold_cards.js";
import { SOURCE } from "../graph.js";
import { joinedOf } from "../joining.js";
import { labels, onLabels } from "../model/labels.js";
import { fieldsAround, seenCell } from "../seen.js";
import { createActivations } from "./activations.js";
import { arithmetic } from "./arithmetic.js";
import { cardsOf } from "./described.js";
import { dragging } from "./dragging.js";
import { networkStyle } from "./style.js";
import { cellAt, drawThumbnail } from "./thumbnail.js";
import { classesOf } from "./votes.js";

/** @import { Theme } from "../../types/page.js" */
/** @import { Control, Dispatch } from "../../panels/controls.js" */
/** @import { Palette } from "../../picture/canvas.js" */
/** @import { State } from "../../state/state.js" */
/** @import { createApi } from "../../server/api.js" */
/** @import { Card } from "./described.js" */

const MOST_VERDICTS = 4;
/** So many of more are said, where they have names. */
const LARGEST = 3;
/** A sum of floats that ought to be 0 may miss it by this share of the largest. */
const NEAR_ZERO = 1e-6;
/** Height of an arc above the cards, for each that lies within another. */
const ARC = 11;

/** @typedef {ReturnType<typeof createActivations>} Activations */
/** @typedef {{ item: HTMLElement, choose: HTMLButtonElement, name: HTMLElement, about: HTMLElement, sizes: HTMLElement, sees: HTMLElement, map: HTMLCanvasElement, more: HTMLButtonElement, add: HTMLButtonElement, verdict: HTMLElement, fold: HTMLButtonElement }} Parts */

export function toggleView(/** @type {State} */ state, /** @type {Dispatch} */ dispatch) {
  dispatch({ type: "view", name: "network", on: !state.views.includes("network") });
}

/**
 * @param {ReturnType<typeof createApi>} api @param {Dispatch} dispatch @param {() => State} current
 * @param {() => void} redraw @returns {Promise<Control & { activations: Activations }>}
 */
export async function chainOf(api, dispatch, current, redraw) {
  await networkStyle();
  const activations = createActivations(api, redraw);
  const list = el("ol", { class: "net-cards", role: "list" });
  const arcs = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  arcs.classList.add("net-arcs");
  arcs.setAttribute("aria-hidden", "true");
  const row = el("div", { class: "net-row" }, list);
  row.prepend(arcs);
  const element = el("section", { class: "net-chain", "aria-label": networkWords.chain }, row);
  byId("stage-tools").before(element);
  const end = el("button", {
    type: "button",
    class: "icon net-add",
    text: "+",
    title: networkWords.addAtEnd,
    "aria-label": networkWords.addAtEnd,
    onclick: () => adding(current().setting.layers.length),
  });
  const last = el("li", { class: "net-end" }, end);
  list.append(last);
  /** @type {Parts[]} */
  const made = [];
  /** @type {Card[]} */
  let cards = [];
  /** Asking for it styles the page once for each colour: only when the theme changes. @type {Palette | null} */
  let palette = null;
  let paletteOf = "";
  /** @type {unknown[]} */
  let shown = [];
  /** @type {unknown[]} */
  let drawn = [];
  let chosen = -1;
  let scrolledTo = "";

  const adding = async (/** @type {number} */ at) =>
    (await import("./layer_dialogs.js")).addDialog(current(), dispatch, at);
  const opening = async (/** @type {number} */ at) =>
    (await import("./layer_dialogs.js")).layerDialog(current(), dispatch, at);
  const status = el("p", { class: "unseen", role: "status", id: "net-status" });
  element.append(status);
  const say = (/** @type {string} */ words) => setText(status, words);

  const folds = createFolds({
    cardAt: (layer) => made[layer + 1],
    say,
    /** Shows what is unfolded now, here and in the network view. */
    changed() {
      shown = [];
      showCards(current());
      redraw();
    },
  });

  /** A card; `at` counts the source as 0. @returns {Parts} */
  function card(/** @type {number} */ at) {
    const name = el("b", { class: at === 0 ? "input" : "" });
    const about = el("span", { class: "net-about" });
    const sizes = el("b", { class: "net-sizes" });
    const sees = el("span", { class: "kernel" });
    const verdict = el("span", { class: "net-verdict" });
    // The button lies over the words, and its name says them in the order in which they are heard.
    const words = el(
      "div",
      { class: "net-words", "aria-hidden": "true" },
      name,
      about,
      el("span", {}, sizes, " ", sees),
      verdict,
    );
    const choose = el("button", {
      type: "button",
      class: "net-choose",
      "data-at": at,
      onclick: () => (at > 0 ? dispatch({ type: "choose", layer: at - 1 }) : toSource()),
    });
    const map = el("canvas", { class: "net-map", "aria-hidden": "true" });
    const place = (/** @type {PointerEvent | MouseEvent} */ event) => {
      const box = map.getBoundingClientRect();
      const of = cards[at]?.shape;
      if (!of) return null;
      const within = of.length > 1 ? of : [...of, 1];
      const x = (event.clientX - box.left) / box.width;
      const y = (event.clientY - box.top) / box.height;
      return { layer: String(cards[at]?.name), place: cellAt(within, x, y) };
    };
    map.addEventListener("pointermove", (event) => dispatch({ type: "see", cell: place(event) }));
    map.addEventListener("pointerleave", () => dispatch({ type: "see", cell: null }));
    map.addEventListener("click", (event) => dispatch({ type: "keep_seen", cell: place(event) }));
    const more = el("button", {
      type: "button",
      class: "icon net-more",
      text: "⋯",
      "aria-haspopup": "dialog",
      onclick: () => opening(at - 1),
    });
    more.hidden = at === 0;
    const add = el("button", {
      type: "button",
      class: "icon net-add",
      text: "+",
      onclick: () => adding(at - 1),
    });
    const fold = el("button", {
      type: "button",
      class: "icon net-add net-fold",
      text: "−",
      "aria-expanded": "true",
      onclick: () => folds.fold(at - 1),
    });
    const item = el(
      "li",
      { class: "net-item" },
      ...(at > 0 ? [el("span", { class: "net-gap" }, add, fold)] : []),
      el("div", { class: "net-card" }, words, choose, map, more),
    );
    return { item, choose, name, about, sizes, sees, map, more, add, verdict, fold };
  }

  /** The layer that reads the source first is where it is looked at. */
  function toSource() {
    const { setting } = current();
    const layer = setting.layers.findIndex(({ inputs }, at) => (inputs ? inputs.includes(SOURCE) : at === 0));
    dispatch({ type: "choose", layer });
  }

  function showCards(/** @type {State} */ state) {
    cards = cardsOf(state);
    chosen = state.chosen;
    while (made.length < cards.length) {
      const next = card(made.length);
      made.push(next);
      last.before(next.item);
    }
    while (made.length > cards.length) made.pop()?.item.remove();
    folds.update(state, cards);
    for (const [at, one] of cards.entries()) {
      const parts = /** @type {Parts} */ (made[at]);
      parts.item.hidden = folds.folded(at - 1) !== null;
      if (parts.item.hidden) continue;
      const foldable = folds.foldable(at - 1);
      parts.fold.hidden = foldable === null;
      if (foldable) setAttribute(parts.fold, "aria-label", networkWords.folded.fold(foldable.length));
      const of = one.shape ? shape(one.shape) : "—";
      setText(parts.name, one.name);
      setText(parts.about, one.about);
      setText(parts.sizes, of);
      setText(parts.sees, one.sees);
      parts.item.classList.toggle("chosen", at === chosen + 1);
      parts.item.classList.toggle("faulty", one.faulty);
      parts.item.classList.toggle("lacking", one.shape === null);
      const label = one.shape
        ? networkWords.label(one.name, one.shape, one.sees)
        : networkWords.faulty(one.name);
      setAttribute(parts.choose, "aria-label", label);
      setAttribute(parts.choose, "aria-current", at === chosen + 1 ? "true" : null);
      setAttribute(parts.choose, "title", one.about ? `${one.name}: ${one.about}` : one.name);
      setAttribute(parts.more, "aria-label", networkWords.more(one.name));
      setAttribute(parts.more, "title", networkWords.more(one.name));
      setAttribute(parts.add, "aria-label", networkWords.addBefore(one.name));
      setAttribute(parts.add, "title", networkWords.addBefore(one.name));
    }
    showArcs();
    // Cards have other widths in the view of all layers.
    const place = `${chosen} ${cards.length} ${element.classList.contains("open")}`;
    if (place !== scrolledTo) made[chosen + 1]?.item.scrollIntoView({ block: "nearest", inline: "nearest" });
    scrolledTo = place;
  }

  /** The card of a layer, or of the group that it stands in. */
  const cardAt = (/** @type {number} */ at) => folds.cardOf(at - 1) ?? made[at]?.item.lastElementChild;

  /** Layers that read another than the one before, as arcs over the cards between. */
  function showArcs() {
    const places = new Map(cards.map(({ name }, at) => [name, at]));
    const skips = cards.flatMap(({ inputs, name }, to) =>
      inputs.flatMap((input) => {
        const from = places.get(input) ?? to - 1;
        return from === to - 1 ? [] : [{ from, to, name, input }];
      }),
    );
    const apart = skips.filter(({ from, to }) => cardAt(from) !== cardAt(to));
    apart.sort((one, other) => one.to - one.from - (other.to - other.from));
    /** Per level the spans that it holds. @type {{ from: number, to: number }[][]} */
    const levels = [];
    const placed = apart.map((skip) => {
      let level = levels.findIndex((spans) =>
        spans.every((one) => one.to <= skip.from || one.from >= skip.to),
      );
      if (level < 0) level = levels.push([]) - 1;
      levels[level]?.push(skip);
      return { ...skip, level };
    });
    const top = levels.length * ARC;
    row.style.setProperty("padding-top", `${levels.length > 0 ? top + 6 : 0}px`);
    // Asking how wide the cards are lays the page out: only where there is something to draw.
    if (placed.length > 0) {
      setAttribute(arcs, "height", String(top + 6));
      setAttribute(arcs, "width", String(list.scrollWidth));
    }
    arcs.replaceChildren(
      ...placed.map(({ from, to, level, name, input }) => {
        const middle = (/** @type {number} */ at, /** @type {number} */ part) => {
          const box = cardAt(at);
          return box instanceof HTMLElement ? box.offsetLeft + box.offsetWidth * part : 0;
        };
        const [x, end] = [middle(from, 0.62), middle(to, 0.38)];
        const y = top + 2 - (level + 1) * ARC;
        const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
        path.setAttribute(
          "d",
          `M${x} ${top + 6}V${y + 8}q0 -8 8 -8H${end - 8}q8 0 8 8V${top + 1}m-4 -1l4 5l4 -5`,
        );
        const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
        title.textContent = networkWords.skip(input, name);
        path.append(title);
        return path;
      }),
    );
  }

  /** The numbers of a layer of a few, on its card, where its map would be a stripe. */
  function showVerdict(/** @type {Parts} */ { verdict, item }, /** @type {Card} */ { name, shape: of }) {
    const count = of?.slice(1).every((size) => size === 1) ? Number(of[0]) : 0;
    const classes = classesOf(name, count);
    const few = of?.length === 1 && count <= MOST_VERDICTS;
    const numbers = few || classes ? activations.of(name) : null;
    const largest = Math.max(...(numbers?.range.map(Math.abs) ?? [0]));
    const entries = [...(numbers?.data ?? [])].map((value, at) => ({ value, at }));
    // Of many with names the largest are said, the first of them first.
    if (!few) entries.sort((one, other) => other.value - one.value).splice(LARGEST);
    const words = entries.map(({ value, at }) => {
      const near = Math.abs(value) < NEAR_ZERO * largest ? 0 : value;
      return `${classes ? `${classes[at]} ` : ""}${number(near, 3)}`;
    });
    setText(verdict, words.join(networkWords.between));
    item.classList.toggle("has-words", words.length > 0);
  }

  /** The maps with the fields of the cell on view. */
  function showMaps(/** @type {State} */ state, /** @type {Theme} */ theme) {
    const isOpen = element.classList.contains("open");
    const { shapes, fault } = joinedOf(state);
    if (!shapes || fault || isStale(state)) return;
    palette ??= readPalette();
    const seen = seenCell(state);
    const fields = fieldsAround(shapes, seen);
    for (const [at, one] of cards.entries()) {
      const parts = made[at];
      if (!one.shape || !parts || parts.item.hidden) continue;
      showVerdict(parts, one);
      if (classesOf(one.name, Number(one.shape[0]))) {
        const label = networkWords.label(one.name, one.shape, one.sees);
        setAttribute(parts.choose, "aria-label", `${label}: ${parts.verdict.textContent}`);
      }
      if (isOpen) continue; // the view has the maps
      const of = one.shape.length > 1 ? one.shape : [...one.shape, 1];
      const [back, on] = [fields?.back.get(one.name), fields?.on.get(one.name)];
      const field = back
        ? { ways: back, role: /** @type {const} */ ("kernel") }
        : on
          ? { ways: on, role: /** @type {const} */ ("output") }
          : null;
      const natural = at === 0 ? naturalChannel(of) : at === chosen + 1 ? state.lane : 0;
      const lane = typeof natural === "number" ? Math.min(natural, Number(of[0]) - 1) : natural;
      const cell = seen?.layer === one.name ? seen.place : null;
      const how = { lane, theme, palette, field, cell, picture: at === 0 };
      drawThumbnail(parts.map, of, activations.of(one.name), how);
    }
  }

  list.addEventListener("keydown", (event) => {
    const { target } = event;
    if (!(target instanceof HTMLElement) || !target.matches(".net-choose")) return;
    const act = keyOn(target, event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });

  /** The action of a key on a card. @returns {(() => void) | null} */
  function keyOn(
    /** @type {HTMLElement} */ card,
    /** @type {KeyboardEvent} */ { key, altKey, ctrlKey, metaKey },
  ) {
    if (ctrlKey || metaKey) return null;
    const by = key === "ArrowLeft" ? -1 : key === "ArrowRight" ? 1 : 0;
    const stops = [...list.querySelectorAll(".net-item:not([hidden]) > .net-card > .net-choose")];
    const stop = (/** @type {number} */ place) => () =>
      /** @type {HTMLElement | undefined} */ (stops[Math.min(stops.length - 1, Math.max(0, place))])?.focus();
    if (by && !altKey) return stop(stops.indexOf(card) + by);
    if (key === "Home" || key === "End") return stop(key === "Home" ? 0 : stops.length - 1);
    if (card.dataset.at === undefined) return null;
    const at = Number(card.dataset.at);
    if (by) return () => at > 0 && move(at - 1, at - 1 + by);
    if (key === "Delete" || key === "Backspace") return () => at > 0 && remove(at - 1);
    if (key === "F2" || key === "ContextMenu") return () => at > 0 && opening(at - 1);
    if (key === "+" || key === "Insert") return () => adding(at);
    return null;
  }

  function focus(/** @type {number} */ at) {
    made[Math.min(cards.length - 1, Math.max(0, at))]?.choose.focus();
  }

  function move(/** @type {number} */ from, /** @type {number} */ to) {
    const name = String(cards[from + 1]?.name);
    dispatch({ type: "move_layer", from, to });
    const place = current().chosen;
    showCards(current());
    focus(place + 1);
    say(networkWords.moved(name, place + 1, cards.length - 1));
  }

  function remove(/** @type {number} */ at) {
    const name = String(cards[at + 1]?.name);
    dispatch({ type: "remove_layer", at });
    showCards(current());
    focus(Math.min(at + 1, cards.length - 1));
    say(networkWords.removed(name));
  }

  dragging(list, {
    cards: () => made.map(({ item }) => item),
    move: (from, to) => dispatch({ type: "move_layer", from: from - 1, to: to - 1 }),
    joins(from, to) {
      const { name } = cards[from] ?? {};
      if (name !== undefined)
        dispatch({ type: "read_layer", at: to - 1, inputs: [...(cards[to]?.inputs ?? []), name] });
    },
  });
  new ResizeObserver(() => {
    shown = [];
    drawn = [];
    redraw();
  }).observe(list);
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"])
    matchMedia(query).addEventListener("change", () => {
      palette = null;
      redraw();
    });

  onLabels(redraw);
  const table = arithmetic();
  const opener = el("button", {
    type: "button",
    class: "net-open",
    onclick: () => toggleView(current(), dispatch),
  });
  const buttonFor = (
    /** @type {string} */ words,
    /** @type {string} */ title,
    /** @type {() => void} */ onclick,
  ) => el("button", { type: "button", text: words, title, onclick });
  const weights = buttonFor(networkWords.weights, networkWords.weightsHint, async () =>
    (await import("../model/models.js")).weightsDialog({ api, dispatch, current }),
  );
  const filters = buttonFor(networkWords.filtersOpen, networkWords.filtersHint, async () =>
    (await import("../model/filters.js")).filtersDialog(activations, dispatch, current()),
  );
  const sizes = buttonFor(networkWords.threeSizes, networkWords.threeSizesHint, () => {
    const on = !current().views.includes("sizes");
    if (on && !current().views.includes("network")) toggleView(current(), dispatch);
    dispatch({ type: "view", name: "sizes", on });
  });
  element.append(el("div", { class: "net-doors" }, opener, sizes, filters, weights));
  /** @type {ReturnType<typeof import("../beside/panel.js").besidePanel> | null} */
  let beside = null;
  let besideComing = false;
  async function bringBeside() {
    besideComing = true;
    const { besidePanel } = await import("../beside/panel.js");
    beside = besidePanel(api, redraw, dispatch);
    element.append(beside.element);
    redraw();
  }
  /** @type {ReturnType<typeof import("./view.js").networkView> | null} */
  let view = null;
  let coming = false;
  async function bringView() {
    coming = true;
    const { networkView } = await import("./view.js");
    // Of a group the last layer is on view, whose output the next one reads.
    const cardsOn = () =>
      cards.flatMap(({ name }, at) => {
        const [card, group] = [cardAt(at), folds.folded(at - 1)];
        const shown = !group || at - 1 === group.first + group.length - 1;
        return shown && card instanceof HTMLElement ? [{ name, element: card }] : [];
      });
    view = networkView(row, element, api, redraw, activations, dispatch, current, cardsOn);
    redraw();
  }

  return {
    element,
    activations,
    update(state) {
      element.hidden = state.setting.layers.length < 2;
      if (element.hidden) table.update(state);
      const opened = !element.hidden && state.views.includes("network");
      byId("view").classList.toggle("net-opened", opened);
      if (element.hidden) return;
      element.classList.toggle("open", opened);
      setText(opener, opened ? networkWords.close : networkWords.open);
      setAttribute(opener, "aria-pressed", String(opened));
      if (opened && !coming) bringView();
      const apart = state.compare !== null || state.views.includes("sizes");
      if (apart && !besideComing) bringBeside();
      element.classList.toggle("apart", opened && apart);
      setAttribute(sizes, "aria-pressed", String(opened && state.views.includes("sizes")));
      sizes.hidden = state.compare !== null;
      table.update(state);
      activations.update(state);
      const of = [state.setting, state.shown, state.problem, state.chosen, isCovered(state), opened];
      if (of.some((part, at) => part !== shown[at])) {
        shown = of;
        showCards(state);
        drawn = [];
      }
      element.classList.toggle("stale", isStale(state));
      const theme = document.documentElement.dataset.theme ?? "";
      const dark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      if (theme !== paletteOf) palette = null;
      paletteOf = theme;
      if (opened) {
        palette ??= readPalette();
        if (apart) beside?.update(state, dark ? "dark" : "light", palette);
        else view?.update(state, dark ? "dark" : "light", palette);
      }
      const ready = cards.map(({ name }) => activations.of(name));
      const now = [
        theme,
        opened,
        state.seen,
        state.kept,
        state.pointed,
        state.step,
        state.lane,
        state.shown,
        state.walk,
      ];
      const whole = [...now, labels(), isWhole(state) || currentNumbers(state)?.received, ...ready];
      if (whole.length === drawn.length && whole.every((part, at) => part === drawn[at])) return;
      drawn = whole;
      showMaps(state, dark ? "dark" : "light");
    },
  };
}
