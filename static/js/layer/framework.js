// The refusals of a framework, read from the registry's list of checks: the mirror of framework.py in the Python core.
// Knows settings and words: no DOM, no network, and no operation's name.

import { FRAMEWORKS } from "./catalog.js";
import { shown } from "./errors.js";
import { entry, unfit } from "./rule.js";

/** @import { FrameworkCheck, OperationInfo } from "../types/registry.js" */
/** @import { Unfit } from "../types/geometry.js" */
/** @import { Refusal, Settings } from "./rule.js" */

const AXES_WORDS = ["", "one spatial axis", "two spatial axes", "three spatial axes"];
/** The numbers that change nothing; 0 for every other field. @type {Record<string, number>} */
const BARE = { stride: 1, dilation: 1, groups: 1 };

/** @typedef {(check: FrameworkCheck, settings: Settings, axes: number) => boolean} Test */

function perAxis(/** @type {any} */ value, /** @type {number} */ axes) {
  return Array.from({ length: axes }, (_, axis) => entry(value, axis));
}

/** @returns {[number, number][]} */
function pairs(/** @type {any} */ value, /** @type {number} */ axes) {
  return perAxis(value, axes).map((one) => (Array.isArray(one) ? [one[0], one[1]] : [one, one]));
}

/** A setting does something: a name among the check's values, or a number that is not bare. @type {Test} */
function isActive(check, settings, axes) {
  const value = settings(check.field);
  if (value === null || typeof value === "string" || (check.field === "padding" && check.values.length > 0))
    return check.values.includes(value);
  return pairs(value, axes).some((pair) => pair.some((number) => number > (BARE[check.field] ?? 0)));
}

/** Each says whether a setting is refused. @type {Record<string, Test>} */
const CHECKS = {
  names(check, settings) {
    const value = settings(check.field);
    return typeof value === "string" && !check.values.includes(value);
  },
  only_names(check, settings, axes) {
    const value = settings(check.field);
    return typeof value !== "string" && pairs(value, axes).some(([begin, end]) => begin !== 0 || end !== 0);
  },
  symmetric(check, settings, axes) {
    const value = settings(check.field);
    return typeof value !== "string" && pairs(value, axes).some(([begin, end]) => begin !== end);
  },
  only: (check, settings, axes) =>
    pairs(settings(check.field), axes).some((pair) => pair.some((one) => !check.values.includes(one))),
  alike: (check, settings, axes) => new Set(perAxis(settings(check.field), axes)).size > 1,
  negative: (check, settings, axes) =>
    pairs(settings(check.field), axes).some((pair) => pair.some((number) => number < 0)),
  mixed: (check, settings, axes) =>
    check.values.includes(settings(String(check.others[0]))) &&
    pairs(settings(check.field), axes).some((pair) => Math.min(...pair) < 0 && Math.max(...pair) > 0),
  whole: (check, settings) => !Number.isInteger(settings(check.field)),
  together: (check, settings, axes) =>
    [check.field, ...check.others].every((field) => isActive({ ...check, field }, settings, axes)),
  at_most_half(check, settings, axes) {
    const value = settings(check.field);
    if (typeof value === "string") return false;
    const kernel = perAxis(settings("kernel"), axes);
    return pairs(value, axes).some((pair, axis) => Math.max(...pair) > Math.floor(kernel[axis] / 2));
  },
  below: (check, settings, axes) =>
    perAxis(settings(check.field), axes).some((value, axis) => {
      const limits = check.others.map((other) => entry(settings(other) ?? settings("kernel"), axis));
      return value !== null && value >= Math.max(...limits);
    }),
  within_input: (check, settings, axes) =>
    perAxis(settings(check.field), axes).some((taps, axis) => taps > settings("input")[axis]),
};

/** Of a layer that has the argument and the word for it, and does something else. @type {Record<string, string>} */
const REASONS = { mixed: "crops first, and takes the border from what is left" };

/**
 * The first setting that the framework of the rules refuses.
 * @param {OperationInfo} operation @param {Settings} settings @param {number[]} sizes
 * @returns {Unfit | null}
 */
export function rulesRefusal(operation, settings, sizes) {
  const rules = /** @type {string | undefined} */ (settings("rules"));
  if (rules === undefined || rules === "any") return null;
  const title = FRAMEWORKS[rules]?.title ?? rules;
  const framework = operation.frameworks[rules];
  const layer = framework?.layers[sizes.length];
  if (!framework || !layer) {
    const over = AXES_WORDS[sizes.length];
    const reason = `${title} has no layer for ${operation.title.toLowerCase()} over ${over}`;
    return unfit("rules", rules, reason, "Use other rules, or any.");
  }
  const known = (/** @type {string} */ name) => (name === "input" ? sizes : settings(name));
  const refused = framework.checks.find(
    (check) =>
      check.axes.includes(sizes.length) &&
      (check.unless === null || settings(check.unless) === null) &&
      CHECKS[check.kind]?.(check, known, sizes.length),
  );
  if (!refused) return null;
  const reason =
    refused.words === null
      ? `${layer} ${REASONS[refused.kind] ?? "has no such argument"}`
      : `${title} says “${put(refused, settings)}”`;
  return unfit(refused.field, settings(refused.field), reason, refused.remedy);
}

/** The framework's words with the settings put in. */
function put(/** @type {FrameworkCheck} */ check, /** @type {Settings} */ settings) {
  let words = /** @type {string} */ (check.words);
  for (const name of [check.field, ...check.others, "kernel"])
    if (words.includes(`{${name}}`)) words = words.replaceAll(`{${name}}`, shown(settings(name)));
  return words;
}

/**
 * A refusal that holds anywhere, with the words that the framework of the rules has for it.
 * @param {Refusal} problem @param {OperationInfo} operation @param {Settings} settings @param {number} axes
 * @returns {Unfit}
 */
export function quoted(problem, operation, settings, axes) {
  const rules = String(settings("rules"));
  const framework = operation.frameworks[rules];
  const words = framework?.words[`${problem.field}:${problem.stage}`];
  if (!words || !framework.layers[axes]) return problem;
  const reason = `${problem.reason}; ${FRAMEWORKS[rules]?.title} says “${words}”`;
  return unfit(problem.field, problem.value, reason, problem.remedy);
}
