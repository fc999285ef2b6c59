// The entry of a room that stands in place of the instrument: brings it when it is first asked for, opens and closes it with
// the views that are on, and hands it the part of a link that is its own. Knows no room.

/** @typedef {{ open(): unknown, close(): unknown, follow(text: string | null): unknown }} Room */

/**
 * @template {{ views: readonly string[] }} State
 * @param {string} view @param {(state: State) => string | null} linkOf its part of a link @param {() => Promise<Room>} bring
 * @returns {(state: State) => void}
 */
export function roomEntry(view, linkOf, bring) {
  /** @type {Promise<Room> | null} */
  let made = null;
  let open = false;
  /** @type {string | null} */
  let followed = null;
  return (state) => {
    const wanted = state.views.includes(view);
    const link = linkOf(state);
    if (wanted && open && link !== followed) made?.then((room) => room.follow(link));
    followed = link;
    if (wanted === open) return;
    open = wanted;
    if (!made && !wanted) return;
    made ??= bring();
    made.then(
      (room) => (open ? room.open() : room.close()),
      () => {
        made = null;
        open = false; // and it is made anew with the next change
      },
    );
  };
}
