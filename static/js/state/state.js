// The one state of the page and its reducer: messages of the server and the clock; further reducers are added. Knows no
// DOM, no network connection and no clock; every change that a person makes is one of these serialisable actions.

import { anchorOf } from "./anchors.js";
import { asked, operationOf, settle } from "./resolve.js";
import { sourceOf, viewOf } from "./selectors.js";
import { clamp, keyOf, naturalChannel, same, shapeOf } from "./setting.js";

/** @import { ConnectionStatus } from "../types/stream.js" */
/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { OperationInfo } from "../types/registry.js" */
/** @import { ParameterValue } from "../types/layer.js" */
/** @import { Plan, Problem } from "../types/plan.js" */
/** @import { LinkState, Theme } from "../types/page.js" */
/** @import { Source, Weights } from "../types/source.js" */
/** @import { Spec } from "../types/layer.js" */
/** @import { StoredInfo } from "../types/plan.js" */
/** @import { History } from "./history.js" */
/** @import { Loop, Pace } from "./pacing.js" */
/** @import { Asked, LayerSetting, Setting } from "./setting.js" */
/** @import { Compare, Comparison } from "./comparing.js" */
/** @import { Editing } from "./editing.js" */
/** @import { Look } from "./looking.js" */
/** @import { Offer } from "./offers.js" */
/** @import { Open } from "./opening.js" */
/** @import { Paint, Painting } from "./painting.js" */
/** @import { Hides } from "../types/lesson.js" */
/** @import { Pin } from "./pins.js" */
/** @import { Zoom } from "./zoom.js" */
/** @import { FieldCell } from "../types/network.js" */
/** @import { Draw } from "../network/drawing.js" */
/** @import { LayerEdit, Seeing } from "../network/editing.js" */

/** @import { Catalog } from "../types/stream.js" */
/** @import { Numbers } from "../types/stream.js" */
/**
 * The layer on view, as the last setting that fits has it.
 * @typedef {object} Shown
 * @property {Spec} layer @property {OperationInfo} operation @property {LayerGeometry} geometry
 * @property {LayerGeometry[]} geometries of all layers, in order
 * @property {string | null} from the layers that it reads, in words; null: the source
 * @property {Asked} asked @property {string} key
 */
/**
 * @typedef {{ grid: "output", step: number, lane?: number } | { grid: "input", cell: number[] }
 *   | { grid: "kernel", channel: number, tap: number } | null} Pointed
 */
/** @typedef {"input" | "padding" | "kernel" | "dilation" | "stride" | "output" | "output_padding"} Origin */
/** Which walk is played: a step per output cell, or one per input cell where the layer has such a walk. @typedef {"gather" | "stamp"} Walk */
/**
 * @typedef {object} State
 * @property {Catalog} catalog
 * @property {Setting} setting what a person chose, valid or not
 * @property {number} chosen the place of the layer on view among the layers
 * @property {History} history what undo and redo lead to
 * @property {Record<string, StoredInfo>} uploads
 * @property {number[] | null} inputShape of the source
 * @property {Shown | null} shown the last setting that fits: what the stage draws
 * @property {Problem | null} problem why the chosen setting is not the shown one, or has no numbers
 * @property {Problem | null} notice what went wrong beside the setting: an upload, a link, the connection
 * @property {{ key: string, notes: string[] } | null} planNotes what the plan says of the setting with this key
 * @property {number[]} anchor middle of the window on each axis, 0–1 of the input: what a change of setting keeps
 * @property {Walk} walk as chosen; a layer without a second walk gathers
 * @property {number} step of the walk on view
 * @property {number} fraction way to the next step, 0–1, while playing
 * @property {boolean} playing
 * @property {number} speed steps per second; Infinity: as fast as they stream
 * @property {Loop | null} loop steps that play again and again
 * @property {boolean} building whether the output builds up with the walk, or is whole from the start
 * @property {number} lane on view @property {number} chosenLane the same, unless the layer has too few
 * @property {number | "rgb"} channel
 * @property {("volumes" | "projector" | "network" | "sizes" | "lessons" | "train" | "forecast")[]} views what is open around the stage
 * @property {Comparison | null} compare null: one setting is on view
 * @property {Paint | null} paint null: the input is looked at and not painted
 * @property {Pin[]} pins steps kept to be compared, of the walk on view
 * @property {Zoom | null} zoom null: both grids are on view as a whole
 * @property {Theme | null} theme null: the system's
 * @property {Pointed} pointed
 * @property {FieldCell | null} seen the cell whose fields are on view @property {FieldCell | null} kept one that stays when the pointer goes
 * @property {Origin | null} lit the part a formula's number points at
 * @property {Numbers | null} numbers
 * @property {string | null} overdue the key of the setting whose numbers take long enough to say so
 * @property {ConnectionStatus | null} connection
 * @property {Record<string, string> | undefined} unknown keys of the link that this page does not know
 * @property {string[]} hide controls that a link hides @property {string[]} lock controls that it fixes
 * @property {string | null} lesson the lesson that stands beside the stage, and its step counted from 1: `shapes/3`
 * @property {string | null} experiment of the training room, as a link holds it
 * @property {string | null} forecast settings of the forecast room, as a link holds them
 * @property {Hides | null} veil what a question of a lesson hides, until it is answered
 * @property {LinkState | null} opening the link whose input's shape only the server knows, until it says so
 */
