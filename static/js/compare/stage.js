// Two settings above each other: A is drawn here, B is the page's own stage. Comes by import with the first comparison.
// Keeps A's state and its numbers; decides nothing about what they are or where they differ.

import { FRAMEWORKS } from "../layer/catalog.js";
import { stepPosition } from "../layer/walk.js";
import { kernelWords } from "../panels/readout.js";
import { stage as surface } from "../picture/canvas.js";
import { depthOn } from "../picture/grid/planes.js";
import { hit } from "../picture/layout/hit.js";
import { layout, loweredBy } from "../picture/layout/layout.js";
import "../picture/layout/narrow_rooms.js";
import { depthIn } from "../picture/layout/fitted.js";
import { differenceMarks, differingMaps } from "../picture/marks/differences.js";
import { scene } from "../picture/scene.js";
import { createSession } from "../server/session.js";
import { lookedLabel } from "../stage/cell_value.js";
import { clickedOn, pointedOf } from "../stage/pointer.js";
import { operationOf } from "../state/resolve.js";
import { chosenOf, viewedStep, viewOf } from "../state/selectors.js";
import { same } from "../state/setting.js";
import { reduce } from "../state/state.js";
import { worded } from "../state/wording.js";
import { resultText } from "../step/rounding.js";
import { byId, el, setAttribute, setOptions, setText } from "../ui/dom.js";
import { number, shape } from "../words/format.js";
import { choiceText, placeText, say, text } from "../words/page.js";
import { later, tell } from "../words/stage.js";
import { changesBetween } from "./changes.js";
import { createTallying } from "./count.js";
import { beside, differingParameters, pointedBeside, sharedAxes, stepBeside } from "./lockstep.js";

/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { ParameterInfo } from "../types/registry.js" */
/** @import { Rules } from "../types/layer.js" */
/** @import { Control, Dispatch } from "../panels/controls.js" */
/** @import { Hit } from "../picture/layout/hit.js" */
/** @import { Layout, Size } from "../picture/layout/layout.js" */
/** @import { Mark } from "../picture/scene.js" */
/** @import { Server, Stage } from "../stage/gestures.js" */
/** @import { Action, Pointed, State } from "../state/state.js" */
/** @import { Between } from "./count.js" */

/** The choices of the rules. */
const RULES = ["any", ...Object.keys(FRAMEWORKS).filter((name) => FRAMEWORKS[name]?.rules)];
/** Of the window, on a page that scrolls: as stage.js has it, so that both sides are laid out alike. */
const FLOWING_HEIGHT = 0.65;

/**
 * @param {Stage} stage B's @param {Dispatch} dispatch @param {Server} server
 * @returns {Control}
 */
