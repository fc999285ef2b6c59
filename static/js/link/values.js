// The parts of a link as text and back: parameters, sources, weights, numbers. Knows the grammar of one value and
// nothing of links, keys and versions.

import { shown } from "../layer/errors.js";
import { many } from "../words/format.js";

/** @import { JsonNumber, NestedNumbers } from "../types/numbers.js" */
/** @import { ParameterInfo } from "../types/registry.js" */
/** @import { ParameterValue } from "../types/layer.js" */
/** @import { Source, Weights } from "../types/source.js" */

const LARGEST_INPUT_CELLS = 2 ** 24;
const WHOLE = /^-?\d{1,10}$/;
const NUMBER = /^(-?\d+(\.\d+)?(e-?\d{1,3})?|NaN|-?Infinity)$/i;
const SPECIAL = /** @type {const} */ (["NaN", "Infinity", "-Infinity"]);
const SHA256 = /^[0-9a-f]{64}$/;
const NAME = /^[\w.-]{1,80}$/;
/** As the server takes it. */
const LAYER_NAME = /^[A-Za-z_][A-Za-z0-9_.]{0,63}$/;
const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
/** A lesson, and its step as people count it. */
const LESSON = /^[a-z0-9][a-z0-9_-]{0,63}(\/[1-9]\d{0,2})?$/;
const MOST_NAMES = 64;

/** A part of a link that cannot be read; becomes a problem at the one place that knows its key. */
export class Unreadable extends Error {
  constructor(/** @type {string} */ reason, /** @type {string} */ remedy) {
    super(reason);
    this.remedy = remedy;
  }
}

// ------------------------------------------------------------------------------------- out

/** `3`, `3,5`, `1:2,0`, `same`, `true`, `null`; a list of one reads as its entry. */
export function parameterText(/** @type {ParameterValue} */ value) {
  if (!Array.isArray(value)) return String(value);
  return value.map((entry) => (Array.isArray(entry) ? entry.join(":") : String(entry))).join(",");
}

/** `sample:cross;size=64;channels=grey` */
export function sourceText(/** @type {Source} */ source) {
  switch (source.kind) {
    case "sample":
      return withOptions(`sample:${source.name}`, source, ["size", "channels", "scale"]);
    case "image":
      return withOptions(`image:${source.id}`, source, ["size", "channels", "scale", "mean", "std", "axes"]);
    case "noise":
      return withOptions(`noise:${source.shape.join("x")}`, source, ["seed", "distribution"]);
    case "values":
      return withOptions(`values:${nestedText(source.values)}`, source, ["axes"]);
  }
}

/** `preset:mixed;seed=3;edits=4:1.5,5:-2;bias=0,0.5` */
export function weightsText(/** @type {Weights} */ weights) {
  const bias = weights.bias ? `;bias=${weights.bias.map(numberText).join(",")}` : "";
  switch (weights.kind) {
    case "preset": {
      const edits = (weights.edits ?? []).map(([index, value]) => `${index}:${numberText(value)}`).join(",");
      return withOptions(`preset:${weights.name}`, weights, ["seed"]) + (edits && `;edits=${edits}`) + bias;
    }
    case "values":
      return `values:${nestedText(weights.values)}${bias}`;
    case "stored":
      return withOptions(`stored:${weights.id}`, weights, ["layer"]) + bias;
  }
}

/**
 * @template {object} Record
 * @param {string} head @param {Record} record @param {(keyof Record & string)[]} names
 */
function withOptions(head, record, names) {
  const given = names.filter((name) => record[name] !== undefined && record[name] !== null);
  return [head, ...given.map((name) => `${name}=${record[name]}`)].join(";");
}

