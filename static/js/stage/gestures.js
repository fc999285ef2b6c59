// The gestures of a hand on the stage: wheel, pinch and drag, and the panels that it opens around it. Turns gestures into actions;
// decides nothing about the picture.

import { spokenStatus } from "../panels/live_status.js";
import { rectOf } from "../picture/grid/cells.js";
import { placeUnder } from "../picture/grid/magnified.js";
import { viewOf } from "../state/selectors.js";
import { panned, zoomedAbout } from "../state/zoom.js";
import { byId, el, pageScrolls, setAttribute, setText, styleSheet } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { later, tell } from "../words/stage.js";
import { lookedLabel } from "./cell_value.js";
import { linkNumbers } from "./linked_numbers.js";
import { clickedOn } from "./pointer.js";

/** @import { Connection, ConnectionCallbacks } from "../types/stream.js" */
/** @import { Control, Dispatch } from "../panels/controls.js" */
/** @import { Box } from "../picture/grid/grids.js" */
/** @import { State } from "../state/state.js" */
/** @import { Grid, Place } from "../state/zoom.js" */

/** Pixels of a wheel that magnify by the number e. */
const WHEEL = 400;
/** A pointer that moves less than this clicks. */
const STILL = 4;

/** @typedef {ReturnType<typeof import("./stage.js").stageView>} Stage */
/**
 * A way to the server's numbers, and to the next frame of the page.
 * @typedef {{ connect: (callbacks: ConnectionCallbacks) => Connection, redraw: () => void, restore: (of: State) => Promise<boolean> }} Server
 */

/**
 * @param {Stage} stage @param {Dispatch} dispatch @param {() => State} current
 * @param {Server} server what a comparison needs
 * @returns {Pick<Control, "update">}
 */
export function stageTools(stage, dispatch, current, server) {
  gestures(stage, dispatch, current);
  const turning = pagers(stage, dispatch, current);
  linkNumbers(dispatch, current);
  const parts = [
    whenWanted(
      (state) => state.pins.length > 1,
      async () => (await import("./pinned.js")).pinnedPanel(dispatch),
    ),
    whenWanted(
      (state) => state.paint !== null,
      async () => (await import("./painter.js")).painter(stage, dispatch, current),
    ),
    whenWanted(
      (state) => state.compare !== null,
      async () => {
        const styled = styleSheet("compare", true);
        const { comparedPanel } = await import("../compare/stage.js");
        await styled;
        return comparedPanel(stage, dispatch, server);
      },
    ),
  ];
  const cellLabel = lookedLabel(stage.element, stage.layout);
  const spoken = spokenStatus(byId("status"));
  return {
    update(state) {
      cellLabel.update(state);
      turning();
      spoken.update(state);
      for (const update of parts) update(state);
    },
  };
}

/**
 * A part that comes when it is first wanted.
 * @param {(state: State) => boolean} wanted @param {() => Promise<Pick<Control, "update">>} bring
 */
function whenWanted(wanted, bring) {
  /** @type {Pick<Control, "update"> | null} */
  let made = null;
  let asked = false;
  /** @type {State} */
  let shown;
  async function ask() {
    asked = true;
    made = await bring();
    made.update(shown);
  }
  return (/** @type {State} */ state) => {
    shown = state;
    made?.update(state);
    if (!asked && wanted(state)) ask();
  };
}

/** The maps that lead to the pages beside the one on view. */
export function besides(/** @type {import("../picture/layout/fitted.js").Pager} */ { first, each, maps }) {
  return { before: maps[first - each], after: maps[first + each] };
}

/**
 * The buttons that turn pages of small maps: each takes the first map of its page to view.
 * @param {Stage} stage @param {Dispatch} dispatch @param {() => State} current
 */
function pagers(stage, dispatch, current) {
  const all = /** @type {const} */ (["input", "output"]).map((grid) => {
    const turn = (
      /** @type {"before" | "after"} */ way,
      /** @type {import("../ui/icon.js").Icon} */ sign,
    ) => {
      const label = later.pages[grid][way];
      const onclick = () => {
        const pager = stage.layout()?.pagers?.[grid];
        const map = pager && besides(pager)[way];
        if (!map) return;
        const { index, depth } = map;
        /** @type {import("../picture/layout/hit.js").Hit} */
        const there =
          depth !== undefined
            ? { part: "depth", grid, depth }
            : grid === "input"
              ? { part: "channel", channel: index }
              : { part: "lane", lane: Number(index) };
        for (const action of clickedOn(current(), there)) dispatch(action);
      };
      return el(
        "button",
        {
          type: "button",
          class: "icon turn",
          title: label,
          "aria-label": label,
          onclick,
        },
        icon(sign),
      );
    };
    const [before, after] = [turn("before", "previous"), turn("after", "next")];
    const words = el("span", { class: "size" });
    const box = el("div", { class: "heading pager" }, before, words, after);
    byId("headings").append(box);
    return { grid, box, words, buttons: { before, after } };
  });
  return () => {
    for (const { grid, box, words, buttons } of all) {
      const pager = stage.layout()?.pagers?.[grid];
      box.hidden = !pager;
      if (!pager) continue;
      box.style.setProperty("transform", `translate(${Math.round(pager.x)}px, ${Math.round(pager.y)}px)`);
      const { first, each, maps } = pager;
      const count = Math.min(each, maps.length - first);
      setText(words, tell.page(first, count, maps.length, maps[0]?.depth !== undefined));
      const beside = besides(pager);
      for (const way of /** @type {const} */ (["before", "after"]))
        setAttribute(buttons[way], "aria-disabled", beside[way] ? null : "true");
    }
  };
}

