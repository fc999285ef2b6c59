// Numbers out of text that was typed or pasted: rows of a spreadsheet, NumPy's and PyTorch's arrays as they are printed or
// written, JSON, MATLAB, Markdown tables. Nothing is run. Pure; comes with the tools; knows no state and no DOM.

import { later } from "../words/dialogs.js";
import { toJson } from "../words/written.js";

/** @import { JsonNumber, NestedNumbers } from "../types/numbers.js" */

const MOST_TYPED = 65_536;
/** The largest float32, as the server counts it. */
const LARGEST = 3.4e38;
/** Lists in lists: the weight of a volume has five levels. */
const DEEPEST = 5;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const FRACTION = /^([+-]?[\d.]+)\/([\d.]+)$/;
const INFINITE = /^([+-]?)(?:np\.|numpy\.|math\.|torch\.)?inf(?:inity)?$/i;
const NONE = /^(?:np\.|numpy\.|math\.|torch\.)?nan$/i;
const RULER = /^\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?$/;

/** @typedef {{ ok: true, values: NestedNumbers } | { ok: false, reason: string }} Read */

class Illegible extends Error {}

/** Lists as they nest; rows as channels, rows and columns; one row alone is a list. @returns {Read} */
export function parseValues(/** @type {string} */ words) {
  const trimmed = words.trim().replaceAll("−", "-").replaceAll("\r", "");
  if (trimmed === "") return { ok: false, reason: later.reading.nothing };
  try {
    // A list by itself, or what a program calls it: `x = np.array([[1, 2]], dtype=np.float32)`.
    const values = /^([A-Za-z_][\w.\s=(:]*)?\[/.test(trimmed) ? listed(trimmed) : tabled(trimmed);
    if (counted(values) > MOST_TYPED) throw new Illegible(later.reading.many(MOST_TYPED));
    return { ok: true, values };
  } catch (error) {
    if (!(error instanceof Illegible)) throw error;
    return { ok: false, reason: error.message };
  }
}

/** All numbers of some text in the order of rows; null when it cannot be read. @returns {number[] | null} */
export function flatNumbers(/** @type {string} */ words) {
  const read = parseValues(words);
  if (!read.ok) return null;
  const flat = [read.values].flat(/** @type {0} */ (Number.POSITIVE_INFINITY));
  return /** @type {JsonNumber[]} */ (flat).map(Number);
}

function counted(/** @type {NestedNumbers} */ values) {
  return [values].flat(/** @type {0} */ (Number.POSITIVE_INFINITY)).length;
}

/** @returns {JsonNumber} */
function numberOf(/** @type {string} */ word, /** @type {string} */ place = "") {
  const fraction = FRACTION.exec(word);
  if (fraction) return toJson(Number(fraction[1]) / Number(fraction[2]));
  if (DECIMAL.test(word)) {
    if (Math.abs(Number(word)) > LARGEST) throw new Illegible(later.reading.beyond(word, place));
    return Number(word);
  }
  const infinite = INFINITE.exec(word);
  if (infinite) return infinite[1] === "-" ? "-Infinity" : "Infinity";
  if (NONE.test(word)) return "NaN";
  throw new Illegible(later.reading.noNumber(word, place));
}

// ------------------------------------------------------------------------------------- lists

/** @returns {NestedNumbers} */
function listed(/** @type {string} */ words) {
  const last = words.lastIndexOf("]");
  const inside = words.slice(words.indexOf("["), last + 1);
  if (/\.\.\./.test(inside)) throw new Illegible(later.reading.abridged);
  // Lists that are open, the innermost last; `rows` are those that a semicolon has ended.
  /** @type {{ items: NestedNumbers[], rows: NestedNumbers[] }[]} */
  const open = [];
  for (const { 0: word, index } of inside.matchAll(/[[\];]|[^\s[\];,"']+/g)) {
    const within = open.at(-1);
    if (word === "[") {
      if (open.length === DEEPEST) throw new Illegible(later.reading.deep);
      open.push({ items: [], rows: [] });
    } else if (!within) throw new Illegible(later.reading.lists);
    else if (word === ";") within.rows.push(within.items.splice(0));
    else if (word === "]") {
      open.pop();
      const { items, rows } = within;
      const list = rows.length > 0 ? [...rows, ...(items.length > 0 ? [items] : [])] : items;
      const outer = open.at(-1);
      const ends = index === inside.length - 1 && !words.slice(last).includes("[");
      if (!outer && !ends) throw new Illegible(later.reading.lists);
      if (!outer) return regular(list);
      outer.items.push(list);
    } else within.items.push(numberOf(word));
  }
  throw new Illegible(later.reading.lists);
}

/** Lists of one length on each level. @returns {NestedNumbers} */
function regular(/** @type {NestedNumbers[]} */ list) {
  /** @returns {string} */
  const check = (/** @type {NestedNumbers} */ level) => {
    if (!Array.isArray(level)) return "";
    if (level.length === 0) throw new Illegible(later.reading.empty);
    const shapes = /** @type {NestedNumbers[]} */ (level).map(check);
    if (new Set(shapes).size > 1) throw new Illegible(later.reading.ragged);
    return `${level.length} ${shapes[0]}`;
  };
  check(list);
  return list;
}

// ------------------------------------------------------------------------------------- tables

/** @returns {NestedNumbers} */
function tabled(/** @type {string} */ words) {
  const decimalCommas =
    !words.includes(".") && /[;\t]/.test(words) && /\d,\d/.test(words) && !/,\s|\s,/.test(words);
  const plain = decimalCommas ? words.replace(/(\d),(\d)/g, "$1.$2") : words;
  const channels = plain
    .split(/\n\s*\n/)
    .map((block) => rowsOf(block))
    .filter((rows) => rows.length > 0);
  const [first] = channels;
  const width = first?.[0]?.length ?? 0;
  if (!first || width === 0) throw new Illegible(later.reading.nothing);
  for (const [channel, rows] of channels.entries()) {
    if (rows.length !== first.length) throw new Illegible(later.reading.otherRows(channel));
    const short = rows.findIndex((row) => row.length !== width);
    if (short >= 0) throw new Illegible(later.reading.otherWidth(short, Number(rows[short]?.length), width));
  }
  return channels.length === 1 && first.length === 1 ? /** @type {JsonNumber[]} */ (first[0]) : channels;
}

/** @returns {JsonNumber[][]} */
function rowsOf(/** @type {string} */ block) {
  let lines = block.split("\n");
  // A Markdown table has a head, and bold names of rows.
  const ruler = lines.findIndex((line) => line.includes("|") && RULER.test(line.trim()));
  if (ruler >= 0) lines = lines.slice(ruler + 1).map((line) => line.replace(/\*\*[^*]*\*\*/g, ""));
  return lines
    .map((line, at) =>
      line
        .split(/[\s,;|()[\]]+/)
        .filter(Boolean)
        .map((word) => numberOf(word, later.reading.inRow(at))),
    )
    .filter((row) => row.length > 0);
}
