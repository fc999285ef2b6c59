// The entry of the training room: brings it when it is first asked for, opens and closes it as the state says. Knows no
// training.

/** @import { State } from "../state/state.js" */
/** @import { Page } from "./view.js" */

/** @param {Page} page @returns {(state: State) => void} */
export function trainingEntry(page) {
  /** @type {Promise<Awaited<ReturnType<typeof import("./view.js").createTrain>>> | null} */
  let made = null;
  let open = false;
  /** The experiment of the link, as it was last told. @type {string | null} */
  let followed = null;
  return ({ views, experiment }) => {
    const wanted = views.includes("train");
    if (wanted && open && experiment !== followed) made?.then((room) => room.follow(experiment));
    followed = experiment;
    if (wanted === open) return;
    open = wanted;
    if (!made && !wanted) return;
    made ??= import("./view.js").then(({ createTrain }) => createTrain(page));
    made.then(
      (room) => (open ? room.open() : room.close()),
      () => {
        made = null;
        open = false; // and it is made anew with the next change
      },
    );
  };
}
