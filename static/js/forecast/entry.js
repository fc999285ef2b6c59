// The entry of the forecast room: brings it when it is first asked for, opens and closes it as the state says. Knows no
// forecast.

/** @import { State } from "../state/state.js" */
/** @import { Page } from "./view.js" */

/** @param {Page} page @returns {(state: State) => void} */
export function forecastEntry(page) {
  /** @type {Promise<ReturnType<typeof import("./view.js").createForecast>> | null} */
  let made = null;
  let open = false;
  /** The settings of the link, as they were last told. @type {string | null} */
  let followed = null;
  return ({ views, forecast }) => {
    const wanted = views.includes("forecast");
    if (wanted && open && forecast !== followed) made?.then((room) => room.follow(forecast));
    followed = forecast;
    if (wanted === open) return;
    open = wanted;
    if (!made && !wanted) return;
    made ??= import("./view.js").then(({ createForecast }) => createForecast(page));
    made.then(
      (room) => (open ? room.open() : room.close()),
      () => {
        made = null;
        open = false; // and it is made anew with the next change
      },
    );
  };
}
