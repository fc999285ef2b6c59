// Opens a sheet that comes by import. One sheet at a time: while it is on its way, whatever asks for it or for
// another does nothing, and one that cannot come says so. Knows no sheet.

/**
 * @param {() => void} failed says that a part of the page could not be loaded
 * @returns {<Given extends unknown[]>(open: (...given: Given) => Promise<unknown>) => (...given: Given) => Promise<void>}
 */
export function createSingle(failed) {
  let coming = false;
  return (open) =>
    async (...given) => {
      if (coming) return;
      coming = true;
      try {
        await open(...given);
      } catch (error) {
        failed();
        throw error;
      } finally {
        coming = false;
      }
    };
}
