// Where the marks of a chart stand: round ticks, places, powers of ten, lines as text. Pure.

/** Round numbers within a range, at most so many: apart by 1, 2 or 5 times a power of ten. @param {number} low @param {number} high @param {number} count */
export function ticksOf(low, high, count) {
  const span = high - low;
  if (!(span > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(span / count));
  const apart = [1, 2, 5, 10].map((times) => times * power).find((one) => one >= (span / count) * (1 - 1e-9));
  const step = Number(apart);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, place) => (first + place) * step);
}

/** The least and the largest of numbers, those left out that are none. @param {Iterable<number>} values @returns {[number, number]} */
export function rangeOf(values) {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  return low === high ? [low - 1, high + 1] : [low, high];
}

/** A way from a range of numbers to a range of places. @param {[number, number]} from @param {[number, number]} to */
export function scale([low, high], [first, last]) {
  return (/** @type {number} */ value) => first + ((last - first) * (value - low)) / (high - low);
}

/** The points of a line as SVG has them; places that are none are left out. @param {Iterable<[number, number]>} points */
export function pointsOf(points) {
  const found = [];
  for (const [x, y] of points)
    if (Number.isFinite(x) && Number.isFinite(y)) found.push(`${x.toFixed(1)},${y.toFixed(1)}`);
  return found.join(" ");
}

/** Smaller values are drawn at the foot of a chart on powers of ten. */
export const LEAST = 1e-12;

/** Powers of ten that hold all numbers above 0, with one more below for 0. @param {number[]} values @returns {[number, number]} */
export function powersOf(values) {
  const [low, high] = rangeOf(values.filter((value) => value > LEAST).map(Math.log10));
  const least = Math.floor(low) - 1;
  return [least, Math.max(least + 2, Math.ceil(high) + 0)];
}
