// The speeds of playback, in steps per second. Knows no state.

/** Steps a second, slider and keys go from one to the next; what is faster goes as fast as it streams. */
export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];
const SLOWEST = 0.25;
export const FASTEST = 60;

/** Beyond the fastest number is no number: as fast as it streams. */
export function speedOf(/** @type {number} */ wanted) {
  return wanted > FASTEST ? Number.POSITIVE_INFINITY : Math.max(wanted, SLOWEST);
}
