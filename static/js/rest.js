// What the opening picture does without: settings, looks and pointers lead to it. It comes by import, in one file (whole.js,
// which fills this in), with the first sign of a hand or of a link; until then main.js keeps back what would lead there.
// Knows nothing itself.

/** Empty until whole.js has come. @type {import("./whole.js").Whole} */
export const rest = /** @type {any} */ ({});
