// Questions for tests, as the server tells them with their keys.

/** @import { Ask, Value } from "../../../static/js/types/lesson.js" */

/** A question of a kind, with its key and wrong answers that have a reason. @param {Ask["kind"]} kind @param {Value} key @param {Value[]} [wrong] @param {number} [tolerance] @param {string | null} [after] @returns {Ask} */
export function asking(kind, key, wrong = [], tolerance = 0, after = null) {
  const answers = [{ id: "right", value: key }, ...wrong.map((value, at) => ({ id: `wrong${at}`, value }))];
  return {
    kind,
    prompt: [{ kind: "paragraph", content: ["Which one?"] }],
    options: kind === "cell" ? [] : answers.map((one) => ({ ...one, content: [String(one.value)] })),
    grid: kind === "cell" ? "output" : null,
    about: null,
    hint: null,
    key: { id: "right", value: key, content: [String(key)], tolerance },
    explanation: ["since ", String(key)],
    // biome-ignore lint/suspicious/noThenProperty: the server calls the state after the answer so
    then: after,
    wrong: answers.slice(1).map((one) => ({ ...one, explanation: ["that would be ", String(one.value)] })),
  };
}

/** A step that asks it, or nothing. @param {Ask | null} ask */
export function stepAsking(ask) {
  return { title: "step", stage: { fragment: "#v1&op=convolution", controls: [] }, prose: [], ask };
}
