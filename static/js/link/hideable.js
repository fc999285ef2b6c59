// The controls that a link can hide and lock, by name, and where each is. Knows no action and touches no DOM.

/** @import { OperationInfo } from "../types/registry.js" */

/**
 * The controls by the names that links use, and where they are. Parameters of the layer go by their own names.
 * @type {Record<string, string>}
 */
export const PARTS = {
  header: "#bar",
  operation: ".operation",
  examples: ".examples",
  shapes: "#bar .shapes, #bar .cost",
  settings: "#controls, .open-settings",
  layer: "#controls .layer",
  tools: "#controls .tools",
  input: "#controls [aria-labelledby=source-title]",
  weights: "#controls [aria-labelledby=weights-title]",
  headings: "#headings",
  walk: ".walks",
  readout: "#readout",
  zoom: "#stage-tools",
  steps: "#transport .buttons, #transport .track, #transport .place",
  more: "#transport .more-controls, #transport .open-more",
  speed: "#transport .speed",
};

/** Every name that a link can hide or lock by: the controls, and the parameters of all layers. */
export function controlNames(/** @type {OperationInfo[]} */ operations) {
  const parameters = operations.flatMap((one) => one.parameters.map(({ name }) => name));
  return [...new Set([...Object.keys(PARTS), ...parameters])];
}
