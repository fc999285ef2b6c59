// An experiment as settings: the one to begin with, what of it may change on the way, and what it asks of the server.
// Pure records; knows no DOM.

/** @import { Changes, DrawnData, Experiment, StoredData } from "../types/training.js" */
/** @import { NamedSpec } from "../types/network.js" */
/** @import { OperationInfo } from "../types/registry.js" */

export const NOTHING_CHANGED = { shift: 0, flip: false, zoom: 0, tilt: 0, noise: 0 };
/** The augmentation that the switch turns on. */
export const AUGMENTED = { shift: 2, flip: false, zoom: 0.1, tilt: 10, noise: 0 };

/** @type {DrawnData} */
const STROKES = {
  kind: "strokes",
  classes: ["cross", "ring"],
  size: 12,
  count: 60,
  validation: 400,
  shift: 2,
  noise: 0.2,
  wrong: 0,
};

/** X or O on few, noisy drawings: enough to learn, and few enough to learn them by heart. @type {Experiment} */
export const X_OR_O = {
  layers: [
    { operation: "convolution", name: "conv1", kernel: 3, filters: 4, bias: true, activation: "relu" },
    { operation: "max_pooling", name: "pool1", kernel: 2 },
    { operation: "dropout", name: "dropout1", rate: 0 },
    { operation: "dense", name: "votes", filters: 2, bias: true },
  ],
  data: STROKES,
  augmentation: NOTHING_CHANGED,
  loss: "cross_entropy",
  optimiser: { kind: "adam", rate: 0.01 },
  batch: 20,
  steps: 600,
  seed: 1,
  start: "pytorch",
};

/** The classes of a set, and the name that each set is told by. */
export const CLASSES = {
  strokes: ["cross", "ring", "square", "backslash", "slash"],
  glyphs: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
};

/** A set of another kind, with what both have. @param {DrawnData | StoredData} data @param {"strokes" | "glyphs"} kind @returns {DrawnData} */
export function otherSet(data, kind) {
  const kept = data.kind === "stored" ? STROKES : data;
  if (kind === "strokes") return { ...kept, kind, classes: ["cross", "ring"], size: 12 };
  return { ...kept, kind, classes: CLASSES.glyphs, size: 8, shift: 1, count: 500 };
}

/** A layer that drops some of what it reads while a network trains, and the setting that says how much. @returns {[name: string, setting: string][]} */
function dropping(
  /** @type {NamedSpec[]} */ layers,
  /** @type {(name: string) => OperationInfo} */ operationOf,
) {
  return layers.flatMap(({ operation, name }) => {
    const { drops } = operationOf(operation);
    return drops && name ? [[name, drops]] : [];
  });
}

/** The share that the first such layer drops; null without any. @returns {number | null} */
export function dropoutOf(
  /** @type {NamedSpec[]} */ layers,
  /** @type {(name: string) => OperationInfo} */ operationOf,
) {
  const [first] = dropping(layers, operationOf);
  if (!first) return null;
  const [name, setting] = first;
  return Number(layers.find((layer) => layer.name === name)?.[setting] ?? 0.5);
}

/** The same layers, all of which drop so much that drop anything. @returns {NamedSpec[]} */
export function withDropout(
  /** @type {NamedSpec[]} */ layers,
  /** @type {number} */ rate,
  /** @type {(name: string) => OperationInfo} */ operationOf,
) {
  const settings = new Map(dropping(layers, operationOf));
  return layers.map((layer) => {
    const setting = settings.get(String(layer.name));
    return setting ? { ...layer, [setting]: rate } : layer;
  });
}

/** As many filters in the last layer as there are classes. @returns {NamedSpec[]} */
export function endingIn(/** @type {NamedSpec[]} */ layers, /** @type {number} */ classes) {
  const last = layers.at(-1);
  if (!last || !("filters" in last)) return layers;
  return [...layers.slice(0, -1), /** @type {NamedSpec} */ ({ ...last, filters: classes })];
}

/**
 * The settings that change from one experiment to another; null where training must begin anew.
 * @param {Experiment} before @param {Experiment} after @param {(name: string) => OperationInfo} operationOf
 * @returns {Changes | null}
 */
export function changesBetween(before, after, operationOf) {
  const bare = (/** @type {Experiment} */ { layers, data, loss, seed, start, weights }) =>
    JSON.stringify([withDropout(layers, 0, operationOf), data, loss, seed, start, weights]);
  if (bare(before) !== bare(after)) return null;
  /** @type {Changes} */
  const changes = {};
  if (differs(before.optimiser, after.optimiser)) changes.optimiser = after.optimiser;
  if (before.batch !== after.batch) changes.batch = after.batch;
  if (before.steps !== after.steps) changes.steps = after.steps;
  if (differs(before.augmentation, after.augmentation)) changes.augmentation = after.augmentation;
  const rate = dropoutOf(after.layers, operationOf);
  if (rate !== null && rate !== dropoutOf(before.layers, operationOf))
    changes.dropout = Object.fromEntries(dropping(after.layers, operationOf).map(([name]) => [name, rate]));
  return changes;
}

/** An experiment with other settings from somewhere on. @param {Experiment} experiment @param {Changes} changes @param {(name: string) => OperationInfo} operationOf @returns {Experiment} */
export function changedBy(experiment, { dropout, ...settings }, operationOf) {
  const [rate] = Object.values(dropout ?? {});
  const layers = rate === undefined ? experiment.layers : withDropout(experiment.layers, rate, operationOf);
  return { ...experiment, ...settings, layers };
}

function differs(/** @type {object} */ one, /** @type {object} */ other) {
  return JSON.stringify(one) !== JSON.stringify(other);
}
