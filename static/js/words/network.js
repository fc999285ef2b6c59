// The words of networks: the chain, the network view, fields of cells. Text only: knows no state and no DOM.

import { many, number, shape } from "./format.js";

const sides = (/** @type {number[]} */ sizes) => sizes.join("×");

/** One number for all axes, or each. */
const short = (/** @type {number[]} */ values) =>
  new Set(values).size === 1 ? String(values[0]) : values.join(", ");

/** `2×3×3 = 18 numbers`. */
const counted = (/** @type {number[]} */ of) => {
  const numbers = many(
    of.reduce((all, side) => all * side, 1),
    "number",
  );
  return of.filter((side) => side > 1).length > 1 ? `${sides(of)} = ${numbers}` : numbers;
};

const axesOf = (/** @type {number} */ axes) => ["depth", "row", "column"].slice(-axes);

const NAME_FAULTS = {
  pattern: "A name begins with a letter or _, has letters, digits, _ and dots, and is at most 64 long.",
  reserved: "This name is reserved. Use another one.",
  taken: "Another layer has this name.",
};

export const networkWords = {
  chain: "Network",
  input: "input",
  add: "Add a layer",
  addHint: "A layer behind this one, so that a network begins",
  addBefore: (/** @type {string} */ name) => `Add a layer before ${name}`,
  addAtEnd: "Add a layer at the end",
  more: (/** @type {string} */ name) => `${name}: rename, move, remove, also read from another layer`,
  layer: (/** @type {string} */ name) => `Layer ${name}`,
  name: "Name",
  rename: "Rename",
  nameFault: (/** @type {keyof typeof NAME_FAULTS} */ fault) => NAME_FAULTS[fault],
  reads: "Reads",
  alsoReads: "Also read from …",
  stopReading: (/** @type {string} */ name) => `No longer read ${name}`,
  moveLeft: "Move towards the input",
  moveRight: "Move towards the output",
  remove: "Remove",
  removed: (/** @type {string} */ name) => `${name} is removed: the layers that read it read what it read.`,
  moved: (/** @type {string} */ name, /** @type {number} */ place, /** @type {number} */ of) =>
    `${name} is layer ${place} of ${of}.`,
  chosen: (/** @type {string} */ label) => `${label} is on the stage.`,
  from: (/** @type {string[]} */ names) => `from ${names.join(" + ")}`,
  sees(/** @type {number[]} */ least, /** @type {number[]} */ size) {
    return `sees ${sides(size.map((most, axis) => (least[axis] === most ? most : /** @type {any} */ (`${least[axis]}–${most}`))))}`;
  },
  label: (/** @type {string} */ name, /** @type {number[]} */ of, /** @type {string} */ sees) =>
    `${name}, ${shape(of)}${sees ? `, ${sees} of the input` : ""}`,
  faulty: (/** @type {string} */ name) => `${name}, does not fit`,
  filters: (/** @type {number} */ filters) => many(filters, "filter"),
  weightsEach: (/** @type {number} */ weights) => `${many(weights, "weight")} each`,
  stride: (/** @type {number[]} */ strides) => `stride ${short(strides)}`,
  dilation: (/** @type {number[]} */ gaps) => `dilation ${short(gaps)}`,
  groups: (/** @type {number} */ groups) => many(groups, "group"),
  folded: {
    range: (/** @type {string} */ first, /** @type {string} */ last, /** @type {number} */ layers) =>
      `${first} … ${last} (${number(layers)})`,
    block(/** @type {string[]} */ titles, /** @type {number} */ times) {
      const most = 3;
      const listed = titles.slice(0, most).join(", ").toLowerCase();
      const rest = titles.length > most ? ` and ${number(titles.length - most)} more` : "";
      return times > 1 ? `${number(times)} × ${listed}${rest}` : `${listed}${rest}`;
    },
    label: (
      /** @type {string} */ range,
      /** @type {string} */ block,
      /** @type {string} */ of,
      /** @type {string} */ sees,
    ) => `${range}: ${block}, ${of}${sees ? `, ${sees} of the input` : ""}`,
    unfold: "Show these layers",
    fold: (/** @type {number} */ layers) => `Fold these ${many(layers, "layer")}`,
    shown: (/** @type {number} */ layers) => `${many(layers, "layer")} shown.`,
    away: (/** @type {number} */ layers) => `${many(layers, "layer")} folded.`,
  },
  parameters: (/** @type {number} */ parameters) => many(parameters, "parameter"),
  skip: (/** @type {string} */ from, /** @type {string} */ to) => `${to} also reads ${from}`,
  arithmetic: {
    title: "Receptive fields",
    heads: ["layer", "size", "jump", "start"],
    starts(
      /** @type {({ at: number, start: number, jump: number, first: number, last: number } | null)[]} */ axes,
    ) {
      const names = axesOf(axes.length);
      const places = axes.flatMap((axis, at) => {
        if (!axis) return [];
        const { at: cell, start, jump, first, last } = axis;
        return [
          `${names[at]} ${cell} begins at ${number(start)} + ${cell}·${jump} = ${number(first)} and ends at ${number(last)}`,
        ];
      });
      const rule = "Size grows by (kernel − 1) · dilation · jump, and jump by the stride; padding counts.";
      return places.length > 0 ? `${rule} The cell in ${places.join(", ")}.` : rule;
    },
  },
  expects: (/** @type {string} */ name, /** @type {number[]} */ of, /** @type {number[]} */ given) =>
    `${name} expects ${counted(of)} and reads ${counted(given)}`,
  anySize:
    "Make it a convolution that slides, give it the mean of each map, or use the size that it expects.",
  sizeTold: (
    /** @type {string} */ name,
    /** @type {number} */ count,
    /** @type {number[]} */ size,
    /** @type {number} */ read,
  ) =>
    count === read
      ? `${name} takes ${many(count, "number")}, as an input of ${sides(size)} gives: the input has this size.`
      : `${name} takes ${many(count, "number")}, and no square input gives so many: of ${sides(size)} it reads ${number(read)}.`,
  asConvolution: (/** @type {number[]} */ kernel) => `A convolution of ${sides(kernel)}`,
  asMeans: "The mean of each map first, other weights",
  asSize: (/** @type {number[]} */ size) => `An input of ${sides(size)}`,
  inLayer: (/** @type {string} */ name, /** @type {string} */ words) => `${name}: ${words}`,
  otherWeights: (/** @type {string[]} */ names) =>
    names.length > 2
      ? `Other weights for ${many(names.length, "layer")}`
      : `Other weights for ${names.join(" and ")}`,
  pooledName: (/** @type {string} */ name) => `${name.slice(0, 56)}_mean`,
  draw: "Draw",
  drawn: "Done",
  clear: "Clear",
  lensTitle: "Over the maps",
  lenses: { cells: "Field", apart: "Channels", ways: "Ways", overlap: "Overlap", effective: "Effective" },
  lensHints: {
    cells: "The cells that a cell depends on and reaches",
    apart: "The same with channels apart: which maps the cell of one map depends on and reaches",
    ways: "How many ways lead from each cell to the one pointed at, and from it to others",
    overlap: "How many ways lead from the whole input to each cell: an uneven pattern is a checkerboard",
    effective: "How much each cell of the input counts: the size of the gradient of the cell pointed at",
  },
  apart(
    /** @type {Map<string, { channels: number, of: number, back: boolean }> | null | undefined} */ parts,
  ) {
    if (parts === undefined) return "Its channels are on their way.";
    if (!parts) return "Channels apart are told for networks of up to a million numbers.";
    const partial = (/** @type {boolean} */ back) =>
      [...parts]
        .filter(([, part]) => part.back === back && part.channels < part.of)
        .map(([name, { channels, of }]) => `${number(channels)} of ${number(of)} of ${name}`);
    const [before, after] = [partial(true), partial(false)];
    if (before.length + after.length === 0)
      return "It depends on all channels of each layer before it, and reaches all of each layer after it.";
    const some = [
      before.length > 0 ? `It depends on channels ${before.join(", ")}` : "",
      after.length > 0 ? `it reaches channels ${after.join(", ")}` : "",
    ].filter(Boolean);
    const words = some.join("; ");
    return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}; all channels of the others.`;
  },
  ways(
    /** @type {string} */ layer,
    /** @type {{ least: number, most: number }} */ { least, most },
    /** @type {boolean} */ back,
  ) {
    const range = least === most ? many(most, "way") : `${number(least)} to ${many(most, "way")}`;
    return back ? `${range} from a cell of the ${layer} to it.` : `${range} from it to a cell of ${layer}.`;
  },
  overlaps(
    /** @type {string} */ layer,
    /** @type {{ least: number, most: number, uneven: number }} */ { least, most, uneven },
  ) {
    if (uneven === 0) return `Inside ${layer}, ${many(most, "way")} to each cell: even.`;
    const by = Number.isFinite(uneven)
      ? `by up to ${number(100 * uneven, 2)} %`
      : "without bounds, since some get none";
    return `Inside ${layer}, ${number(least)} to ${many(most, "way")} to each cell; neighbours differ ${by}.`;
  },
  phases(/** @type {number[]} */ sums, /** @type {number} */ lane) {
    const largest = Math.max(...sums.map(Math.abs));
    const even = Math.max(...sums) - Math.min(...sums) <= 1e-5 * largest;
    const places = sums.slice(0, 9).map((sum) => number(sum, 3));
    return `The weights of filter ${lane + 1} add up to ${places.join(", ")}${sums.length > 9 ? ", …" : ""} by phase: a plain input comes out ${even ? "plain" : "uneven"}.`;
  },
  effective(
    /** @type {{ most: number, within: number[] | null } | null | undefined} */ found,
    /** @type {number[] | null} */ whole,
    /** @type {number} */ part,
  ) {
    if (found === undefined) return "Its gradient is on its way.";
    if (!found)
      return "It has no gradient that is shown here: the layer or the input is large, or it is no cell of a layer.";
    if (!found.within || !whole)
      return "Its gradient is 0 everywhere: nothing in the input changes it a little.";
    return `${100 * part} % of what counts lies within ${sides(found.within)} of the ${sides(whole)} that it depends on (mean of |gradient| over the input's channels).`;
  },
  filtersOpen: "Filters",
  filtersHint: "The filters of the layer on the stage, or of the first one, as pictures",
  weights: "Weights…",
  weightsHint: "Give the layers the weights of an .npz or .safetensors file",
  threeSizes: "Three sizes",
  threeSizesHint: "The same network on half the size, this size and twice the size",
  beside: {
    layer: "layer",
    without: "none",
    compared: "Two networks, layer by layer",
    sizes: "The network on three sizes, layer by layer",
    oneSize: "This input has one size only: choose a picture, a sample that can be scaled, or noise.",
    totalTitles: {
      parameters: "parameters",
      work: "multiply-adds",
      memory: "activations",
      field: "field of a cell",
      jump: "jump",
      covers: "sees the whole input",
    },
    wholeFrom: (/** @type {string | null} */ name) => (name ? `from ${name} on` : "nowhere"),
    differing: (/** @type {number} */ rows, /** @type {number} */ of) =>
      rows === 0
        ? `${many(of, "row")}, all of them the same in A and B.`
        : `${number(rows)} of ${many(of, "row")} differ: what B has otherwise has a bar.`,
    sized(
      /** @type {string[]} */ refusing,
      /** @type {number} */ sizes,
      /** @type {boolean} */ mendable,
      /** @type {string[]} */ others,
    ) {
      if (refusing.length > 0) {
        const refuse = `${refusing.join(" and ")} ${refusing.length > 1 ? "refuse" : "refuses"} ${many(sizes, "size")} of three.`;
        return mendable ? `${refuse} Make the network take any:` : refuse;
      }
      const takes = "Every layer takes all three sizes";
      return others.length > 0
        ? `${takes}, but ${others.join(", ")} with other numbers of weights: weights that were trained on one size fit no other.`
        : `${takes}, with the same weights.`;
    },
    there: ["A’s own", "B’s own"],
    weights: "Weights",
    inputs: "Inputs",
    operation: "Operation",
    ofLayer: (/** @type {string} */ setting, /** @type {string} */ layer) => `${setting} of ${layer}`,
  },
  open: "All layers (n)",
  close: "This layer alone (n)",
  view: "All layers of the network",
  output: (/** @type {number} */ at) => `output ${at}`,
  map: (/** @type {number} */ at) => `map ${at}`,
  others: "others",
  bias: "bias",
  between: " · ",
  examples: "Networks",
  across: "skip",
  series: "series",
  before: (/** @type {string} */ name) => `Maps before, of ${name}`,
  after: (/** @type {string} */ name) => `More maps of ${name}`,
  page: (/** @type {number} */ first, /** @type {number} */ shown, /** @type {number} */ of) =>
    `${first + 1}–${first + shown} of ${of}`,
  cell(
    /** @type {string} */ layer,
    /** @type {number} */ maps,
    /** @type {number} */ lane,
    /** @type {string} */ place,
    /** @type {number | null} */ value,
  ) {
    const map = maps > 1 ? `map ${lane + 1}, ` : "";
    return `${map}${place} of ${layer}${value === null ? "" : ` = ${number(value)}`}`;
  },
  depends(/** @type {number} */ cells, /** @type {[number, number][]} */ extent) {
    const spans = extent.map(
      ([first, last], axis) => `${axesOf(extent.length)[axis]}s ${first}${first === last ? "" : `–${last}`}`,
    );
    return `It depends on ${many(cells, "cell")} of the input, ${spans.join(", ")}.`;
  },
  future: (/** @type {number} */ cells) =>
    `${cells} of them ${cells === 1 ? "lies" : "lie"} after its time: from the future.`,
  reaches: (/** @type {number} */ cells, /** @type {string} */ layer) =>
    `It reaches ${many(cells, "cell")} of ${layer}.`,
  votes: (/** @type {string} */ layer, /** @type {[number, number, number][]} */ terms) =>
    `For ${layer}: ${terms.map(([value, weight, term]) => `${number(value, 3)} · ${number(weight, 3)} = ${number(term, 3)}`).join(", ")}.`,
  totals(
    /** @type {number} */ parameters,
    /** @type {number} */ work,
    /** @type {number} */ bytes,
    /** @type {string | null} */ covers,
  ) {
    const whole = covers ? `a cell sees the whole input from ${covers} on` : "no cell sees the whole input";
    return `${many(parameters, "parameter")}, ${many(work, "multiply-add")}, activations ${number(bytes / 1024, 3)} KiB; ${whole}.`;
  },
};
