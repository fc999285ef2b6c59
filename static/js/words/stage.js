// The words of what a hand on the stage leads to: pins, painting, comparing. Beside strings.js, so that a first view need
// not wait for them. Text only: knows no state and no DOM.

import { count, many, number, shape } from "./format.js";

const MOST_LETTERS = 24;
/** Words that were typed, cut to what a message has room for. */
const shortened = (/** @type {string} */ words) =>
  words.length > MOST_LETTERS ? `${words.slice(0, MOST_LETTERS)}…` : words;

/** A step, and of how many where that is told. */
const nth = (/** @type {number} */ step, /** @type {number | null} */ steps) =>
  `Step ${step + 1}${steps === null ? "" : ` of ${steps}`}`;

const differ = (/** @type {number} */ many) => (many === 1 ? "differs" : "differ");

/** Maps that are named; of more it is said how many there are. */
const MOST_LISTED = 8;

export const later = {
  spoken: {
    unpinned: "Nothing is pinned",
    onePin: "One step is pinned",
    noLoop: "No loop",
    whole: "All is on view",
    builds: "The output builds up",
    isWhole: "The output is shown whole",
  },
  compare: {
    title: "Two settings compared",
    against: "Compare with",
    kept: "A: the setting kept",
    keep: "Keep this one as A",
    swap: "Swap A and B",
    close: "End comparison",
    filter: "filter",
    channel: "channel",
    row: "row",
    /** Where the two have another input or other weights. */
    sides: /** @type {[string, string]} */ (["its own", "its own"]),
  },
  paint: {
    title: "Painting the input",
    value: "Paint with",
    help: "Drag over the input. Arrow keys move, Enter paints, a digit paints itself; Ctrl+Z undoes a stroke.",
    done: "Done (Esc)",
  },
  pins: {
    title: "The two pinned steps",
  },
  pages: {
    input: { before: "Small maps of the input before these", after: "Small maps of the input after these" },
    output: {
      before: "Small maps of the output before these",
      after: "Small maps of the output after these",
    },
  },
};

/** Filters and channels are counted from 1, and rows from 0, as everywhere. */
const mapNumber = (/** @type {string} */ kind, /** @type {number} */ map) =>
  kind === later.compare.row ? map : map + 1;

/** `2, 5 and 8` */
const inList = (/** @type {string[]} */ words) =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

const SMALL_NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const inWords = (/** @type {number} */ number) => SMALL_NUMBERS[number] ?? String(number);
/** Rows or columns that are named; of more it is said how many there are. */
const MOST_LINES = 4;