export function comparedPanel(stage, dispatch, server) {
  const against = el("select", {
    "aria-label": later.compare.against,
    onchange: () => {
      const chosen = /** @type {Rules | "kept"} */ (against.value);
      dispatch({ type: "compare", against: chosen });
    },
  });
  setOptions(against, [
    ["kept", later.compare.kept],
    ...RULES.map(
      (one) =>
        /** @type {[string, string]} */ ([one, tell.rulesOf(FRAMEWORKS[one]?.title ?? choiceText(one))]),
    ),
  ]);
  const button = (/** @type {string} */ words, /** @type {() => void} */ onclick) =>
    el("button", { type: "button", text: words, onclick });
  const keep = button(later.compare.keep, () => dispatch({ type: "compare", against: "kept" }));
  const swap = button(later.compare.swap, () => dispatch({ type: "swap" }));
  const close = button(later.compare.close, () => {
    dispatch({ type: "compare", against: null });
    stage.element.focus();
  });
  const again = button(text.retry, async () => {
    if (other) await server.restore(other);
    session?.again();
  });
  // B was drawn before: what is found to differ is marked there with the next frame.
  const tallying = createTallying(server.connect, server.redraw);
  const others = button("", () => tallying.countUnheld());
  const head = el("h2", { class: "compare-title" });
  const words = el("p", { class: "compare-words", role: "status" });
  const card = el("div", { class: "differing" });
  const [first, second] = [title("A"), title("B")];
  const picture = sidePicture(stage, server.redraw, {
    point(found) {
      if (!other) return;
      held = found && pointedOf(other, found);
      dispatch({ type: "point", at: pointedBeside(held, other, shown) });
      server.redraw();
    },
    click(found) {
      const side = other;
      if (side) for (const action of clickedOn(side, found)) mirror(action, side);
    },
  });
  const element = el(
    "section",
    { class: "compare", "aria-label": later.compare.title },
    el("div", { class: "compare-head" }, head, keep, swap, close),
    el("div", { class: "compare-head" }, card, words, others, again, against),
    first.element,
    picture.element,
    second.element,
  );
  byId("stage-tools").before(element);

  /** @type {State | null} */
  let other = null;
  /** B. @type {State} */
  let shown;
  /** The place pointed at in A, whether B has it or not. @type {Pointed} */
  let held = null;
  /** What A was settled for. @type {unknown[]} */
  let settledFor = [];
  /** @type {ReturnType<typeof createSession> | null} */
  let session = null;

  /** Acts on a click on A, on both sides: as far as B has it. A step that is kept is one of B's. */
  function mirror(/** @type {Action} */ action, /** @type {State} */ side) {
    if (action.type === "pin") return;
    const step = action.type === "step" ? stepBeside(action.step, side, shown) : null;
    if (step !== null) dispatch({ type: "step", step });
    else if (action.type === "lane" && action.lane >= Number(shown.shown?.geometry.lanes)) return;
    else if (action.type !== "step") dispatch(action);
  }

  /** A way to have all maps compared where the page holds one at a time. */
  function offerOthers(
    /** @type {State} */ a,
    /** @type {State} */ b,
    /** @type {Between | null} */ between,
  ) {
    const layers = [a, b].flatMap((one) => one.shown?.geometry ?? []);
    const of = Math.max(...layers.map(({ lanes }) => lanes));
    const [layer] = layers;
    others.hidden = !layer || !between?.unheld || between.all !== null || of < 2;
    if (!layer || others.hidden) return;
    const counted = between?.counted ?? null;
    const kind = kindOf(layer);
    setText(others, counted === null ? tell.countOthers(kind, of) : tell.countingOthers(kind, counted, of));
    setAttribute(others, "aria-disabled", counted === null ? null : "true");
  }

  function take(/** @type {Action} */ action) {
    if (!other) return;
    other = reduce(other, action);
    server.redraw();
  }

  function end() {
    session?.close();
    session = null;
    other = null;
    held = null;
    settledFor = [];
    tallying.end();
    stage.mark(() => []);
    stage.share(null);
    byId("view").classList.remove("abreast");
  }

  return {
    element,
    update(state) {
      shown = state;
      element.hidden = state.compare === null;
      byId("view").classList.toggle("comparing", !element.hidden);
      if (!state.compare) {
        if (other) end();
        return;
      }
      const of = [
        state.compare,
        state.compare.with === "rules" ? state.setting : null,
        state.chosen,
        state.uploads,
      ];
      const anew = of.some((part, at) => part !== settledFor[at]);
      settledFor = of;
      other = beside(state, other, anew);
      if (held) other = { ...other, pointed: other.shown ? held : null };
      session ??= createSession(server.connect, take, () => /** @type {State} */ (other));
      session.sync(other);
      const between = tallying.update(other, state);
      against.value = state.compare.with === "rules" ? state.compare.rules : "kept";
      swap.hidden = state.compare.with !== "kept";
      first.update(other);
      again.hidden = !other.problem || other.problem.code === "unfit";
      second.update(state);
      showDiffering(head, card, changesOf(other, state));
      setText(words, wordsOf(other, state, between));
      offerOthers(other, state, between);
      const marksOf = (/** @type {State} */ one, /** @type {0 | 1} */ side) => (/** @type {Layout} */ at) => {
        const layer = viewOf(one);
        if (!layer || !between) return [];
        const marks = between.marks?.[side];
        const { output } = depthOn(layer, viewedStep(one));
        const cells = marks?.length ? differenceMarks(layer, at.output, marks, output) : [];
        return [...cells, ...differingMaps(at.lanes, between.all?.maps ?? [])];
      };
      const axes = sharedAxes(viewOf(other), viewOf(state));
      byId("view").classList.toggle("abreast", axes !== null && viewOf(state)?.axes.length === 2);
      stage.share(axes);
      stage.mark(marksOf(state, 1));
      picture.update(other, axes, marksOf(other, 0));
    },
  };
}

