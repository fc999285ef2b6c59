// The reducer of a person's choices: settings, steps, lanes, playing. A part of the reducer that the opening picture does
// without. Knows no DOM, no network connection and no clock.

import { channelBeside, laneBeside } from "./anchors.js";
import { recalled, remembered } from "./history.js";
import { inputOf, operationOf, placed, settle } from "./resolve.js";
import { chosenOf, lastStep, sourceOf, viewedStep, viewOf } from "./selectors.js";
import { clamp, fittingChannel, naturalChannel, same, shapeOf, withLayer } from "./setting.js";
import { anchored } from "./state.js";

/** @import { Source } from "../types/source.js" */
/** @import { LayerSetting, Setting } from "./setting.js" */
/** @import { Action, Choice, State, Walk } from "./state.js" */

/** Messages may refit a setting; the history keeps nothing of them. */
const PASSING = new Set(["open", "planned", "stored", "numbers"]);

/** A link or the plan changes the setting without a person having done so. @returns {State} */
export function keepHistory(
  /** @type {State} */ before,
  /** @type {State} */ next,
  /** @type {Action} */ action,
) {
  if (next.setting === before.setting || PASSING.has(action.type)) return next;
  return { ...next, history: remembered(before.history, before.setting, next.setting, action) };
}

/** The types of the actions that `choosing` reduces. @type {Choice["type"][]} */
export const CHOICES = [
  "operation",
  "parameter",
  "settings",
  "layer",
  "undo",
  "redo",
  "end_edit",
  "open_setting",
  "choose",
  "walk",
  "source",
  "weights",
  "step",
  "move",
  "lane",
  "channel",
  "play",
  "pause",
  "theme",
  "unhide",
  "point",
  "light",
  "view",
];

/** @param {State} state @param {Choice} action @returns {State} */
export function choosing(state, action) {
  switch (action.type) {
    case "operation":
      return settle(chooseLayer(state, { operation: action.name }));
    case "parameter":
    case "settings": {
      const values = action.type === "settings" ? action.values : { [action.name]: action.value };
      return settle(chooseLayer(state, { spec: { ...chosenOf(state).spec, ...values } }));
    }
    case "layer": {
      const operation = operationOf(state.catalog, action.operation).name;
      return settle(chooseLayer(state, { operation, spec: action.values }));
    }
    case "undo":
    case "redo": {
      const setting = recalled(state.history, action.type);
      return setting ? withSetting(state, setting) : state;
    }
    case "end_edit":
      return state.history.touched ? { ...state, history: { ...state.history, touched: "" } } : state;
    case "open_setting":
      return anchored(replacedBy(state, action.setting), action.step);
    case "choose": {
      const chosen = clamp(action.layer, 0, state.setting.layers.length - 1);
      const still = { playing: false, fraction: 0, history: { ...state.history, touched: "" } };
      return chosen === state.chosen ? state : settle({ ...state, ...still, chosen });
    }
    case "walk":
      return walking(state, action.walk);
    case "source":
      return sourced(state, action.source);
    case "weights":
      return settle(chooseLayer(state, { weights: action.weights }, action.layer));
    case "step": {
      const at = anchored(state, action.step);
      // A pointed cell does not hold the view on another step: a tap leaves nothing that goes away.
      return viewedStep(at) === at.step ? at : { ...at, pointed: null };
    }
    case "move":
      return moved(state, action.by, action.n);
    case "lane": {
      const lane = clamp(action.lane, 0, (state.shown?.geometry.lanes ?? 1) - 1);
      const channel = channelBeside(state.shown?.geometry, lane, state.channel);
      return { ...state, lane, chosenLane: lane, channel };
    }
    case "channel": {
      const channel = fittingChannel(action.channel, inputOf(state), sourceOf(state));
      const lane = laneBeside(state.shown?.geometry, state.lane, channel);
      return { ...state, channel, lane, chosenLane: lane };
    }
    case "play": {
      const last = lastStep(state);
      if (last < 1) return state;
      const { loop } = state;
      const outside = loop ? state.step < loop.from || state.step >= loop.to : state.step >= last;
      const from = outside ? anchored(state, loop?.from ?? 0) : state;
      return { ...from, playing: true, pointed: null };
    }
    case "pause":
      return { ...state, playing: false, fraction: 0 };
    case "theme":
      return { ...state, theme: action.theme };
    case "unhide":
      return { ...state, hide: [], lock: [] };
    case "point":
      return same(state.pointed, action.at) ? state : { ...state, pointed: action.at };
    case "light":
      return state.lit === action.origin ? state : { ...state, lit: action.origin };
    case "view": {
      if (state.views.includes(action.name) === action.on) return state;
      const others = state.views.filter((one) => one !== action.name);
      return { ...state, views: action.on ? [...others, action.name] : others };
    }
  }
}

/** @returns {State} */
function sourced(/** @type {State} */ state, /** @type {Source} */ source) {
  const inputShape = shapeOf(source, state.catalog.samples, state.uploads);
  const seen = { ...state, inputShape, channel: naturalChannel(inputShape), pointed: null };
  return settle(choose(seen, { ...state.setting, source }));
}

/** @returns {State} */
function walking(/** @type {State} */ state, /** @type {Walk} */ walk) {
  if (state.walk === walk) return state;
  return placed({ ...state, walk, playing: false, fraction: 0, pointed: null });
}

/** A setting that has nothing of the one before: its last layer and first lane are on view. */
export function replacedBy(/** @type {State} */ state, /** @type {Setting} */ setting) {
  return withSetting({ ...state, chosen: setting.layers.length - 1, chosenLane: 0 }, setting);
}

/** @returns {State} */
function moved(/** @type {State} */ state, /** @type {"step" | "row"} */ by, /** @type {number} */ n) {
  const row = viewOf(state)?.step_shape.at(-1) ?? 1;
  const target = state.step + n * (by === "row" ? row : 1);
  const steps = lastStep(state) + 1;
  const still = { ...state, playing: false, pointed: null };
  return by === "row" && (target < 0 || target >= steps) ? still : anchored(still, target);
}

/** The state with another setting, not yet settled. @returns {State} */
export function choose(/** @type {State} */ state, /** @type {Setting} */ setting) {
  return { ...state, setting, problem: null, notice: null, opening: null };
}

/**
 * The state with a change of one layer, the chosen one unless told, not yet settled.
 * @param {State} state @param {Partial<LayerSetting>} change @returns {State}
 */
export function chooseLayer(state, change, at = state.chosen) {
  return choose(state, withLayer(state.setting, at, change));
}

/** Another setting as a whole. @returns {State} */
export function withSetting(/** @type {State} */ state, /** @type {Setting} */ setting) {
  const inputShape = shapeOf(setting.source, state.catalog.samples, state.uploads);
  const channel = same(inputShape, state.inputShape) ? state.channel : naturalChannel(inputShape);
  const still = { channel, playing: false, fraction: 0, pointed: null };
  const chosen = Math.min(state.chosen, setting.layers.length - 1);
  return settle(choose({ ...state, inputShape, chosen, ...still }, setting), false);
}