/** `2x3:1,2,3,4,5,6`: the shape and the numbers in row-major order. */
function nestedText(/** @type {NestedNumbers} */ nested) {
  const shape = [];
  for (let level = nested; Array.isArray(level); level = /** @type {NestedNumbers} */ (level[0])) {
    if (level.length === 0) throw new Unreadable("a list is empty", "Give at least one number.");
    shape.push(level.length);
  }
  const flat = /** @type {JsonNumber[]} */ ([nested].flat(/** @type {0} */ (Number.POSITIVE_INFINITY)));
  if (!hasShape(nested, shape)) {
    throw new Unreadable("its lists differ in length", "Give every row the same number of values.");
  }
  return `${shape.join("x")}:${flat.map(numberText).join(",")}`;
}

/** @returns {boolean} */
function hasShape(/** @type {NestedNumbers} */ nested, /** @type {number[]} */ shape) {
  const [length, ...inner] = shape;
  if (!Array.isArray(nested)) return length === undefined;
  return nested.length === length && nested.every((part) => hasShape(part, inner));
}

function numberText(/** @type {JsonNumber} */ value) {
  return Object.is(value, -0) ? "-0" : String(value).replace("e+", "e");
}

// ------------------------------------------------------------------------------------- in

/** @returns {ParameterValue} */
export function parameterValue(/** @type {ParameterInfo} */ parameter, /** @type {string} */ value) {
  if (value === "null" && parameter.nullable) return null;
  const most = parameter.maximum ?? Number.MAX_SAFE_INTEGER;
  const bounded = (/** @type {string} */ text) => {
    const number = wholeNumber(text);
    if (Math.abs(number) <= most) return number;
    throw new Unreadable("this is beyond what is computed here", `Use at most ${most}.`);
  };
  switch (parameter.kind) {
    case "boolean":
      return boolean(value);
    case "choice":
      return oneOf(value, parameter.choices ?? []);
    case "integer":
      return bounded(value);
    case "number": {
      const number = jsonNumber(value);
      if (typeof number === "number") return number;
      throw new Unreadable("this must be a number", "Use a number such as 0.5.");
    }
    case "shape":
      return value.split(",").map((size) => wholeNumber(size, -1));
    case "per_axis":
      return value.includes(",") ? atMostThree(value.split(",")).map(bounded) : bounded(value);
    case "padding": {
      if (/^[a-z]/.test(value)) return oneOf(value, parameter.choices ?? []);
      if (!/[,:]/.test(value)) return bounded(value);
      return atMostThree(value.split(",")).map((entry) => {
        if (!entry.includes(":")) return bounded(entry);
        const [begin = "", end = ""] = split(entry, ":");
        return /** @type {[number, number]} */ ([bounded(begin), bounded(end)]);
      });
    }
  }
}

/** How each option of a source or of weights is read. @typedef {Record<string, (text: string) => unknown>} Readers */

/** @type {Readers} */
const PICTURE = {
  size: (value) => wholeNumber(value, 1),
  channels: (value) => oneOf(value, ["own", "grey", "rgb"]),
  scale: (value) => oneOf(value, ["0-1", "0-255", "mean_std", "own"]),
};
/** @type {Readers} */
const AXES = { axes: (value) => wholeNumber(value, 1) };
/** @type {Record<Source["kind"], Readers>} */
const SOURCE_OPTIONS = {
  sample: PICTURE,
  image: { ...PICTURE, mean: plainNumbers, std: plainNumbers, ...AXES },
  noise: {
    seed: (value) => wholeNumber(value, 0),
    distribution: (value) => oneOf(value, ["normal", "uniform"]),
  },
  values: AXES,
};
/** @type {Readers} */
const BIAS = { bias: numbers };
/** @type {Record<Weights["kind"], Readers>} */
const WEIGHTS_OPTIONS = {
  preset: {
    seed: (value) => wholeNumber(value, 0),
    edits: (value) =>
      value.split(",").map((edit) => {
        const [index = "", number = ""] = split(edit, ":");
        return [wholeNumber(index, 0), jsonNumber(number)];
      }),
    ...BIAS,
  },
  values: BIAS,
  stored: { layer: layerName, ...BIAS },
};

/**
 * A source; options that cannot be read are left out of it and told in `faults`.
 * @param {string} text @param {Unreadable[]} faults
 * @returns {Source}
 */