/** @param {Stage} stage @param {Dispatch} dispatch @param {() => State} current */
function gestures({ element, layout, pointOf, scale }, dispatch, current) {
  /** The grid under a point of the window, and the place on it. @returns {{ grid: Grid, place: Place, box: Box } | null} */
  const under = (/** @type {number} */ clientX, /** @type {number} */ clientY) => {
    const at = layout();
    const { x, y } = pointOf(clientX, clientY);
    for (const grid of /** @type {const} */ (["input", "output"])) {
      const place = at && placeUnder(at[grid], x, y);
      if (place) return { grid, place, box: at[grid] };
    }
    return null;
  };
  /** Fingers beside the grids mean the middle of the input. */
  const inMiddle = () => {
    const at = layout();
    const [x, y, width, tall] = at ? (at.input.frame ?? rectOf(at.input)) : [0, 0, 0, 0];
    const place = at && placeUnder(at.input, x + width / 2, y + tall / 2);
    return place && { grid: /** @type {Grid} */ ("input"), place };
  };
  const magnify = (
    /** @type {{ grid: Grid, place: Place }} */ { grid, place },
    /** @type {number} */ factor,
  ) => {
    const state = current();
    const layer = viewOf(state);
    if (layer) dispatch({ type: "zoom", zoom: zoomedAbout(layer, state.zoom, grid, factor, place) });
  };
  const move = (
    /** @type {Grid} */ grid,
    /** @type {Box} */ box,
    /** @type {number} */ x,
    /** @type {number} */ y,
  ) => {
    const state = current();
    const layer = viewOf(state);
    const by = { row: -y / (box.rows * (box.tall ?? box.cell)), col: -x / (box.cols * box.cell) };
    if (layer) dispatch({ type: "zoom", zoom: panned(layer, state.zoom, grid, by) });
  };

  element.addEventListener(
    "wheel",
    (event) => {
      // Where the page itself scrolls, a bare wheel is the page's.
      if (pageScrolls() && !event.ctrlKey && !event.metaKey) return;
      const found = under(event.clientX, event.clientY);
      if (!found) return;
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1;
      // A pinch on a touchpad comes as a wheel with Ctrl, in small steps.
      const pinch = event.ctrlKey ? 4 : 1;
      magnify(found, Math.exp((-event.deltaY * lines * pinch) / WHEEL));
    },
    { passive: false },
  );

  /** @type {{ grid: Grid, x: number, y: number, moved: boolean } | null} */
  let drag = null;
  element.addEventListener("pointerdown", (event) => {
    const found =
      event.button === 0 && event.pointerType !== "touch" && current().zoom
        ? under(event.clientX, event.clientY)
        : null;
    drag = found && { grid: found.grid, x: event.clientX, y: event.clientY, moved: false };
  });
  element.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const box = layout()?.[drag.grid];
    const [x, y] = [(event.clientX - drag.x) / scale(), (event.clientY - drag.y) / scale()];
    if (!box || (!drag.moved && Math.hypot(x, y) < STILL)) return;
    if (!drag.moved) element.setPointerCapture(event.pointerId);
    drag = { grid: drag.grid, x: event.clientX, y: event.clientY, moved: true };
    element.classList.add("dragging");
    move(drag.grid, box, x, y);
  });
  for (const end of /** @type {const} */ (["pointerup", "pointercancel"]))
    element.addEventListener(end, () => {
      element.classList.remove("dragging");
      if (drag && !drag.moved) drag = null;
    });
  // A drag is no click.
  element.addEventListener(
    "click",
    (event) => {
      if (drag?.moved) event.stopPropagation();
      drag = null;
    },
    true,
  );

  /** Two fingers: where their middle was, and how far apart they were. @type {{ x: number, y: number, apart: number } | null} */
  let pinch = null;
  const fingers = (/** @type {TouchEvent} */ event) => {
    const [one, other] = event.touches;
    if (event.touches.length !== 2 || !one || !other) return null;
    return {
      x: (one.clientX + other.clientX) / 2,
      y: (one.clientY + other.clientY) / 2,
      apart: Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY),
    };
  };
  const touched = (/** @type {TouchEvent} */ event) => {
    const before = pinch;
    pinch = fingers(event);
    // A page that a finger has begun to scroll goes on scrolling with two.
    if (!before || !pinch || !event.cancelable) return;
    event.preventDefault();
    const found = under(before.x, before.y) ?? inMiddle();
    if (!found) return;
    magnify(found, pinch.apart / Math.max(1, before.apart));
    const box = layout()?.[found.grid];
    if (box) move(found.grid, box, (pinch.x - before.x) / scale(), (pinch.y - before.y) / scale());
  };
  element.addEventListener("touchstart", (event) => {
    pinch = fingers(event);
  });
  element.addEventListener("touchmove", touched, { passive: false });
  element.addEventListener("touchend", () => {
    pinch = null;
  });
}
