// The cells that a step reads as places in a plane of the input. Pure; knows geometries.

import { windowAt } from "../layer/walk.js";

/** @import { LayerGeometry } from "../types/geometry.js" */

/**
 * Per tap, row-major: the place of the cell in its channel's plane; below 0 where the fill value is read.
 * @param {LayerGeometry} layer @param {number} step
 */
export function cellsOfWindow(layer, step) {
  let places = [0];
  for (const [number, cells] of windowAt(layer, step).entries()) {
    const size = Number(layer.axes[number]?.size);
    places = places.flatMap((place) =>
      cells.map(({ index }) => (place < 0 || index < 0 ? -1 : place * size + index)),
    );
  }
  return places;
}
