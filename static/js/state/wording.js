// A refusal as people read it: the setting by its title and not by the name that travels. The API says the same with the
// names of its fields. Pure; comes with the first sign of a hand; knows no state.

import { shown } from "../layer/errors.js";
import { text } from "../words/page.js";

/** @import { OperationInfo } from "../types/registry.js" */
/** @import { Problem } from "../types/plan.js" */

/** Titles of fields that are no parameters of a layer. @type {Record<string, string>} */
const TITLES = { op: text.operation, source: text.source, weights: text.weights, link: text.link };

/**
 * `Kernel 99: the window is longer than the input. Use 1 to 9.`; what is no setting is quoted: `“LSTM”: …`
 * @param {Problem} problem @param {OperationInfo[]} operations whose parameters have titles
 */
export function worded({ code, field, value, detail, reason, remedy }, operations) {
  if (field === undefined || !reason) return detail;
  const sentence = `${reason}. ${remedy ?? ""}`.trim();
  const [named = ""] = field.split(/[.[]/);
  const parameters = operations.flatMap((one) => one.parameters);
  // A part of a link goes by its key, which stands in the address.
  const key = code === "broken_link" ? capital(named) : undefined;
  const title = TITLES[named] ?? parameters.find(({ name }) => name === named)?.title ?? key;
  if (title) return `${title} ${shown(value)}: ${sentence}`;
  const quoted = shown(value ?? "");
  if (quoted && !reason.includes(quoted)) return `“${quoted}”: ${sentence}`;
  return capital(sentence);
}

function capital(/** @type {string} */ words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
