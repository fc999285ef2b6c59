// Formulas of one variable as text, read into functions: `max(x, 0) + 0.01 * min(x, 0)`. Knows arithmetic and the functions
// that formulas use; no activation.

/** @typedef {(x: number) => number} Function1 */

/** @type {Record<string, (...values: number[]) => number>} */
const FUNCTIONS = { exp: Math.exp, tanh: Math.tanh, sqrt: Math.sqrt, max: Math.max, min: Math.min, erf };

/**
 * A formula of `x` as a function: `max(x, 0) + 0.01 * min(x, 0)`. Sums of products of factors, where a factor is a
 * number, `x`, a call, a negative factor or a sum in parentheses.
 * @returns {Function1}
 */
export function readFormula(/** @type {string} */ formula) {
  const tokens = formula.match(/[a-z]+|\d+(?:\.\d+)?|[-+*/(),]/g) ?? [];
  let at = 0;
  const taken = (/** @type {string} */ token) => {
    if (tokens[at] !== token) return false;
    at += 1;
    return true;
  };
  const expect = (/** @type {string} */ token) => {
    if (!taken(token)) throw new Error(`the formula ${formula} has no ${token} where one must stand`);
  };
  /** @returns {Function1} */
  function sum() {
    let left = product();
    for (;;) {
      const [one, add] = [left, taken("+")];
      if (!add && !taken("-")) return left;
      const other = product();
      left = add ? (x) => one(x) + other(x) : (x) => one(x) - other(x);
    }
  }
  /** @returns {Function1} */
  function product() {
    let left = factor();
    for (;;) {
      const [one, times] = [left, taken("*")];
      if (!times && !taken("/")) return left;
      const other = factor();
      left = times ? (x) => one(x) * other(x) : (x) => one(x) / other(x);
    }
  }
  /** @returns {Function1} */
  function factor() {
    if (taken("-")) {
      const one = factor();
      return (x) => -one(x);
    }
    if (taken("(")) {
      const inner = sum();
      expect(")");
      return inner;
    }
    const token = tokens[at] ?? "";
    at += 1;
    if (token === "x") return (x) => x;
    const number = Number(token);
    if (token !== "" && !Number.isNaN(number)) return () => number;
    const called = FUNCTIONS[token];
    if (!called) throw new Error(`the formula ${formula} has ${token || "an end"} where a value must stand`);
    expect("(");
    const given = [sum()];
    while (taken(",")) given.push(sum());
    expect(")");
    return (x) => called(...given.map((one) => one(x)));
  }
  const whole = sum();
  if (at < tokens.length) throw new Error(`the formula ${formula} goes on after its end`);
  return whole;
}

/**
 * The error function: a series of positive terms, `2/√π · e^(−x²) · Σ 2^n x^(2n+1) / (1·3·…·(2n+1))`, which loses no
 * digits; beyond 6 it is 1.
 */
function erf(/** @type {number} */ x) {
  const size = Math.abs(x);
  if (Number.isNaN(x) || size > 6) return Number.isNaN(x) ? x : Math.sign(x);
  let term = size;
  let sum = size;
  for (let odd = 3; term > sum * 1e-17; odd += 2) {
    term *= (2 * size * size) / odd;
    sum += term;
  }
  return (Math.sign(x) * 2 * sum * Math.exp(-size * size)) / Math.sqrt(Math.PI);
}
