// The one list of the forms that a figure is exported in, as data: the mirror of formats.py in the writers of figures.
// Knows no dialog.

/** @typedef {{ title: string, media_type: string, ending: string, kind: "still" | "moving" | "words", pixels: boolean }} Format */

/** @type {Record<string, Format>} */
export const FORMATS = {
  svg: { title: "SVG", media_type: "image/svg+xml", ending: "svg", kind: "still", pixels: false },
  pdf: { title: "PDF", media_type: "application/pdf", ending: "pdf", kind: "still", pixels: false },
  png: { title: "PNG", media_type: "image/png", ending: "png", kind: "still", pixels: true },
  tikz: { title: "TikZ", media_type: "application/x-tex", ending: "tex", kind: "still", pixels: false },
  gif: { title: "GIF", media_type: "image/gif", ending: "gif", kind: "moving", pixels: true },
  webp: { title: "WebP", media_type: "image/webp", ending: "webp", kind: "moving", pixels: true },
  apng: { title: "animated PNG", media_type: "image/apng", ending: "png", kind: "moving", pixels: true },
  json: { title: "JSON", media_type: "application/json", ending: "json", kind: "words", pixels: false },
};

/** The form of the preview, and the first choice. */
export const DEFAULT = "svg";
/** The form that a video is recorded from. */
export const RECORDED = "webp";

/** The names of the forms that hold pictures of a kind. */
export function namesOf(/** @type {Format["kind"]} */ kind) {
  return Object.keys(FORMATS).filter((name) => FORMATS[name]?.kind === kind);
}
