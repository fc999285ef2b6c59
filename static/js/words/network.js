// The words of networks: the chain, the network view, fields of cells. Text only: knows no state and no DOM.

import { number, shape } from "./format.js";

export const networkWords = {
  from: (/** @type {string[]} */ names) => `from ${names.join(" + ")}`,
};
void number;
void shape;
