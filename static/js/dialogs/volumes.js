// The sheet with channels and filters as volumes: its picture, its pointer and keys, the groups and the words that say
// the same. Comes by import when it is asked for. Turns what a person does into actions; draws through draw.js.

import { stage } from "../picture/canvas.js";
import { aimAt, readBy, readersOf, volumeScene, volumesOf } from "../picture/marks/volumes.js";
import { readPalette } from "../picture/palette.js";
import { parameterOf } from "../state/resolve.js";
import { viewOf } from "../state/selectors.js";
import { el, setAttribute, setText, styleSheet } from "../ui/dom.js";
import { later, sayLater } from "../words/dialogs.js";
import { channelName } from "../words/page.js";
import { closesWith, dialog } from "./dialogs.js";

/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { Theme } from "../types/page.js" */
/** @import { Dispatch } from "../panels/controls.js" */
/** @import { State } from "../state/state.js" */
/** @import { Aim, Volumes } from "../picture/marks/volumes.js" */

/** All ways to divide the channels and the filters into groups: from dense to one group a channel. */
export function groupings(/** @type {LayerGeometry} */ layer) {
  const channels = Number(layer.input_shape[0]);
  const all = Array.from({ length: channels }, (_, at) => at + 1);
  return all.filter((groups) => channels % groups === 0 && layer.lanes % groups === 0);
}

/** The style sheet of the picture, once. @type {Promise<unknown> | null} */
let styled = null;

/** @param {Dispatch} dispatch @param {State} state @param {() => Theme} theme */
export async function openVolumes(dispatch, state, theme) {
  styled ??= styleSheet("volumes");
  await styled;
  return volumesDialog(dispatch, state, theme);
}

/** @param {Dispatch} dispatch @param {State} first @param {() => Theme} theme */
function volumesDialog(dispatch, first, theme) {
  const lower = el("canvas", { "aria-hidden": "true" });
  const upper = el("canvas", { class: "upper", "aria-hidden": "true" });
  const picture = el(
    "div",
    { class: "volumes", tabindex: 0, role: "group", "aria-label": later.volumes.keys },
    lower,
    upper,
  );
  const meaning = el("p", { class: "meaning" });
  const said = el("p", { role: "status" });
  const slider = el("input", { type: "range", min: 0, step: 1, "aria-label": later.volumes.groups });
  const kind = el("span", {});
  const groups = el("label", { class: "line" }, later.volumes.groups, slider, kind);
  const made = dialog(later.volumes.title, meaning, groups, picture, said);
  made.classList.add("volumes-sheet");
  closesWith(made, "v");
  const draw = stage(lower, upper);
  let state = first;
  /** @type {Aim} */
  let aim = null;
  /** @type {Volumes | null} */
  let at = null;
  /** @type {{ of: unknown[], base: import("../picture/scene.js").Mark[], palette: import("../picture/canvas.js").Palette }} */
  let drawn = { of: [], base: [], palette: readPalette() };
  const seen = new ResizeObserver(() => requestAnimationFrame(() => show()));
  seen.observe(picture);

  function show() {
    const layer = viewOf(state);
    const size = { width: picture.clientWidth, height: picture.clientHeight };
    if (!layer || size.width < 40) return;
    const of = [state.shown, state.numbers, state.step, theme(), size.width, size.height];
    const stays = of.every((part, index) => part === drawn.of[index]);
    at = stays && at ? at : volumesOf(layer, size);
    const scene = volumeScene(state, at, theme(), aim);
    // Pointing changes nothing below the lines.
    if (!stays) drawn = { of, base: scene.base, palette: readPalette() };
    draw({ ...scene, base: drawn.base }, drawn.palette, { ...size, ratio: window.devicePixelRatio || 1 });
    setText(meaning, sayLater.weightShape(layer.weight_shape, layer.channels_per_group, layer.groups));
    setText(said, sentence(layer));
    const ways = layer.weight_shape ? groupings(layer) : [];
    groups.hidden = ways.length < 2 || parameterOf(state, "groups") === undefined;
    setAttribute(slider, "max", String(ways.length - 1));
    slider.value = String(Math.max(0, ways.indexOf(layer.groups)));
    const way = layer.groups === 1 ? "dense" : layer.channels_per_group === 1 ? "depthwise" : "grouped";
    setText(kind, sayLater.grouping(layer.groups, later.volumes.ways[way]));
    setAttribute(slider, "aria-valuetext", kind.textContent);
  }

  /** The volume of the filter on view, or of the channel that is pointed at. */
  function sentence(/** @type {LayerGeometry} */ layer) {
    if (aim?.kind === "channel") {
      const readers = readersOf(layer, aim.index);
      return sayLater.readers(channelName(layer.input_shape, aim.index), readers.length, layer.lanes);
    }
    const lane = aim?.kind === "filter" ? aim.index : state.lane;
    const names = readBy(layer, lane).map((channel) => channelName(layer.input_shape, channel));
    return sayLater.reads(lane, names, layer.lanes, layer.weight_shape !== null);
  }

  slider.addEventListener("input", () => {
    const layer = viewOf(state);
    const value = layer && groupings(layer)[Number(slider.value)];
    if (value) dispatch({ type: "parameter", name: "groups", value });
  });
  const under = (/** @type {MouseEvent} */ event) => {
    const box = picture.getBoundingClientRect();
    return at && aimAt(at, event.clientX - box.left, event.clientY - box.top);
  };
  picture.addEventListener("pointermove", (event) => {
    aim = under(event);
    show();
  });
  picture.addEventListener("pointerleave", () => {
    aim = null;
    show();
  });
  picture.addEventListener("click", (event) => {
    const found = under(event);
    if (found?.kind === "filter") dispatch({ type: "lane", lane: found.index });
    else if (found?.kind === "channel") dispatch({ type: "channel", channel: found.index });
  });
  picture.addEventListener("keydown", (event) => {
    const layer = viewOf(state);
    if (!layer || event.ctrlKey || event.metaKey || event.altKey) return;
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const across = event.key === "ArrowLeft" || event.key === "ArrowRight";
    if (by === 0 && !across) return;
    event.preventDefault();
    if (across) {
      const channel = readBy(layer, state.lane)[0] ?? 0;
      aim = event.key === "ArrowLeft" ? { kind: "channel", index: channel } : null;
      return show();
    }
    if (aim?.kind === "channel") {
      const last = Number(layer.input_shape[0]) - 1;
      aim = { kind: "channel", index: Math.min(last, Math.max(0, aim.index + by)) };
      return show();
    }
    aim = null;
    dispatch({ type: "lane", lane: state.lane + by });
  });
  picture.focus();
  show();
  return {
    element: made,
    update(/** @type {State} */ next) {
      if (next === state) return;
      state = next;
      show();
    },
  };
}