/**
 * A person's choice of settings, step, lane, channel or theme.
 * @typedef {{ type: "operation", name: string }
 *   | { type: "parameter", name: string, value: ParameterValue } | { type: "walk", walk: Walk }
 *   | { type: "settings", values: Record<string, ParameterValue> } | { type: "undo" } | { type: "redo" } | { type: "end_edit" }
 *   | { type: "layer", operation: string, values: Record<string, ParameterValue> }
 *   | { type: "choose", layer: number }
 *   | { type: "source", source: Source } | { type: "weights", weights: Weights | null, layer?: number }
 *   | { type: "step", step: number } | { type: "move", by: "step" | "row", n: number }
 *   | { type: "lane", lane: number } | { type: "channel", channel: number | "rgb" }
 *   | { type: "play" } | { type: "pause" }
 *   | { type: "theme", theme: Theme | null } | { type: "unhide" } | { type: "open_setting", setting: Setting, step: number } | { type: "point", at: Pointed } | { type: "light", origin: Origin | null }
 *   | { type: "view", name: "volumes" | "projector" | "network" | "sizes" | "lessons" | "train" | "forecast", on: boolean }} Choice
 */
/** An action of a person. @typedef {Choice | { type: "lesson", at: string | null } | { type: "experiment" | "forecast", text: string | null } | { type: "veil", hides: Hides | null } | Offer | Editing | LayerEdit | Seeing | Draw | Look | Pace | Painting | Compare | Open} UserAction */
/**
 * An action of the server or the clock.
 * @typedef {{ type: "tick", step: number, fraction: number, done: boolean } | { type: "numbers", numbers: Numbers }
 *   | { type: "planned", key: string, plan: Plan } | { type: "refused", key: string | null, problem: Problem }
 *   | { type: "overdue", key: string } | { type: "stored", uploads: Record<string, StoredInfo> }
 *   | { type: "connection", status: ConnectionStatus }} Message
 */
/** @typedef {UserAction | Message} Action */

/** The first setting: a picture of nine by nine whose numbers can be read, and the question it answers. @type {Setting} */
const OPENING = {
  layers: [
    {
      operation: "convolution",
      spec: { filters: 3, padding: 1 },
      weights: { kind: "preset", name: "mixed" },
    },
  ],
  source: { kind: "sample", name: "cross" },
};

/**
 * The state that the page begins with.
 * @param {Catalog} catalog @param {LinkState} opening
 * @returns {State}
 */
export function initial(catalog, opening = OPENING) {
  const source = known(catalog, opening.source ?? OPENING.source);
  const setting = { layers: layersOf(catalog, opening.layers), source };
  /** @type {State} */
  const state = {
    catalog,
    setting,
    chosen: 0,
    history: emptyHistory(),
    uploads: {},
    inputShape: shapeOf(setting.source, catalog.samples, {}),
    shown: null,
    problem: null,
    notice: null,
    planNotes: null,
    anchor: [0.3, 0.3, 0.19],
    walk: "gather",
    step: 0,
    fraction: 0,
    playing: false,
    speed: 4,
    loop: null,
    building: opening.building ?? false,
    lane: 0,
    chosenLane: 0,
    channel: opening.channel ?? 0,
    compare: null,
    views: [],
    paint: null,
    pins: [],
    zoom: null,
    theme: null,
    pointed: null,
    seen: null,
    kept: null,
    lit: null,
    numbers: null,
    overdue: null,
    connection: null,
    unknown: undefined,
    hide: [],
    lock: [],
    lesson: null,
    experiment: null,
    forecast: null,
    veil: null,
    opening: null,
  };
  return opening.step === undefined ? settle(state) : anchored(settle(state), opening.step);
}

