// A link that is opened: its setting and what else it says of the page. A part of the reducer; knows no address and no
// text of a link.

import { looking } from "./looking.js";
import { loopOf } from "./pacing.js";
import { inputOf, settle } from "./resolve.js";
import { faultyLayer, sourceOf, viewOf } from "./selectors.js";
import { clamp, fittingChannel, naturalChannel, shapeOf, withLayer } from "./setting.js";
import { speedOf } from "./speeds.js";
import { anchored, known, layersOf } from "./state.js";

/** @import { LinkState } from "../types/page.js" */
/** @import { Comparison } from "./comparing.js" */
/** @import { LayerSetting } from "./setting.js" */
/** @import { State, Walk } from "./state.js" */

/** `shape` is that of the input, where only the server knew it. @typedef {{ type: "open", link: LinkState, shape?: number[] }} Open */

/** @param {State} state @param {Open} action @returns {State} */
export function opening(state, { link, shape }) {
  const source = known(state.catalog, link.source ?? state.setting.source);
  const setting = { layers: layersOf(state.catalog, link.layers), source };
  const last = setting.layers.length - 1;
  const inputShape = shape ?? shapeOf(source, state.catalog.samples, state.uploads);
  const speed = speedOf(link.speed ?? state.speed);
  const theme = link.theme ?? state.theme;
  const walk = /** @type {Walk} */ (link.view === "stamp" ? "stamp" : "gather");
  const [scale = 1, row = 0.5, col = 0.5] = link.zoom ?? [];
  const zoom = link.zoom ? { scale, row, col } : null;
  const controls = { hide: link.hide ?? [], lock: link.lock ?? [], unknown: link.unknown };
  const building = link.building ?? false;
  const { against } = link;
  /** @type {Comparison | null} */
  const compare = !against
    ? null
    : typeof against === "string"
      ? { with: "rules", rules: against }
      : {
          with: "kept",
          setting: { layers: layersOf(state.catalog, against.layers), source: against.source ?? source },
        };
  const played = { walk, building, loop: null };
  const chosen = {
    setting,
    chosen: clamp(link.chosen ?? last, 0, last),
    inputShape,
    speed,
    theme,
    zoom,
    compare,
    views: link.views ?? [],
    lesson: link.lesson ?? null,
    experiment: link.experiment ?? null,
    forecast: link.forecast ?? null,
    veil: null,
    ...played,
    ...controls,
  };
  const waits = inputShape ? null : link;
  // The layer shown before is not from this link, and never stands for a setting of it that cannot be shown.
  const unseen = { ...state, ...chosen, problem: null, notice: null, opening: waits, shown: null };
  const channel = fittingChannel(
    link.channel ?? naturalChannel(inputShape),
    inputOf(unseen),
    sourceOf(unseen),
  );
  const bare = { ...unseen, channel };
  const tried = settle({ ...bare, chosenLane: link.lane ?? 0, pins: [], playing: false, fraction: 0 }, false);
  const settled = tried.problem ? standIn(tried) : tried;
  const layer = viewOf(settled);
  const looped = layer && link.loop ? { ...settled, loop: loopOf(layer, link.loop) } : settled;
  const stepped = link.step === undefined ? looped : anchored(looped, link.step);
  return (link.pins ?? []).reduce((one, step) => looking(one, { type: "pin", step }), stepped);
}

/** Values that are tried for a parameter whose default does not fit either: blocks of three cells, of two, single cells. */
const FEW = [3, 2, 1];

/**
 * A setting that does not fit, beside the nearest that does: what is shown of a link until it is mended. Of each layer at fault
 * first its own values go, then a smaller window takes the place of the default; where parts that are joined do not go together,
 * the layers before the joint stand for the network.
 * @param {State} state @returns {State}
 */
function standIn(state) {
  const { setting, chosen, problem } = state;
  const layers = setting.layers.map((layer) => ({ ...layer, weights: null }));
  const bare = settle({ ...state, setting: { ...setting, layers } }, false);
  const mended = layers.reduce((tried, _, at) => fittingLayer(tried, at), bare);
  const before = mended.setting.layers.slice(0, faultyLayer(mended));
  const found =
    mended.shown || before.length === 0
      ? mended
      : settle(
          { ...mended, setting: { ...setting, layers: before }, chosen: Math.min(chosen, before.length - 1) },
          false,
        );
  return found.shown ? { ...found, setting, chosen, problem } : state;
}

/** With the layer at a place changed until it is at fault no longer, where that can be. @param {State} state @param {number} at @returns {State} */
function fittingLayer(state, at) {
  const faulty = (/** @type {State} */ tried) => !tried.shown && faultyLayer(tried) === at;
  const withSpec = (/** @type {State} */ tried, /** @type {LayerSetting["spec"]} */ spec) =>
    settle({ ...tried, setting: withLayer(tried.setting, at, { spec }) }, false);
  let tried = state;
  while (faulty(tried)) {
    const { spec = {} } = tried.setting.layers[at] ?? {};
    if (Object.keys(spec).length === 0) break;
    const field = tried.problem?.field ?? "";
    const { [field]: _, ...others } = spec;
    // A value that was left out is at fault beside others: the layer as it is by default remains.
    tried = withSpec(tried, field in spec ? others : {});
  }
  for (const value of FEW)
    if (faulty(tried)) tried = withSpec(tried, { [tried.problem?.field ?? ""]: value });
  return tried;
}
