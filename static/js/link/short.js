// A short address for what is on view: the server keeps the state, and the address shows a preview where it is posted.
// Knows the API and the address bar; draws nothing. Comes by import.

/** @import { ShortReply } from "../types/api.js" */
/** @import { Result } from "../types/plan.js" */

/**
 * The short address of what is shown now, and that of its picture.
 * @param {{ shorten: (fragment: string) => Promise<Result<ShortReply>> }} api
 * @param {{ fragment: () => Promise<Result<{ fragment: string, kept: string | null, complete: boolean }>>, absolute: (path: string) => string }} links
 * @returns {Promise<Result<{ address: string, picture: string, expires: string, uploads: string | null, complete: boolean }>>}
 */
export async function shortLink(api, links) {
  const made = await links.fragment();
  if (!made.ok) return made;
  const kept = await api.shorten(made.value.fragment);
  if (!kept.ok) return kept;
  const { id, expires } = kept.value;
  // Below the address that this page was opened by: the server may be known by another.
  const address = links.absolute(`s/${id}`);
  const { kept: uploads, complete } = made.value;
  return { ok: true, value: { address, picture: `${address}.png`, expires, uploads, complete } };
}
