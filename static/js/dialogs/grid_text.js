// A grid of numbers as text to paste elsewhere: NumPy, CSV, Markdown. Pure: knows shapes and numbers, no page.

/** @typedef {"numpy" | "csv" | "markdown"} Form */
/**
 * Numbers in row-major order; `plane` names the table at a place on the axes before the last two.
 * @typedef {{ name: string, shape: number[], values: ArrayLike<number>, plane?: (place: number[]) => string }} Grid
 */

export const FORMS = /** @type {const} */ (["numpy", "csv", "markdown"]);

/** A grid in a form. @param {Grid} grid @param {Form} form */
export function gridText(grid, form) {
  return { numpy, csv, markdown }[form](grid);
}

/** The shortest decimals that are the same float32. */
function exact(/** @type {number} */ value) {
  for (let digits = 1; digits < 10; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return short;
  }
  return value;
}

const PYTHON = /** @type {Record<string, string>} */ ({
  NaN: "np.nan",
  Infinity: "np.inf",
  "-Infinity": "-np.inf",
});

/** `conv_input = np.array([[1, 2], [3, 4]], dtype=np.float32)`; it evaluates to the very numbers. */
function numpy(/** @type {Grid} */ { name, shape, values }) {
  let at = 0;
  /** @returns {string} */
  const level = (/** @type {number} */ axis, /** @type {string} */ indent) => {
    const length = /** @type {number} */ (shape[axis]);
    const last = axis === shape.length - 1;
    const parts = Array.from({ length }, () => {
      if (!last) return level(axis + 1, `${indent} `);
      const text = String(exact(Number(values[at++])));
      return PYTHON[text] ?? text;
    });
    return `[${parts.join(last ? ", " : `,\n${indent} `)}]`;
  };
  const head = `${name} = np.array(`;
  return `${head}${level(0, " ".repeat(head.length))}, dtype=np.float32)\n`;
}

/** Rows of the last axis, an empty line between planes; spreadsheets read it. */
function csv(/** @type {Grid} */ grid) {
  return planes(grid)
    .map((rows) => rows.map((row) => row.map((value) => String(exact(value))).join(",")).join("\n"))
    .join("\n\n")
    .concat("\n");
}

/** A table per plane, which says which it is; columns numbered from 0. */
function markdown(/** @type {Grid} */ grid) {
  const before = grid.shape.slice(0, -2);
  const tables = planes(grid).map((rows, plane) => {
    const width = rows[0]?.length ?? 0;
    const columns = Array.from({ length: width }, (_, col) => String(col));
    const place = placeOf(plane, before);
    const title = grid.plane?.(place) ?? [grid.name, ...place].join(" ");
    const line = (/** @type {string[]} */ cells) => `| ${cells.join(" | ")} |`;
    const body = rows.map((row, at) => line([`**${at}**`, ...row.map((value) => String(exact(value)))]));
    return [line([title, ...columns]), line(["---", ...columns.map(() => "---:")]), ...body].join("\n");
  });
  return `${tables.join("\n\n")}\n`;
}

/** The place of the nth plane on each of the axes. */
function placeOf(/** @type {number} */ nth, /** @type {number[]} */ axes) {
  let rest = nth;
  const place = axes.map(() => 0);
  for (let axis = axes.length - 1; axis >= 0; axis--) {
    const length = /** @type {number} */ (axes[axis]);
    place[axis] = rest % length;
    rest = Math.floor(rest / length);
  }
  return place;
}

/** Planes of rows of numbers: the last two axes, all others run together. @returns {number[][][]} */
function planes(/** @type {Grid} */ { shape, values }) {
  const cols = shape.at(-1) ?? 1;
  const rows = shape.at(-2) ?? 1;
  const count = Math.round(values.length / (rows * cols));
  return Array.from({ length: count }, (_, plane) =>
    Array.from({ length: rows }, (_, row) =>
      Array.from({ length: cols }, (_, col) => Number(values[(plane * rows + row) * cols + col])),
    ),
  );
}