/** @returns {History} */
export function emptyHistory() {
  return { past: [], future: [], touched: "" };
}

/** Layers of operations that there are. @returns {LayerSetting[]} */
export function layersOf(
  /** @type {Catalog} */ catalog,
  /** @type {(Omit<LayerSetting, "weights"> & { weights?: Weights | null })[]} */ layers,
) {
  return layers.map(({ weights = null, ...layer }) => {
    return { ...layer, operation: operationOf(catalog, layer.operation).name, weights };
  });
}

/** The sample itself, or the first there is. @returns {Source} */
export function known(/** @type {Catalog} */ catalog, /** @type {Source} */ source) {
  const first = catalog.samples[0];
  if (source.kind !== "sample" || !first || catalog.samples.some((one) => one.name === source.name))
    return source;
  return { kind: "sample", name: first.name };
}

/**
 * @param {State} state @param {Action} action
 * @returns {State}
 */
export function reduce(state, action) {
  return followers.reduce((next, follow) => follow(state, next, action), changed(state, action));
}

/** Reducers of further actions, by their types. @type {Map<string, (state: State, action: any) => State>} */
const reducers = new Map();

/**
 * A reducer for actions that this module does not know how to do.
 * @template {Action["type"]} Type
 * @param {Type[]} types @param {(state: State, action: Extract<Action, { type: Type }>) => State} reducer
 */
export function addReducer(types, reducer) {
  for (const type of types) reducers.set(type, reducer);
}

/** A change that follows every action. @typedef {(before: State, next: State, action: Action) => State} Follower */
/** @type {Follower[]} */
const followers = [];

export function addFollower(/** @type {Follower} */ follow) {
  followers.push(follow);
}

/**
 * @param {State} state @param {Action} action
 * @returns {State}
 */
function changed(state, action) {
  switch (action.type) {
    case "tick": {
      if (!state.playing) return state;
      if (action.step === state.step && action.fraction === state.fraction && !action.done) return state;
      const at = anchored(state, action.step);
      return { ...at, fraction: action.done ? 0 : action.fraction, playing: !action.done };
    }
    case "numbers":
      return { ...state, numbers: action.numbers };
    case "planned":
      return planned(state, action.key, action.plan);
    case "refused":
      if (action.key === null) return { ...state, notice: action.problem };
      if (action.key !== keyOf(asked(state))) return state;
      return { ...state, problem: action.problem };
    case "overdue":
      return { ...state, overdue: action.key };
    case "stored":
      return { ...state, uploads: action.uploads };
    case "connection":
      return same(state.connection, action.status) ? state : { ...state, connection: action.status };
    default:
      return reducers.get(action.type)?.(state, action) ?? state;
  }
}

// ------------------------------------------------------------------------------------- settings

/** @returns {State} */
function planned(/** @type {State} */ state, /** @type {string} */ key, /** @type {Plan} */ plan) {
  const [layer] = plan.layers;
  if (!layer || key !== keyOf(asked(state))) return state;
  const shape = layer.input_shape;
  const planNotes = { key, notes: layer.notes ?? [] };
  const cleared = { ...state, planNotes, problem: null, opening: null };
  if (state.opening) return changed(cleared, { type: "open", link: state.opening, shape });
  if (same(shape, state.inputShape) || (state.inputShape && !sourceOf(state))) return cleared;
  const channel = state.inputShape ? state.channel : naturalChannel(shape);
  return settle({ ...cleared, inputShape: shape, channel });
}

// ------------------------------------------------------------------------------------- steps

/** @returns {State} */
export function anchored(/** @type {State} */ state, /** @type {number} */ wanted) {
  const layer = viewOf(state);
  if (!layer) return state;
  const step = clamp(Math.round(wanted), 0, layer.steps - 1);
  if (step === state.step && state.fraction === 0) return state;
  return { ...state, step, fraction: 0, anchor: anchorOf(layer, step) };
}
