// A person's choices as the fragment of a link, and back: `#v1&op=convolution&kernel=3,5&source=sample:cross`.
// Pure text: reads no address bar. A link that cannot be read says which of its parts is at fault.

import { problem } from "../layer/errors.js";
import { withoutTokens } from "../server/token.js";
import { many } from "../words/format.js";
import { controlNames, PARTS } from "./hideable.js";
import {
  boolean,
  dayValue,
  forgiving,
  jsonNumber,
  layerName,
  lessonPlace,
  namesValue,
  nameValue,
  oneOf,
  parameterText,
  parameterValue,
  rangeValue,
  sourceText,
  sourceValue,
  split,
  Unreadable,
  weightsText,
  weightsValue,
  wholeNumber,
} from "./values.js";

/** @import { Rules } from "../types/layer.js" */
/** @import { DecodeResult, EncodeResult, LinkState } from "../types/page.js" */
/** @import { OperationInfo } from "../types/registry.js" */
/** @import { Problem } from "../types/plan.js" */

export const LARGEST_LINK_BYTES = 8192;

/** Each version that links were ever written in; a test keeps links of all of them. The last one is written. */
export const VERSIONS = /** @type {const} */ (["v1"]);
const VERSION = "v1";

/** How often a link can have been percent-encoded on its way. */
const MOST_ENCODED = 4;
/** Marks that stand before a link whose address was put together twice. */
const BEFORE = /^[#/!?&\s]+/;

/**
 * The link in a fragment, however it was carried: percent-encoded as a whole, behind a second #, with the & of HTML.
 * Without its marks before it; any other text comes back as it is.
 */
function carried(/** @type {string} */ fragment) {
  let text = fragment.replace(BEFORE, "");
  for (let turn = 0; turn < MOST_ENCODED && !/^v\d+(&|$)/i.test(text); turn++) {
    const plain = decoded(text)?.replace(BEFORE, "") ?? text;
    if (plain === text) break;
    text = plain;
  }
  return text.replaceAll("&amp;", "&").trim();
}

/** Percent signs read; null when one is not followed by a character. */
function decoded(/** @type {string} */ text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

// ------------------------------------------------------------------------------------- out

/**
 * The fragment of a link, with its `#`; a problem when it would be too long or holds what no link can.
 * @param {LinkState} state
 * @returns {EncodeResult}
 */
export function encode(state) {
  const [first = { operation: "", spec: {} }, ...further] = state.layers;
  /** @type {[string, string][]} */
  const parts = first.operation ? [["op", first.operation]] : [];
  /** @type {string} */
  let field = "source";
  try {
    for (const [name, value] of Object.entries(first.spec)) parts.push([name, parameterText(value)]);
    if (state.source) parts.push(["source", sourceText(state.source)]);
    field = "weights";
    if (first.weights) parts.push(["weights", weightsText(first.weights)]);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { ok: false, problem: broken(field, "values", error.message, error.remedy) };
  }
  if (first.name) parts.push(["name", first.name]);
  if (first.inputs) parts.push(["inputs", first.inputs.join(",")]);
  for (const layer of further) {
    const made = encode({ layers: [layer] });
    if (!made.ok) return made;
    parts.push(["layer", withoutHead(made.fragment)]);
  }
  for (const key of PAGE_KEYS) {
    const value = state[key];
    const written = value === Number.POSITIVE_INFINITY ? STREAMING : String(value ?? "");
    if (written !== "") parts.push([key, written]);
  }
  if (state.against) {
    const { against, ...others } = state;
    const other = againstText(against);
    if (other === null) return without(others);
    parts.push(["against", other]);
  }
  parts.push(...Object.entries(state.unknown ?? {}));

  const texts = parts.map(([key, value]) => `${encodeURIComponent(key)}=${escaped(value)}`);
  const fragment = `#${[VERSION, ...texts].join("&")}`;
  if (fragment.length <= LARGEST_LINK_BYTES) return { ok: true, fragment };
  if (state.against) {
    const { against: _, ...others } = state;
    return without(others);
  }
  const longest = texts.reduce((one, other) => (other.length > one.length ? other : one));
  const key = longest.slice(0, longest.indexOf("="));
  const reason = `it makes a link of ${many(fragment.length, "byte")}, and a link holds ${LARGEST_LINK_BYTES}`;
  const rest = { title: "The link is too long", field: key, value: many(longest.length, "byte") };
  return {
    ok: false,
    problem: problem("link_too_long", reason, "Upload the values and use their id.", rest),
  };
}

/** The link of a setting alone, and that what it is compared with is not in it. @returns {EncodeResult} */
function without(/** @type {LinkState} */ state) {
  const made = encode(state);
  return made.ok ? { ...made, without: "against" } : made;
}

/** The rules, or the other setting as a link of its own without its head; null when no link holds it. */
function againstText(/** @type {NonNullable<LinkState["against"]>} */ against) {
  if (typeof against === "string") return against;
  const made = encode(against);
  return made.ok ? withoutHead(made.fragment) : null;
}

function withoutHead(/** @type {string} */ fragment) {
  return fragment.slice(VERSION.length + 2);
}

/** Percent-encoded, but for what a fragment may hold as it is. */
function escaped(/** @type {string} */ text) {
  return encodeURIComponent(text).replace(/%(?:3A|3B|2C|2F|3D|40|24)/g, decodeURIComponent);
}

// ------------------------------------------------------------------------------------- in

/**
 * The state that a link holds. A part that this page does not know is kept, with a note; one that it cannot read is left out, with a
 * problem, and all else is as the link says. A fragment that is no link, or names no operation of this page, is refused.
 * @param {string} fragment with or without its `#` @param {OperationInfo[]} operations
 * @returns {DecodeResult}
 */
export function decode(fragment, operations) {
  const link = carried(fragment);
  const text = withoutTokens(link)?.rest ?? link; // which are for the server, and belong into no link
  if (text.length > LARGEST_LINK_BYTES) {
    const reason = `a link holds ${LARGEST_LINK_BYTES} bytes`;
    return refusal("link", many(text.length, "byte"), reason, "Ask for the link again.");
  }
  const [version = "", ...parts] = text.split("&");
  if (plainKey(version) !== VERSION) {
    const reason = `this page reads links that begin with ${VERSION}`;
    const other = /^v\d+$/i.test(version);
    const remedy = other
      ? "Reload the page; the link may come from another version."
      : "Copy the whole link again.";
    return refusal("link", version || fragment, reason, remedy);
  }
  /** @type {Problem[]} */
  const problems = [];
  /** @type {Map<string, string>} */
  const given = new Map();
  /** Of the layers after the first. @type {string[]} */
  const further = [];
  for (const part of parts.filter(Boolean)) {
    const [key = "", value = ""] = split(part, "=").map(decoded);
    if (key !== null && value !== null) {
      // A part whose sign of equality was encoded as well.
      const [name = "", inside = ""] = part.includes("=") ? [key, value] : split(key, "=");
      if (plainKey(name) === "layer") further.push(inside);
      else given.set(name, inside);
      continue;
    }
    const reason = "a percent sign is not followed by a character";
    problems.push(broken("link", part, reason, "Copy the whole link again."));
  }
  const named = [...given].find(([key]) => plainKey(key) === "op");
  const [written = "op", wanted = operations[0]?.name ?? ""] = named ?? [];
  const operation = operations.find((one) => one.name === wanted.trim().toLowerCase());
  if (!operation) {
    const names = operations.map((one) => one.name).join(", ");
    return refusal("op", wanted, "no operation has this name", `Use one of ${names}.`);
  }
  given.delete(written);

  /** @type {LinkState} */
  const state = { layers: [{ operation: operation.name, spec: {} }] };
  // A lesson has layers of its own.
  if (!named && [...given.keys()].some((key) => plainKey(key) === "lesson")) state.layers = [];
  const notes = [];
  for (const [key, value] of given) {
    /** @type {Unreadable[]} */
    const faults = [];
    const read = (/** @type {string} */ name) =>
      forgiving((text) => readPart(state, operation, name, text, operations, faults), value);
    try {
      if (!(read(key) || read(plainKey(key)))) {
        state.unknown = { ...state.unknown, [key]: value };
        notes.push(`this page does not know ${key}, and left it as it was`);
      }
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      faults.push(error);
    }
    problems.push(...faults.map(({ message, remedy }) => broken(plainKey(key), value, message, remedy)));
  }
  for (const value of further) {
    const found = decode(`${VERSION}&${value}`, operations);
    if (found.ok) state.layers.push(...found.state.layers);
    const faults = found.ok ? found.problems : [found.problem];
    for (const { reason, remedy } of faults)
      problems.push(broken("layer", value, String(reason), String(remedy)));
  }
  return { ok: true, state, notes, problems };
}

/** A key without the blanks and capitals that a text processor put there. */
function plainKey(/** @type {string} */ key) {
  return key.trim().toLowerCase();
}

/** @param {string} field @param {unknown} value @param {string} reason @param {string} remedy */
function refusal(field, value, reason, remedy) {
  return /** @type {const} */ ({ ok: false, problem: broken(field, value, reason, remedy) });
}

/** @returns {Problem} */
function broken(
  /** @type {string} */ field,
  /** @type {unknown} */ value,
  /** @type {string} */ reason,
  /** @type {string} */ remedy,
) {
  return problem("broken_link", reason, remedy, { title: "This link cannot be read", field, value });
}

/**
 * Read one part into the state; false when nobody knows its key. A parameter goes before a key of the page.
 * @param {LinkState} state @param {OperationInfo} operation @param {string} key @param {string} value
 * @param {OperationInfo[]} operations @param {Unreadable[]} faults what is left out of a part that is read
 */
function readPart(state, operation, key, value, operations, faults) {
  const parameter = operation.parameters.find((one) => one.name === key);
  const [layer] = state.layers;
  if (layer && parameter) layer.spec[key] = parameterValue(parameter, value);
  else if (layer && key === "name") layer.name = layerName(value);
  else if (layer && key === "inputs") layer.inputs = value.split(",").map((name) => layerName(name.trim()));
  else if (key === "source") state.source = sourceValue(value, faults);
  else if (layer && key === "weights") layer.weights = weightsValue(value, faults);
  else if (key === "against") state.against = againstValue(value, operations);
  else if (Object.hasOwn(READERS, key))
    Object.assign(state, { [key]: READERS[/** @type {PageKey} */ (key)](value, operations, faults) });
  else return false;
  return true;
}

/** The choices of the rules, which every operation has alike. */
function rulesOf(/** @type {OperationInfo[]} */ operations) {
  return operations[0]?.parameters.find(({ name }) => name === "rules")?.choices ?? [];
}

/** @returns {NonNullable<LinkState["against"]>} */
function againstValue(/** @type {string} */ value, /** @type {OperationInfo[]} */ operations) {
  if (!value.includes("=")) return /** @type {Rules} */ (oneOf(value, rulesOf(operations)));
  const found = decode(`${VERSION}&${value}`, operations);
  const fault = found.ok ? found.problems[0] : found.problem;
  if (!found.ok || fault) throw new Unreadable(String(fault?.reason), String(fault?.remedy));
  const { layers, source } = found.state;
  return { layers, ...(source ? { source } : {}) };
}

/**
 * The controls that a link hides or locks; names of none are left out and told in `faults`.
 * @param {string} value @param {OperationInfo[]} operations @param {Unreadable[]} faults
 */
function controlsValue(value, operations, faults) {
  const known = controlNames(operations);
  return namesValue(value.toLowerCase()).filter((name) => {
    if (known.includes(name)) return true;
    const remedy = `Use names such as ${Object.keys(PARTS).join(", ")}, or a setting of the layer.`;
    faults.push(new Unreadable(`no control is called ${name}`, remedy));
    return false;
  });
}

/** An experiment or a forecast as their rooms read it: settings as JSON. */
function experimentText(/** @type {string} */ value) {
  try {
    const found = JSON.parse(value);
    if (typeof found === "object" && found !== null) return value;
  } catch {
    // said below
  }
  throw new Unreadable("an experiment or a forecast is settings as JSON", "Copy the whole link again.");
}

/** @typedef {"chosen" | "step" | "lane" | "channel" | "speed" | "playing" | "reading" | "theme" | "view" | "loop" | "building" | "hide" | "lock" | "zoom" | "pins" | "views" | "kept" | "lesson" | "experiment" | "forecast"} PageKey */

/** The speed that is no number: as fast as the steps stream. */
const STREAMING = "streaming";
const VIEWS = /** @type {const} */ ([
  "volumes",
  "projector",
  "network",
  "sizes",
  "lessons",
  "train",
  "forecast",
]);
const READINGS = /** @type {const} */ (["0-1", "0-255"]);
const THEMES = /** @type {const} */ (["light", "dark"]);

/** @type {{ [Key in PageKey]: (value: string, operations: OperationInfo[], faults: Unreadable[]) => LinkState[Key] }} */
const READERS = {
  chosen: (value) => wholeNumber(value, 0),
  step: (value) => wholeNumber(value, 0),
  lane: (value) => wholeNumber(value, 0),
  channel: (value) => (value === "rgb" ? value : wholeNumber(value, 0)),
  speed(value) {
    const speed = value === STREAMING ? Number.POSITIVE_INFINITY : Number(jsonNumber(value));
    if (speed > 0) return speed;
    throw new Unreadable("a speed is a number above 0", `Use steps per second, such as 4, or ${STREAMING}.`);
  },
  playing: boolean,
  loop: rangeValue,
  building: boolean,
  reading: (value) => oneOf(value, READINGS),
  theme: (value) => oneOf(value, THEMES),
  view: (value) => nameValue(value).toLowerCase(),
  hide: controlsValue,
  lock: controlsValue,
  kept: dayValue,
  lesson: lessonPlace,
  experiment: experimentText,
  forecast: experimentText,
  views: (value) => value.split(",").map((name) => oneOf(name, VIEWS)),
  pins: (value) => value.split(",").map((part) => wholeNumber(part, 0)),
  zoom(value) {
    const [scale = 0, row = -1, col = -1, ...more] = value.split(",").map((part) => Number(jsonNumber(part)));
    const within = [row, col].every((part) => part >= 0 && part <= 1);
    if (scale >= 1 && Number.isFinite(scale) && within && more.length === 0) return [scale, row, col];
    throw new Unreadable(
      "a zoom is a scale of 1 or more and a place, row and column from 0 to 1",
      "Use 8,0.5,0.5.",
    );
  },
};
const PAGE_KEYS = /** @type {PageKey[]} */ (Object.keys(READERS));