/** Sentences with numbers in them. */
export const tell = {
  notCurrent: (/** @type {string} */ before) => `not current: drawn ${before}`,
  notCurrentShort: "not current",
  withOperation: (/** @type {string} */ title) => `with ${title.toLowerCase()}`,
  lastFitted: "with a setting that fits",
  /** `with kernel 3` */
  withValue: (/** @type {string} */ title, /** @type {string} */ value) =>
    `with ${title.toLowerCase()} ${value}`,
  noOutput: "There is no output for this setting",
  noOutputShort: "no output",
  waits: "waiting: no output",
  doesNotFit: (/** @type {number} */ window, /** @type {number} */ size) =>
    `A window of ${window} does not fit in an input of ${size}`,
  /** `An output needs at least 1 row and 1 column.` */
  leastOutput: (/** @type {string[]} */ axes) =>
    `An output needs at least ${inList(axes.map((axis) => `1 ${axis === "col" ? "column" : axis}`))}.`,
  there: (/** @type {number} */ cells) => `${cells} there`,
  missing: (/** @type {number} */ cells) => `${cells} missing`,
  /** `column 4`, `rows 2, 5 and 8`, `columns 7 to 9`, `24 columns`. */
  linesOf(/** @type {string} */ name, /** @type {[number, number][]} */ ranges) {
    const lines = ranges.reduce((all, [first, last]) => all + last - first + 1, 0);
    if (lines === 1) return `${name} ${ranges[0]?.[0]}`;
    if (ranges.length > MOST_LINES) return many(lines, name);
    const runs = ranges.map(([first, last]) => (first === last ? String(first) : `${first} to ${last}`));
    return `${name}s ${inList(runs)}`;
  },
  /** `(9 + 2 − 3) / 3 leaves 2` */
  leaves: (
    /** @type {number} */ length,
    /** @type {number} */ padding,
    /** @type {number} */ sees,
    /** @type {number} */ stride,
    /** @type {number} */ left,
  ) => `(${length}${padding > 0 ? ` + ${padding}` : ""} − ${sees}) / ${stride} leaves ${left}`,
  unread: (/** @type {string | null} */ why, /** @type {string[]} */ lines, /** @type {boolean} */ several) =>
    `${why ? `${why}: ` : ""}${inList(lines)} ${several ? "are" : "is"} never read`,
  /** `three taps, two apart: sees 5×5`; without taps where axes differ. */
  span: (/** @type {number | null} */ taps, /** @type {number} */ gap, /** @type {number[]} */ sees) =>
    taps
      ? `${inWords(taps)} ${taps === 1 ? "tap" : "taps"}, ${inWords(gap)} apart: sees ${shape(sees)}`
      : `sees ${shape(sees)}`,
  /** `1–7 of 64`: which of the small maps are shown; planes are told by their depth, from 0. */
  page: (
    /** @type {number} */ first,
    /** @type {number} */ shown,
    /** @type {number} */ all,
    /** @type {boolean} */ planes,
  ) => {
    if (planes) return `depth ${count(first)}–${count(first + shown - 1)}`;
    return `${count(first + 1)}–${count(first + shown)} of ${count(all)}`;
  },
  /** Says why the typed text is rejected, and that the number before is back. */
  noNumber: (
    /** @type {string} */ words,
    /** @type {string} */ before,
    /** @type {boolean} */ whole,
    /** @type {string | null} */ low,
    /** @type {string | null} */ high,
  ) => {
    const kind = whole ? "a whole number" : "a number";
    const range = low === null || high === null ? "" : ` from ${low} to ${high}`;
    const what = words === "" ? "Nothing was typed" : `“${shortened(words)}” is not ${kind}${range}`;
    return `${what}: ${before} is back.${words === "" ? ` Type ${kind}${range}.` : ""}`;
  },
  noNumbers: (/** @type {string} */ words) =>
    `“${shortened(words)}” is not a list of numbers: nothing was pasted.`,
  spokenStamp: (
    /** @type {number} */ step,
    /** @type {number | null} */ steps,
    /** @type {string} */ place,
    /** @type {string} */ value,
    /** @type {number} */ written,
  ) => `${nth(step, steps)}, input ${place}: ${value} stamped onto ${many(written, "output cell")}`,
  spoken: (
    /** @type {number} */ step,
    /** @type {number | null} */ steps,
    /** @type {string} */ place,
    /** @type {string} */ result,
  ) => `${nth(step, steps)}, ${place}: ${result}`,
  pinned: (/** @type {string} */ place, /** @type {number} */ pins) =>
    pins > 1 ? `Pinned: ${place}; ${many(pins, "step")} are pinned` : `Pinned: ${place}`,
  loops: (/** @type {number} */ from, /** @type {number} */ to) => `Loop from step ${from + 1} to ${to + 1}`,
  magnified: (/** @type {number} */ scale) => `Magnified ${number(scale, 2)} times`,
  channel: (/** @type {string} */ name) => `Channel on view: ${name}`,
  pin: (/** @type {string} */ name, /** @type {string} */ place, /** @type {string} */ value) =>
    `${name}: ${place} = ${value}`,
  rulesOf: (/** @type {string} */ rules) => `A: the same layer, rules ${rules}`,
  sideRefused: (/** @type {string} */ name) => `${name} is refused:`,
  ofMap: (/** @type {string} */ kind, /** @type {number} */ map) => ` of ${kind} ${mapNumber(kind, map)}`,
  shapesDiffer: (/** @type {string} */ one, /** @type {string} */ other) =>
    `The shapes differ: ${one} and ${other}.`,
  cellsDiffer: (
    /** @type {number} */ differing,
    /** @type {number} */ cells,
    /** @type {string} */ where,
    /** @type {string} */ largest,
  ) =>
    differing === 0
      ? `All ${many(cells, "output cell")}${where} are the same.`
      : `${count(differing)} of ${many(cells, "output cell")}${where} ${differ(differing)}, by ${largest} at most.`,
  /** Of all maps together; `maps` are the numbers of those that differ. */
  mapsDiffer: (
    /** @type {string} */ kind,
    /** @type {number[]} */ maps,
    /** @type {number} */ of,
    /** @type {number} */ differing,
    /** @type {number} */ cells,
    /** @type {string} */ largest,
  ) => {
    if (maps.length === 0) return `So are those of all ${count(of)} ${kind}s: ${many(cells, "cell")}.`;
    const listed =
      maps.length <= MOST_LISTED ? `: ${maps.map((map) => mapNumber(kind, map)).join(", ")}` : "";
    const which =
      maps.length === of
        ? `every one of the ${count(of)} ${kind}s`
        : `${count(maps.length)} of ${count(of)} ${kind}s${listed}`;
    return `Together ${count(differing)} of ${count(cells)} ${differ(differing)}, by ${largest} at most, in ${which}.`;
  },
  countOthers: (/** @type {string} */ kind, /** @type {number} */ of) => `Compare all ${count(of)} ${kind}s`,
  countingOthers: (/** @type {string} */ kind, /** @type {number} */ counted, /** @type {number} */ of) =>
    `${count(counted)} of ${count(of)} ${kind}s compared …`,
  /** One sentence for who looks at the two for the first time. */
  headline: (/** @type {[name: string, a: string, b: string][]} */ changes) => {
    const [first] = changes;
    if (!first) return "A and B are the same. Change a setting: B takes it, A stays.";
    const [name, one, other] = first;
    const small = name.slice(0, 1).toLowerCase() + name.slice(1);
    // Of the rules or the filters there are several; of a bias there is one.
    const differs = /[^s]s$/.test(small) && !/(bias|axis)$/.test(small) ? "differ" : "differs";
    if (changes.length === 1 && one === other) return `Only the ${small} of the two ${differs}.`;
    if (changes.length === 1) return `Only the ${small} ${differs}: A has ${one}, and B has ${other}.`;
    return `${many(changes.length, "setting")} differ, so what differs in the output has more than one cause.`;
  },
  settingsDiffer: (/** @type {number} */ changes) => many(changes, "setting differs", "settings differ"),
  unpaintable: {
    computed: () => "This input is the output of the layer before. Choose the first layer to paint.",
    large: (/** @type {number[]} */ sizes, /** @type {number} */ most) =>
      `This input has ${many(
        sizes.reduce((cells, side) => cells * side, 1),
        "number",
      )}, and painted ones travel with every change: up to ${count(most)} can be painted. Choose fewer rows and columns, or fewer channels.`,
  },
  pinsDiffer: (
    /** @type {number} */ differing,
    /** @type {number} */ terms,
    /** @type {string} */ between,
  ) =>
    differing === 0
      ? `All ${many(terms, "term")} are the same.`
      : `${differing} of ${many(terms, "term")} ${differ(differing)}. B − A = ${between}.`,
  useValue: (/** @type {string} */ title, /** @type {string} */ value) =>
    `Use ${title.toLowerCase()} ${value.toLowerCase() === "automatic" ? "automatic" : value}`,
  useFilters: (/** @type {number} */ filters) => `Use ${many(filters, "filter")}`,
  useInput: (/** @type {number[]} */ sides) => `Use input ${shape(sides)}`,
  useSide: (/** @type {number} */ size) => `Use ${count(size)} as the longest side`,
  layerOf: (/** @type {number[]} */ sizes) => `Set the layer to these weights, ${shape(sizes)}`,
  presetWeights: "Use the preset weights",
  noBiases: "Use no own biases",
  cellValue: (/** @type {string} */ place, /** @type {string} */ value) => `${place}: ${value}`,
  multiplies: (/** @type {string} */ weight, /** @type {string} */ value, /** @type {string} */ product) =>
    `weight ${weight} × ${value} = ${product}`,
};
