// Loads the page again when its modules could not be loaded, as can be while replicas of two versions serve it. Imports
// nothing, so that it runs when they do not; it stands behind main.js, which fills the header when it runs.

const MOST = 4;
const FIRST_MS = 500;

const bar = document.getElementById("bar");
if (bar && !bar.hasChildNodes()) {
  const tried = Number(history.state?.tried ?? 0);
  document.getElementById("unloaded")?.removeAttribute("hidden");
  history.replaceState({ tried: tried + 1 }, "");
  if (tried < MOST) setTimeout(() => location.reload(), FIRST_MS * 2 ** tried);
}
