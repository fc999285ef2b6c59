// The stage on the page: its canvas and its headings. Shows the scene; decides nothing about it and opens no connection.

import { isWeighted } from "../layer/combine.js";
import { stepPosition } from "../layer/walk.js";
import { stage } from "../picture/canvas.js";
import { depthOn } from "../picture/grid/planes.js";
import { depthIn } from "../picture/layout/fitted.js";
import { arrangementsKnown, layout, loweredBy, SUM_BELOW } from "../picture/layout/layout.js";
import { hasSum } from "../picture/layout/sum_spot.js";
import { readPalette } from "../picture/palette.js";
import { scene } from "../picture/scene.js";
import { isStale } from "../state/resolve.js";
import { sourceOf, viewedStep, viewOf, walkOf } from "../state/selectors.js";
import { naturalChannel } from "../state/setting.js";
import { stampOf, sumOf } from "../step/sum.js";
import { byId, el, setAttribute, setOptions, setText } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { awaited, shape } from "../words/format.js";
import { channelName, placeText, say, text } from "../words/page.js";
import { stageButtons } from "./buttons.js";

/** @import { Icon } from "../ui/icon.js" */
/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { Theme } from "../types/page.js" */
/** @import { Dispatch } from "../panels/controls.js" */
/** @import { Palette } from "../picture/canvas.js" */
/** @import { Layout, Size } from "../picture/layout/layout.js" */
/** @import { Mark, Role } from "../picture/scene.js" */
/** @import { State } from "../state/state.js" */

/** Above this speed the window jumps from step to step: a glide would only blur. */
const GLIDE_UNTIL = 4;
/** Frames that show the grids one above the other; embed.css has the same. */
const NARROW_FRAME = "(max-width: 430px), (max-width: 660px) and (max-aspect-ratio: 6/5)";
/** Header, transport and the sum of a step on a page that scrolls: what is left is the stage's. */
const AROUND = 266;
const AROUND_ON_PHONE = 262;
const LEAST_HEIGHT = 290;
/** Of that the opening leaves out so much. */
const SPARED = 81;
/** The width of a heading without its size, and the choice of a channel beside it. */
const SIZED = 72;
const SIZED_CHOICE = 106;
/** The width of the buttons of filters beside the name of the slices, and those of the stage in its row. */
const TURNS = 64;
const STAGE_BUTTONS = 108;
const GAPS = 16;
/** The shortest title of a grid. */
const LEAST_TITLE = 64;
/** Of a letter of it. */
const LETTER = 8.4;
/** Pixels of a canvas to one of CSS on paper. */
const PRINT_RATIO = 3;
/** Of a landscape sheet, in pixels of CSS. */
const SHEET_WIDTH = 950;
/** A stage that is larger than this is drawn larger. */
const ROOMY = { width: 1200, height: 680 };
/** The share of it from where on a stage is drawn larger in a lecture hall, and beside a lesson there. */
const HALL = 0.72;
const IN_LESSON = 0.5;

/** Whether the stage stands beside a lesson in a lecture hall. */
function isHall() {
  return document.documentElement.matches(".projector.in-lesson");
}

/**
 * How much larger the stage is drawn where a screen has room for more than the largest cells: on a desk from 4K on, for
 * a lecture hall earlier.
 */
function scaleOf(/** @type {{ width: number, height: number }} */ { width, height }) {
  const near = isHall() ? IN_LESSON : document.documentElement.matches(".projector") ? HALL : 1;
  const fits = Math.min(width / (ROOMY.width * near), height / (ROOMY.height * near));
  return Math.min(4, Math.max(1, Math.floor(fits * 20) / 20));
}

/**
 * @param {Dispatch} dispatch @param {() => void} redraw
 */
