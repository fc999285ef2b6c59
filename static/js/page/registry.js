// The registry, laid into the short catalogue that the page begins with. Comes with the features.

import { operationOf } from "../state/resolve.js";

/** @import { Registry } from "../types/registry.js" */
/** @import { Catalog } from "../types/stream.js" */

/** The picture holds the very objects of the catalogue, so they are filled and not replaced. */
export function describe(/** @type {Catalog} */ catalog, /** @type {Registry} */ known) {
  for (const info of known.operations) Object.assign(operationOf(catalog, info.name), info);
  catalog.activations.push(...known.activations);
  catalog.intents.splice(0, catalog.intents.length, ...known.intents);
  for (const sample of catalog.samples)
    Object.assign(
      sample,
      known.samples.find(({ name }) => name === sample.name),
    );
}
