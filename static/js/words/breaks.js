// How an experiment went on after it could not: what stays on view when the moment has passed. Text only: knows no DOM.

/** @import { Break } from "../types/training.js" */

/** Sentences that are said at once; those of the newest breaks. */
const MOST = 3;
const CAUSES = {
  lost: "the connection was lost",
  busy: "the server was busy",
  hidden: "this page was hidden",
};

/** One sentence for each of the newest breaks. @param {string} name of what went on @param {readonly Break[]} breaks */
export function wentOn(name, breaks) {
  return breaks
    .slice(-MOST)
    .map((one) => sentence(name, one))
    .join(" ");
}

/** @param {string} name @param {Break} one */
function sentence(name, { causes, step }) {
  const why = causes.map((cause) => CAUSES[cause]).join(", and ");
  const begins = why.charAt(0).toUpperCase() + why.slice(1);
  if (causes.includes("hidden")) return `${begins}: ${name} waited at training step ${step}, then went on.`;
  const from = step === 0 ? "began anew" : `went on from the checkpoint at training step ${step}`;
  return `${begins}: ${name} ${from}, with the numbers that it would have had.`;
}
