// The network view: the chain opened to the whole stage, with the maps of every layer under its card. Draws marks on a canvas
// of its own and turns the pointer and the keys into actions; decides nothing about fields.

import { stage } from "../../picture/canvas.js";
import { isStale } from "../../state/resolve.js";
import { naturalChannel } from "../../state/setting.js";
import { el, setAttribute, setText } from "../../ui/dom.js";
import { networkWords } from "../../words/network.js";
import { placeText } from "../../words/page.js";
import { createApart } from "../apart.js";
import { cellsOf, extentOf } from "../fields.js";
import { SOURCE } from "../graph.js";
import { joinedOf } from "../joining.js";
import { labels } from "../model/labels.js";
import { cellAfter, fieldsAround, seenCell } from "../seen.js";
import { shapeOf } from "../shapes.js";
import { networkTotals } from "../totals.js";
import { cardsOf } from "./described.js";
import { cellNear, contextOn, diagramOf, futureWords, isSeries, paintDiagram } from "./dilation.js";
import { createEffective, PART } from "./effective.js";
import {
  apartMarks,
  effectiveMarks,
  insideOf,
  LENSES,
  overlapIn,
  overlapMarks,
  phaseSums,
  spreadOf,
  waysAround,
  waysMarks,
} from "./lenses.js";
import { pencil } from "./pencil.js";
import { isSingle, planeOf } from "./thumbnail.js";
import { facingOf, isFacing } from "./u_layout.js";
import { heightOf, hitOn, movedTo, panelsOf } from "./view_layout.js";
import { facingMarks, fieldMarksOf, mapMarks } from "./view_marks.js";
import { votesFor } from "./votes.js";

/** @import { Theme } from "../../types/page.js" */
/** @import { FieldCell, Shapes } from "../../types/network.js" */
/** @import { Dispatch } from "../../panels/controls.js" */
/** @import { Palette } from "../../picture/canvas.js" */
/** @import { Mark } from "../../picture/scene.js" */
/** @import { State } from "../../state/state.js" */
/** @import { createApi } from "../../server/api.js" */
/** @import { Activations } from "./chain.js" */
/** @import { Lens } from "./lenses.js" */
/** @import { Fields } from "../seen.js" */
/** @import { Panel } from "./view_layout.js" */

const LEAST_HEIGHT = 300;
const FOOT = 96; // the words below the maps
const AROUND = 420; // what else a page that scrolls shows
const PAGER_WIDTH = 56; // beside the name of a block
const BETWEEN = 36; // cards
/** How much larger maps are drawn where there is room. */
const SCALES = [1.6, 1.45, 1.3, 1.15, 1];

/** @type {WeakMap<Shapes, ReturnType<typeof networkTotals>>} */
const totals = new WeakMap();

/** The totals of a network, computed once. */
function totalOf(/** @type {Shapes} */ shapes) {
  const known = totals.get(shapes) ?? networkTotals(shapes);
  totals.set(shapes, known);
  return known;
}

/**
 * @param {HTMLElement} row that scrolls, with the cards @param {HTMLElement} chain around it
 * @param {ReturnType<typeof createApi>} api @param {() => void} redraw
 * @param {Activations} activations @param {Dispatch} dispatch @param {() => State} current
 * @param {() => { name: string, element: HTMLElement }[]} cardsOn the cards that are on view, the source first
 */