export function stageView(dispatch, redraw) {
  const element = byId("stage");
  const canvas = /** @type {HTMLCanvasElement} */ (byId("canvas"));
  const waiting = byId("waiting");
  const upper = el("canvas", { class: "upper", "aria-hidden": "true" });
  canvas.after(upper);
  const draw = stage(canvas, upper);
  const headings = stageHeadings(byId("headings"), dispatch);
  const buttons = stageButtons(dispatch, element);
  /** @type {State} */
  let state;
  /** @type {Layout | null} */
  let at = null;
  /** @type {unknown[]} */
  let laidOut = [];
  /** @type {Size} */
  let size = /** @type {import("../picture/layout/layout.js").Size} */ ({ width: 0, height: 0 });
  /** @type {Palette | null} */
  let palette = null;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  /** The marks of others in the picture. @type {(at: Layout) => Mark[]} */
  let marked = () => [];
  /** Of two pictures that are compared. @type {import("../picture/layout/layout.js").Axes | null} */
  let shared = null;

  setAttribute(element, "aria-label", text.stage);
  // On a narrow page the stage is as tall as its picture and the page scrolls; otherwise it fills what is left.
  // In a frame it fills what there is, unless that is too narrow for grids side by side.
  const framed = document.documentElement.hasAttribute("data-embed");
  const flows = matchMedia(framed ? NARROW_FRAME : "(max-width: 1080px)");
  let scale = 1;
  /** Whether the sum stands at the kernel. */
  let summed = true;
  /** A size that stands for the room there is: that of a sheet of paper. @type {Size | null} */
  let fixed = null;
  /** Whether the room may have changed. It is measured in the frame that draws: browsers report a size that is set
   * while sizes are being observed as a loop. */
  let resized = false;
  const measure = () => {
    resized = false;
    if (fixed) return;
    const room = element.getBoundingClientRect();
    scale = flows.matches ? 1 : scaleOf(room);
    element.style.setProperty("zoom", String(scale));
    const width = room.width / scale;
    // The opening, too, wants to be in sight, and says less below the stage.
    let opened = 0;
    for (const { clientHeight } of document.querySelectorAll(".opening-head, .next")) opened += clientHeight;
    const walks = document.querySelector(".walks")?.clientHeight ?? 0;
    const said = AROUND + (summed ? 0 : SUM_BELOW);
    const around = walks + (innerWidth > 560 ? said - (opened && SPARED) : AROUND_ON_PHONE);
    const height = flows.matches
      ? Math.max(LEAST_HEIGHT + (opened && SPARED), innerHeight - opened - around)
      : room.height / scale;
    const [hall, introduced] = [isHall(), opened > 0];
    const kept = hall === size.hall && introduced === size.introduced;
    if (width === size.width && height === size.height && kept) return;
    const compact = framed && !flows.matches;
    size = { width, height, compact, filled: !flows.matches, hall, introduced };
  };
  const watch = new ResizeObserver(() => {
    resized = true;
    redraw();
  });
  watch.observe(element);
  watch.observe(byId("view"));
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)", "(prefers-contrast: more)"])
    matchMedia(query).addEventListener("change", () => {
      palette = null;
      redraw();
    });

  // The page is there before its font; what was measured and painted without it is done again.
  document.fonts.addEventListener("loadingdone", () => {
    palette = null;
    redraw();
  });

  function isGliding(/** @type {State} */ { playing, speed }) {
    return playing && !still.matches && speed <= GLIDE_UNTIL;
  }

  // ----------------------------------------------------------------- pointer

  /** A point of the window as one of the layout. */
  function pointOf(/** @type {number} */ clientX, /** @type {number} */ clientY) {
    const box = canvas.getBoundingClientRect();
    return { x: (clientX - box.left) / scale, y: (clientY - box.top) / scale };
  }

  // ----------------------------------------------------------------- show

  return {
    element,
    canvas,
    layout: () => at,
    /** Lay out for a size of its own, and in the colours of the moment; null: for the room there is. */
    fix(/** @type {Size | null} */ wanted) {
      fixed = wanted;
      palette = null;
      scale = 1;
      if (fixed) size = fixed;
      element.style.setProperty("zoom", "1");
      element.style.setProperty("height", "");
      resized = true;
      redraw();
    },
    pointOf,
    scale: () => scale,
    palette: () => palette,
    isGliding: () => isGliding(state),
    /** Marks of others over the window, from now on. */
    mark(/** @type {(at: Layout) => Mark[]} */ more) {
      marked = more;
    },
    /** Lay out on the axes of two layers from now on. */
    share(/** @type {typeof shared} */ axes) {
      if (JSON.stringify(axes) === JSON.stringify(shared)) return;
      shared = axes;
      redraw();
    },
    /** @param {State} next @param {Theme} theme */
    update(next, theme) {
      if (next.theme !== state?.theme) palette = null;
      state = next;
      waiting.hidden = state.shown !== null || state.problem !== null;
      setText(waiting, text.pending);
      const layer = viewOf(state);
      if (layer && hasSum(state, layer) !== summed) {
        summed = !summed;
        resized = true;
      }
      if (resized) measure();
      // A magnified matrix is centred on the column of the step.
      const column = state.zoom && state.shown?.geometry.result === "columns" ? state.step : 0;
      // Of many planes the page with the one on view is shown.
      const depth = state.shown && depthIn(state);
      const of = [
        state.shown,
        walkOf(state),
        state.lane,
        state.channel,
        state.zoom,
        column,
        depth?.input,
        depth?.output,
        size,
        state.compare === null,
        shared,
        isStale(state) ? state.setting : null,
        arrangementsKnown(),
      ];
      if (of.some((part, index) => part !== laidOut[index])) {
        at = layout(state, state.compare ? { ...size, plain: true, shared } : size);
        laidOut = of;
        if (at) {
          for (const one of [canvas, upper]) {
            one.style.setProperty("height", `${at.height}px`);
            one.style.setProperty("width", `${at.width}px`);
          }
          element.style.setProperty("height", flows.matches || fixed ? `${at.height}px` : "");
          headings.place(at);
          // Their buttons stand in a row of headings that is free at its end.
          const { middle, output } = at.headings;
          const row = !at.stacked || (middle.y > 0 && output.y > 0) ? 0 : Math.max(middle.y, output.y);
          const lower = loweredBy(at, size);
          element.style.setProperty("--lower", `${lower}px`);
          byId("stage-tools").style.setProperty("--row", `${row + lower}px`);
          // For a sheet that is printed before printing.js has come.
          element.style.setProperty("--drawn", `${at.height}px`);
          byId("view").style.setProperty("--fit", String(Math.min(1, SHEET_WIDTH / at.width)));
        }
      }
      headings.update(state);
      buttons.update(state);
      element.classList.toggle("stale", isStale(state));
      // For a sheet that is printed before printing.js has come.
      element.classList.toggle("dark", theme === "dark");
      if (!at || !state.shown) return;
      palette ??= readPalette();
      const marks = scene(state, at, theme, { gliding: isGliding(state) });
      marks.live.push(...marked(at));
      const ratio = fixed ? PRINT_RATIO : (window.devicePixelRatio || 1) * scale;
      const room = size.filled ? size.height : 0;
      draw(marks, palette, { width: at.width, height: at.height, room, ratio });
      describe(canvas, state);
    },
  };
}