/** The description of a side, in one line; or why it is refused, in the words of whoever refuses it. */
function title(/** @type {string} */ name) {
  const words = el("span");
  const element = el("p", { class: "compare-side" }, el("b", { text: name }), words);
  return {
    element,
    update(/** @type {State} */ state) {
      setAttribute(words, "class", state.problem ? "problem" : "muted");
      if (state.problem) return void setText(words, worded(state.problem, state.catalog.operations));
      const layer = state.shown?.geometry;
      const made = layer
        ? [
            shape(layer.input_shape),
            String(kernelWords(state, layer).textContent),
            shape(layer.output_shape),
          ].join(" ▸ ")
        : "";
      const layerOf = viewOf(state);
      const value = resultText(state);
      const place = layerOf && value !== null ? placeText(stepPosition(layerOf, viewedStep(state))) : "";
      setText(words, [made, place && tell.cellValue(place, String(value))].filter(Boolean).join(" · "));
    },
  };
}

/** The name of the maps of an output. */
function kindOf(/** @type {LayerGeometry} */ layer) {
  if (layer.result === "columns") return later.compare.row;
  return layer.weight_shape ? later.compare.filter : later.compare.channel;
}

/** How the two differ, or why that cannot be said. */
function wordsOf(/** @type {State} */ a, /** @type {State} */ b, /** @type {Between | null} */ between) {
  if (a.problem) return tell.sideRefused("A");
  if (b.problem) return tell.sideRefused("B");
  const layers = [a, b].map((one) => one.shown?.geometry);
  const [one, other] = layers;
  const map = between?.map;
  if (!between || !map || !one || !other) return text.pending;
  const kind = kindOf(other);
  const single = Math.max(one.lanes, other.lanes) === 1 || (other.result === "columns" && !between.unheld);
  const where = single ? "" : tell.ofMap(kind, b.lane);
  const words = between.shapes ? [tell.shapesDiffer(shape(one.output_shape), shape(other.output_shape))] : [];
  words.push(tell.cellsDiffer(map.differing, map.cells, where, number(map.largest, 3)));
  const { all } = between;
  if (all && !single) {
    const { maps, of, differing, cells, largest } = all;
    words.push(tell.mapsDiffer(kind, maps, of, differing, cells, number(largest, 3)));
  }
  if (between.refused) words.push(between.refused);
  return words.join(" ");
}

/**
 * The settings in which the two differ, in words: hyperparameters by name, input and weights as a whole.
 * @returns {[name: string, a: string, b: string][]}
 */
function changesOf(/** @type {State} */ a, /** @type {State} */ b) {
  const joined = changesBetween(a, b, (value, name, operation) => {
    const info = b.catalog.operations.find((one) => one.name === operation);
    return valueText(
      value,
      info?.parameters.find((one) => one.name === name),
    );
  });
  const [first, second] = later.compare.sides;
  if (joined)
    return same(a.setting.source, b.setting.source) ? joined : [...joined, [text.source, first, second]];
  const changes = differingParameters(a, b).map(([name, own, others]) => {
    const parameter = b.shown?.operation.parameters.find((one) => one.title === name);
    return /** @type {[string, string, string]} */ ([
      name,
      valueText(own, parameter),
      valueText(others, parameter),
    ]);
  });
  const [one, other] = later.compare.sides;
  // A side that is refused has nothing to show, but an operation.
  const operations = [a, b].map((state) => operationOf(state.catalog, chosenOf(state).operation).title);
  if (operations[0] !== operations[1])
    changes.unshift([text.operation, String(operations[0]), String(operations[1])]);
  if (!same(a.setting.source, b.setting.source)) changes.push([text.source, one, other]);
  if (!same(chosenOf(a).weights, chosenOf(b).weights)) changes.push([text.weights, one, other]);
  return changes;
}

/** The headline, and the settings that differ in a card: what is equal is said once, by the column. */
function showDiffering(
  /** @type {HTMLElement} */ head,
  /** @type {HTMLElement} */ card,
  /** @type {[name: string, a: string, b: string][]} */ changes,
) {
  setText(head, tell.headline(changes));
  card.hidden = changes.length === 0;
  const key = JSON.stringify(changes);
  if (card.dataset.of === key) return;
  card.dataset.of = key;
  card.replaceChildren(
    el("b", { text: tell.settingsDiffer(changes.length) }),
    ...changes.map(([name, one, other]) =>
      el("span", {}, `${name} `, el("b", { text: "A" }), ` ${one} `, el("b", { text: "B" }), ` ${other}`),
    ),
  );
}

function valueText(/** @type {unknown} */ value, /** @type {ParameterInfo | undefined} */ parameter) {
  return value === undefined ? "–" : value === null ? text.automatic : choiceText(value, parameter);
}