export function networkView(row, chain, api, redraw, activations, dispatch, current, cardsOn) {
  const canvas = el("canvas", { tabindex: 0, role: "img", "aria-describedby": "net-summary" });
  const upper = el("canvas", { class: "upper", "aria-hidden": "true" });
  const picture = el("div", { class: "net-picture" }, canvas, upper);
  const pagers = el("div", { class: "net-pagers" });
  const pen = pencil(canvas, cellUnder, activations, dispatch, current);
  picture.append(pagers, pen.element);
  const cellWords = el("p", { class: "net-cell" });
  const fieldWords = el("p");
  const totalWords = el("p", { class: "muted" });
  const lensWords = el("p");
  let lens = /** @type {Lens} */ ("cells");
  const effective = createEffective(api, redraw);
  const apart = createApart(api, redraw);
  const lenses = LENSES.map((name) =>
    el("button", {
      type: "button",
      text: networkWords.lenses[name],
      title: networkWords.lensHints[name],
      "aria-pressed": String(name === lens),
      onclick() {
        lens = name;
        for (const [at, button] of lenses.entries())
          setAttribute(button, "aria-pressed", String(LENSES[at] === lens));
        redraw();
      },
    }),
  );
  const choice = el(
    "div",
    { class: "net-lenses", role: "group", "aria-label": networkWords.lensTitle },
    ...lenses,
  );
  const summary = el(
    "div",
    { class: "net-summary", id: "net-summary" },
    cellWords,
    fieldWords,
    lensWords,
    totalWords,
    choice,
  );
  row.append(picture);
  chain.append(summary);
  const draw = stage(canvas, upper);
  /** The first map of each layer's page. @type {Map<string, number>} */
  const firsts = new Map();
  /** @type {Panel[]} */
  let panels = [];
  /** @type {unknown[]} */
  let laidOut = [];
  /** @type {unknown[]} */
  let painted = [];
  /** @type {Mark[]} */
  let base = [];
  let size = { width: 0, height: 0 };
  let brought = "";
  /** Of a network that goes down in size and up again. @type {import("./u_layout.js").Facing | null} */
  let facing = null;
  /** Of a network on a series, in place of the maps. @type {import("./dilation.js").Diagram | null} */
  let diagram = null;

  /** How high the view is; asking it in each frame would lay the page out each time. */
  let tall = 0;
  new ResizeObserver(() => {
    if (tall === chain.clientHeight) return;
    tall = chain.clientHeight;
    redraw();
  }).observe(chain);

  /** @returns {FieldCell | null} */
  function cellUnder(/** @type {MouseEvent} */ event) {
    const box = canvas.getBoundingClientRect();
    if (diagram) return cellNear(diagram, event.clientX - box.left, event.clientY - box.top);
    const found = hitOn(panels, event.clientX - box.left, event.clientY - box.top);
    if (!found) return null;
    const { panel, map, row: down, col } = found;
    const lane = panel.votes ? map.channel : map.lane;
    const name = panel.votes ? panel.votes.input : panel.name;
    const shape = panel.votes ? [1, ...panel.votes.sizes] : panel.shape;
    if (isSingle(shape)) return { layer: name, place: shape.slice(1).map(() => 0), lane: down };
    const place =
      shape.length > 3 ? [planeOf(shape).depth, down, col] : shape.length > 2 ? [down, col] : [col];
    return { layer: name, place, ...(typeof lane === "number" ? { lane } : {}) };
  }
  canvas.addEventListener("pointermove", (event) => {
    const cell = cellUnder(event);
    canvas.classList.toggle("pointable", cell !== null);
    dispatch({ type: "see", cell });
  });
  canvas.addEventListener("pointerleave", () => dispatch({ type: "see", cell: null }));
  canvas.addEventListener("click", (event) => {
    const cell = cellUnder(event);
    if (cell) dispatch({ type: "keep_seen", cell });
  });
  canvas.addEventListener("keydown", (event) => {
    const drawn = pen.key(event.key, seenCell(current()));
    const cell = drawn ? undefined : cellAfter(current(), event.key);
    if (drawn) {
      event.preventDefault();
      event.stopPropagation();
    }
    if (cell === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    dispatch({ type: "keep_seen", cell });
  });

  function place(/** @type {Shapes} */ shapes, /** @type {State} */ state) {
    const cards = cardsOn();
    for (const { element } of cards) element.style.removeProperty("--wide");
    const narrow = matchMedia("(max-width: 1080px)").matches;
    const around = (cards[0]?.element.offsetHeight ?? 80) + FOOT + 34;
    const room = narrow ? Math.max(LEAST_HEIGHT, innerHeight - AROUND) : chain.clientHeight - around;
    const height = Math.max(180, room);
    const coloured = naturalChannel(shapes.input_shape) === "rgb";
    diagram = isSeries(shapes) ? diagramOf(shapes, state, row.clientWidth, height) : null;
    facing = isFacing(shapes) ? facingOf(shapes, row.clientWidth, height, firsts, coloured) : null;
    panels = diagram ? [] : (facing?.panels ?? underCards(shapes, cards, height, coloured));
    const last = cards.at(-1)?.element;
    sized(
      diagram ??
        facing ?? {
          width: Math.max(row.clientWidth, (last?.offsetLeft ?? 0) + (last?.offsetWidth ?? 0) + 60),
          height: Math.max(height, heightOf(panels) + 12),
        },
    );
    pagers.replaceChildren(...panels.flatMap((panel) => pagerOf(panel)));
    pen.place(panels, size.height, facing ? 16 : 0);
    if (panels.length > 0 && !facing) bringChosen(cards, state);
  }

  /** The card of the chosen layer with its maps in sight, when it was chosen or the cards have got other widths. */
  function bringChosen(/** @type {ReturnType<typeof cardsOn>} */ cards, /** @type {State} */ state) {
    const name = joinedOf(state).names[state.chosen];
    const card = cards.find((one) => one.name === name)?.element;
    const key = `${name} ${cards.length} ${row.clientWidth}`;
    if (!card || key === brought) return;
    brought = key;
    const [left, right] = [card.offsetLeft, card.offsetLeft + card.offsetWidth];
    if (left < row.scrollLeft) row.scrollLeft = left - BETWEEN;
    else if (right > row.scrollLeft + row.clientWidth) row.scrollLeft = right + BETWEEN - row.clientWidth;
  }

  /**
   * A column of maps under each card, as large as all of them together have room for.
   * @param {Shapes} shapes @param {{ name: string, element: HTMLElement }[]} cards @param {number} height @param {boolean} coloured
   */
  function underCards(shapes, cards, height, coloured) {
    const names = cards.map(({ name }) => name);
    const wide = (/** @type {Panel} */ { name, width }) =>
      Math.max(width, cards.find((card) => card.name === name)?.element.offsetWidth ?? 0) + BETWEEN;
    const fits = (/** @type {Panel[]} */ some) =>
      some.reduce((total, panel) => total + wide(panel), BETWEEN) <= row.clientWidth;
    const tried = SCALES.map((scale) => panelsOf(shapes, names, height, firsts, coloured, scale));
    const loose = tried.find(fits) ?? /** @type {Panel[]} */ (tried.at(-1));
    const cardOf = (/** @type {Panel} */ { name }) => cards.find((card) => card.name === name)?.element;
    for (const panel of loose) cardOf(panel)?.style.setProperty("--wide", `${Math.ceil(panel.width)}px`);
    return loose.map((panel) => {
      const card = cardOf(panel);
      const left = (card?.offsetLeft ?? 0) + Math.max(0, ((card?.offsetWidth ?? 0) - panel.width) / 2);
      const down = Math.max(0, (height - heightOf([panel])) / 2 - 10);
      return movedTo(panel, Math.round(left), Math.round(down));
    });
  }

  function sized(/** @type {{ width: number, height: number }} */ { width, height }) {
    size = { width, height };
    for (const one of [canvas, upper]) {
      one.style.setProperty("width", `${size.width}px`);
      one.style.setProperty("height", `${size.height}px`);
    }
    picture.style.setProperty("height", `${height}px`);
    // A diagram that fits stays where it is while the cards above it scroll.
    picture.classList.toggle("stays", (diagram ?? facing) !== null && width <= row.clientWidth);
    // Cards may reach further to the right than a picture that scrolls with them.
    if (diagram ?? facing) row.scrollLeft = Math.min(row.scrollLeft, Math.max(0, width - row.clientWidth));
  }

  /** The buttons that turn the pages of a layer with more maps than there is room for. */
  function pagerOf(/** @type {Panel} */ { name, maps, page, votes }) {
    if (page.count <= page.each) return [];
    const right = Math.max(...maps.map(({ box }) => box.x + box.cols * box.cell));
    const left = facing ? right - PAGER_WIDTH : Math.min(...maps.map(({ box }) => box.x));
    const bottom = facing
      ? Math.min(...maps.map(({ box }) => box.y)) - 26
      : Math.max(...maps.map(({ box }) => box.y + box.rows * box.cell)) + (votes ? 26 : 4);
    const turn = (/** @type {number} */ by, /** @type {string} */ sign, /** @type {string} */ label) =>
      el("button", {
        type: "button",
        class: "icon turn",
        text: sign,
        "aria-label": label,
        title: label,
        disabled: by < 0 ? page.first === 0 : page.first + page.each >= page.count,
        onclick() {
          firsts.set(name, Math.max(0, page.first + by * page.each));
          laidOut = [];
          dispatch({ type: "see", cell: { layer: name, place: [-1] } });
          dispatch({ type: "see", cell: null });
        },
      });
    const words = networkWords.page(
      page.first,
      maps.length && !votes ? maps.length : (votes?.blocks.length ?? 0),
      page.count,
    );
    const box = el(
      "div",
      { class: "net-pager" },
      turn(-1, "‹", networkWords.before(name)),
      el("span", { class: facing ? "unseen" : "", text: words }),
      turn(1, "›", networkWords.after(name)),
    );
    box.style.setProperty("transform", `translate(${Math.round(left)}px, ${Math.round(bottom)}px)`);
    return [box];
  }

  function tell(
    /** @type {State} */ state,
    /** @type {Shapes} */ shapes,
    /** @type {Fields | null} */ fields,
  ) {
    const total = totalOf(shapes);
    setText(
      totalWords,
      networkWords.totals(total.parameters, total.multiply_adds, total.activation_bytes, total.covers_from),
    );
    if (!fields) return;
    const { cell, back, on } = fields;
    const lane =
      state.seen?.lane ??
      (state.seen ? undefined : state.kept?.lane) ??
      (cell.layer === joinedOf(state).names[state.chosen] ? state.lane : 0);
    const value = valueAt(shapes, cell, lane);
    setText(
      cellWords,
      networkWords.cell(
        cell.layer,
        Number(shapeOf(shapes, cell.layer)[0]),
        lane,
        placeText(cell.place),
        value,
      ),
    );
    const source = back.get(SOURCE);
    const depends = source ? networkWords.depends(cellsOf(source), extentOf(source)) : "";
    const future = diagram && futureWords(fields, shapes);
    const last = on.get(shapes.network.last.name);
    const reaches = last ? networkWords.reaches(cellsOf(last), shapes.network.last.name) : "";
    const votes = votesFrom(shapes, cell, lane);
    setText(fieldWords, [depends, future, reaches, votes].filter(Boolean).join(" "));
    setAttribute(
      canvas,
      "aria-label",
      `${networkWords.view}: ${cellWords.textContent} ${fieldWords.textContent}`,
    );
  }

  /** The cell with the map that its gradient is asked of. @returns {FieldCell | null} */
  function cellOf(/** @type {State} */ state, /** @type {Fields | null} */ fields) {
    return fields && { ...fields.cell, lane: state.seen?.lane ?? state.kept?.lane ?? 0 };
  }

  /** The marks that the lens lays over the maps, below the frames of fields. @returns {Mark[]} */
  function overlaid(
    /** @type {State} */ state,
    /** @type {Shapes} */ shapes,
    /** @type {Fields | null} */ fields,
  ) {
    if (lens === "overlap") return overlapMarks(panels, shapes);
    const cell = cellOf(state, fields);
    if (!cell || lens === "cells") return [];
    if (lens === "ways") return waysMarks(panels, shapes, cell);
    if (lens === "apart") {
      const parts = state.shown && apart.of(state.shown.asked, shapes, cell);
      return parts ? apartMarks(panels, parts) : [];
    }
    const found = state.shown && effective.of(state.shown.asked, shapes, cell);
    return found ? effectiveMarks(panels, found) : [];
  }

  function tellLens(
    /** @type {State} */ state,
    /** @type {Shapes} */ shapes,
    /** @type {Fields | null} */ fields,
  ) {
    lensWords.hidden = lens === "cells";
    const cell = cellOf(state, fields);
    if (lens === "overlap") {
      const own = cell && cell.layer !== SOURCE ? cell.layer : shapes.network.last.name;
      const ways = overlapIn(shapes).get(own);
      const built = shapes.placed.get(own)?.geometry;
      const tensors = built?.scatter ? activations.tensors(own) : null;
      const lane = Math.min(cell?.lane ?? 0, (built?.lanes ?? 1) - 1);
      const sums = built && tensors ? phaseSums(built, tensors.weight, lane) : null;
      const overlaps = ways ? networkWords.overlaps(own, insideOf(ways)) : "";
      return setText(lensWords, `${overlaps} ${sums ? networkWords.phases(sums, lane) : ""}`.trim());
    }
    if (!cell || lens === "cells") return setText(lensWords, "");
    if (lens === "apart") {
      const parts = state.shown && apart.of(state.shown.asked, shapes, cell);
      return setText(lensWords, networkWords.apart(parts));
    }
    if (lens === "ways") {
      const around = waysAround(shapes, cell);
      const [from, to] = [around.get(SOURCE), around.get(shapes.network.last.name)];
      const one = from ?? to;
      const spread = one && spreadOf(one.ways);
      return setText(
        lensWords,
        spread ? networkWords.ways(from ? SOURCE : shapes.network.last.name, spread, from !== undefined) : "",
      );
    }
    const found = state.shown && effective.of(state.shown.asked, shapes, cell);
    const source = fields?.back.get(SOURCE);
    const whole = source ? extentOf(source).map(([first, last]) => last - first + 1) : null;
    setText(lensWords, networkWords.effective(found, whole, PART));
  }

  /** @returns {number | null} */
  function valueAt(
    /** @type {Shapes} */ shapes,
    /** @type {FieldCell} */ { layer, place },
    /** @type {number} */ lane,
  ) {
    const numbers = activations.of(layer);
    const shape = shapeOf(shapes, layer);
    if (!numbers) return null;
    return numbers.data[place.reduce((at, one, axis) => at * Number(shape[axis + 1]) + one, lane)] ?? null;
  }

  /** The contributions of a cell to each output of a dense layer that reads it. */
  function votesFrom(
    /** @type {Shapes} */ shapes,
    /** @type {FieldCell} */ cell,
    /** @type {number} */ lane,
  ) {
    const panel = panels.find(({ votes }) => votes?.input === cell.layer);
    const layer = panel && shapes.placed.get(panel.name)?.geometry;
    const input = activations.of(cell.layer);
    const tensors = panel && input && activations.tensors(panel.name);
    if (!panel?.votes || !layer || !input || !tensors) return "";
    const votes = votesFor(layer, input, tensors);
    const at = cell.place.reduce((index, one, axis) => index * Number(panel.votes?.sizes[axis]) + one, lane);
    const value = Number(input.data[at]);
    return networkWords.votes(
      panel.name,
      votes
        .slice(0, 4)
        .map(({ terms }, vote) => [
          value,
          Number(tensors.weight[vote * terms.length + at]),
          Number(terms[at]),
        ]),
    );
  }

  return {
    /** @param {State} state @param {Theme} theme @param {Palette} palette */
    update(state, theme, palette) {
      const { shapes, fault } = joinedOf(state);
      // A setting that does not fit leaves the last picture on view, marked: its numbers are of other sizes.
      if (!shapes || fault || isStale(state)) return;
      const cards = cardsOn();
      const now = [shapes, cards.map(({ name }) => name).join(), innerWidth, innerHeight, tall, labels()];
      if (now.some((part, at) => part !== laidOut[at])) {
        place(shapes, state);
        laidOut = now;
        painted = [];
      }
      const fields = fieldsAround(shapes, seenCell(state));
      const lane = state.seen?.lane ?? state.kept?.lane;
      tell(state, shapes, fields);
      tellLens(state, shapes, fields);
      if (diagram) {
        contextOn(upper, size);
        const context = contextOn(canvas, size);
        painted = [];
        return paintDiagram(context, diagram, shapes, fields, activations, {
          theme,
          palette,
          lane: lane ?? 0,
        });
      }
      const chosen = String(joinedOf(state).names[state.chosen]);
      const ready = panels.flatMap(({ name, votes }) => [
        activations.of(name),
        votes && activations.tensors(name),
      ]);
      const inks = [shapes, theme, palette, chosen, panels, ...ready];
      if (inks.length !== painted.length || inks.some((part, at) => part !== painted[at])) {
        base = mapMarks(panels, shapes, activations, theme, state.setting.source, chosen);
        if (facing)
          base.push(...facingMarks(facing, new Map(cardsOf(state).map((card) => [card.name, card]))));
        painted = inks;
      }
      const live = [
        ...overlaid(state, shapes, fields),
        ...(lens === "overlap" ? [] : fieldMarksOf(panels, shapes, fields, lane, facing === null)),
      ];
      draw({ base, live }, palette, { ...size, ratio: window.devicePixelRatio || 1 });
    },
    element: picture,
  };
}
