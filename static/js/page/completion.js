// All that the opening picture does without, brought once with the first sign of a hand; what could not come is asked for
// again with the next. Knows no feature.

import { registryAt } from "../server/connection.js";
import { setAttribute, styleSheet } from "../ui/dom.js";

/** @import { Registry } from "../types/registry.js" */

/** @typedef {typeof import("../features.js")} Features */
/** The features, once they are here. @typedef {ReturnType<Features["start"]>} Later */

/** The first signs of somebody who may want more than the opening picture. */
const HANDS = [
  "pointermove",
  "pointerdown",
  "wheel",
  "keydown",
  "focusin",
  "click",
  "dragover",
  "beforeprint",
  "resize",
];

/**
 * @template Parts
 * @param {string} registry its address
 * @param {() => Promise<Parts>} others what has to be here beside the features
 * @param {(features: Features, registry: Registry, parts: Parts) => Later} start
 * @param {() => void} failed says that a part of the page could not be loaded
 */
export function createCompletion(registry, others, start, failed) {
  /** @type {Later | null} */
  let here = null;
  /** @type {Promise<Later | null> | null} */
  let coming = null;

  async function load() {
    const [known, features, parts] = await Promise.all([
      registryAt(new URL(registry, location.href).pathname),
      import("../features.js"),
      others(),
      styleSheet("later", true),
    ]);
    here = start(features, known, parts);
    setAttribute(document.documentElement, "data-full", "true");
    return here;
  }

  /** The features; null where they could not come, which has been said. */
  function bring() {
    coming ??= load().catch(() => {
      coming = null;
      failed();
      return null;
    });
    return coming;
  }

  for (const sign of HANDS) addEventListener(sign, bring, { once: true, capture: true, passive: true });

  return {
    bring,
    now: () => here,
    /** An act that needs the whole page is done now, or when it has come. @param {(page: Later) => void} act */
    act(act) {
      if (here) act(here);
      else bring().then((page) => page && act(page));
    },
  };
}