export function sourceValue(text, faults) {
  const { kind, head, options } = withoutOptions(text);
  if (!Object.hasOwn(SOURCE_OPTIONS, kind))
    throw new Unreadable("no source has this kind", "Use sample:, image:, values: or noise:.");
  const named = sourceHead(kind, head);
  const given = readOptions(options, SOURCE_OPTIONS[/** @type {Source["kind"]} */ (kind)], faults);
  return /** @type {Source} */ ({ kind, ...named, ...given });
}

function sourceHead(/** @type {string} */ kind, /** @type {string} */ head) {
  if (kind === "sample") return { name: registered(head) };
  if (kind === "image") return { id: contentId(head) };
  if (kind === "noise") return { shape: shapeValue(head, 2, 4) };
  return { values: nestedValue(head) };
}

/**
 * Weights; options that cannot be read are left out of them and told in `faults`.
 * @param {string} text @param {Unreadable[]} faults
 * @returns {Weights}
 */
export function weightsValue(text, faults) {
  const { kind, head, options } = withoutOptions(text);
  if (!Object.hasOwn(WEIGHTS_OPTIONS, kind))
    throw new Unreadable("no weights have this kind", "Use preset:, values: or stored:.");
  const named = weightsHead(kind, head);
  const given = readOptions(options, WEIGHTS_OPTIONS[/** @type {Weights["kind"]} */ (kind)], faults);
  return /** @type {Weights} */ ({ kind, ...named, ...given });
}

function weightsHead(/** @type {string} */ kind, /** @type {string} */ head) {
  if (kind === "preset") return { name: registered(head) };
  if (kind === "stored") return { id: contentId(head) };
  return { values: nestedValue(head) };
}

/** `kind:head;name=value;…` taken apart. */
function withoutOptions(/** @type {string} */ text) {
  const [first = "", ...rest] = text.split(";");
  const [kind = "", head = ""] = split(first, ":");
  const options = rest.filter(Boolean).map((part) => split(part, "="));
  return { kind: kind.trim().toLowerCase(), head, options };
}

/**
 * The values of the options, in the order of their readers.
 * @param {string[][]} options @param {Readers} readers @param {Unreadable[]} faults
 */
function readOptions(options, readers, faults) {
  /** @type {Record<string, unknown>} */
  const found = {};
  for (const [given = "", value = ""] of options) {
    const name = given.trim().toLowerCase();
    try {
      const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
      if (!read) throw new Unreadable("there is no such option", `Use ${Object.keys(readers).join(", ")}.`);
      found[name] = forgiving(read, value);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      faults.push(new Unreadable(`${shown(given)}=${shown(value)}: ${error.message}`, error.remedy));
    }
  }
  return Object.fromEntries(
    Object.keys(readers).flatMap((name) => (name in found ? [[name, found[name]]] : [])),
  );
}

/**
 * A value as it stands, or without the blanks and capitals that a text processor put there.
 * @template Value
 * @param {(text: string) => Value} read @param {string} text
 */
export function forgiving(read, text) {
  try {
    return read(text);
  } catch (error) {
    const plain = text.trim().toLowerCase();
    if (!(error instanceof Unreadable) || plain === text) throw error;
    try {
      return read(plain);
    } catch {
      throw error;
    }
  }
}

/** @returns {NestedNumbers} */
function nestedValue(/** @type {string} */ text) {
  const [sizes = "", list = ""] = split(text, ":");
  const shape = shapeValue(sizes, 1, 5);
  /** @type {NestedNumbers[]} */
  let level = numbers(list);
  if (level.length !== shape.reduce((cells, size) => cells * size, 1)) {
    throw new Unreadable(
      `${many(level.length, "value does", "values do")} not fill ${shape.join("×")}`,
      "Copy the whole link again.",
    );
  }
  for (const size of shape.slice(1).reverse()) {
    const grouped = [];
    for (let at = 0; at < level.length; at += size) grouped.push(level.slice(at, at + size));
    level = grouped;
  }
  return level;
}

