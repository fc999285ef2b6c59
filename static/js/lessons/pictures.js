// The pictures of lesson cards, drawn from numbers that are computed here, and the mark of a lesson that has none. Knows no
// progress and no text of a lesson.

import { drawing } from "../ui/dom.js";
import { number } from "../words/format.js";

/** @typedef {number[][]} Grid */

const STROKE = [
  [1, -1, -1],
  [-1, 1, -1],
  [-1, -1, 1],
];
const FILTER = [
  [1, -1],
  [-1, 1],
];
const POOLED = [
  [1, 3, 2, 0],
  [0, 4, 1, 1],
  [2, 0, 5, 1],
  [1, 2, 0, 3],
];

/** `output[r][c] = Σ input[r + i][c + j] · filter[i][j]` @returns {Grid} */
export function convolved(/** @type {Grid} */ input, /** @type {Grid} */ filter) {
  const side = filter.length;
  const places = input.length - side + 1;
  return square(places, (row, col) =>
    filter.flat().reduce((sum, weight, tap) => {
      const [down, across] = [Math.floor(tap / side), tap % side];
      return sum + weight * Number(input[row + down]?.[col + across]);
    }, 0),
  );
}

/** The largest of each block. @returns {Grid} */
export function pooled(/** @type {Grid} */ input, /** @type {number} */ side) {
  return square(input.length / side, (row, col) =>
    Math.max(
      ...square(side, (down, across) => Number(input[row * side + down]?.[col * side + across])).flat(),
    ),
  );
}

/** How many stamps of a kernel reach each cell of a line. */
export function stampsOn(
  /** @type {number} */ steps,
  /** @type {number} */ kernel,
  /** @type {number} */ stride,
) {
  const ways = Array.from({ length: (steps - 1) * stride + kernel }, () => 0);
  for (let step = 0; step < steps; step++)
    for (let tap = 0; tap < kernel; tap++) ways[step * stride + tap] = Number(ways[step * stride + tap]) + 1;
  return ways;
}

/** @returns {Grid} */
function square(/** @type {number} */ side, /** @type {(row: number, col: number) => number} */ value) {
  return Array.from({ length: side }, (_, row) => Array.from({ length: side }, (__, col) => value(row, col)));
}

/** @typedef {ReturnType<typeof pencil>} Pencil */

/** The inks of a picture. */
function pencil(/** @type {SVGElement} */ sign) {
  const put = (
    /** @type {"rect" | "path" | "circle" | "text"} */ tag,
    /** @type {Record<string, string | number>} */ attributes,
  ) => {
    const made = drawing(tag, attributes);
    sign.append(made);
    return made;
  };
  const line = (/** @type {string} */ d, kind = "ink") => put("path", { d, class: `line ${kind}` });
  return {
    line,
    dot: (/** @type {number} */ cx, /** @type {number} */ cy, kind = "") =>
      put("circle", { cx, cy, r: 2.6, class: kind }),
    frame: (
      /** @type {string} */ kind,
      /** @type {number} */ x,
      /** @type {number} */ y,
      /** @type {number} */ width,
      height = width,
    ) => put("rect", { x, y, width, height, class: `frame ${kind}` }),
    fill: (
      /** @type {string} */ kind,
      /** @type {number} */ x,
      /** @type {number} */ y,
      /** @type {number} */ width,
      height = width,
    ) => put("rect", { x, y, width, height, class: kind }),
    say: (/** @type {string} */ words, /** @type {number} */ x, /** @type {number} */ y, kind = "") => {
      put("text", { x, y, class: kind }).textContent = words;
    },
    arrow: (/** @type {number} */ x, /** @type {number} */ y) =>
      line(`M${x} ${y}h13m-4.5 -4.5l4.5 4.5l-4.5 4.5`, "muted"),
    /** Cells on the scale of values, with their numbers. */
    grid: (
      /** @type {Grid} */ values,
      /** @type {number} */ x,
      /** @type {number} */ y,
      /** @type {number} */ cell,
      /** @type {string} */ kind,
      printed = true,
    ) => {
      const most = Math.max(...values.flat().map(Math.abs), 1e-9);
      for (const [row, cells] of values.entries())
        for (const [col, value] of cells.entries()) {
          const [left, top] = [x + col * cell, y + row * cell];
          const made = put("rect", {
            x: left,
            y: top,
            width: cell,
            height: cell,
            class: value < 0 ? "below" : "above",
          });
          made.style.setProperty("--share", `${Math.round((100 * Math.abs(value)) / most)}%`);
          if (printed)
            put("text", { x: left + cell / 2, y: top + cell / 2, class: "cell" }).textContent = number(value);
        }
      put("rect", {
        x,
        y,
        width: cell * Number(values[0]?.length),
        height: cell * values.length,
        class: `frame ${kind}`,
      });
    },
  };
}

