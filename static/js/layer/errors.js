// The one shape of every refusal, made in the page: the mirror of errors in the Python core. Knows words only.

/** @import { Problem } from "../types/plan.js" */
/** @import { Unfit } from "../types/geometry.js" */

const SHOWN_LENGTH = 80;

/**
 * A value as a person would write it, cut to a readable length.
 * @param {unknown} value
 * @returns {string}
 */
export function shown(value) {
  if (value === null) return "null";
  const text = Array.isArray(value)
    ? `[${value.slice(0, 16).map(shown).join(", ")}${value.length > 16 ? ", …]" : "]"}`
    : String(value);
  return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH - 1)}…`;
}

/**
 * A problem of the page's own; status 0 says that no server was asked or none answered.
 * @param {string} code @param {string} reason @param {string} remedy
 * @param {Partial<Problem>} [rest]
 * @returns {Problem}
 */
export function problem(code, reason, remedy, rest = {}) {
  const sentence = `${reason}. ${remedy}`;
  const detail =
    rest.field === undefined
      ? sentence.charAt(0).toUpperCase() + sentence.slice(1)
      : `${rest.field} = ${shown(rest.value)}: ${sentence}`;
  return { type: `/problems/${code}`, status: 0, code, detail, reason, remedy, ...rest };
}

/**
 * A setting that does not fit, as a whole problem: `stride = 0: a window must move. Use 1 or more.`
 * @param {Unfit} unfit
 */
export function problemOf(unfit) {
  const { code, field, value, reason, remedy } = unfit;
  return problem(code, reason, remedy, { title: "The setting does not fit", status: 422, field, value });
}

/** No answer came: no network, or no server. */
export function unreachable() {
  return problem(
    "unreachable",
    "the server did not answer",
    "Check that it runs; the page tries again by itself.",
    {
      title: "No answer",
    },
  );
}

/** The problem that an answer carries; one of the same shape for an answer that carries none. */
export async function problemOfAnswer(/** @type {Response} */ answer) {
  const found = await answer.json().catch(() => null);
  const seconds = Number(answer.headers.get("retry-after"));
  const later = seconds > 0 ? { retry_after_s: seconds } : {};
  if (typeof found?.code === "string" && typeof found.detail === "string")
    return /** @type {Problem} */ ({ ...later, ...found });
  const reason = `the server answered with status ${answer.status}`;
  return problem("refused", reason, "Try again.", { title: "No answer", status: answer.status, ...later });
}

/** A newer request took the place of this one. */
export function superseded() {
  return problem("superseded", "a newer request took its place", "Nothing to do.", { title: "Superseded" });
}