function shapeValue(/** @type {string} */ text, /** @type {number} */ least, /** @type {number} */ most) {
  const shape = text.split("x").map((size) => wholeNumber(size, 1));
  const cells = shape.reduce((product, size) => product * size, 1);
  if (shape.length >= least && shape.length <= most && cells <= LARGEST_INPUT_CELLS) return shape;
  throw new Unreadable("this is no shape of an input", "Use channels and sizes, such as 3x28x28.");
}

export function nameValue(/** @type {string} */ text) {
  return matching(text, NAME, "this is no name", "Use letters, digits, - and _.");
}

export function layerName(/** @type {string} */ text) {
  return matching(
    text,
    LAYER_NAME,
    "this is no name of a layer",
    "Begin with a letter; use letters, digits, _ and dots.",
  );
}

/** `shapes/3` */
export function lessonPlace(/** @type {string} */ text) {
  const remedy = "Use the name of a lesson and a step from 1, such as shapes/3.";
  return matching(text.trim().toLowerCase(), LESSON, "this is no step of a lesson", remedy);
}

/** The name of a sample or a preset, which has no capitals. */
function registered(/** @type {string} */ text) {
  const remedy = "Use letters, digits, - and _; an option follows a semicolon, as in cross;size=64.";
  return matching(text.trim(), NAME, "this is no name", remedy).toLowerCase();
}

export function namesValue(/** @type {string} */ text) {
  const names = text.split(",");
  if (names.length <= MOST_NAMES) return names.map(nameValue);
  throw new Unreadable("a list of names is this long at most", `Use at most ${MOST_NAMES} names.`);
}

/** `10,20`: a first and a last step. @returns {[number, number]} */
export function rangeValue(/** @type {string} */ text) {
  const [first, last, ...more] = text.split(",").map((step) => wholeNumber(step, 0));
  if (first !== undefined && last !== undefined && first <= last && more.length === 0) return [first, last];
  throw new Unreadable("a range is a first and a last step", "Use two steps, such as 10,20.");
}

/** `2026-12-01` */
export function dayValue(/** @type {string} */ text) {
  return matching(text, DAY, "this is no day", "Write year, month and day, such as 2026-12-01.");
}

function contentId(/** @type {string} */ text) {
  return matching(text, SHA256, "an id is 64 hexadecimal digits", "Copy the whole link again.");
}

function numbers(/** @type {string} */ text) {
  return text.split(",").map(jsonNumber);
}

function plainNumbers(/** @type {string} */ text) {
  return numbers(text).map(Number);
}

/** @returns {JsonNumber} */
export function jsonNumber(/** @type {string} */ text) {
  matching(text, NUMBER, `${text || "nothing"} is no number`, "Use numbers such as 0.5 or -2.");
  const special = SPECIAL.find((one) => one.toLowerCase() === text.toLowerCase());
  return special ?? Number(text);
}

export function wholeNumber(/** @type {string} */ text, least = Number.NEGATIVE_INFINITY) {
  const number = Number(
    matching(text, WHOLE, "this must be a whole number", "Use a whole number such as 3."),
  );
  if (number >= least) return number + 0;
  throw new Unreadable(`this must be ${least} or more`, `Use ${least} or more.`);
}

export function boolean(/** @type {string} */ text) {
  return oneOf(text, ["true", "false"]) === "true";
}

function atMostThree(/** @type {string[]} */ entries) {
  if (entries.length <= 3) return entries;
  throw new Unreadable("a list holds one entry per axis", "Give 1 to 3 entries.");
}

/**
 * @template {string} Choice
 * @param {string} text @param {readonly Choice[]} choices
 */
export function oneOf(text, choices) {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new Unreadable("this is not one of the choices", `Use one of ${choices.join(", ")}.`);
}

function matching(
  /** @type {string} */ text,
  /** @type {RegExp} */ pattern,
  /** @type {string} */ reason,
  /** @type {string} */ remedy,
) {
  if (pattern.test(text)) return text;
  throw new Unreadable(reason, remedy);
}

/** In two at the first mark. */
export function split(/** @type {string} */ text, /** @type {string} */ mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}
