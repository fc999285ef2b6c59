// The walk of a layer: which cells each step reads, through the index map of each axis. Reads a LayerGeometry
// and nothing else: no settings, no DOM, no network, and no operation's name.

/** @import { AxisGeometry, Footprint, LayerGeometry, WindowCell } from "../types/geometry.js" */
/** @import { Range } from "../types/numbers.js" */

/** A padded cell that holds the fill value. */
export const PADDING = -1;
/** Past the padding: only the overhang of ceil_mode reads there. */
export const BEYOND = -2;

/** The coordinate of a tap that a step does not have: beyond the edge of any axis. */
const NOWHERE = 2 ** 31 - 1;

/** Cells of an axis with what is inserted between them, without padding. */
export function lengthOf(/** @type {{ size: number, spread: number }} */ axis) {
  return (axis.size - 1) * axis.spread + 1;
}

/**
 * The content of a coordinate on an axis (0 is the first input cell): a source index, PADDING (a fill value, in the
 * padding or inserted between cells) or BEYOND.
 * @param {AxisGeometry} axis @param {number} at
 */
export function resolve(axis, at) {
  const { size, begin, end, spread } = axis;
  const length = lengthOf(axis);
  if (at >= 0 && at < length) return at % spread === 0 ? at / spread : PADDING;
  if (at < -begin || at >= length + end) return BEYOND;
  switch (axis.mode) {
    case "zeros":
    case "constant":
      return PADDING;
    case "reflect":
      return at < 0 ? -at : 2 * (size - 1) - at;
    case "symmetric":
      return at < 0 ? -1 - at : 2 * size - 1 - at;
    case "replicate":
      return at < 0 ? 0 : size - 1;
    case "circular":
      return ((at % size) + size) % size;
  }
}

/**
 * Where tap `tap` of step `step` lies on an axis: `start + step · stride + tap · gap`, or where the table says.
 * @param {Footprint} footprint @param {number} step position on this axis @param {number} tap
 */
export function coordinate(footprint, step, tap) {
  if (footprint.kind === "affine") return footprint.start + step * footprint.stride + tap * footprint.gap;
  return tap < tapsAt(footprint, step) ? /** @type {number} */ (footprint.starts[step]) + tap : NOWHERE;
}

/** Taps of a step on an axis; a table's steps may have fewer than its largest. */
export function tapsAt(/** @type {Footprint} */ footprint, /** @type {number} */ step) {
  return footprint.kind === "affine" ? footprint.taps : /** @type {number} */ (footprint.counts[step]);
}

/** The middle of a step's window on an axis, in coordinates. */
export function middleOf(/** @type {Footprint} */ footprint, /** @type {number} */ step) {
  const last = coordinate(footprint, step, tapsAt(footprint, step) - 1);
  return (coordinate(footprint, step, 0) + last) / 2;
}

/**
 * The position of a step per axis, row-major.
 * @param {{ step_shape: number[] }} layer @param {number} step
 */
export function stepPosition(layer, step) {
  const shape = layer.step_shape;
  const position = new Array(shape.length).fill(0);
  for (let axis = shape.length - 1, rest = step; axis >= 0; axis--) {
    const length = /** @type {number} */ (shape[axis]);
    position[axis] = rest % length;
    rest = Math.floor(rest / length);
  }
  return /** @type {number[]} */ (position);
}

/**
 * The step at a position per axis.
 * @param {{ step_shape: number[] }} layer @param {number[]} position
 */
export function stepIndex(layer, position) {
  return layer.step_shape.reduce(
    (step, length, axis) => step * length + /** @type {number} */ (position[axis]),
    0,
  );
}

/**
 * The cells that a step reads, per axis and tap; a window is their product.
 * @param {LayerGeometry} layer @param {number} step
 * @returns {WindowCell[][]}
 */
export function windowAt(layer, step) {
  const position = stepPosition(layer, step);
  return layer.axes.map((axis, number) => {
    const cells = [];
    for (let tap = 0; tap < axis.reads.taps; tap++) {
      const at = coordinate(axis.reads, /** @type {number} */ (position[number]), tap);
      cells.push({ coordinate: at, index: resolve(axis, at) });
    }
    return cells;
  });
}

/**
 * The coordinates that a window spans on each axis, both ends included.
 * @param {LayerGeometry} layer @param {number} step
 * @returns {Range[]}
 */
export function windowRange(layer, step) {
  const position = stepPosition(layer, step);
  return layer.axes.map((axis, number) => {
    const at = /** @type {number} */ (position[number]);
    return [coordinate(axis.reads, at, 0), coordinate(axis.reads, at, tapsAt(axis.reads, at) - 1)];
  });
}

/**
 * The footprint's own weight of each tap of a step, row-major; null where all count alike.
 * @param {LayerGeometry} layer @param {number} step
 */
export function windowFactors(layer, step) {
  const position = stepPosition(layer, step);
  let factors = [1];
  for (const [number, { reads }] of layer.axes.entries()) {
    if (reads.kind !== "table" || !reads.weights) return null;
    const row = reads.weights[/** @type {number} */ (position[number])] ?? [];
    factors = factors.flatMap((factor) =>
      Array.from({ length: reads.taps }, (_, tap) => factor * (row[tap] ?? 0)),
    );
  }
  return factors;
}