function describe(/** @type {Element} */ canvas, /** @type {State} */ state) {
  const layer = state.shown?.geometry;
  if (!layer || state.playing) return;
  const { veil } = state;
  const size = veil === "shape" ? "?" : shape(layer.output_shape);
  const shapes = `${text.input} ${shape(layer.input_shape)}, ${text.output} ${size}`;
  const stamp = stampOf(state);
  const place = stamp
    ? say.stamps(placeText(stamp.position), stamp.written, stamp.landings.length - stamp.written)
    : placeText(stepPosition(/** @type {LayerGeometry} */ (viewOf(state)), viewedStep(state)));
  const sum = sumOf(state);
  const result = veil ? "?" : sum ? awaited(sum.served ?? sum.result, 4, sum.rounding) : "";
  setAttribute(canvas, "aria-label", say.stageLabel(shapes, place, result));
}

// ------------------------------------------------------------------------------------- headings

/** @param {HTMLElement} element @param {Dispatch} dispatch */
function stageHeadings(element, dispatch) {
  const heading = (/** @type {Role} */ role) => {
    const title = el("h2", { class: role });
    const size = el("span", { class: "size" });
    const box = el("div", { class: "heading" }, title, size);
    element.append(box);
    return { title, size, box };
  };
  const input = heading("input");
  const middle = heading("kernel");
  const output = heading("output");
  const channel = el("select", {
    "aria-label": text.shownChannel,
    onchange: () =>
      dispatch({ type: "channel", channel: channel.value === "rgb" ? "rgb" : Number(channel.value) }),
  });
  input.box.append(channel);
  let lane = 0;
  const turn = (/** @type {number} */ by, /** @type {string} */ label, /** @type {Icon} */ sign) => {
    const onclick = () => dispatch({ type: "lane", lane: lane + by });
    const named = { "aria-label": label, title: label };
    return el("button", { type: "button", class: "icon turn", ...named, onclick }, icon(sign));
  };
  const turns = [turn(-1, text.previousFilter, "previous"), turn(1, text.nextFilter, "next")];
  middle.box.append(...turns);
  let stacked = false;
  /** @type {Layout["headings"] | null} */
  let spots = null;
  return {
    place(/** @type {Layout} */ at) {
      stacked = at.stacked || at.compact;
      spots = at.headings;
      for (const [name, { box }] of /** @type {const} */ ([
        ["input", input],
        ["middle", middle],
        ["output", output],
      ])) {
        const spot = at.headings[name];
        // The title of a narrow output begins left of it, and stays on the page.
        const x = Math.max(0, Math.min(spot.x, at.width - LEAST_TITLE));
        box.style.setProperty("transform", `translate(${Math.round(x)}px, ${Math.round(spot.y)}px)`);
        box.style.setProperty("max-width", `${Math.max(80, Math.round(spot.width))}px`);
      }
    },
    update(/** @type {State} */ state) {
      const layer = state.shown?.geometry;
      element.hidden = !layer;
      if (!layer) return;
      lane = state.lane;
      const channels = layer.input_shape[0] ?? 1;
      const filters = layer.weight_shape !== null;
      const matrix = layer.result === "columns";
      const view = /** @type {LayerGeometry} */ (viewOf(state));
      const depth = layer.axes.length === 3 ? depthOn(view, viewedStep(state)) : null;
      const volume = layer.output_shape.length === 4;
      const sized = (/** @type {number[]} */ sizes, /** @type {number | undefined} */ at) =>
        at === undefined ? shape(sizes) : say.slice(sizes, at);
      const window = isWeighted(layer) && !stacked && layer.lanes === 1 ? text.weighted : text.window;
      const which = stacked ? say.short : filters ? say.filter : matrix ? say.row : say.channelOf;
      setText(input.title, state.shown?.from ?? text.input);
      setText(input.size, sized(layer.input_shape, depth?.input));
      setText(middle.title, walkOf(state) === "stamp" ? text.stampHead : filters ? text.kernel : window);
      setText(middle.size, layer.lanes > 1 ? which(lane, layer.lanes) : shape(layer.kernel_shape));
      const named = LETTER * `${middle.title.textContent}${middle.size.textContent}`.length + GAPS;
      const taken = spots && innerWidth <= 560 && spots.output.y === 0 ? STAGE_BUTTONS : 0;
      middle.size.hidden =
        stacked && Number(spots?.middle.width) - taken < named + (layer.lanes > 1 ? TURNS : 0);
      setText(output.title, text.output);
      setText(
        output.size,
        matrix
          ? say.columns(layer.output_shape)
          : sized(layer.output_shape, volume ? depth?.output : undefined),
      );
      for (const [name, { size }] of /** @type {const} */ ([
        ["input", input],
        ["output", output],
      ])) {
        const chosen = name === "input" && channels > 1 ? SIZED_CHOICE : 0;
        const needed = SIZED + LETTER * String(size.textContent).length + chosen;
        size.hidden = Number(spots?.[name].width) < needed;
      }
      for (const one of turns) one.hidden = layer.lanes < 2;
      channel.hidden = channels < 2;
      if (channels < 2) return;
      const names = Array.from(
        { length: channels },
        (_, at) => /** @type {[string, string]} */ ([String(at), channelName(layer.input_shape, at)]),
      );
      const own = sourceOf(state) && naturalChannel(layer.input_shape) === "rgb";
      setOptions(channel, own ? [["rgb", text.ownColours], ...names] : names);
      channel.value = String(state.channel);
    },
  };
}