/**
 * A's picture: a stage of the size, colours and motion of B's, that says what is pointed at and clicked on.
 * @param {Stage} stage @param {() => void} redraw
 * @param {{ point: (found: Hit) => void, click: (found: Hit) => void }} hand
 */
function sidePicture(stage, redraw, hand) {
  const canvas = el("canvas", { role: "img" });
  const upper = el("canvas", { class: "upper", "aria-hidden": "true" });
  const element = el("div", { class: "stage side" }, canvas, upper);
  const cellLabel = lookedLabel(element, () => at);
  const draw = surface(canvas, upper);
  const under = (/** @type {MouseEvent} */ { clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    return at && hit(at, (clientX - box.left) / scale, (clientY - box.top) / scale);
  };
  element.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return;
    const found = under(event);
    element.classList.toggle("pointable", found !== null);
    hand.point(found);
  });
  element.addEventListener("pointerleave", () => hand.point(null));
  element.addEventListener("click", (event) => {
    const found = under(event);
    hand.click(found);
    // A finger cannot hover.
    if (/** @type {PointerEvent} */ (event).pointerType === "touch") hand.point(found);
  });
  const flows = matchMedia("(max-width: 1080px)");
  /** @type {Size} */
  let size = { width: 0, height: 0 };
  /** @type {Layout | null} */
  let at = null;
  /** @type {unknown[]} */
  let laidOut = [];
  let scale = 1;
  /** Whether the room may have changed; as on the stage, it is measured in the frame that draws. */
  let resized = false;
  function measure() {
    resized = false;
    const room = element.getBoundingClientRect();
    scale = stage.scale();
    element.style.setProperty("zoom", String(scale));
    const width = room.width / scale;
    const height = flows.matches ? Math.max(440, innerHeight * FLOWING_HEIGHT) : room.height / scale;
    if (width === size.width && height === size.height) return;
    size = { width, height, filled: !flows.matches, plain: true };
  }
  new ResizeObserver(() => {
    resized = true;
    redraw();
  }).observe(element);
  return {
    element,
    /** @param {State} state @param {import("../picture/layout/layout.js").Axes | null} axes of both @param {(at: Layout) => Mark[]} more */
    update(state, axes, more) {
      element.hidden = state.shown === null;
      if (resized) measure();
      const palette = stage.palette();
      const column = state.zoom && state.shown?.geometry.result === "columns" ? state.step : 0;
      const depth = state.shown && depthIn(state);
      const { shown, walk, lane, channel, zoom } = state;
      const of = [
        shown,
        walk,
        lane,
        channel,
        zoom,
        column,
        depth?.input,
        depth?.output,
        size,
        JSON.stringify(axes),
      ];
      if (of.some((part, index) => part !== laidOut[index])) {
        at = layout(state, { ...size, shared: axes });
        laidOut = of;
        if (at) {
          for (const one of [canvas, upper]) {
            one.style.setProperty("width", `${at.width}px`);
            one.style.setProperty("height", `${at.height}px`);
          }
          element.style.setProperty("height", flows.matches ? `${at.height}px` : "");
          element.style.setProperty("--lower", `${loweredBy(at, size)}px`);
        }
      }
      if (!at || !palette || !state.shown) return;
      const theme = state.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
      const marks = scene(state, at, theme, { gliding: stage.isGliding() });
      marks.live.push(...headings(state, at, state.shown.geometry), ...more(at));
      cellLabel.update(state);
      draw(marks, palette, {
        width: at.width,
        height: at.height,
        room: size.filled ? size.height : 0,
        ratio: (window.devicePixelRatio || 1) * scale,
      });
      setAttribute(canvas, "aria-label", `A: ${shape(state.shown.geometry.output_shape)}`);
    },
  };
}

/** @returns {Mark[]} */
function headings(/** @type {State} */ state, /** @type {Layout} */ at, /** @type {LayerGeometry} */ layer) {
  const middle = layer.lanes > 1 ? say.filter(state.lane, layer.lanes) : shape(layer.kernel_shape);
  const named = /** @type {const} */ ([
    ["input", at.headings.input, text.input],
    ["kernel", at.headings.middle, layer.weight_shape ? `${text.kernel}, ${middle}` : text.window],
    ["output", at.headings.output, text.output],
  ]);
  return named.map(([fill, { x, y }, words]) => ({
    kind: "text",
    text: words,
    x,
    y: y + 19,
    size: 17,
    align: "left",
    fill,
    bold: true,
  }));
}