/**
 * Where the weight that a lane multiplies a tap of a channel with lies in the flattened weight tensor.
 * @param {LayerGeometry} layer @param {number} lane @param {number} channel of the group @param {number} tap row-major
 */
export function weightIndex(layer, lane, channel, tap) {
  const { taps, channels_per_group: channels, lanes_per_group: lanes } = layer;
  const cell = layer.flipped ? taps - 1 - tap : tap;
  if (layer.weight_layout === "filters") return (lane * channels + channel) * taps + cell;
  const group = Math.floor(lane / lanes);
  return ((group * channels + channel) * lanes + (lane % lanes)) * taps + cell;
}

/** Which term of its group's window a copy takes: its lane's tap, or the channel that the phase of the step says. */
export function takenAt(
  /** @type {LayerGeometry} */ layer,
  /** @type {number} */ step,
  /** @type {number} */ lane,
) {
  if (!layer.axes.some(({ phases }) => phases)) return lane % layer.lanes_per_group;
  const position = stepPosition(layer, step);
  return layer.axes.reduce(
    (taken, { phases = 1 }, axis) => taken * phases + ((position[axis] ?? 0) % phases),
    0,
  );
}

/** The input channel that is number `within` of a group. */
export function channelOfGroup(
  /** @type {LayerGeometry} */ layer,
  /** @type {number} */ group,
  /** @type {number} */ within,
) {
  return layer.across ? within * layer.groups + group : group * layer.channels_per_group + within;
}

/** The group that reads an input channel. */
export function groupOfChannel(/** @type {LayerGeometry} */ layer, /** @type {number} */ channel) {
  return layer.across ? channel % layer.groups : Math.floor(channel / layer.channels_per_group);
}

/** Which channel of the group it is; below 0 or too large where the group does not read it. */
export function withinGroup(
  /** @type {LayerGeometry} */ layer,
  /** @type {number} */ group,
  /** @type {number} */ channel,
) {
  if (!layer.across) return channel - group * layer.channels_per_group;
  return channel % layer.groups === group ? Math.floor(channel / layer.groups) : -1;
}

/**
 * Ascending numbers as inclusive ranges.
 * @param {Iterable<number>} numbers
 */
export function ranges(numbers) {
  /** @type {Range[]} */
  const found = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last && last[1] + 1 === number) last[1] = number;
    else found.push([number, number]);
  }
  return found;
}

/**
 * The numbers that a step reads: (channel of the group, tap row-major), the fill value where there is no cell.
 * @param {LayerGeometry} layer @param {ArrayLike<number>} input flattened, channels first
 * @param {number} step @param {number} group
 */
export function windowValues(layer, input, step, group) {
  let offsets = [0];
  let plane = 1;
  const window = windowAt(layer, step);
  layer.axes.forEach((axis, number) => {
    const cells = /** @type {WindowCell[]} */ (window[number]);
    offsets = offsets.flatMap((offset) =>
      cells.map(({ index }) => (offset < 0 || index < 0 ? PADDING : offset * axis.size + index)),
    );
    plane *= axis.size;
  });
  const fill = Number(layer.fill);
  const values = new Float32Array(layer.channels_per_group * layer.taps);
  for (let channel = 0, at = 0; channel < layer.channels_per_group; channel++) {
    const base = channelOfGroup(layer, group, channel) * plane;
    for (const offset of offsets)
      values[at++] = offset < 0 ? fill : /** @type {number} */ (input[base + offset]);
  }
  return values;
}

/**
 * Which input cells of an axis some window reads: 1 or 0 each. Linear in the padded size, whatever the kernel:
 * a coordinate is read if and only if the smallest tap that a window can meet it with exists.
 * @param {AxisGeometry} axis
 */
export function cellsRead(axis) {
  const { reads } = axis;
  const seen = new Uint8Array(axis.size);
  if (reads.kind === "table") {
    for (const [step, start] of reads.starts.entries()) seen.fill(1, start, start + tapsAt(reads, step));
    return seen;
  }
  const { start, stride, taps, gap } = reads;
  const length = (axis.output - 1) * stride + (taps - 1) * gap + 1;
  const smallestTap = new Int32Array(length);
  for (let moved = 0, step = 0; moved < length; moved++) {
    let tap = taps;
    if (moved === step * stride && step < axis.output) {
      tap = 0;
      step++;
    } else if (moved >= gap) tap = /** @type {number} */ (smallestTap[moved - gap]) + 1;
    smallestTap[moved] = tap;
    if (tap >= taps) continue;
    const index = resolve(axis, start + moved);
    if (index >= 0) seen[index] = 1;
  }
  return seen;
}

/**
 * The input cells of an axis that no window reads: the first `most` ranges, and how many cells in all.
 * @param {AxisGeometry} axis @param {number} most
 * @returns {{ unread: Range[], unread_count: number }}
 */
export function unreadCells(axis, most) {
  const seen = cellsRead(axis);
  /** @type {Range[]} */
  const found = [];
  let count = 0;
  let first = -1; // of the range that goes on
  for (let cell = 0; cell <= axis.size; cell++) {
    const unread = cell < axis.size && !seen[cell];
    if (unread) count++;
    if (unread && first < 0) first = cell;
    if (unread || first < 0) continue;
    if (found.length < most) found.push([first, cell - 1]);
    first = -1;
  }
  return { unread: found, unread_count: count };
}