/** @type {Record<string, (with_: Pencil) => void>} */
const DRAWINGS = {
  "what-a-filter-sees"({ grid, frame, arrow }) {
    grid(STROKE, 22, 23, 22, "input");
    frame("kernel", 22, 23, 44);
    arrow(95, 56);
    grid(FILTER, 116, 34, 22, "kernel");
    arrow(167, 56);
    grid(convolved(STROKE, FILTER), 188, 34, 22, "output");
  },
  shapes({ fill, frame, line, arrow, say }) {
    fill("sheet", 28, 20, 72);
    for (let at = 1; at < 6; at++) line(`M${28 + 12 * at} 20v72M28 ${20 + 12 * at}h72`, "cells");
    frame("input", 28, 20, 72);
    line("M52 20h36v36h-36z", "passed");
    frame("kernel", 28, 20, 36);
    arrow(112, 56);
    say("6×6×3", 138, 48, "large input");
    say("3×3×64", 138, 70, "large output");
  },
  "making-it-smaller"({ grid, frame, arrow, say }) {
    grid(POOLED, 38, 19, 19, "input");
    frame("kernel", 38, 19, 38);
    arrow(126, 56);
    grid(pooled(POOLED, 2), 150, 37, 19, "output");
    say("max", 198, 60, "muted");
  },
  channels({ fill, frame, arrow }) {
    for (const [at, kind] of ["red", "green", "blue"].entries()) {
      fill(kind, 30 + 14 * at, 18 + 14 * at, 46);
      frame("input", 30 + 14 * at, 18 + 14 * at, 46);
    }
    arrow(122, 56);
    for (let at = 0; at < 4; at++) {
      fill("sheet", 156 + 11 * at, 20 + 11 * at, 38);
      frame("output", 156 + 11 * at, 20 + 11 * at, 38);
    }
  },
  "is-it-an-x"({ grid, arrow, say }) {
    const cross = square(7, (row, col) => (row === col || row + col === 6 ? 1 : -1));
    grid(cross, 28, 17, 11, "input", false);
    arrow(118, 56);
    grid(FILTER, 142, 24, 15, "kernel", false);
    grid(
      FILTER.map((row) => row.toReversed()),
      142,
      60,
      15,
      "kernel",
      false,
    );
    say("X", 194, 52, "large output");
    say("O", 194, 80, "large muted");
  },
  "how-filters-learn"({ grid, arrow, line }) {
    grid(
      square(3, (row, col) => (((row * 5 + col * 7) % 4) - 1.5) / 3),
      20,
      35,
      14,
      "muted",
      false,
    );
    arrow(72, 56);
    grid(STROKE, 94, 35, 14, "kernel", false);
    // The loss of one weight, halved at each training step.
    const losses = Array.from({ length: 9 }, (_, step) => 0.55 ** step);
    line(`M${losses.map((loss, step) => `${160 + 8 * step} ${88 - 62 * loss}`).join("L")}`, "kernel");
  },
  "too-specific"({ line, say }) {
    // Errors of polynomials: what is fitted falls on, what is new rises again.
    const curve = (/** @type {(degree: number) => number} */ error) =>
      `M${Array.from({ length: 30 }, (_, at) => `${30 + 5.4 * at} ${90 - 66 * error(at / 4)}`).join("L")}`;
    line("M26 94h170", "muted thin");
    line(
      curve((degree) => Math.exp(-degree / 1.4)),
      "input",
    );
    line(
      curve((degree) => Math.exp(-degree / 1.4) + 0.035 * degree),
      "output",
    );
    say("new", 200, 78, "output");
    say("known", 200, 96, "input");
  },
  "tcn-and-rnn"({ line, say }) {
    // The gradient left after a lag: all of it as far as a stack sees, and a share of it at each step of a recurrence.
    const recurrent = Array.from({ length: 30 }, (_, lag) => `${30 + 6 * lag} ${92 - 66 * 0.88 ** lag}`);
    line("M26 96h190", "muted thin");
    line("M30 26h132v66", "kernel");
    line(`M${recurrent.join("L")}`, "passed ink");
    say("stack", 172, 34, "kernel");
    say("recurrent", 74, 54, "muted");
  },
  series({ line, dot }) {
    const at = (/** @type {number} */ time) => 58 + 20 * Math.sin(time / 2.1) + 9 * Math.sin(time / 0.83);
    line(`M${Array.from({ length: 20 }, (_, time) => `${16 + 11.4 * time} ${at(time)}`).join("L")}`, "input");
    line("M141 14v84", "passed muted");
    for (const time of [7, 9, 11]) dot(16 + 11.4 * time, at(time), "kernel");
  },
  dilation({ line, dot }) {
    const [left, apart] = [17, 14];
    const x = (/** @type {number} */ time) => left + apart * time;
    const seen = [new Set([15])];
    for (const gap of [4, 2, 1]) {
      const above = [...(seen.at(-1) ?? [])];
      const level = 4 - seen.length;
      seen.push(new Set(above.flatMap((time) => [time, time - gap])));
      for (const time of above)
        for (const from of [time, time - gap])
          line(`M${x(time)} ${100 - 26 * level}L${x(from)} ${100 - 26 * (level - 1)}`, "kernel thin");
    }
    for (const [depth, level] of seen.entries())
      for (let time = 0; time < 16; time++)
        dot(x(time), 22 + 26 * depth, level.has(time) ? "kernel" : "muted");
  },
  "bigger-again"({ grid, arrow, fill, frame }) {
    grid(POOLED, 24, 20, 18, "input");
    arrow(108, 56);
    const ways = stampsOn(4, 3, 2);
    for (const [row, down] of ways.entries())
      for (const [col, across] of ways.entries())
        fill(`ways${down * across}`, 136 + 9 * col, 15 + 9 * row, 9);
    frame("output", 136, 15, 81);
  },
  "any-size"({ fill, frame, arrow }) {
    for (const [x, side] of /** @type {const} */ ([
      [18, 26],
      [56, 40],
      [108, 60],
    ])) {
      fill("red", x, 56 - side / 2, side);
      frame("input", x, 56 - side / 2, side);
    }
    arrow(178, 56);
    fill("sheet", 204, 36, 18, 40);
    frame("output", 204, 36, 18, 40);
  },
};

/** A drawing of 246 × 112. */
export function pictureOf(/** @type {string} */ name) {
  const sign = drawing("svg", { viewBox: "0 0 246 112" });
  const draw = Object.hasOwn(DRAWINGS, name) ? DRAWINGS[name] : plain;
  draw?.(pencil(sign));
  return sign;
}

/** A window on a grid, and the cell that it writes. */
function plain(/** @type {Pencil} */ { fill, frame, arrow }) {
  fill("sheet", 58, 21, 70);
  frame("input", 58, 21, 70);
  frame("kernel", 72, 35, 42);
  arrow(144, 56);
  fill("sheet", 172, 46, 20);
  frame("output", 172, 46, 20);
}
