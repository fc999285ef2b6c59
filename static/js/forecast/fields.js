// The cells of each layer that one output of a stack reads, on the axis of time. Pure: knows kernels and dilations only.

/** A layer of a stack. @typedef {{ kernel: number, dilation: number }} Layer */

/**
 * How far before a step a layer's first tap reads: all of it with causal padding, half of it with same, the odd cell after
 * the step.
 * @param {Layer} layer @param {"causal" | "same"} padding
 */
export function reachBack({ kernel, dilation }, padding) {
  const span = (kernel - 1) * dilation;
  return padding === "causal" ? span : Math.floor(span / 2);
}

/**
 * Per layer from the input up: the steps, counted from the output's, that the output reads there; and the lines between.
 * @param {Layer[]} layers @param {"causal" | "same"} padding
 */
export function fieldOf(layers, padding) {
  let cells = [0];
  const rows = [cells];
  /** @type {[from: number, to: number][][]} */
  const lines = [];
  for (const layer of layers.toReversed()) {
    const back = reachBack(layer, padding);
    /** @type {Set<number>} */
    const read = new Set();
    /** @type {[number, number][]} */
    const between = [];
    for (const cell of cells) {
      for (let tap = 0; tap < layer.kernel; tap++) {
        const from = cell - back + tap * layer.dilation;
        read.add(from);
        between.push([from, cell]);
      }
    }
    cells = [...read].sort((one, other) => one - other);
    rows.unshift(cells);
    lines.unshift(between);
  }
  return { rows, lines, future: Number(rows[0]?.filter((cell) => cell > 0).length) };
}
